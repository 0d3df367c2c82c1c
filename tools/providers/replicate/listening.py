"""Knowing the secret that webhooks are signed with, whenever the provider tells it.

It may be unreachable when the studio starts: then nobody is believed for a while, and polling does
all the work, as it does where there are no webhooks.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Self

from tools.errors import StudioError, Unauthenticated
from tools.providers.replicate.webhooks import WebhookNotice, verify

logger = logging.getLogger("reelroom.ReplicateClient")

FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 300.0


class Listener:
    """Opened after what `fetch_secret` asks, closed before it. `secret`: configured, never fetched."""

    def __init__(
        self,
        fetch_secret: Callable[[], Awaitable[str]],
        *,
        secret: str | None = None,
        first_pause_s: float = FIRST_PAUSE_S,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._fetch_secret = fetch_secret
        self._secret = secret
        self._first_pause_s = first_pause_s
        self._clock = clock
        self._asking: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._secret is None:
            self._asking = asyncio.create_task(self._ask(), name="webhook secret")
        return self

    async def __aexit__(self, *_: object) -> None:
        asking, self._asking = self._asking, None
        if asking is not None:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)

    def verify(self, headers: Mapping[str, str], raw_body: bytes) -> WebhookNotice:
        """Raises Unauthenticated, also while the secret is not known."""
        if self._secret is None:
            raise Unauthenticated("Webhooks cannot be told from others yet.")
        return verify(headers, raw_body, self._secret, self._clock())

    async def _ask(self) -> None:
        pause_s = self._first_pause_s
        while self._secret is None:
            try:
                self._secret = await self._fetch_secret()
            except StudioError as error:
                facts = {"code": error.code, "again_s": pause_s}
                logger.warning("the webhooks' secret is not known", extra=facts)
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
