"""What a process can tell of itself: processor time, memory, and how late its event loop is."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import psutil

from tests.benchmarks.children import Answer

EVERY_S = 0.005


@dataclass(slots=True)
class LagProbe:
    """Asks to be woken every 5 ms, and notes how much later it was.

    A machine that is shared wakes everybody late, so each lateness is kept twice: as the clock
    saw it, and cut to the processor time that this process used meanwhile (what its own code can
    have caused).
    """

    late_ms: list[float] = field(default_factory=list)
    own_ms: list[float] = field(default_factory=list)
    _task: asyncio.Task[None] | None = None

    async def begin(self, _asked: Mapping[str, Any]) -> Mapping[str, Any]:
        self.late_ms.clear()
        self.own_ms.clear()
        self._task = asyncio.create_task(self._watch())
        return {}

    async def end(self, _asked: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._task is not None:
            self._task.cancel()
        return {"late_ms": _summary(self.late_ms), "own_ms": _summary(self.own_ms)}

    async def _watch(self) -> None:
        while True:
            due, used = time.monotonic() + EVERY_S, time.process_time()
            await asyncio.sleep(EVERY_S)
            late_s = max(0.0, time.monotonic() - due)
            self.late_ms.append(late_s * 1000)
            self.own_ms.append(min(late_s, time.process_time() - used) * 1000)


def _summary(values: list[float]) -> dict[str, float]:
    ordered = sorted(values) or [0.0]
    return {"p99": ordered[int(len(ordered) * 0.99)], "max": ordered[-1], "n": float(len(values))}


async def used(_asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Processor seconds of this process alone, and its resident memory."""
    return {"cpu_s": time.process_time(), "rss_kb": psutil.Process().memory_info().rss / 1024}


def vitals() -> dict[str, Answer]:
    probe = LagProbe()
    return {"used": used, "lag.begin": probe.begin, "lag.end": probe.end}
