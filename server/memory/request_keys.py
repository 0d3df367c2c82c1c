"""Keys that programs gave their requests: the same one again is the same film, in every session.

A command's id counts within its session; a program may name none, and which one its film joins is
chosen anew each time. So these count within their user.
"""

from datetime import timedelta

import sqlalchemy as sa

from server.memory.journal import Transaction
from server.memory.tables import request_keys
from tools.domain.identity import JobId, TenantId, UserId
from tools.domain.jobs import VideoJob
from tools.errors import IdempotencyMismatch
from tools.rendering.ports import ProgramKey

KEPT_FOR = timedelta(hours=25)
HEADER = "Idempotency-Key"


def find(
    connection: sa.Connection, tenant_id: TenantId, user_id: UserId, key: ProgramKey
) -> JobId | None:
    """The job that was asked for under this key. Raises IdempotencyMismatch: it was another request."""
    row = connection.execute(
        sa.select(request_keys.c.asked, request_keys.c.job_id).where(
            request_keys.c.tenant_id == tenant_id,
            request_keys.c.user_id == user_id,
            request_keys.c.key == key.text,
        )
    ).first()
    if row is None:
        return None
    if row.asked != key.asked:
        raise IdempotencyMismatch(field=HEADER)
    return JobId(row.job_id)


def keep(transaction: Transaction, job: VideoJob, key: ProgramKey) -> None:
    transaction.connection.execute(
        sa.insert(request_keys).values(
            tenant_id=job.tenant_id,
            user_id=job.user_id,
            key=key.text,
            asked=key.asked,
            job_id=job.id,
            at=transaction.now.isoformat(),
        )
    )


def forget_old_keys(transaction: Transaction) -> None:
    oldest = (transaction.now - KEPT_FOR).isoformat()
    transaction.connection.execute(sa.delete(request_keys).where(request_keys.c.at < oldest))
