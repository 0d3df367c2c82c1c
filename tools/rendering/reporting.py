"""How far a job is, from what its provider says."""

from datetime import datetime

from tools.domain.jobs import Stage, VideoJob
from tools.rendering.ports import Progress, Rendering


def progress_of(
    job: VideoJob, status: Rendering, *, at: datetime, eta_s: float | None = None
) -> Progress:
    elapsed_s = (at - job.created_at).total_seconds()
    return Progress(
        session_id=job.session_id,
        job_id=job.id,
        # Milliseconds since the job began: it grows across restarts too.
        n=int(elapsed_s * 1000),
        stage=Stage.QUEUED.value if status.is_waiting else job.stage.value,
        elapsed_s=elapsed_s,
        fraction=_of_film(job, status.fraction),
        eta_s=eta_s,
        queue_position=status.queue_position,
    )


def _of_film(job: VideoJob, fraction: float | None) -> float | None:
    """A clip's own fraction as one of the whole film."""
    if fraction is None or len(job.clips) <= 1:
        return fraction
    done_s = sum(each.seconds for each in job.clips if each.is_collected)
    running_s = job.clip.seconds if job.clip else 0
    return (done_s + fraction * running_s) / sum(each.seconds for each in job.clips)
