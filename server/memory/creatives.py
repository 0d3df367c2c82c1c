"""Finished films and what people think of them."""

import sqlalchemy as sa

from server.memory.codec import CREATIVE
from server.memory.journal import Transaction
from server.memory.prepared import Prepared
from server.memory.tables import creatives
from tools.domain.creatives import Creative
from tools.domain.identity import CampaignId, CreativeId, SessionId, TenantId

_OF_SESSION = Prepared(
    sa.select(creatives.c.data)
    .where(creatives.c.session_id == sa.bindparam("session_id"))
    .order_by(creatives.c.created_at, creatives.c.id)
)
_OF_CAMPAIGN = (
    sa.select(creatives.c.data)
    .where(
        creatives.c.tenant_id == sa.bindparam("tenant_id"),
        creatives.c.campaign_id == sa.bindparam("campaign_id"),
    )
    .order_by(creatives.c.created_at, creatives.c.id)
)


def add(transaction: Transaction, creative: Creative) -> None:
    """A second one for the same job breaks the table's own rule: the transaction fails."""
    transaction.connection.execute(
        sa.insert(creatives).values(
            id=creative.id,
            tenant_id=creative.tenant_id,
            session_id=creative.session_id,
            campaign_id=creative.campaign_id,
            job_id=creative.job_id,
            size_bytes=creative.film.size_bytes,
            created_at=creative.created_at.isoformat(),
            data=CREATIVE.dump(creative),
        )
    )


def update(transaction: Transaction, creative: Creative) -> None:
    transaction.connection.execute(
        sa.update(creatives)
        .where(creatives.c.id == creative.id)
        .values(data=CREATIVE.dump(creative))
    )


def find(connection: sa.Connection, creative_id: CreativeId) -> Creative | None:
    data = connection.execute(
        sa.select(creatives.c.data).where(creatives.c.id == creative_id)
    ).scalar()
    return None if data is None else CREATIVE.load(data)


def of_session(connection: sa.Connection, session_id: SessionId) -> tuple[Creative, ...]:
    """Oldest first."""
    rows = _OF_SESSION.rows(connection, {"session_id": session_id})
    return tuple(CREATIVE.load(data) for (data,) in rows)


def of_campaign(
    connection: sa.Connection, tenant_id: TenantId, campaign_id: CampaignId
) -> tuple[Creative, ...]:
    """Of all its sessions, newest last."""
    asked = {"tenant_id": tenant_id, "campaign_id": campaign_id}
    rows = connection.execute(_OF_CAMPAIGN, asked).scalars()
    return tuple(CREATIVE.load(data) for data in rows)
