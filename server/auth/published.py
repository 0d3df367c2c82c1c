"""The keys that an issuer publishes at JWT_JWKS_URL: asked for when they are needed, and kept.

Somebody else's server must not decide how fast ours is, nor a stranger's tokens how often it is
asked. So known keys are used while newer ones are on their way; a key nobody knows has us ask once
in a while and no more; and when the issuer is gone, what it said last counts for an hour.
"""

import asyncio
import logging
import math
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, Self

import aiohttp

from server.auth.doorkeeper import NOT_VALID, VerifyingKey
from server.auth.key_set import KeySet, UnreadableKeys, read_key_set
from tools.errors import ProviderUnavailable, Unauthenticated

logger = logging.getLogger("reelroom.auth")

FRESH_S = 600.0
"""A key that its issuer took back is good here for that long, and as long as issuers are slow."""
STALE_S = 3600.0
"""How long keys count after they were last seen, while the issuer does not answer."""
AGAIN_S = 30.0
FETCH_LIMIT_S = 5.0
SET_BYTES = 256 * 1024
_OK = 200


class PublishedKeys(AbstractAsyncContextManager["PublishedKeys"]):
    """`doorkeeper.Keys`. Opened with the house; asks nobody before the first token comes."""

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock`: seconds that only go forward."""
        self._url = url
        self._clock = clock
        self._keys: KeySet | None = None
        self._seen_at = -math.inf
        self._asked_at = -math.inf
        self._is_down = False
        self._asking: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])

    async def key_for(self, header: Mapping[str, Any]) -> VerifyingKey:
        """Raises Unauthenticated, ProviderUnavailable."""
        kid = header.get("kid")
        known = self._find(kid)
        if known is not None:
            if self._age_s() >= FRESH_S:
                self._ask()  # not waited for: what is known still counts
            return known
        asking = self._ask()
        if asking is not None:
            # Shielded: others wait for the same answer.
            await asyncio.shield(asking)
        known = self._find(kid)
        if known is not None:
            return known
        if self._is_down:
            raise self._unavailable()
        raise Unauthenticated(NOT_VALID)

    async def check(self) -> None:
        """Raises ProviderUnavailable when no token could be checked now."""
        await self.look()

    async def look(self) -> KeySet:
        """What is published, or was within the hour. Raises ProviderUnavailable."""
        if self._age_s() >= FRESH_S and (asking := self._ask()) is not None:
            await asyncio.shield(asking)
        if self._keys is None or self._age_s() >= STALE_S:
            raise self._unavailable()
        return self._keys

    def _find(self, kid: object) -> VerifyingKey | None:
        if self._keys is None or self._age_s() >= STALE_S:
            return None
        return self._keys.find(kid)

    def _age_s(self) -> float:
        return self._clock() - self._seen_at

    def _ask(self) -> "asyncio.Task[None] | None":
        """The asking that is under way, or a new one; None when it is too early to ask again."""
        if self._asking is not None and not self._asking.done():
            return self._asking
        if self._clock() - self._asked_at < AGAIN_S:
            return None
        self._asked_at = self._clock()
        self._asking = asyncio.create_task(self._learn(), name="asking for published keys")
        return self._asking

    async def _learn(self) -> None:
        """Never raises: what went wrong is logged, and what was known stays."""
        try:
            async with asyncio.timeout(FETCH_LIMIT_S):
                keys = read_key_set(await self._fetch())
        except (aiohttp.ClientError, OSError, ValueError, UnreadableKeys) as error:
            self._is_down = True
            reason = str(error) if isinstance(error, UnreadableKeys) else type(error).__name__
            logger.warning("the issuer's keys could not be had", extra={"reason": reason})
            return
        if self._is_down or self._keys is None:
            facts = {"keys": len(keys), "left_out": keys.left_out}
            logger.info("the issuer's keys were read", extra=facts)
        self._keys, self._seen_at, self._is_down = keys, self._clock(), False

    async def _fetch(self) -> bytes:
        """Raises UnreadableKeys and what aiohttp raises. Redirects are not followed: the operator
        said where the keys are, and nobody else may.
        """
        limit = aiohttp.ClientTimeout(total=FETCH_LIMIT_S)
        async with (
            aiohttp.ClientSession(timeout=limit, trust_env=True) as http,
            http.get(
                self._url, allow_redirects=False, headers={"Accept": "application/json"}
            ) as answer,
        ):
            if answer.status != _OK:
                raise UnreadableKeys(f"the answer there is {answer.status}")
            raw = bytearray()
            async for chunk in answer.content.iter_chunked(1 << 14):
                raw += chunk
                if len(raw) > SET_BYTES:
                    raise UnreadableKeys("it is too large for a set of keys")
            return bytes(raw)

    def _unavailable(self) -> ProviderUnavailable:
        return ProviderUnavailable(
            "Sign-ins cannot be checked just now: their issuer does not answer. Please try again.",
            retry_after_ms=round(max(1.0, AGAIN_S - (self._clock() - self._asked_at)) * 1000),
        )
