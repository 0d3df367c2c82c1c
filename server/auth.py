"""A JWT becomes a Principal: the same for both doors.

The algorithm is ours (HS256), never the token's. Claims: `sub` (user), `org` (tenant, `sub` when
absent), `campaigns` (absent: all of the tenant's), `exp` (required), `aud` and `iss` when configured.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex, token_urlsafe
from typing import Any

import jwt

from tools.domain.identity import CampaignId, TenantId, UserId
from tools.errors import TokenExpired, Unauthenticated

ALGORITHM = "HS256"
CLOCK_SKEW = timedelta(seconds=60)
GUEST_TOKEN_LIFE = timedelta(hours=12)
GUEST = "guest"
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


class Doorkeeper:
    """Reads tokens; makes them for guests of this machine and for trying things out."""

    def __init__(
        self,
        secret: str,
        *,
        audience: str | None = None,
        issuer: str | None = None,
        clock: Callable[[], datetime],
    ) -> None:
        self._secret = secret
        self._audience = audience
        self._issuer = issuer
        self._clock = clock

    def admit(self, token: str | None) -> Principal:
        """Raises Unauthenticated, TokenExpired."""
        if not token:
            raise Unauthenticated("Please sign in: this needs a token.")
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                audience=self._audience,
                issuer=self._issuer,
                leeway=CLOCK_SKEW,
                options={
                    "require": ["exp", "sub"],
                    "verify_aud": self._audience is not None,
                    # Looked at below, by our own clock: the library knows only the machine's.
                    "verify_exp": False,
                },
            )
        except (jwt.PyJWTError, ValueError) as error:
            # ValueError: a header may hold bytes that are no text at all.
            raise Unauthenticated("This token is not valid here. Please sign in again.") from error
        principal = _principal(claims)
        if principal.expires_at <= self._clock() - CLOCK_SKEW:
            raise TokenExpired("Your sign-in has expired. Please sign in again.")
        return principal

    def admit_bearer(self, header: str | None) -> Principal:
        """From an `Authorization` header."""
        scheme, _, token = (header or "").partition(" ")
        return self.admit(token.strip() if scheme.lower() == "bearer" else None)

    def make_token(
        self,
        user: str,
        *,
        tenant: str | None = None,
        campaigns: Sequence[str] | None = None,
        life: timedelta = GUEST_TOKEN_LIFE,
    ) -> str:
        claims: dict[str, Any] = {"sub": user, "exp": self._clock() + life}
        if tenant is not None:
            claims["org"] = tenant
        if campaigns is not None:
            claims["campaigns"] = list(campaigns)
        if self._audience is not None:
            claims["aud"] = self._audience
        if self._issuer is not None:
            claims["iss"] = self._issuer
        return jwt.encode(claims, self._secret, algorithm=ALGORITHM)


def _principal(claims: dict[str, Any]) -> Principal:
    user, tenant, campaigns = (
        claims["sub"],
        claims.get("org", claims["sub"]),
        claims.get("campaigns"),
    )
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
        expires_at=_moment(claims["exp"]),
    )


def _moment(expiry: object) -> datetime:
    """`exp` in seconds. Issuers write milliseconds or text by mistake: that is no date of ours."""
    if not isinstance(expiry, int | float) or isinstance(expiry, bool):
        raise Unauthenticated("This token's expiry cannot be read.")
    try:
        return datetime.fromtimestamp(expiry, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Unauthenticated("This token's expiry cannot be read.") from error


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_NAME_CHARS


def own_secret(data_folder: Path) -> str:
    """This machine's secret, made at the first start, readable by its owner alone."""
    file = data_folder / "secret"
    if not file.exists() or not file.read_text().strip():
        data_folder.mkdir(parents=True, exist_ok=True)
        # Whole or not at all: a secret that was cut off would be known to everybody.
        part = data_folder / f"secret.{token_hex(4)}.part"
        part.touch(mode=0o600)
        part.write_text(token_urlsafe(48))
        part.replace(file)
    return file.read_text().strip()
