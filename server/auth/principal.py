"""What a token says, once it is certain who says it.

Claims: `sub` (user), `org` (tenant, `sub` when absent), `campaigns` (absent: all of the tenant's),
`exp` (required), `nbf`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tools.domain.identity import CampaignId, TenantId, UserId
from tools.errors import Unauthenticated

MAX_NAME_CHARS = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who is asking. `campaigns` None: all of the tenant's."""

    tenant_id: TenantId
    user_id: UserId
    campaigns: frozenset[CampaignId] | None
    expires_at: datetime

    def may_use(self, campaign_id: CampaignId) -> bool:
        return self.campaigns is None or campaign_id in self.campaigns

    def may_see(self, tenant_id: TenantId, campaign_id: CampaignId) -> bool:
        return self.tenant_id == tenant_id and self.may_use(campaign_id)


def principal_of(claims: Mapping[str, Any]) -> Principal:
    """Raises Unauthenticated for claims that name nobody, or nobody for any time."""
    user, campaigns = claims["sub"], claims.get("campaigns")
    tenant = claims.get("org", user)
    if not _is_name(user) or not _is_name(tenant):
        raise Unauthenticated("This token names nobody.")
    if campaigns is not None and not (
        isinstance(campaigns, list) and all(_is_name(each) for each in campaigns)
    ):
        raise Unauthenticated("This token's campaigns cannot be read.")
    return Principal(
        tenant_id=TenantId(tenant),
        user_id=UserId(user),
        campaigns=None if campaigns is None else frozenset(campaigns),
        expires_at=moment_of(claims["exp"]),
    )


def moment_of(given: object) -> datetime:
    """From seconds. Issuers write milliseconds or text by mistake: that is no date of ours."""
    if not isinstance(given, int | float) or isinstance(given, bool):
        raise Unauthenticated("This token's dates cannot be read.")
    try:
        return datetime.fromtimestamp(given, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Unauthenticated("This token's dates cannot be read.") from error


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_NAME_CHARS
