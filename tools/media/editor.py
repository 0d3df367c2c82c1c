"""The film editor: measures clips, takes their last picture, and cuts them into one film.

A provider's file is a stranger's, and so is a reference image: both are opened only in limited
children (`edit_film`, `fit_image`), whose limits grow with the length of the film.
"""

import asyncio
import json
import re
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from tools.domain.frames import Frame
from tools.errors import OutputLost, StorageUnavailable, UnsupportedMedia
from tools.media.children import ChildFailed, Facts, run_child
from tools.media.images import MAX_BYTES, refusal
from tools.rendering.ports import ClipFacts, ClipFile

_FILM, _IMAGE = "tools.media.edit_film", "tools.media.fit_image"
_START_S, _EACH_S, _LONGEST_S = 30, 20, 1500
"""Wall time: to start, for each second of film, and at most. For two slow cores under load."""
_CLIP_S = 30
"""The longest clip that anybody sells; to decode one is quick, to encode it is not."""
_IMAGE_S = 30.0
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class Editor:
    """Implements `tools.rendering.ports.FilmEditor`."""

    def __init__(self, *, limit_s: float | None = None, films_at_once: int = 2) -> None:
        """`limit_s`: for every piece of work, instead of what its length asks for."""
        self._limit_s = limit_s
        self._places = asyncio.Semaphore(films_at_once)

    async def measure(self, video: Path) -> ClipFacts:
        facts = await self._film({"do": "measure", "video": str(video)}, length_s=_CLIP_S)
        return ClipFacts(
            frame=Frame(_whole(facts, "width"), _whole(facts, "height")),
            length_s=_whole(facts, "length_ms") / 1000,
            has_sound=facts.get("has_sound") is True,
        )

    async def last_frame(self, video: Path, into: Path) -> Path:
        async with _target(into, "last", ".png") as picture:
            order = {"do": "last_frame", "video": str(video), "target": str(picture)}
            await self._film(order, length_s=_CLIP_S)
        return picture

    async def fit(
        self,
        image: Path,
        into: Path,
        *,
        frame: Frame,
        how: Literal["cover", "contain"],
        background: str | None,
    ) -> Path:
        """Raises TooLarge, UnsupportedMedia."""
        if background is not None and not _COLOUR.fullmatch(background):
            raise ValueError("a background is #rrggbb")
        if (await asyncio.to_thread(_size, image)) > MAX_BYTES:
            raise refusal("bytes")
        async with _target(into, "fitted", ".png") as picture:
            order = {
                "source": str(image), "target": str(picture), "how": how,
                "frame": [frame.width, frame.height], "background": background,
            }  # fmt: skip
            await self._image(order)
        return picture

    async def assemble(
        self,
        clips: Sequence[ClipFile],
        into: Path,
        *,
        length_s: int,
        frame: Frame | None,
        told: Callable[[float], None] | None = None,
    ) -> Path:
        """`told` hears how much of the film is done, from 0 to 1."""
        if length_s <= 0 or sum(clip.seconds for clip in clips) < length_s:
            raise ValueError("these clips do not fill the film")
        async with _target(into, "film", ".mp4") as film:
            order = {
                "do": "assemble",
                "target": str(film),
                "clips": [{"file": str(clip.file), "seconds": clip.seconds} for clip in clips],
                "length_s": length_s,
                "frame": [frame.width, frame.height] if frame else None,
            }
            await self._film(order, length_s=length_s, told=_fraction(told))
        return film

    async def _film(
        self,
        order: Mapping[str, object],
        *,
        length_s: int,
        told: Callable[[Facts], None] | None = None,
    ) -> Facts:
        limit_s = self._limit_s or min(_START_S + _EACH_S * length_s, _LONGEST_S)
        # Two cores may both be at work all the time.
        data = json.dumps({**order, "cpu_s": round(2 * limit_s) + 1}).encode()
        try:
            async with self._places:
                return await run_child(_FILM, data, limit_s=limit_s, told=told)
        except ChildFailed as error:
            raise OutputLost(_WORDS.get(error.reason or "", _BROKEN)) from error
        except TimeoutError as error:
            # The clips are paid for and here: a machine that is busy now may not be in a minute.
            raise StorageUnavailable("The film could not be cut in time. It is tried again.") from (
                error
            )

    async def _image(self, order: Mapping[str, object]) -> None:
        try:
            data = json.dumps(order).encode()
            await run_child(_IMAGE, data, limit_s=self._limit_s or _IMAGE_S)
        except ChildFailed as error:
            raise refusal(error.reason) from error
        except TimeoutError as error:
            raise UnsupportedMedia("This image takes too long to read.", field="file") from error


@asynccontextmanager
async def _target(into: Path, name: str, ending: str) -> AsyncIterator[Path]:
    """A new file's path in the folder; what was begun there is gone when it was not finished."""
    await asyncio.to_thread(into.mkdir, parents=True, exist_ok=True)
    path = into / f"{name}-{secrets.token_hex(8)}{ending}"
    try:
        yield path
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _size(image: Path) -> int:
    """In bytes; 0 for what is not there, which the child then cannot read."""
    try:
        return image.stat().st_size
    except OSError:
        return 0


def _fraction(told: Callable[[float], None] | None) -> Callable[[Facts], None] | None:
    if told is None:
        return None

    def hear(facts: Facts) -> None:
        done, of = facts.get("done"), facts.get("of")
        if isinstance(done, int) and isinstance(of, int) and of > 0:
            told(min(done / of, 1.0))

    return hear


_BROKEN = "The film arrived broken and cannot be played. Please make it again."
_WORDS = {
    "not_a_film": "What arrived is not a film. Please make it again.",
    "truncated": "The film arrived incomplete. Please make it again.",
    "short": "The film arrived truncated: it is shorter than what was ordered. "
    "Please make it again.",
}


def _whole(facts: Facts, name: str) -> int:
    value = facts.get(name)
    if not isinstance(value, int):
        raise OutputLost(_BROKEN)
    return value
