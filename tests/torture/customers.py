"""People and programs who order films over both doors, and do not mind that the studio dies."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from socketio import exceptions

from tests.fakes.visitor import Visitor
from tests.torture.life import token

PEOPLE = (("ada", "north"), ("bea", "north"), ("cyd", "south"))
CAMPAIGNS = ("spring", "autumn")
ACCEPTED = 202
PATIENCE_S = 6.0
AGAIN_S = 0.3
SAME_WORDS = 4
"""So many films in a row are asked for in the same words."""
KINDS: Sequence[tuple[int, str, int]] = (
    (10, "veo-3.1", 6),
    (5, "kling-v3", 8),
    (3, "sora-2-pro", 20),
    (2, "kling-v3", 40),
)
"""How many of twenty films, by which model, of how many seconds. The last two are chains (Veo stands

in for Sora)."""


class Closing(Exception):
    """The studio is on its way out."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    number: int
    user: str
    tenant: str
    campaign: str
    model: str
    seconds: int
    prompt: str
    by_socket: bool

    @property
    def request(self) -> dict[str, Any]:
        return {"prompt": self.prompt, "model": self.model, "duration": self.seconds}


def wishes(count: int, chance: random.Random) -> list[Wish]:
    """The first groups hold every kind; whose they are goes round."""
    made = []
    weights = [weight for weight, _, _ in KINDS]
    for number in range(count):
        group = number // SAME_WORDS
        if number % SAME_WORDS == 0:
            kind = KINDS[group] if group < len(KINDS) else chance.choices(KINDS, weights)[0]
        _, model, seconds = kind
        user, tenant = PEOPLE[group % len(PEOPLE)]
        made.append(
            Wish(
                number=number,
                user=user,
                tenant=tenant,
                campaign=CAMPAIGNS[group % len(CAMPAIGNS)],
                model=model,
                seconds=seconds,
                prompt=f"A lighthouse in weather number {group}",
                by_socket=chance.random() < 0.4,
            )
        )
    return made


@asynccontextmanager
async def _browser(studio: str, wish: Wish) -> AsyncIterator[Visitor]:
    """As `Visitor.connected`; what a studio that died leaves of it is closed too."""
    visitor = Visitor()
    auth = {"token": token(wish.user, wish.tenant), "protocol": 1}
    try:
        await visitor.client.connect(studio, auth=auth, transports=["websocket"])
        yield visitor
    finally:
        await visitor.client.disconnect()
        if (http := visitor.client.eio.http) is not None:
            await http.close()


async def _asked(visitor: Visitor, command: str, **fields: Any) -> dict[str, Any]:
    """The ack. Raises Closing where the studio says itself that it may be asked again."""
    told = await visitor.command(command, **fields)
    if not told["ok"] and told["error"]["retryable"]:
        raise Closing
    assert told["ok"], told
    return told


@dataclass
class Customers:
    """`studio`: where it is now."""

    studio: Callable[[], str]
    accepted: dict[int, str] = field(default_factory=dict)
    """The job's id by the wish's number."""

    async def order(self, wish: Wish) -> None:
        await (self._by_socket(wish) if wish.by_socket else self._by_rest(wish))

    async def _by_rest(self, wish: Wish) -> None:
        """A program: it asks again under its key until it is answered."""
        headers = {
            "Authorization": f"Bearer {token(wish.user, wish.tenant)}",
            "Prefer": "respond-async",
            "Idempotency-Key": f"wish-{wish.number}",
        }
        limit = aiohttp.ClientTimeout(total=PATIENCE_S)
        body = {**wish.request, "campaignId": wish.campaign}
        while True:
            try:
                async with (
                    aiohttp.ClientSession(headers=headers, timeout=limit) as http,
                    http.post(f"{self.studio()}/api/video/generate", json=body) as answer,
                ):
                    told = await answer.json()
            except (aiohttp.ClientError, TimeoutError):
                await asyncio.sleep(AGAIN_S)
                continue
            if answer.status != ACCEPTED and told["error"]["retryable"]:
                await asyncio.sleep(AGAIN_S)
                continue
            assert answer.status == ACCEPTED, told
            self.accepted[wish.number] = told["jobId"]
            return

    async def _by_socket(self, wish: Wish) -> None:
        """A browser: it says the same again under the same id until it is acknowledged."""
        session_id: str | None = None
        while True:
            try:
                async with asyncio.timeout(PATIENCE_S), _browser(self.studio(), wish) as visitor:
                    where = {"sessionId": session_id} if session_id else {}
                    opened = await _asked(
                        visitor, "session.open", campaignId=wish.campaign, **where
                    )
                    session_id = opened["sessionId"]
                    told = await _asked(
                        visitor,
                        "video.request",
                        sessionId=session_id,
                        clientId=f"wish-{wish.number}",
                        request=wish.request,
                        maxCost={"amount": 100_000_000, "currency": "USD"},
                    )
            except (exceptions.SocketIOError, aiohttp.ClientError, OSError, Closing):
                await asyncio.sleep(AGAIN_S)
                continue
            self.accepted[wish.number] = told["jobId"]
            return
