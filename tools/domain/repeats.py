"""The same film asked for twice: a person may want that, a model that repeats itself may not.

A language model that loses its thread, is tried again or believes a text that tells it to will ask
for a film it has asked for already. What makes two requests the same film, and what counts as a
person's wish for a second one, is decided here and not by the model.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from tools.domain.identity import TurnId
from tools.domain.jobs import Origin, Stage, VideoJob
from tools.domain.videos import VideoRequest

REPEATED_WITHIN = timedelta(minutes=10)
_UNMADE = frozenset({Stage.FAILED, Stage.CANCELLED, Stage.DECLINED})


def repeated(
    request: VideoRequest, jobs: Iterable[VideoJob], *, turn_id: TurnId | None, now: datetime
) -> VideoJob | None:
    """The newest job among a session's `jobs` that already is this film, None if there is none.

    Only what an agent asked for counts, and what is still being made; a film that is over counts
    in the turn that asked for it, where nobody can have seen it. Whoever cancelled a film or saw it
    fail may ask for it again. `turn_id` is None for an agent of somebody else's, whose turns we do
    not see.
    """
    same = [
        job
        for job in jobs
        if job.origin is Origin.AGENT
        and now - job.created_at <= REPEATED_WITHIN
        and job.stage not in _UNMADE
        and not job.cancel_requested
        and (not job.stage.is_final or (turn_id is not None and job.turn_id == turn_id))
        and is_same_film(request, job.request)
    ]
    return max(same, key=lambda job: job.created_at, default=None)


def is_same_film(one: VideoRequest, other: VideoRequest) -> bool:
    """How a prompt was refined does not matter: it is refined anew each time, in other words."""
    return _film(one) == _film(other)


def _film(request: VideoRequest) -> tuple[object, ...]:
    return (
        " ".join(request.prompt.split()).casefold(),
        request.model_key,
        request.length_s,
        request.aspect_ratio,
        frozenset(reference.source for reference in request.references),
    )
