"""Tokens of one shared secret: JWT_SECRET, or this machine's own where only its guests come in."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex, token_urlsafe
from typing import Any

import jwt

from server.auth.doorkeeper import VerifyingKey

ALGORITHM = "HS256"
GUEST_TOKEN_LIFE = timedelta(hours=12)
GUEST = "guest"


class SharedSecret:
    """`doorkeeper.Keys`: one key for every token, whatever key a token says it was signed with."""

    def __init__(self, secret: str) -> None:
        self._key = VerifyingKey(key=secret, algorithm=ALGORITHM)

    async def key_for(self, header: Mapping[str, Any]) -> VerifyingKey:  # noqa: ARG002
        return self._key


class TokenMaker:
    """Makes tokens for guests of this machine, and for trying things out."""

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
