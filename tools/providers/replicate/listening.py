"""The secret that webhooks are signed with: given by the operator, or asked for once."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Self

from tools.errors import StudioError, Unauthenticated
from tools.providers.replicate.webhooks import WebhookNotice, verify

logger = logging.getLogger("reelroom.ReplicateClient")


class Listener:
    """Opened after the provider. Without a secret nobody is believed, and polling does alone."""

    def __init__(
        self,
        fetch_secret: Callable[[], Awaitable[str]],
        *,
        secret: str | None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._fetch_secret = fetch_secret
        self._secret = secret
        self._clock = clock

    async def __aenter__(self) -> Self:
        if self._secret is None:
            try:
                self._secret = await self._fetch_secret()
            except StudioError as error:
                facts = {"code": error.code}
                logger.warning("the webhooks' secret was not to be had; polling", extra=facts)
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    def verify(self, headers: Mapping[str, str], raw_body: bytes) -> WebhookNotice:
        """Raises Unauthenticated."""
        if self._secret is None:
            raise Unauthenticated("Webhooks are not taken here.")
        return verify(headers, raw_body, self._secret, self._clock())
