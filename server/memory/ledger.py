"""What films cost: reserved when agreed to, settled when over, under one budget per campaign."""

from dataclasses import dataclass

import sqlalchemy as sa

from server.memory.journal import Transaction
from server.memory.tables import ledger
from tools.domain.identity import CampaignId, JobId, TenantId
from tools.domain.jobs import VideoJob
from tools.domain.money import Money
from tools.errors import BudgetExceeded

_OPEN_MICROS = sa.case((ledger.c.settled_at.is_(None), ledger.c.reserved_micros), else_=0)
_BALANCE = sa.select(
    sa.func.coalesce(sa.func.sum(ledger.c.spent_micros), 0).label("spent"),
    sa.func.coalesce(sa.func.sum(_OPEN_MICROS), 0).label("reserved"),
).where(
    ledger.c.tenant_id == sa.bindparam("tenant_id"),
    ledger.c.campaign_id == sa.bindparam("campaign_id"),
)
"""Asked in every turn: built once, because building a statement costs five times its running."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Of one campaign: what was spent, and what running jobs hold back."""

    spent: Money
    reserved: Money


def reserve(transaction: Transaction, job: VideoJob, *, budget: Money) -> None:
    """Hold the job's quote back. Raises BudgetExceeded when the campaign has less left than that."""
    held = balance(transaction.connection, job.tenant_id, job.campaign_id)
    left = budget - held.spent - held.reserved
    price = job.quote.total
    # A free film is never refused for money: its price is nothing, whatever is left.
    if price.micros and price > left:
        raise BudgetExceeded(
            f"This film would cost {price}; the campaign has {max(left, Money())} left of {budget}.",
            details={"price": price.micros, "left": left.micros, "limit": budget.micros},
        )
    transaction.connection.execute(
        sa.insert(ledger).values(
            job_id=job.id,
            tenant_id=job.tenant_id,
            campaign_id=job.campaign_id,
            reserved_micros=price.micros,
            reserved_at=transaction.now.isoformat(),
        )
    )


def settle(transaction: Transaction, job_id: JobId, spent: Money) -> None:
    """What it came to in the end; the rest of the reservation is free again. Once: later calls do nothing."""
    transaction.connection.execute(
        sa.update(ledger)
        .where(ledger.c.job_id == job_id, ledger.c.settled_at.is_(None))
        .values(spent_micros=spent.micros, settled_at=transaction.now.isoformat())
    )


def balance(connection: sa.Connection, tenant_id: TenantId, campaign_id: CampaignId) -> Balance:
    asked = {"tenant_id": tenant_id, "campaign_id": campaign_id}
    row = connection.execute(_BALANCE, asked).one()
    return Balance(spent=Money(int(row.spent)), reserved=Money(int(row.reserved)))
