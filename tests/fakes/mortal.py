"""A process that can be killed between any two things it does outside of itself."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

from tools.domain.events import Charged
from tools.domain.identity import PredictionId
from tools.domain.jobs import Change, VideoJob
from tools.rendering.ports import (
    Image,
    JobRecords,
    Order,
    Places,
    RenderStatus,
    VideoProvider,
    Window,
)

T = TypeVar("T")


class Killed(BaseException):
    """As `kill -9` does: nothing runs after it."""


class Mortal:
    """Job records of a process that is killed at its n-th breath.

    Each commit is one breath before and one after; so is each call of a dealer whose `may` is
    `breathe`.
    """

    def __init__(self, records: JobRecords, breaths: int) -> None:
        self._records = records
        self._left = breaths
        self.calls: list[str] = []
        """What was breathed at, for whoever wants to know where it died."""

    def breathe(self, call: str = "") -> None:
        self.calls.append(call)
        self._left -= 1
        if self._left <= 0:
            raise Killed

    async def commit(self, change: Change) -> VideoJob:
        self.breathe("commit: before")
        job = await self._records.commit(change)
        self.breathe("commit: after")
        return job

    async def admit(self, change: Change, places: Places) -> int:
        self.breathe("admit: before")
        place = await self._records.admit(change, places)
        self.breathe("admit: after")
        return place

    def __getattr__(self, name: str) -> Any:
        return getattr(self._records, name)


class Line:
    """A provider as one process reaches it: each call is a breath before and one after.

    Other processes get their turn in between.
    """

    def __init__(self, provider: VideoProvider, breathe: Callable[[str], None]) -> None:
        self._provider = provider
        self._breathe = breathe
        self.name = provider.name
        self.grace_s = provider.grace_s

    def pause_s(self, watched_s: float) -> float:
        return self._provider.pause_s(watched_s)

    async def hand_over(self, images: tuple[Image, ...]) -> tuple[Image, ...]:
        return await self._called("hand over", self._provider.hand_over(images))

    async def submit(self, order: Order) -> PredictionId:
        return await self._called("submit", self._provider.submit(order))

    async def find(
        self, order: Order, window: Window, is_free: Callable[[PredictionId], Awaitable[bool]]
    ) -> PredictionId | None:
        return await self._called("find", self._provider.find(order, window, is_free))

    async def poll(self, prediction_id: PredictionId) -> RenderStatus:
        return await self._called("poll", self._provider.poll(prediction_id))

    async def cancel(self, prediction_id: PredictionId) -> Charged:
        return await self._called("cancel", self._provider.cancel(prediction_id))

    async def collect(self, prediction_id: PredictionId, into: Path) -> Path:
        return await self._called("collect", self._provider.collect(prediction_id, into))

    async def discard(self, prediction_id: PredictionId) -> None:
        await self._called("discard", self._provider.discard(prediction_id))

    async def _called(self, name: str, call: Coroutine[object, object, T]) -> T:
        try:
            self._breathe(f"{name}: before")
        except BaseException:
            call.close()
            raise
        await asyncio.sleep(0)
        answer = await call
        await asyncio.sleep(0)
        self._breathe(f"{name}: after")
        return answer


class Moody:
    """Job records that refuse what they are told to refuse, and let others go first."""

    def __init__(self, records: JobRecords) -> None:
        self._records = records
        self._moods: list[tuple[str, Exception]] = []
        self.overtaken_by: Callable[[], Awaitable[object]] | None = None
        """What somebody else does just before the next change."""

    def refuse(self, kind: str, error: Exception, *, times: int = 1) -> None:
        """`kind`: of the next changes that do this: bought, collected, finished, any."""
        self._moods += [(kind, error)] * times

    def calm(self) -> None:
        self._moods.clear()

    async def commit(self, change: Change) -> VideoJob:
        overtaken_by, self.overtaken_by = self.overtaken_by, None
        if overtaken_by is not None:
            await overtaken_by()
        for mood in self._moods:
            if mood[0] in _kinds(change):
                self._moods.remove(mood)
                raise mood[1]
        return await self._records.commit(change)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._records, name)


def _kinds(change: Change) -> Sequence[str]:
    outcomes = [each.outcome.value for each in change.purchases]
    words = {"rendering": "bought", "rendered": "collected"}
    return ["any", change.job.stage.value, *(words.get(each, each) for each in outcomes)]
