"""Threads of one's own for a library that blocks: those of the event loop also look up names.

A thread cannot be cancelled. Work is therefore given a `Stop`, looks at it between two steps, and
cleans up after itself; whoever waits for it waits a little longer when cancelled, so that nothing
goes on behind his back.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")

STOP_LIMIT_S = 10.0


class Stopped(BaseException):
    """Nobody wants the work any more. No Exception: a library would take that for a bad network."""


class Stop:
    """Says to a thread that its work is no longer wanted."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def ask(self) -> None:
        self._event.set()

    def check(self) -> None:
        """Raises Stopped."""
        if self._event.is_set():
            raise Stopped


class Threads:
    """At most `count` pieces of work at once; others wait their turn.

    Work looks at its `Stop` first of all: it may have waited long.
    """

    def __init__(self, *, count: int, name: str, stop_limit_s: float = STOP_LIMIT_S) -> None:
        """`stop_limit_s`: how long a caller who was cancelled waits for the work to end."""
        self._executor = ThreadPoolExecutor(max_workers=count, thread_name_prefix=name)
        self._stop_limit_s = stop_limit_s
        self._running: dict[Stop, asyncio.Future[Any]] = {}

    async def run(self, work: Callable[[Stop], T]) -> T:
        """What `work` returns or raises; it is told to stop when the caller is cancelled."""
        stop = Stop()
        job = self._executor.submit(work, stop)
        running = asyncio.wrap_future(job)
        self._running[stop] = running
        running.add_done_callback(lambda _: self._running.pop(stop))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            stop.ask()
            if not job.cancel():
                await asyncio.wait({running}, timeout=self._stop_limit_s)
            raise

    async def close(self) -> None:
        """Stop what is running or waits its turn, and wait for it, but not for ever."""
        self._executor.shutdown(wait=False)
        for stop in self._running:
            stop.ask()
        if self._running:
            await asyncio.wait(set(self._running.values()), timeout=self._stop_limit_s)
