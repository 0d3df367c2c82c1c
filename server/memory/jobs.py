"""Jobs: one row each beside the rows of its clips, moved only by compare-and-set on its version."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from server.memory.clips import replace_clips
from server.memory.codec import CLIP, JOB
from server.memory.journal import Transaction
from server.memory.prepared import Prepared, any_of
from server.memory.tables import clips, jobs
from tools.domain.identity import JobId, SessionId
from tools.domain.jobs import Stage, VideoJob
from tools.rendering.ports import JobMoved

_FINAL = [stage.value for stage in Stage if stage.is_final]
_WHOLE = (
    sa.select(jobs.c.id, jobs.c.data, clips.c.data.label("clip"))
    .outerjoin_from(jobs, clips, clips.c.job_id == jobs.c.id)
    .order_by(jobs.c.created_at, jobs.c.id, clips.c.number)
)
"""Jobs, oldest first, each as often as it has clips, at least once."""
# Asked at every step of every job and in every turn: built once, because building costs five times the running.
_FIND = _WHOLE.where(jobs.c.id == sa.bindparam("job_id"))
_UNFINISHED_IN = Prepared(
    _WHOLE.where(
        jobs.c.session_id == sa.bindparam("session_id"), sa.not_(any_of(jobs.c.stage, _FINAL))
    )
)
_VERSION = sa.select(jobs.c.version).where(jobs.c.id == sa.bindparam("job_id"))
_MOVE = sa.update(jobs).where(
    jobs.c.id == sa.bindparam("job_id"), jobs.c.version == sa.bindparam("expected")
)


def add(transaction: Transaction, job: VideoJob) -> None:
    transaction.connection.execute(
        sa.insert(jobs).values(
            id=job.id,
            tenant_id=job.tenant_id,
            user_id=job.user_id,
            session_id=job.session_id,
            created_at=job.created_at.isoformat(),
            **_moving(job),
        )
    )
    replace_clips(transaction, job.id, job.clips)


def move(transaction: Transaction, job: VideoJob) -> None:
    """Put `job` in the place of the version before it. Raises JobMoved, PredictionTaken."""
    moved = transaction.connection.execute(
        _MOVE, {"job_id": job.id, "expected": job.version - 1, **_moving(job)}
    )
    if moved.rowcount != 1:
        raise JobMoved(job.id)
    replace_clips(transaction, job.id, job.clips)


def expect(connection: sa.Connection, job: VideoJob) -> None:
    """Raises JobMoved where `move` would."""
    version = connection.execute(_VERSION, {"job_id": job.id}).scalar()
    if version != job.version - 1:
        raise JobMoved(job.id)


def find(connection: sa.Connection, job_id: JobId) -> VideoJob | None:
    found = _loaded(connection.execute(_FIND, {"job_id": job_id}))
    return found[0] if found else None


def asked_since(
    connection: sa.Connection, session_id: SessionId, since: datetime
) -> tuple[VideoJob, ...]:
    """Oldest first."""
    # Times are text in UTC with the same offset: they sort as they happened.
    query = _WHOLE.where(jobs.c.session_id == session_id, jobs.c.created_at >= since.isoformat())
    return _loaded(connection.execute(query))


def unfinished(connection: sa.Connection) -> tuple[VideoJob, ...]:
    """Jobs that are not final, oldest first."""
    return _loaded(connection.execute(_WHOLE.where(jobs.c.stage.not_in(_FINAL))))


def unfinished_in(connection: sa.Connection, session_id: SessionId) -> tuple[VideoJob, ...]:
    """As `unfinished`, of one session."""
    return _loaded(_UNFINISHED_IN.rows(connection, {"session_id": session_id}))


def unfinished_ids(connection: sa.Connection) -> tuple[JobId, ...]:
    """As `unfinished`, the ids alone."""
    query = (
        sa.select(jobs.c.id)
        .where(jobs.c.stage.not_in(_FINAL))
        .order_by(jobs.c.created_at, jobs.c.id)
    )
    return tuple(JobId(found) for found in connection.execute(query).scalars())


def _moving(job: VideoJob) -> dict[str, object]:
    """The columns that a change may change."""
    return {
        "provider": job.provider,
        "stage": job.stage.value,
        "version": job.version,
        "cancel_requested": job.cancel_requested,
        "data": JOB.dump(job),
    }


def _loaded(rows: Iterable[Sequence[Any]]) -> tuple[VideoJob, ...]:
    """Rows of id, data and clip."""
    found = []
    for (_, data), same in groupby(rows, key=lambda row: (row[0], row[1])):
        pieces = tuple(CLIP.load(clip) for _, _, clip in same if clip is not None)
        found.append(replace(JOB.load(data), clips=pieces))
    return tuple(found)
