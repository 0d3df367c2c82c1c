"""Adapters that are the real ones, and reach the named steps on their way."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

from server.house import MediaStorage
from server.memory.journal import Journal, Transaction
from tests.torture.steps import FILES, Steps
from tools.domain.events import Charged
from tools.domain.frames import Frame
from tools.domain.identity import PredictionId
from tools.domain.jobs import Stage, VideoJob
from tools.providers.replicate.provider import ReplicateProvider
from tools.rendering.ports import (
    ClipFacts,
    ClipFile,
    FilmEditor,
    FilmPress,
    Image,
    Order,
    PreparedFilm,
    RenderStatus,
    Window,
)

T = TypeVar("T")
POLL_S = 0.15
AT_WORK_S = 0.1
"""After so long a piece of work that lasts is in its midst."""
LOOK_S = 0.002


class MortalProvider:
    """`tools.rendering.ports.VideoProvider`: the real one in a hurry, whose host may die.

    `reconciles` False is the control of the experiment: it trusts that an order that nobody heard
    back of was never taken.
    """

    def __init__(self, real: ReplicateProvider, steps: Steps, *, reconciles: bool) -> None:
        self.name = real.name
        self._real = real
        self._steps = steps
        self._reconciles = reconciles

    @property
    def grace_s(self) -> float:
        return self._real.grace_s if self._reconciles else 0.0

    def pause_s(self, watched_s: float) -> float:
        return POLL_S

    async def hand_over(self, images: tuple[Image, ...]) -> tuple[Image, ...]:
        return await self._real.hand_over(images)

    async def submit(self, order: Order) -> PredictionId:
        self._steps.reach("order.before")
        prediction_id = await self._real.submit(order)
        self._steps.reach("order.after")
        return prediction_id

    async def find(
        self, order: Order, window: Window, is_free: Callable[[PredictionId], Awaitable[bool]]
    ) -> PredictionId | None:
        if not self._reconciles:
            return None
        self._steps.reach("look.before")
        found = await self._real.find(order, window, is_free)
        self._steps.reach("look.after")
        return found

    async def poll(self, prediction_id: PredictionId) -> RenderStatus:
        return await self._real.poll(prediction_id)

    async def cancel(self, prediction_id: PredictionId) -> Charged:
        return await self._real.cancel(prediction_id)

    async def collect(self, prediction_id: PredictionId, into: Path) -> Path:
        self._steps.reach("collect.before")
        fetching = asyncio.ensure_future(self._real.collect(prediction_id, into))
        try:
            await self._begun(fetching, into, f"{prediction_id}.*.part")
            film = await fetching
        finally:
            fetching.cancel()
        self._steps.reach("collect.after")
        return film

    async def _begun(self, fetching: asyncio.Future[Path], into: Path, parts: str) -> None:
        while not fetching.done():
            if _has_bytes(into, parts):
                self._steps.reach("collect.mid")
                return
            await asyncio.sleep(LOOK_S)

    async def discard(self, prediction_id: PredictionId) -> None:
        await self._real.discard(prediction_id)


class MortalEditor:
    """`tools.rendering.ports.FilmEditor`."""

    def __init__(self, real: FilmEditor, steps: Steps) -> None:
        self._real = real
        self._steps = steps

    async def measure(self, video: Path) -> ClipFacts:
        return await self._real.measure(video)

    async def last_frame(self, video: Path, into: Path) -> Path:
        return await self._real.last_frame(video, into)

    async def fit(
        self,
        image: Path,
        into: Path,
        *,
        frame: Frame,
        how: Literal["cover", "contain"],
        background: str | None,
    ) -> Path:
        return await self._real.fit(image, into, frame=frame, how=how, background=background)

    async def assemble(
        self, clips: Sequence[ClipFile], into: Path, *, length_s: int, frame: Frame | None
    ) -> Path:
        cutting = self._real.assemble(clips, into, length_s=length_s, frame=frame)
        return await _amid(cutting, lambda: self._steps.reach("assemble.mid"))


class MortalPress:
    """`tools.rendering.ports.FilmPress`."""

    def __init__(self, real: FilmPress, steps: Steps) -> None:
        self._real = real
        self._steps = steps

    async def prepare(self, video: Path, folder: Path) -> PreparedFilm:
        pressing = self._real.prepare(video, folder)
        return await _amid(pressing, lambda: self._steps.reach("press.mid"))


class MortalStorage:
    """`server.house.MediaStorage`."""

    def __init__(self, real: MediaStorage, steps: Steps) -> None:
        self._real = real
        self._steps = steps

    async def store(self, source: Path, path: str, content_type: str) -> None:
        file = _file_at(path)
        self._steps.reach(f"store.{file}.before")
        await self._real.store(source, path, content_type)
        self._steps.reach(f"store.{file}.after")

    async def fetch(self, path: str, into: Path) -> Path:
        return await self._real.fetch(path, into)

    async def remove(self, path: str) -> None:
        await self._real.remove(path)

    async def lend(self, path: str, seconds: int) -> str | None:
        return await self._real.lend(path, seconds)

    async def check(self) -> None:
        await self._real.check()

    async def forget_before(self, prefix: str, moment: datetime) -> int:
        return await self._real.forget_before(prefix, moment)


def watch_commits(journal: Journal, steps: Steps) -> None:
    """Every transaction that moves a job reaches its step before it commits, and after."""
    commit = journal.write

    async def write(work: Callable[[Transaction], T]) -> T:
        moved: list[str] = []

        def written(transaction: Transaction) -> T:
            result = work(transaction)
            if (name := _move_of(result)) is not None:
                moved.append(name)
                steps.reach(f"{name}.before")
            return result

        result = await commit(written)
        for name in moved:
            steps.reach(f"{name}.after")
        return result

    journal.write = write  # type: ignore[method-assign]  # the house makes its own records


def _move_of(result: Any) -> str | None:
    """Which move a transaction made, by the job that came of it."""
    if not isinstance(result, VideoJob):
        return None
    clip = result.clip
    if result.stage is not Stage.SUBMITTING or clip is None:
        return _MOVES.get(result.stage)
    if clip.fence is not None:
        return "fence"
    return "collected" if clip.number > 1 else None


_MOVES = {
    Stage.QUEUED: "added",
    Stage.RENDERING: "bought",
    Stage.STORING: "collected",
    Stage.FINISHED: "finished",
}


async def _amid(work: Awaitable[T], reach: Callable[[], None]) -> T:
    """`reach` is called while the work is under way, unless it is over sooner."""
    doing = asyncio.ensure_future(work)
    try:
        await asyncio.wait({doing}, timeout=AT_WORK_S)
        if not doing.done():
            reach()
        return await doing
    finally:
        doing.cancel()


def _has_bytes(folder: Path, parts: str) -> bool:
    try:
        return any(part.stat().st_size for part in folder.glob(parts))
    except FileNotFoundError:
        return False  # it is whole by now, and has its own name


def _file_at(path: str) -> str:
    film, poster, preview, handed = FILES
    if path.endswith(".png"):
        return handed
    if path.endswith(".jpg"):
        return poster
    return preview if path.endswith("-preview.mp4") else film
