"""How much longer a film will take, from how long others like it took. Never a guess of ours."""

from collections.abc import Sequence
from datetime import datetime
from statistics import median

from tools.domain.clips import Clip
from tools.domain.jobs import VideoJob

ENOUGH = 3
"""Runs of the same model and length; fewer say nothing."""
WIDEST = 4.0
"""Times the quickest: where runs differ more than that, the next one cannot be told."""


def expected_s(times: Sequence[float]) -> float | None:
    """What a clip usually takes; None where that is not known."""
    if len(times) < ENOUGH or max(times) > WIDEST * max(min(times), 1.0):
        return None
    return median(times)


def eta_of(job: VideoJob, clip: Clip, times: Sequence[float], *, at: datetime) -> float | None:
    """Seconds until the last clip is there, when the others take as long; None when nobody knows."""
    usual_s = expected_s(times)
    if usual_s is None or clip.bought_at is None:
        return None
    left_s = usual_s - (at - clip.bought_at).total_seconds()
    if left_s < 0:
        # Later than usual: how much later is not known.
        return None
    others = [each for each in job.clips if each.number > clip.number]
    return left_s + usual_s * sum(each.seconds for each in others) / clip.seconds
