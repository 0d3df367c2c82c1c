"""Listeners: Socket.IO spoken by hand over one WebSocket, so that they cost the machine little.

They offer permessage-deflate, as browsers do, and check every text they hear to the last character.
"""

import asyncio
import itertools
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp
import orjson

from tests.benchmarks.script import WrongText, check, now_us, order, written_at

ANSWER_LIMIT_S = 60.0


@dataclass(slots=True)
class Turn:
    """One answer as it was heard. Moments in microseconds, as in the tokens."""

    tokens: int
    sent_us: int = field(default_factory=now_us)
    first_us: int | None = None
    text: str = ""
    heard: int = 0
    late_us: list[int] = field(default_factory=list)
    """How long each token was on its way."""

    def hear(self, piece: str) -> None:
        """Raises WrongText."""
        at = now_us()
        moments = written_at(piece, first=self.heard)
        if self.first_us is None:
            self.first_us = at
        self.late_us.extend(at - moment for moment in moments)
        self.heard += len(moments)
        self.text += piece

    @property
    def first_late_us(self) -> int:
        return self.late_us[0]

    @property
    def wait_us(self) -> int:
        """From sending the message to hearing the first token."""
        assert self.first_us is not None
        return self.first_us - self.sent_us


class Listener(ABC):
    """One connection. `turn` is the answer it is waiting for."""

    def __init__(self, http: aiohttp.ClientSession, url: str, user: str) -> None:
        self.user = user
        self._http = http
        self._url = url
        self._numbers = itertools.count()
        self._acks: dict[int, asyncio.Future[Any]] = {}
        self._turn: Turn | None = None
        self._over: asyncio.Future[None] | None = None
        self._reader: asyncio.Task[None] | None = None

    async def connect(self, auth: dict[str, Any]) -> Self:
        """Open the WebSocket and the namespace."""
        address = f"{self._url}/socket.io/?EIO=4&transport=websocket"
        self._ws = await self._http.ws_connect(address, compress=15, max_msg_size=0)
        await self._expect("0")
        await self._ws.send_str("40" + orjson.dumps(auth).decode())
        await self._expect("40")
        self._reader = asyncio.create_task(self._read())
        return self

    async def _expect(self, opening: str) -> None:
        packet = await self._ws.receive_str()
        if not packet.startswith(opening):
            raise WrongText(f"refused: {packet[:200]}")

    async def call(self, name: str, payload: dict[str, Any]) -> Any:
        number = next(self._numbers)
        answer = self._acks[number] = asyncio.get_running_loop().create_future()
        await self._ws.send_str(f"42{number}{orjson.dumps([name, payload]).decode()}")
        async with asyncio.timeout(ANSWER_LIMIT_S):
            return await answer

    async def ask(self, tokens: int, *, paced: bool) -> Turn:
        """Have one answer, whole and exact. Raises WrongText, TimeoutError."""
        self._over = asyncio.get_running_loop().create_future()
        self._turn = turn = Turn(tokens)
        await self.send(order(tokens, paced=paced))
        async with asyncio.timeout(ANSWER_LIMIT_S + tokens / 50):
            await self._over
        check(turn.text, tokens)
        return turn

    @abstractmethod
    async def send(self, text: str) -> None: ...

    @abstractmethod
    def heard(self, name: str, payload: dict[str, Any]) -> None:
        """One event. Raises WrongText."""

    def finish(self) -> None:
        if self._over is not None and not self._over.done():
            self._over.set_result(None)

    def fail(self, error: Exception) -> None:
        if self._over is not None and not self._over.done():
            self._over.set_exception(error)

    async def close(self) -> None:
        await self._ws.close()
        if self._reader is not None:
            self._reader.cancel()

    async def _read(self) -> None:
        async for message in self._ws:
            packet: str = message.data
            if packet == "2":
                await self._ws.send_str("3")
                continue
            try:
                self._take(packet)
            except WrongText as error:
                self.fail(error)
        self.fail(WrongText("the connection was closed"))
        for waiting in self._acks.values():
            waiting.cancel()

    def _take(self, packet: str) -> None:
        if packet.startswith("42"):
            self.heard(*orjson.loads(packet[2:]))
        elif packet.startswith("43"):
            body = packet.index("[")
            self._acks.pop(int(packet[2:body])).set_result(orjson.loads(packet[body:])[0])
        else:
            raise WrongText(f"unexpected: {packet[:200]}")


class RelayListener(Listener):
    async def send(self, text: str) -> None:
        await self.call("message", {"text": text})

    def heard(self, name: str, payload: dict[str, Any]) -> None:
        if name == "end":
            self.finish()
        elif self._turn is not None:
            self._turn.hear(payload["text"])


class ProductListener(Listener):
    def __init__(self, http: aiohttp.ClientSession, url: str, user: str) -> None:
        super().__init__(http, url, user)
        self.session_id = ""
        self.types_told: set[str] = set()

    async def open(self, **fields: Any) -> dict[str, Any]:
        answer = await self.call("session.open", fields)
        if not answer["ok"]:
            raise WrongText(f"not opened: {answer['error']}")
        self.session_id = answer["sessionId"]
        return dict(answer)

    async def send(self, text: str) -> None:
        fields = {
            "sessionId": self.session_id,
            "clientId": f"{self.user}-{time.monotonic_ns()}",
            "text": text,
        }
        answer = await self.call("message.send", fields)
        if not answer["ok"]:
            raise WrongText(f"not taken: {answer['error']}")

    def heard(self, name: str, payload: dict[str, Any]) -> None:
        if name == "entry":
            self.types_told.add(payload["type"])
        turn = self._turn
        if turn is None:
            return
        if name == "live" and payload["type"] == "text":
            if payload["pos"] != len(turn.text):
                raise WrongText(f"text for {payload['pos']}, but {len(turn.text)} were heard")
            turn.hear(payload["text"])
        elif name == "entry" and payload["type"] == "message.added":
            self._compare(turn, payload["data"])
        elif name == "entry" and payload["type"] == "turn.finished":
            if payload["data"]["outcome"] != "answered":
                self.fail(WrongText(f"the turn ended as {payload['data']}"))
            self.finish()

    def _compare(self, turn: Turn, data: dict[str, Any]) -> None:
        """What is kept of an answer is what was heard while it was written."""
        if data["sender"] == "assistant" and data["text"] != turn.text:
            raise WrongText("the message that was kept is not the text that was heard")
