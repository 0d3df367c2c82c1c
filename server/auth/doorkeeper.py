"""A token is read: by the key that was set up for it, with the algorithm of that key."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import jwt

from server.auth.principal import Principal, moment_of, principal_of
from tools.errors import TokenExpired, Unauthenticated

CLOCK_SKEW = timedelta(seconds=60)
MAX_TOKEN_CHARS = 8192
NOT_VALID = "This token is not valid here. Please sign in again."


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyingKey:
    """`key` as PyJWT takes it: text for HMAC, else a public key."""

    key: Any = field(repr=False)
    algorithm: str


class Keys(Protocol):
    async def key_for(self, header: Mapping[str, Any]) -> VerifyingKey:
        """The key that a token with this header would have been signed with.

        The header is a stranger's: it may choose among our keys, and nothing else.
        Raises Unauthenticated where there is none, ProviderUnavailable where nobody can say now.
        """
        ...


class Doorkeeper:
    """Reads tokens, for both doors."""

    def __init__(
        self,
        keys: Keys,
        *,
        audience: str | None = None,
        issuer: str | None = None,
        clock: Callable[[], datetime],
    ) -> None:
        self._keys = keys
        self._audience = audience
        self._issuer = issuer
        self._clock = clock

    async def admit(self, token: str | None) -> Principal:
        """Raises Unauthenticated, TokenExpired, and ProviderUnavailable when keys cannot be had."""
        if not token:
            raise Unauthenticated("Please sign in: this needs a token.")
        if len(token) > MAX_TOKEN_CHARS:
            raise Unauthenticated(NOT_VALID)
        key = await self._keys.key_for(_header(token))
        claims = self._claims(token, key)
        principal = principal_of(claims)
        now = self._clock()
        if principal.expires_at <= now - CLOCK_SKEW:
            raise TokenExpired("Your sign-in has expired. Please sign in again.")
        if "nbf" in claims and moment_of(claims["nbf"]) > now + CLOCK_SKEW:
            raise Unauthenticated("This token is not good yet. Is this machine's clock right?")
        return principal

    async def admit_bearer(self, header: str | None) -> Principal:
        """From an `Authorization` header."""
        scheme, _, token = (header or "").partition(" ")
        return await self.admit(token.strip() if scheme.lower() == "bearer" else None)

    def _claims(self, token: str, key: VerifyingKey) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key.key,
                algorithms=[key.algorithm],
                audience=self._audience,
                issuer=self._issuer,
                options={
                    "require": ["exp", "sub"],
                    "verify_aud": self._audience is not None,
                    # Looked at by our own clock: the library knows only the machine's.
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            # ValueError: a token may hold bytes that are no text at all.
            raise Unauthenticated(NOT_VALID) from error
        return claims


def _header(token: str) -> dict[str, Any]:
    try:
        return jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise Unauthenticated(NOT_VALID) from error
