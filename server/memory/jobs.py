"""Jobs: one row each, moved only by compare-and-set on its version."""

from datetime import datetime

import sqlalchemy as sa

from server.memory.codec import JOB
from server.memory.journal import Transaction
from server.memory.tables import jobs
from tools.domain.identity import JobId, SessionId
from tools.domain.jobs import Stage, VideoJob
from tools.rendering.ports import JobMoved

_FINAL = [stage.value for stage in Stage if stage.is_final]


def add(transaction: Transaction, job: VideoJob) -> None:
    transaction.connection.execute(
        sa.insert(jobs).values(
            id=job.id,
            tenant_id=job.tenant_id,
            session_id=job.session_id,
            stage=job.stage.value,
            version=job.version,
            prediction_id=job.prediction_id,
            created_at=job.created_at.isoformat(),
            data=JOB.dump(job),
        )
    )


def move(transaction: Transaction, job: VideoJob) -> None:
    """Put `job` in the place of the version before it. Raises JobMoved."""
    moved = transaction.connection.execute(
        sa.update(jobs)
        .where(jobs.c.id == job.id, jobs.c.version == job.version - 1)
        .values(
            stage=job.stage.value,
            version=job.version,
            prediction_id=job.prediction_id,
            data=JOB.dump(job),
        )
    )
    if moved.rowcount != 1:
        raise JobMoved(job.id)


def find(connection: sa.Connection, job_id: JobId) -> VideoJob | None:
    data = connection.execute(sa.select(jobs.c.data).where(jobs.c.id == job_id)).scalar()
    return None if data is None else JOB.load(data)


def asked_since(
    connection: sa.Connection, session_id: SessionId, since: datetime
) -> tuple[VideoJob, ...]:
    """Oldest first."""
    # Times are text in UTC with the same offset: they sort as they happened.
    query = (
        sa.select(jobs.c.data)
        .where(jobs.c.session_id == session_id, jobs.c.created_at >= since.isoformat())
        .order_by(jobs.c.created_at)
    )
    return tuple(JOB.load(data) for data in connection.execute(query).scalars())


def unfinished(
    connection: sa.Connection, session_id: SessionId | None = None
) -> tuple[VideoJob, ...]:
    """Jobs that are not final, oldest first; of every session when none is named."""
    query = sa.select(jobs.c.data).where(jobs.c.stage.not_in(_FINAL)).order_by(jobs.c.created_at)
    if session_id is not None:
        query = query.where(jobs.c.session_id == session_id)
    return tuple(JOB.load(data) for data in connection.execute(query).scalars())
