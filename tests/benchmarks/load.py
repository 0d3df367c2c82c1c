"""The load generator: many listeners in one process of their own, told what to do over stdin.

python -m tests.benchmarks.load ours|relay URL
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

import aiohttp
import uvloop

from server.auth import TokenMaker
from server.clocks import utc_now
from tests.benchmarks.children import obey
from tests.benchmarks.listeners import Listener, ProductListener, RelayListener, Turn
from tests.benchmarks.script import SECRET
from tests.benchmarks.vitals import used

T = TypeVar("T")
Asked = dict[str, Any]
Figures = Mapping[str, Any]


class Load:
    """`all` are the listeners that are connected, in the order they came."""

    def __init__(self, kind: str, url: str, http: aiohttp.ClientSession) -> None:
        self._is_ours = kind == "ours"
        self._url = url
        self._http = http
        self._tokens = TokenMaker(SECRET, clock=utc_now)
        self.all: list[Listener] = []

    async def connect(self, asked: Asked) -> Figures:
        """`count` more connections, at most `at_once` of them under way at a time."""
        auths = [self._auth(f"user{len(self.all) + each}") for each in range(asked["count"])]
        begun = time.monotonic()
        came = await _few_at_once(asked["at_once"], auths, self._connect_one)
        wall_s = time.monotonic() - begun
        self.all.extend(came)
        return {"wall_s": wall_s}

    async def open(self, asked: Asked) -> Figures:
        """A new session for each. The relay has none: nothing to do."""
        begun = time.monotonic()
        if self._is_ours:
            await _few_at_once(asked["at_once"], self.all, self._open_one)
        return {"wall_s": time.monotonic() - begun, "sessions": self._sessions()}

    async def reopen(self, asked: Asked) -> Figures:
        """Every listener reads a whole long timeline, `times` times over; its entries are counted."""
        sizes: list[int] = []

        async def one(listener: Listener) -> None:
            assert isinstance(listener, ProductListener)
            answer = await listener.open(sessionId=asked["session"])
            sizes.append(len(answer["entries"]))

        begun = time.monotonic()
        for _ in range(asked["times"]):
            await asyncio.gather(*(one(each) for each in self.all[-asked["listeners"] :]))
        return {"wall_s": time.monotonic() - begun, "entries": sizes}

    async def each_once(self, asked: Asked) -> Figures:
        """One turn for each listener, at most `at_once` under way."""

        async def one(listener: Listener) -> Turn:
            return await listener.ask(asked["tokens"], paced=asked["paced"])

        begun = time.monotonic()
        turns = await _few_at_once(asked["at_once"], self.all, one)
        return {"wall_s": time.monotonic() - begun, **_figures(turns)}

    async def stream(self, asked: Asked) -> Figures:
        """One paced answer for each of `streams` listeners at the same time, begun a little apart."""

        async def one(place: int, listener: Listener) -> Turn:
            await asyncio.sleep(place / asked["streams"])
            return await listener.ask(asked["tokens"], paced=True)

        chosen = self.all[: asked["streams"]]
        begun = time.monotonic()
        turns = await asyncio.gather(*(one(*each) for each in enumerate(chosen)))
        return {"wall_s": time.monotonic() - begun, **_figures(turns)}

    async def closed_loop(self, asked: Asked) -> Figures:
        """Whole answers, the next asked for when one is there, for `seconds`."""
        until = time.monotonic() + asked["seconds"]

        async def one(listener: Listener) -> list[Turn]:
            turns: list[Turn] = []
            while time.monotonic() < until:
                turns.append(await listener.ask(asked["tokens"], paced=False))
            return turns

        begun = time.monotonic()
        turns = [turn for each in await asyncio.gather(*map(one, self.all)) for turn in each]
        return {"wall_s": time.monotonic() - begun, **_figures(turns)}

    async def draft(self, asked: Asked) -> Figures:
        """Have the last listener's session make a draft film, and wait for its creative."""
        listener = self.all[-1]
        assert isinstance(listener, ProductListener)
        request = {
            "prompt": "A carton of oat drink on a sunny table, an oat field behind it",
            "model": "draft",
            "duration": asked["film_s"],
            "aspectRatio": "9:16",
        }
        await listener.open(new=True)
        fields = {"sessionId": listener.session_id, "clientId": "film-1", "request": request}
        begun = time.monotonic()
        answer = await listener.call("video.request", fields)
        if not answer["ok"]:
            raise RuntimeError(str(answer["error"]))
        async with asyncio.timeout(asked["limit_s"]):
            while "creative.added" not in listener.types_told:
                if "video.failed" in listener.types_told:
                    raise RuntimeError("the draft film failed")
                await asyncio.sleep(0.05)
        return {"wall_s": time.monotonic() - begun}

    async def leave(self, _asked: Asked) -> Figures:
        await asyncio.gather(*(each.close() for each in self.all))
        self.all.clear()
        return {}

    def _auth(self, user: str) -> tuple[str, dict[str, Any]]:
        return user, {"token": self._tokens.make_token(user, tenant="bench"), "protocol": 1}

    async def _connect_one(self, who: tuple[str, dict[str, Any]]) -> Listener:
        user, auth = who
        kind = ProductListener if self._is_ours else RelayListener
        return await kind(self._http, self._url, user).connect(auth)

    async def _open_one(self, listener: Listener) -> None:
        assert isinstance(listener, ProductListener)
        await listener.open(new=True)

    def _sessions(self) -> list[str]:
        return [each.session_id for each in self.all if isinstance(each, ProductListener)]


async def _few_at_once(
    at_once: int, things: Sequence[Any], do: Callable[[Any], Awaitable[T]]
) -> list[T]:
    gate = asyncio.Semaphore(at_once)

    async def one(thing: Any) -> T:
        async with gate:
            return await do(thing)

    return await asyncio.gather(*map(one, things))


def _figures(turns: Sequence[Turn]) -> dict[str, Any]:
    late = sorted(late for turn in turns for late in turn.late_us)
    first = sorted(turn.first_late_us for turn in turns)
    wait = sorted(turn.wait_us for turn in turns)
    return {
        "turns": len(turns),
        "tokens": sum(turn.tokens for turn in turns),
        "late_p50_ms": _at(late, 0.5),
        "late_p99_ms": _at(late, 0.99),
        "first_late_p50_ms": _at(first, 0.5),
        "first_late_p99_ms": _at(first, 0.99),
        "wait_p50_ms": _at(wait, 0.5),
        "wait_p99_ms": _at(wait, 0.99),
    }


def _at(ordered: Sequence[int], part: float) -> float:
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)] / 1000 if ordered else 0.0


async def main(kind: str, url: str) -> None:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http:
        load = Load(kind, url, http)
        doings = (
            load.connect,
            load.open,
            load.reopen,
            load.each_once,
            load.stream,
            load.closed_loop,
            load.draft,
            load.leave,
        )
        await obey({**{do.__name__: do for do in doings}, "used": used})


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:3]))
