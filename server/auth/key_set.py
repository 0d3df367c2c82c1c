"""A published set of keys (JWKS, RFC 7517), and what of it can check a token.

Only signing keys of the two kinds that the contract names: RSA for RS256, P-256 for ES256. A key
that says of itself that it is for something else is left out, and so is one whose secret half was
published with it: whoever read it can sign for everybody.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt
import orjson

from server.auth.doorkeeper import VerifyingKey

logger = logging.getLogger("reelroom.auth")

MAX_KEYS = 100
MAX_KID_CHARS = 256
RSA_BITS = range(2048, 8193)
"""Shorter ones can be broken; longer ones are a way to keep us busy."""
SECRET_PARTS = frozenset(("d", "p", "q", "dp", "dq", "qi", "oth", "k"))


class UnreadableKeys(Exception):
    """What was published is no set of keys; the message says why, for an operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySet:
    """`named` by key id; `nameless` are those without one. `left_out`: how many could not be used."""

    named: Mapping[str, VerifyingKey]
    nameless: Sequence[VerifyingKey]
    left_out: int

    def find(self, kid: object) -> VerifyingKey | None:
        """A token that names no key can only mean the only one."""
        if kid is None:
            every = (*self.named.values(), *self.nameless)
            return every[0] if len(every) == 1 else None
        return self.named.get(kid) if isinstance(kid, str) else None

    @property
    def algorithms(self) -> tuple[str, ...]:
        keys = (*self.named.values(), *self.nameless)
        return tuple(sorted({each.algorithm for each in keys}))

    def __len__(self) -> int:
        return len(self.named) + len(self.nameless)


def read_key_set(raw: bytes) -> KeySet:
    """Raises UnreadableKeys, also for a set without a key that could be used."""
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise UnreadableKeys("it is not JSON") from error
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise UnreadableKeys("it has no list of keys")
    if len(listed) > MAX_KEYS:
        raise UnreadableKeys(f"it lists more than {MAX_KEYS} keys")
    read = tuple(_usable(listed))
    named = {kid: key for kid, key in read if kid is not None}
    nameless = tuple(key for kid, key in read if kid is None)
    if len(named) + len(nameless) < len(read):
        # Which of two keys a token means would be chance, and chance is no check.
        raise UnreadableKeys("two of its keys have the same kid")
    if not read:
        raise UnreadableKeys("none of its keys can check RS256 or ES256")
    return KeySet(named=named, nameless=nameless, left_out=len(listed) - len(read))


def _usable(listed: Sequence[object]) -> Iterator[tuple[str | None, VerifyingKey]]:
    for each in listed:
        jwk = each if isinstance(each, dict) else {}
        reason = _reason_against(jwk)
        key = None if reason else _key(jwk)
        if key is None:
            facts = {"reason": reason or "it cannot be read"}
            logger.warning("a published key is left out", extra=facts)
        else:
            yield jwk.get("kid"), key


def _reason_against(jwk: Mapping[str, Any]) -> str | None:
    """None for a key that could be used."""
    algorithm = _algorithm(jwk)
    if algorithm is None:
        return "it is neither RSA nor P-256"
    if SECRET_PARTS & jwk.keys():
        return "its secret half was published with it"
    if jwk.get("alg", algorithm) != algorithm:
        return "it is for another algorithm"
    kid = jwk.get("kid", "")
    if not isinstance(kid, str) or len(kid) > MAX_KID_CHARS:
        return "its kid is no name"
    return None if _is_for_signatures(jwk) else "it is not for checking signatures"


def _is_for_signatures(jwk: Mapping[str, Any]) -> bool:
    operations = jwk.get("key_ops", ["verify"])
    is_checking = isinstance(operations, list) and "verify" in operations
    return is_checking and jwk.get("use", "sig") == "sig"


def _algorithm(jwk: Mapping[str, Any]) -> str | None:
    """The one that the key itself is made for."""
    match jwk.get("kty"), jwk.get("crv"):
        case "RSA", None:
            return "RS256"
        case "EC", "P-256":
            return "ES256"
        case _:
            return None


def _key(jwk: Mapping[str, Any]) -> VerifyingKey | None:
    """None for numbers that are no key."""
    algorithm = _algorithm(jwk)
    assert algorithm is not None
    try:
        key = jwt.PyJWK(dict(jwk), algorithm=algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError):
        return None
    if algorithm == "RS256" and key.key_size not in RSA_BITS:
        return None
    return VerifyingKey(key=key, algorithm=algorithm)
