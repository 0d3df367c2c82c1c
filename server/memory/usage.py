"""What a campaign has used up."""

from dataclasses import dataclass

import sqlalchemy as sa

from server.memory import ledger
from server.memory.tables import creatives, sessions, uploads
from tools.domain.identity import CampaignId, TenantId
from tools.domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """`bytes_stored`: of its films and of the images that people gave in its sessions."""

    spent: Money
    reserved: Money
    bytes_stored: int


def usage(connection: sa.Connection, tenant_id: TenantId, campaign_id: CampaignId) -> Usage:
    money = ledger.balance(connection, tenant_id, campaign_id)
    films = sa.select(sa.func.coalesce(sa.func.sum(creatives.c.size_bytes), 0)).where(
        creatives.c.tenant_id == tenant_id, creatives.c.campaign_id == campaign_id
    )
    images = (
        sa.select(sa.func.coalesce(sa.func.sum(uploads.c.size_bytes), 0))
        .join_from(uploads, sessions, uploads.c.session_id == sessions.c.id)
        .where(sessions.c.tenant_id == tenant_id, sessions.c.campaign_id == campaign_id)
    )
    stored = sum(int(connection.execute(each).scalar_one()) for each in (films, images))
    return Usage(spent=money.spent, reserved=money.reserved, bytes_stored=stored)
