"""The loads, each played to one server in a process of its own, and the figures each one gives.

Behind every server stands the same language model (completions), asked over HTTP.

crowd    1,000 connections, 1,000 open sessions, a short turn in each: memory, accepting, first words
paced    25 streams of 50 tokens a second: processor time, how late tokens are, memory of a stream
whole    25 listeners that ask again as soon as they are answered: turns a second
sat      300 streams of 50 tokens a second: more than a plain relay can carry
stalls   what keeps the loop: timelines of 1,000 entries are opened, a draft film is made and stored
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from tests.benchmarks.children import Child, ChildFailed, child

Kind = Literal["ours", "relay", "unlogged", "readall", "new"]
Figures = dict[str, float]
SERVER_CPU, LOAD_CPU = 0, 1
SETTLE_S = 1.0
PAGE_ENTRIES = 1_000


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much is played."""

    sessions: int = 1_000
    streams: int = 25
    many_streams: int = 300
    paced_s: float = 8.0
    whole_s: float = 3.0
    whole_tokens: int = 200
    timelines: int = 4
    film_s: int = 6
    stored_mb: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A server and its listeners."""

    server: Child
    load: Child
    model: Child
    started_s: float

    async def cpu_s(self) -> float:
        return float((await self.server.ask("used"))["cpu_s"])

    async def rss_kb(self, settle_s: float = SETTLE_S) -> float:
        await asyncio.sleep(settle_s)
        return float((await self.server.ask("used"))["rss_kb"])

    async def come(self, count: int) -> list[str]:
        """Listeners that are connected, with a session open; the sessions' ids."""
        await self.load.ask("connect", count=count, at_once=20)
        sessions: list[str] = (await self.load.ask("open", at_once=20))["sessions"]
        return sessions

    async def load_cpu_s(self) -> float:
        """Of the listeners and the language model together: they share a processor."""
        used = [await each.ask("used") for each in (self.load, self.model)]
        return float(sum(each["cpu_s"] for each in used))


@asynccontextmanager
async def stage(kind: Kind) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="reelroom-bench-")))
        model = await stack.enter_async_context(child("completions", cpus={LOAD_CPU}))
        model_url = (await model.ask("where"))["url"]
        program = {
            "relay": ("relay", model_url),
            "ours": ("product", str(folder), model_url),
            "unlogged": ("product", str(folder), model_url, "--without-log"),
        }[kind]
        begun = time.monotonic()
        server = await stack.enter_async_context(child(*program, cpus={SERVER_CPU}))
        url = (await server.ask("where"))["url"]
        started_s = time.monotonic() - begun
        speaks = "relay" if kind == "relay" else "ours"
        load = await stack.enter_async_context(child("load", speaks, url, cpus={LOAD_CPU}))
        await load.ask("used")
        yield Stage(server=server, load=load, model=model, started_s=started_s)


async def crowd(kind: Kind, size: Size) -> Figures:
    async with stage(kind) as on:
        empty_kb, empty_cpu_s = await on.rss_kb(), await on.cpu_s()
        load_cpu_s = await on.load_cpu_s()
        came = await on.load.ask("connect", count=size.sessions, at_once=50)
        accepted_cpu_s = await on.cpu_s()
        load_cpu_s = await on.load_cpu_s() - load_cpu_s
        opened = await on.load.ask("open", at_once=50)
        idle_kb, idle_cpu_s = await on.rss_kb(), await on.cpu_s()
        await on.server.ask("lag.begin")
        turns = await on.load.ask("each_once", tokens=5, paced=True, at_once=15)
        lag = await on.server.ask("lag.end")
        turned_cpu_s, used_kb = await on.cpu_s(), await on.rss_kb()
        return {
            "start_s": on.started_s,
            "empty_mb": empty_kb / 1024,
            "accept_s": came["wall_s"],
            "accept_cpu_s": accepted_cpu_s - empty_cpu_s,
            "accept_load_share": load_cpu_s / came["wall_s"],
            "open_s": came["wall_s"] + opened["wall_s"],
            "idle_kb": (idle_kb - empty_kb) / size.sessions,
            "used_kb": (used_kb - empty_kb) / size.sessions,
            "turn_cpu_ms": (turned_cpu_s - idle_cpu_s) / turns["turns"] * 1000,
            "first_late_p50_ms": turns["first_late_p50_ms"],
            "first_late_p99_ms": turns["first_late_p99_ms"],
            "wait_p50_ms": turns["wait_p50_ms"],
            "lag_p99_ms": lag["late_ms"]["p99"],
            "lag_max_ms": lag["late_ms"]["max"],
            "lag_own_max_ms": lag["own_ms"]["max"],
        }


async def paced(kind: Kind, size: Size) -> Figures:
    return await _streams(kind, size.streams, size.paced_s)


async def sat(kind: Kind, size: Size) -> Figures:
    """What a server cannot deliver in time it delivers afterwards."""
    return await _streams(kind, size.many_streams, size.paced_s)


async def _streams(kind: Kind, count: int, seconds: float) -> Figures:
    async with stage(kind) as on:
        await on.come(count)
        before_kb, before_cpu_s = await on.rss_kb(), await on.cpu_s()
        load_cpu_s = await on.load_cpu_s()
        await on.server.ask("lag.begin")
        tokens = int(seconds * 50)
        playing = asyncio.create_task(on.load.ask("stream", streams=count, tokens=tokens))
        # In the middle, when every stream is going and none has ended.
        during_kb = await on.rss_kb(seconds * 0.8)
        heard = await playing
        lag = await on.server.ask("lag.end")
        spent_s = await on.cpu_s() - before_cpu_s
        load_cpu_s = await on.load_cpu_s() - load_cpu_s
        return {
            "load_share": load_cpu_s / heard["wall_s"],
            "cpu_s_per_1000": spent_s / heard["tokens"] * 1000,
            "tokens_per_s": heard["tokens"] / heard["wall_s"],
            "late_p50_ms": heard["late_p50_ms"],
            "late_p99_ms": heard["late_p99_ms"],
            "wait_p50_ms": heard["wait_p50_ms"],
            "stream_kb": max(0.0, during_kb - before_kb) / count,
            "lag_p99_ms": lag["late_ms"]["p99"],
            "lag_max_ms": lag["late_ms"]["max"],
            "lag_own_p99_ms": lag["own_ms"]["p99"],
            "lag_own_max_ms": lag["own_ms"]["max"],
        }


async def whole(kind: Kind, size: Size) -> Figures:
    async with stage(kind) as on:
        await on.come(size.streams)
        before_s, load_cpu_s = await on.cpu_s(), await on.load_cpu_s()
        asked = {"seconds": size.whole_s, "tokens": size.whole_tokens}
        heard = await on.load.ask("closed_loop", **asked)
        spent_s = await on.cpu_s() - before_s
        load_cpu_s = await on.load_cpu_s() - load_cpu_s
        return {
            "load_share": load_cpu_s / heard["wall_s"],
            "turns_per_s": heard["turns"] / heard["wall_s"],
            "turns_per_cpu_s": heard["turns"] / spent_s,
        }


async def stalls(_kind: Kind, size: Size) -> Figures:
    """Our server alone: 25 streams are going while something heavy happens."""
    async with stage("ours") as on:
        long_ones = (await on.come(size.streams + size.timelines))[size.streams :]
        for session in long_ones:
            await on.server.ask("fill", session=session, entries=PAGE_ENTRIES)
        timelines = await _while_streaming(on, size, _read_timelines(on, long_ones))
        # A film is made by children of the server: they may use every processor, as they would.
        on.server.pin({SERVER_CPU, LOAD_CPU})
        film = await _while_streaming(
            on, size, on.load.ask("draft", film_s=size.film_s, limit_s=60)
        )
        return {
            **{f"timelines_{name}": value for name, value in timelines.items()},
            **{f"film_{name}": value for name, value in film.items()},
        }


async def _read_timelines(on: Stage, sessions: list[str]) -> None:
    """Three browsers at a time open the same long story, each twice."""
    for session in sessions:
        read = await on.load.ask("reopen", session=session, listeners=3, times=2)
        if min(read["entries"]) < PAGE_ENTRIES:
            raise ChildFailed(f"a timeline was read short: {read['entries']}")


async def _while_streaming(on: Stage, size: Size, heavy: Awaitable[Any]) -> Figures:
    streaming = asyncio.create_task(
        on.load.ask("stream", streams=size.streams, tokens=int(size.paced_s * 50))
    )
    await asyncio.sleep(1.2)
    await on.server.ask("lag.begin")
    begun = time.monotonic()
    await heavy
    took_s = time.monotonic() - begun
    lag = await on.server.ask("lag.end")
    heard = await streaming
    return {
        "lag_p99_ms": lag["late_ms"]["p99"],
        "lag_max_ms": lag["late_ms"]["max"],
        "lag_own_max_ms": lag["own_ms"]["max"],
        "took_s": took_s,
        "late_p99_ms": heard["late_p99_ms"],
    }
