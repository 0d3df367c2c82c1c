"""The free local model: an honest animatic, drawn on this machine in a child process.

    submit ── waits for a place ── renders (a child) ── film.mp4 in its own folder
                                                         └─ collect, discard

What is being made lives with this process: another life's prediction is either a finished film on
disk, or lost, and then the studio places the order again. Nothing is ever charged.
"""

import asyncio
import logging
import os
import secrets
import shutil
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tools.domain.events import Charged
from tools.domain.failures import Failure, failure_from
from tools.domain.identity import PredictionId
from tools.domain.prompts import dissect
from tools.domain.storyboard import storyboard_for
from tools.errors import Interrupted, OutputLost, ProviderUnavailable
from tools.media.children import ChildFailed, Facts, run_child
from tools.media.plan import FilmPlan
from tools.providers.draft_folder import DRAFT_ID, FILM, bring, set_up, sweep
from tools.rendering.ports import (
    Image,
    Order,
    OrderRefused,
    Remedy,
    Rendered,
    RenderFailed,
    Rendering,
    RenderLost,
    RenderStatus,
    Window,
)

logger = logging.getLogger(__name__)

_CHILD = "tools.media.draft_film"
# Before the first frames are measured: half of real time, and the start of an interpreter.
_GUESS_S_PER_FRAME = 0.016
_START_S = 0.6
_GONE = "The draft is no longer there. Please make it again."


@dataclass(slots=True, eq=False)
class _Render:
    """A film of this life. `status` is what poll answers; `started` a monotonic clock's seconds."""

    prediction_id: PredictionId
    order: Order
    folder: Path
    status: RenderStatus = field(default_factory=lambda: Rendering(is_waiting=True))
    started: float | None = None
    task: asyncio.Task[None] | None = None


class DraftProvider:
    """Renders drafts, `renders_at_once` at a time; the others wait in the order they came.

    Opened and closed by its owner. `work` is its own folder: what another life left there
    half-made is swept away at the opening.
    """

    name = "local"
    grace_s = 0.0
    """An order lives in this process, or its film lies in `work`: none turns up later."""

    def __init__(
        self, *, work: Path, film_limit_s: float = 600.0, renders_at_once: int = 1
    ) -> None:
        self._work = work
        self._film_limit_s = film_limit_s
        self._places = asyncio.Semaphore(renders_at_once)
        self._renders: dict[PredictionId, _Render] = {}
        self._s_per_frame = _GUESS_S_PER_FRAME
        self._is_open = False

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def open(self) -> None:
        await asyncio.to_thread(sweep, self._work)
        self._is_open = True

    async def close(self) -> None:
        """Stop every render and wait for its child's end. Finished films stay for the next life."""
        self._is_open = False
        tasks = [render.task for render in self._renders.values() if render.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._renders.clear()

    def pause_s(self, watched_s: float) -> float:  # noqa: ARG002  the port's shape
        """Frames are made several times a second from the beginning to the end."""
        return 0.15

    async def hand_over(self, images: tuple[Image, ...]) -> tuple[Image, ...]:
        """As they are: it reads the files itself."""
        return images

    async def submit(self, order: Order) -> PredictionId:
        """Raises OrderRefused when closed, or when the disk will not take it."""
        if not self._is_open:
            stopping = Interrupted("The server is stopping. Please try again in a moment.")
            raise OrderRefused(failure_from(stopping), Remedy.AGAIN)
        prediction_id = PredictionId(f"draft-{secrets.token_hex(10)}")
        folder = self._work / prediction_id
        try:
            pictures = await asyncio.to_thread(set_up, folder, order)
        except OSError as error:
            logger.warning("no room for a draft", extra={"errno": error.errno})
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
            no_room = ProviderUnavailable(
                "This machine has no room for a draft right now. Please try again later."
            )
            raise OrderRefused(failure_from(no_room), Remedy.STOP) from error
        render = _Render(prediction_id, order, folder)
        self._renders[prediction_id] = render
        render.task = asyncio.create_task(
            self._run(render, pictures), name=f"draft {prediction_id}"
        )
        return prediction_id

    async def find(
        self,
        order: Order,  # noqa: ARG002  the port's shape
        window: Window,  # noqa: ARG002  the port's shape
        is_free: Callable[[PredictionId], Awaitable[bool]],  # noqa: ARG002  the port's shape
    ) -> PredictionId | None:
        """None: what was ordered and not heard of died with the process that ordered it."""
        return None

    async def poll(self, prediction_id: PredictionId) -> RenderStatus:
        render = self._renders.get(prediction_id)
        if render is None:
            film = self._film(prediction_id)
            is_there = film is not None and await asyncio.to_thread(film.is_file)
            return Rendered() if is_there else RenderLost()
        if render.started is None and isinstance(render.status, Rendering):
            return Rendering(is_waiting=True, queue_position=self._place(render))
        return render.status

    async def cancel(self, prediction_id: PredictionId) -> Charged:
        await self.discard(prediction_id)
        return "no"

    async def collect(self, prediction_id: PredictionId, into: Path) -> Path:
        film = self._film(prediction_id)
        if film is None:
            raise OutputLost(_GONE)
        target = into / f"{prediction_id}.mp4"
        try:
            await asyncio.to_thread(bring, film, target)
        except FileNotFoundError as error:
            raise OutputLost(_GONE) from error
        return target

    async def discard(self, prediction_id: PredictionId) -> None:
        render = self._renders.pop(prediction_id, None)
        if render is not None and render.task is not None:
            render.task.cancel()
            await asyncio.gather(render.task, return_exceptions=True)
        film = self._film(prediction_id)
        if film is not None:
            await asyncio.to_thread(shutil.rmtree, film.parent, ignore_errors=True)

    def _film(self, prediction_id: PredictionId) -> Path | None:
        """Where its film would be; None for what is not a name that we gave."""
        return self._work / prediction_id / FILM if DRAFT_ID.fullmatch(prediction_id) else None

    def _place(self, render: _Render) -> int:
        """1 for the next one to begin."""
        waiting = [
            other
            for other in self._renders.values()
            if other.started is None and isinstance(other.status, Rendering)
        ]
        return waiting.index(render) + 1

    # -- one film ----------------------------------------------------------------------------------

    async def _run(self, render: _Render, pictures: tuple[str, ...]) -> None:
        try:
            async with self._places:
                render.started = time.monotonic()
                render.status = Rendering(fraction=0.0, eta_s=self._guess_s(render.order))
                await self._draw(render, pictures)
                took_s = round(time.monotonic() - render.started, 2)
            render.status = Rendered(took_s=took_s)
        except TimeoutError:
            render.status = _failed(
                f"The draft took longer than {self._film_limit_s:g} seconds and was stopped. "
                "Try a shorter film.",
                Remedy.STOP,
            )
        except ChildFailed as error:
            render.status = _failed_child(error)
        except Exception:
            # A bug of ours: the film's end, and no other film's.
            logger.exception("a draft failed")
            render.status = _failed_child(None)

    async def _draw(self, render: _Render, pictures: tuple[str, ...]) -> None:
        order, folder = render.order, render.folder
        board = await asyncio.to_thread(
            lambda: storyboard_for(
                prompt=order.prompt,
                anatomy=dissect(order.prompt),
                length_s=order.length_s,
                aspect_ratio=order.aspect_ratio,
                references=tuple(image.role for image in order.images),
            )
        )
        plan = FilmPlan(
            storyboard=board,
            frame=order.frame,
            pictures=pictures,
            part=str(folder / f"{secrets.token_hex(4)}.part"),
            film=str(folder / FILM),
            # Two cores at work count double; the wall clock is the limit that speaks.
            cpu_s=int(self._film_limit_s * (os.cpu_count() or 1)) + 10,
        )
        await run_child(
            _CHILD,
            plan.to_json(),
            limit_s=self._film_limit_s,
            told=lambda facts: self._progressed(render, facts),
        )

    def _progressed(self, render: _Render, facts: Facts) -> None:
        done, total = facts.get("done"), facts.get("total")
        if not isinstance(done, int) or not isinstance(total, int) or render.started is None:
            return
        spent_s = max(time.monotonic() - render.started - _START_S, 0.0)
        # The first frames say little: until a fifth is done, what earlier films took counts more.
        measured, weight = spent_s / done, min(done / total * 5, 1.0)
        per_frame = measured * weight + self._s_per_frame * (1 - weight)
        render.status = Rendering(fraction=done / total, eta_s=round(per_frame * (total - done), 2))
        if done == total:
            self._s_per_frame = (self._s_per_frame + measured) / 2

    def _guess_s(self, order: Order) -> float:
        from_frames = self._s_per_frame * order.length_s * 30
        return round(_START_S + from_frames, 2)


def _failed(message: str, remedy: Remedy) -> RenderFailed:
    failure = Failure(code="provider_unavailable", message=message, retryable=True)
    return RenderFailed(failure=failure, charged="no", remedy=remedy)


def _failed_child(error: ChildFailed | None) -> RenderFailed:
    """Every way a child can end badly, in words for a person."""
    if error is not None and error.reason == "picture":
        message = "One of the reference images could not be read. Please add it again."
        failure = Failure(code="unsupported_media", message=message)
        return RenderFailed(failure=failure, charged="no")
    return _failed(
        "The draft could not be drawn on this machine. Please try again.",
        # Something outside may have ended it: a lack of memory, an operator.
        Remedy.AGAIN,
    )
