"""A provider and a press of the tests' own: films are copies of one tiny real MP4, made in no time.

    Painter(film, polls=2)            rendering for two polls, then done
    painter.will(Fails(failure))      what befalls the next prediction: Fails, Loses, Stalls
    painter.refuse("submit", error)   the next call of that name raises

It is on the other side of the provider's port: it outlives whoever asks it, as a real one does.
"""

import asyncio
import shutil
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from tools.domain.events import Charged
from tools.domain.failures import Failure
from tools.domain.frames import Frame
from tools.domain.identity import PredictionId
from tools.errors import OutputLost
from tools.rendering.ports import (
    Image,
    Order,
    PreparedFilm,
    Rendered,
    RenderFailed,
    Rendering,
    RenderLost,
    RenderStatus,
    Window,
)

FILM_FPS = 5


def make_film(target: Path, *, seconds: int = 6, frame: Frame = Frame(64, 36)) -> Path:  # noqa: B008  # immutable
    """A real H.264 film that gets lighter from frame to frame."""
    with av.open(str(target), "w", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=FILM_FPS)
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuv420p"
        stream.time_base = Fraction(1, FILM_FPS)
        for number in range(seconds * FILM_FPS):
            grey = np.full((frame.height, frame.width, 3), (40 + 5 * number) % 256, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
        container.mux(stream.encode(None))
    return target


@dataclass(frozen=True)
class Fails:
    """The film cannot be made."""

    failure: Failure
    charged: Charged = "no"


@dataclass(frozen=True)
class Loses:
    """The provider forgets it."""


@dataclass(frozen=True)
class Stalls:
    """It is rendering for ever, or standing in the line for ever."""

    in_line: bool = False


Fate = Fails | Loses | Stalls


@dataclass
class Gate:
    """A call waits here until the test opens it; `reached` tells the test that it does."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    open: asyncio.Event = field(default_factory=asyncio.Event)


class Painter:
    """Implements `tools.rendering.ports.VideoProvider`."""

    name = "local"
    poll_interval_s = 0.25
    grace_s = 0.0
    """An order is there or it is not; the hard half of buying once is the dealer's."""

    def __init__(self, film: Path, *, polls: int = 1) -> None:
        self.orders: list[Order] = []
        self.cancelled: list[PredictionId] = []
        self.discarded: list[PredictionId] = []
        self.charges: Charged = "no"
        """What a cancelled film costs."""
        self.submit_gate: Gate | None = None
        self._film = film
        self._polls = polls
        self._left: dict[PredictionId, int] = {}
        self._fates: dict[PredictionId, Fate] = {}
        self._coming: deque[Fate] = deque()
        self._refusals: dict[str, deque[Exception]] = defaultdict(deque)

    def will(self, *fates: Fate) -> None:
        self._coming.extend(fates)

    def refuse(self, call: str, *errors: Exception) -> None:
        self._refusals[call].extend(errors)

    def forget_everything(self) -> None:
        """As a provider does that dies with its process."""
        self._left.clear()

    @property
    def at_work(self) -> set[PredictionId]:
        """What was ordered and neither cancelled nor discarded since."""
        return set(self._left) - {*self.cancelled, *self.discarded}

    def pause_s(self, watched_s: float) -> float:
        return self.poll_interval_s

    async def hand_over(self, images: tuple[Image, ...]) -> tuple[Image, ...]:
        """It reads the files itself."""
        self._may("hand_over")
        return images

    async def submit(self, order: Order) -> PredictionId:
        self._may("submit")
        self.orders.append(order)
        prediction_id = PredictionId(f"painting-{len(self.orders)}")
        self._left[prediction_id] = self._polls
        if self._coming:
            self._fates[prediction_id] = self._coming.popleft()
        if self.submit_gate is not None:
            self.submit_gate.reached.set()
            await self.submit_gate.open.wait()
        return prediction_id

    async def find(
        self, order: Order, window: Window, is_free: Callable[[PredictionId], Awaitable[bool]]
    ) -> PredictionId | None:
        self._may("find")
        for number, taken in enumerate(self.orders, start=1):
            is_the_same = (taken.seed, taken.sent_prompt) == (order.seed, order.sent_prompt)
            prediction_id = PredictionId(f"painting-{number}")
            if is_the_same and prediction_id in self._left and await is_free(prediction_id):
                return prediction_id
        return None

    async def poll(self, prediction_id: PredictionId) -> RenderStatus:
        self._may("poll")
        if not self._knows(prediction_id):
            return RenderLost()
        match self._fates.get(prediction_id):
            case Fails(failure=failure, charged=charged):
                return RenderFailed(failure=failure, charged=charged)
            case Loses():
                return RenderLost()
            case Stalls(in_line=in_line):
                return Rendering(is_waiting=in_line, queue_position=3 if in_line else None)
            case None:
                return self._further(prediction_id)

    def _further(self, prediction_id: PredictionId) -> RenderStatus:
        left = self._left[prediction_id]
        if left == 0:
            return Rendered()
        self._left[prediction_id] = left - 1
        return Rendering(fraction=1 - left / (self._polls + 1), eta_s=float(left))

    async def cancel(self, prediction_id: PredictionId) -> Charged:
        self._may("cancel")
        self.cancelled.append(prediction_id)
        return self.charges

    async def collect(self, prediction_id: PredictionId, into: Path) -> Path:
        self._may("collect")
        if not self._knows(prediction_id):
            raise OutputLost("The painting is no longer there.")
        target = into / f"{prediction_id}.mp4"
        await asyncio.to_thread(into.mkdir, parents=True, exist_ok=True)
        await asyncio.to_thread(shutil.copyfile, self._film, target)
        return target

    async def discard(self, prediction_id: PredictionId) -> None:
        self.discarded.append(prediction_id)

    def _knows(self, prediction_id: PredictionId) -> bool:
        return prediction_id in self._left and prediction_id not in self.cancelled

    def _may(self, call: str) -> None:
        if self._refusals[call]:
            raise self._refusals[call].popleft()


class TinyPress:
    """Implements `tools.rendering.ports.FilmPress`: measures what it is really given."""

    async def prepare(self, video: Path, folder: Path) -> PreparedFilm:
        return await asyncio.to_thread(self._prepare, video, folder)

    @staticmethod
    def _prepare(video: Path, folder: Path) -> PreparedFilm:
        poster, preview = folder / "poster.jpg", folder / "preview.mp4"
        try:
            with av.open(str(video)) as film:
                stream = film.streams.video[0]
                first = next(film.decode(stream))
                first.to_image().save(poster)
                length_s = float((stream.duration or 0) * (stream.time_base or 0))
                frame = Frame(first.width, first.height)
        except (av.FFmpegError, StopIteration, IndexError) as error:
            raise OutputLost("The film cannot be played.") from error
        shutil.copyfile(video, preview)
        size_bytes = video.stat().st_size
        return PreparedFilm(
            video=video,
            poster=poster,
            preview=preview,
            frame=frame,
            length_s=length_s,
            size_bytes=size_bytes,
        )
