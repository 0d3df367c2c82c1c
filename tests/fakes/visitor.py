"""A visitor: a real Socket.IO client that keeps what it hears, and can wait for more."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any, Self

import socketio
from socketio.exceptions import ConnectionError as SocketRefused

from tests.patience import IN_THE_END_S

Entry = dict[str, Any]
Frame = dict[str, Any]


async def introduce(
    client: socketio.AsyncClient, url: str, auth: dict[str, Any], **headers: str
) -> None:
    """Raises socketio's ConnectionError for one who is not let in."""
    await client.connect(
        url,
        auth=auth,
        headers=headers,
        transports=["websocket"],
        wait_timeout=int(IN_THE_END_S),
    )


async def refusal(url: str, auth: dict[str, Any], **headers: str) -> dict[str, Any] | None:
    """The error that the door gives; None: it lets one in."""
    client = socketio.AsyncClient(reconnection=False)
    heard: list[dict[str, Any]] = []
    client.on("connect_error", heard.append)
    try:
        await introduce(client, url, auth, **headers)
    except SocketRefused:
        error: dict[str, Any] = heard[0]["data"]
        return error
    finally:
        await client.disconnect()
    return None


class Visitor:
    """`entries` by number, `live` in order; as a browser, but without a screen."""

    def __init__(self) -> None:
        self.client = socketio.AsyncClient(reconnection=False)
        self.entries: dict[int, Entry] = {}
        self.live: list[Frame] = []
        self.heard_twice: list[int] = []
        self.session_id = ""
        self.epoch = ""
        self.opened: dict[str, Any] = {}
        self._heard = asyncio.Condition()
        self._numbers = count(1)
        self.client.on("entry", self._entry)
        self.client.on("live", self._live)

    @classmethod
    @asynccontextmanager
    async def connected(cls, url: str, token: str) -> AsyncIterator[Self]:
        visitor = cls()
        await introduce(visitor.client, url, {"token": token, "protocol": 1})
        try:
            yield visitor
        finally:
            await visitor.client.disconnect()

    async def _entry(self, entry: Entry) -> None:
        async with self._heard:
            if entry["seq"] in self.entries:
                self.heard_twice.append(entry["seq"])
            self.entries[entry["seq"]] = entry
            self._heard.notify_all()

    async def _live(self, frame: Frame) -> None:
        async with self._heard:
            self.live.append(frame)
            self._heard.notify_all()

    async def command(self, name: str, **fields: Any) -> dict[str, Any]:
        """Send it, and the ack whatever it says."""
        answer: Any = await self.client.call(name, fields, timeout=int(IN_THE_END_S))
        assert isinstance(answer, dict), f"{name} was acked with {answer!r}"
        return answer

    async def done(self, name: str, **fields: Any) -> dict[str, Any]:
        """The ack of a command that must be accepted."""
        answer = await self.command(name, **fields)
        assert answer["ok"], answer
        return answer

    async def open(self, **fields: Any) -> dict[str, Any]:
        """Open a session and read all there is."""
        answer = await self.done("session.open", **fields)
        self.session_id, self.epoch, self.opened = answer["sessionId"], answer["epoch"], answer
        async with self._heard:
            self.entries.update({entry["seq"]: entry for entry in answer["entries"]})
        while answer["more"]:
            answer = await self.done(
                "session.open",
                sessionId=self.session_id,
                after=answer["entries"][-1]["seq"],
                epoch=self.epoch,
            )
            async with self._heard:
                self.entries.update({entry["seq"]: entry for entry in answer["entries"]})
        return self.opened

    def client_id(self) -> str:
        return f"test-{id(self)}-{next(self._numbers)}"

    async def say(self, text: str, **fields: Any) -> dict[str, Any]:
        """Send a message; the ack."""
        fields.setdefault("clientId", self.client_id())
        return await self.done("message.send", sessionId=self.session_id, text=text, **fields)

    async def ask(self, text: str, **fields: Any) -> list[Entry]:
        """Send a message and wait for the end of its turn; the turn's entries in order."""
        turn_id = (await self.say(text, **fields))["turnId"]
        await self.until_entry("turn.finished", turnId=turn_id)
        return self.of_turn(turn_id)

    def of_turn(self, turn_id: str) -> list[Entry]:
        return [entry for entry in self.story() if entry.get("turnId") == turn_id]

    def story(self) -> list[Entry]:
        """All entries, in the order of their numbers."""
        return [self.entries[seq] for seq in sorted(self.entries)]

    def of_type(self, name: str) -> list[Entry]:
        return [entry for entry in self.story() if entry["type"] == name]

    async def until(self, happened: Callable[[], Any], wait_s: float = IN_THE_END_S) -> Any:
        """Wait until `happened` gives something true, and give that."""
        async with asyncio.timeout(wait_s), self._heard:
            await self._heard.wait_for(happened)
            return happened()

    async def until_entry(self, name: str, wait_s: float = IN_THE_END_S, **fields: Any) -> Entry:
        """The first entry of this type whose envelope has these fields."""

        def found() -> Entry | None:
            for entry in self.of_type(name):
                if all(entry.get(key) == value for key, value in fields.items()):
                    return entry
            return None

        entry: Entry = await self.until(found, wait_s)
        return entry

    async def until_live(self, kind: str, wait_s: float = IN_THE_END_S) -> Frame:
        frame: Frame = await self.until(
            lambda: next((each for each in self.live if each["type"] == kind), None), wait_s
        )
        return frame
