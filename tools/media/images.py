"""Images that people give us: taken in only after a child process has read and re-written them.

The name and the declared type are never believed. What leaves is a PNG or a JPEG that we wrote
ourselves, upright, without metadata. A hostile file can kill only its child.
"""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.domain.failures import Notice
from tools.errors import Busy, TooLarge, UnsupportedMedia
from tools.media.children import ChildFailed, Facts, run_child

MAX_BYTES = 25 * 1024 * 1024
MAX_PIXELS = 40_000_000
TAKEN_TYPES = ("image/png", "image/jpeg", "image/webp", "image/svg+xml")
"""What a person may send. What is kept is the first or the second."""

_CHILD = "tools.media.take_in_image"
_LIMIT_S = 30.0
_WAIT_LIMIT_S = 60.0
_SMALL_SIDE = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenImage:
    """An image of our own making; `content_type` is image/png or image/jpeg."""

    file: Path
    content_type: str
    width: int
    height: int
    size_bytes: int
    warnings: tuple[Notice, ...]


class ImageIntake:
    """Takes images in, `at_once` at a time."""

    def __init__(
        self, *, at_once: int = 2, limit_s: float = _LIMIT_S, wait_limit_s: float = _WAIT_LIMIT_S
    ) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._limit_s = limit_s
        self._wait_limit_s = wait_limit_s

    async def take_in(self, source: Path, folder: Path) -> TakenImage:
        """The image at `source`, re-encoded into `folder`. Raises TooLarge, UnsupportedMedia, Busy."""
        size_bytes = (await asyncio.to_thread(source.stat)).st_size
        if size_bytes > MAX_BYTES:
            raise TooLarge(_WORDS["bytes"][1], field="file")
        target = folder / f"taken-{secrets.token_hex(8)}"
        order = json.dumps({"source": str(source), "target": str(target)}).encode()
        try:
            async with self._place():
                facts = await run_child(_CHILD, order, limit_s=self._limit_s)
        except ChildFailed as error:
            raise refusal(error.reason) from error
        except TimeoutError as error:
            raise UnsupportedMedia(
                "This image takes too long to read. Save it again as a PNG or JPEG and try that.",
                field="file",
            ) from error
        return _taken(target, facts)

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """Images that take long to read must not keep everybody else's waiting for ever."""
        try:
            async with asyncio.timeout(self._wait_limit_s):
                await self._places.acquire()
        except TimeoutError as error:
            raise Busy("Many images are being read just now. Please try again soon.") from error
        try:
            yield
        finally:
            self._places.release()


def _taken(target: Path, facts: Facts) -> TakenImage:
    content_type, width, height = facts.get("type"), facts.get("width"), facts.get("height")
    size_bytes = facts.get("size_bytes")
    if (
        not isinstance(content_type, str)
        or not isinstance(width, int)
        or not isinstance(height, int)
        or not isinstance(size_bytes, int)
    ):
        raise refusal(None)
    return TakenImage(
        file=target,
        content_type=content_type,
        width=width,
        height=height,
        size_bytes=size_bytes,
        warnings=_warnings(width, height, has_text=facts.get("has_text") is True),
    )


def _warnings(width: int, height: int, *, has_text: bool) -> tuple[Notice, ...]:
    notices = []
    if width < _SMALL_SIDE or height < _SMALL_SIDE:
        notices.append(
            Notice(
                code="small_image",
                message=f"This image is {width}×{height} pixels. "
                f"From {_SMALL_SIDE}×{_SMALL_SIDE} on it stays sharp in a film.",
            )
        )
    if has_text:
        notices.append(
            Notice(
                code="svg_text",
                message="This SVG holds live text, which may be drawn in another font here. "
                "Convert text to outlines to keep it exact.",
            )
        )
    return tuple(notices)


_WORDS: dict[str, tuple[type[TooLarge | UnsupportedMedia], str]] = {
    "bytes": (TooLarge, "This file is larger than 25 MB. Send a smaller one."),
    "pixels": (TooLarge, "This image has more than 40 megapixels. Send a smaller one."),
    "type": (UnsupportedMedia, "This is not an image we can take. Send a PNG, JPEG, WebP or SVG."),
    "gif": (UnsupportedMedia, "GIFs are not taken. Send a PNG, JPEG, WebP or SVG."),
    "animated": (UnsupportedMedia, "Animated images are not taken. Send a still one."),
    "mixed": (
        UnsupportedMedia,
        "This file is an image and something else at once. Save the image again and send that.",
    ),
    "svg_doctype": (
        UnsupportedMedia,
        "This SVG defines entities of its own, which are not read. Export it as plain SVG.",
    ),
    "svg_size": (
        UnsupportedMedia,
        "This SVG has no usable size. Give it a viewBox no longer than 20 to 1.",
    ),
    "svg": (UnsupportedMedia, "This SVG could not be read. Export it again as plain SVG, or PNG."),
}
_BROKEN = "This image is damaged or incomplete. Save it again and send that."


def refusal(reason: str | None) -> TooLarge | UnsupportedMedia:
    """What a child's own word for a refused image is for a person; None: it crashed."""
    kind, words = _WORDS.get(reason or "", (UnsupportedMedia, _BROKEN))
    return kind(words, field="file")
