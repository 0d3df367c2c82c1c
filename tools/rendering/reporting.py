"""How far a job is, from what its provider says."""

from datetime import datetime

from tools.domain.jobs import Stage, VideoJob
from tools.rendering.ports import Progress, Rendering


def progress_of(job: VideoJob, status: Rendering, *, at: datetime) -> Progress:
    elapsed_s = (at - job.created_at).total_seconds()
    return Progress(
        session_id=job.session_id,
        job_id=job.id,
        # Milliseconds since the job began: it grows across restarts too.
        n=int(elapsed_s * 1000),
        stage=Stage.QUEUED.value if status.is_waiting else job.stage.value,
        elapsed_s=elapsed_s,
        fraction=status.fraction,
        eta_s=status.eta_s,
        queue_position=status.queue_position,
    )
