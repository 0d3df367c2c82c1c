"""A video provider that is timed: whoever asks it notices nothing, whoever runs the studio sees how it is."""

import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from tools.domain.events import Charged
from tools.domain.identity import PredictionId
from tools.errors import Internal, StudioError
from tools.rendering.ports import (
    Image,
    Order,
    OrderInDoubt,
    OrderRefused,
    RenderStatus,
    VideoProvider,
    Window,
)

T = TypeVar("T")
Answered = Callable[[str, str, float, str | None], None]
"""Told of each request that was answered: provider, call, seconds, and an error's code or None."""
IN_DOUBT = "in_doubt"


class Measured:
    """`tools.rendering.ports.VideoProvider`, around another one.

    A request that was cut off by a cancellation is not told of: nobody knows how it would have ended.
    """

    def __init__(self, provider: VideoProvider, *, answered: Answered) -> None:
        self._provider = provider
        self._answered = answered
        self.name = provider.name

    @property
    def grace_s(self) -> float:
        return self._provider.grace_s

    def pause_s(self, watched_s: float) -> float:
        return self._provider.pause_s(watched_s)

    async def hand_over(self, images: tuple[Image, ...]) -> tuple[Image, ...]:
        return await self._asked("hand_over", self._provider.hand_over(images))

    async def submit(self, order: Order) -> PredictionId:
        return await self._asked("submit", self._provider.submit(order))

    async def find(
        self, order: Order, window: Window, is_free: Callable[[PredictionId], Awaitable[bool]]
    ) -> PredictionId | None:
        return await self._asked("find", self._provider.find(order, window, is_free))

    async def poll(self, prediction_id: PredictionId) -> RenderStatus:
        return await self._asked("poll", self._provider.poll(prediction_id))

    async def cancel(self, prediction_id: PredictionId) -> Charged:
        return await self._asked("cancel", self._provider.cancel(prediction_id))

    async def collect(self, prediction_id: PredictionId, into: Path) -> Path:
        return await self._asked("collect", self._provider.collect(prediction_id, into))

    async def discard(self, prediction_id: PredictionId) -> None:
        await self._provider.discard(prediction_id)

    async def _asked(self, call: str, answer: Awaitable[T]) -> T:
        began = time.perf_counter()
        try:
            given = await answer
        except Exception as error:
            self._answered(self.name, call, time.perf_counter() - began, _code(error))
            raise
        self._answered(self.name, call, time.perf_counter() - began, None)
        return given


def _code(error: Exception) -> str:
    match error:
        case OrderRefused(failure=failure):
            return failure.code
        case OrderInDoubt():
            return IN_DOUBT
        case StudioError(code=code):
            return code
        case _:
            return Internal.code
