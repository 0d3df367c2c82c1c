"""What films cost: reserved when agreed to, settled when over; under each campaign's and user's limit."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from server.memory.journal import Transaction
from server.memory.prepared import Prepared
from server.memory.tables import ledger
from tools.domain.identity import CampaignId, TenantId
from tools.domain.jobs import VideoJob
from tools.domain.money import Money
from tools.errors import AlreadyFinal, BudgetExceeded

USER_WINDOW = timedelta(hours=24)

_OPEN_MICROS = sa.case((ledger.c.settled_at.is_(None), ledger.c.reserved_micros), else_=0)
_SUMS = sa.select(
    sa.func.coalesce(sa.func.sum(ledger.c.spent_micros), 0).label("spent"),
    sa.func.coalesce(sa.func.sum(_OPEN_MICROS), 0).label("reserved"),
)
# Asked in every turn.
_OF_CAMPAIGN = Prepared(
    _SUMS.where(
        ledger.c.tenant_id == sa.bindparam("tenant_id"),
        ledger.c.campaign_id == sa.bindparam("campaign_id"),
    )
)
_OF_USER = Prepared(
    _SUMS.where(
        ledger.c.tenant_id == sa.bindparam("tenant_id"),
        ledger.c.user_id == sa.bindparam("user_id"),
        # What is still held back counts however old it is: it may be spent in the next minute.
        sa.or_(ledger.c.settled_at.is_(None), ledger.c.settled_at > sa.bindparam("since")),
    )
)
_OF_JOB = sa.select(ledger.c.reserved_micros, ledger.c.settled_at).where(
    ledger.c.job_id == sa.bindparam("the_job")
)
_UPDATE = sa.update(ledger).where(
    ledger.c.job_id == sa.bindparam("the_job"), ledger.c.settled_at.is_(None)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`budget`: of each campaign, for ever. `user`: of each user in 24 hours, None: no limit."""

    budget: Money
    user: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What was spent, and what jobs that are not over hold back."""

    spent: Money
    reserved: Money


def balance(connection: sa.Connection, tenant_id: TenantId, campaign_id: CampaignId) -> Balance:
    """Of one campaign."""
    asked = {"tenant_id": tenant_id, "campaign_id": campaign_id}
    return _balance(connection, _OF_CAMPAIGN, asked)


def afford(transaction: Transaction, job: VideoJob, price: Money, *, limits: Limits) -> None:
    """Raises BudgetExceeded when the campaign or the user has less left than the film's whole price.

    What the job holds back itself is free for it.
    """
    # A free film is never refused for money: its price is nothing, whatever is left.
    if not price:
        return
    connection = transaction.connection
    own = _held(connection, job)
    in_campaign = balance(connection, job.tenant_id, job.campaign_id)
    _check(price, _left(limits.budget, in_campaign, own), limits.budget, scope="campaign")
    if limits.user is not None:
        since = (transaction.now - USER_WINDOW).isoformat()
        asked = {"tenant_id": job.tenant_id, "user_id": job.user_id, "since": since}
        by_user = _balance(connection, _OF_USER, asked)
        _check(price, _left(limits.user, by_user, own), limits.user, scope="user")


def reserve(transaction: Transaction, job: VideoJob, price: Money, *, limits: Limits) -> None:
    """Hold this much back for the whole job, in the place of what was held before.

    Raises BudgetExceeded; AlreadyFinal when the job was settled.
    """
    afford(transaction, job, price, limits=limits)
    connection = transaction.connection
    if connection.execute(_OF_JOB, {"the_job": job.id}).first() is None:
        _add(transaction, job, {"reserved_micros": price.micros})
        return
    held = connection.execute(_UPDATE, {"the_job": job.id, "reserved_micros": price.micros})
    if held.rowcount != 1:
        raise AlreadyFinal("This film is over, and what it cost is settled.")


def settle(transaction: Transaction, job: VideoJob, spent: Money) -> None:
    """What it came to in the end; the rest of the reservation is free again. Once: later calls do nothing."""
    facts = {"spent_micros": spent.micros, "settled_at": transaction.now.isoformat()}
    row = transaction.connection.execute(_OF_JOB, {"the_job": job.id}).first()
    if row is not None:
        transaction.connection.execute(_UPDATE, {"the_job": job.id, **facts})
    elif spent:
        # A proposal holds nothing back; money that was spent all the same is not forgotten.
        _add(transaction, job, {"reserved_micros": 0, **facts})


def _add(transaction: Transaction, job: VideoJob, facts: dict[str, Any]) -> None:
    row = {
        "job_id": job.id,
        "tenant_id": job.tenant_id,
        "campaign_id": job.campaign_id,
        "user_id": job.user_id,
        "reserved_at": transaction.now.isoformat(),
        **facts,
    }
    transaction.connection.execute(sa.insert(ledger), row)


def _balance(connection: sa.Connection, query: Prepared, asked: dict[str, Any]) -> Balance:
    spent, reserved = query.rows(connection, asked)[0]
    return Balance(spent=Money(int(spent)), reserved=Money(int(reserved)))


def _held(connection: sa.Connection, job: VideoJob) -> Money:
    row = connection.execute(_OF_JOB, {"the_job": job.id}).first()
    return Money(row.reserved_micros) if row is not None and row.settled_at is None else Money()


def _left(limit: Money, used: Balance, own: Money) -> Money:
    # Below nothing where the limit was lowered since.
    return max(limit - used.spent - used.reserved + own, Money())


_WHOSE = {
    "campaign": "the campaign has {left} left of {limit}",
    "user": "you have {left} left of the {limit} that each person may spend in 24 hours",
}


def _check(price: Money, left: Money, limit: Money, *, scope: str) -> None:
    if price > left:
        raise BudgetExceeded(
            f"This film would cost {price}; {_WHOSE[scope].format(left=left, limit=limit)}.",
            details={
                "price": price.micros,
                "left": left.micros,
                "limit": limit.micros,
                "scope": scope,
            },
        )
