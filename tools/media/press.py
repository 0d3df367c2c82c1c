"""The film press: is this file a whole, playable film, and what stands beside it in the list.

A provider's file is a stranger's: it is opened only in a limited child (`press_film`).
"""

import asyncio
import json
import secrets
from pathlib import Path

from tools.domain.frames import Frame
from tools.errors import OutputLost
from tools.media.children import ChildFailed, Facts, run_child
from tools.rendering.ports import PreparedFilm

_CHILD = "tools.media.press_film"
_LIMIT_S = 300.0
"""A minute of 1080p, on two slow cores that others use too."""


class Press:
    """Implements `tools.rendering.ports.FilmPress`."""

    def __init__(self, *, limit_s: float = _LIMIT_S) -> None:
        self._limit_s = limit_s

    async def prepare(self, video: Path, folder: Path) -> PreparedFilm:
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        # Names of its own: the child of a killed process may still be writing its files here.
        token = secrets.token_hex(8)
        poster, preview = folder / f"poster-{token}.jpg", folder / f"preview-{token}.mp4"
        order = {"video": str(video), "poster": str(poster), "preview": str(preview)}
        try:
            facts = await run_child(_CHILD, json.dumps(order).encode(), limit_s=self._limit_s)
            return PreparedFilm(
                video=video,
                poster=poster,
                preview=preview,
                frame=Frame(_whole(facts, "width"), _whole(facts, "height")),
                length_s=_whole(facts, "length_ms") / 1000,
                size_bytes=_whole(facts, "size_bytes"),
            )
        except ChildFailed as error:
            raise OutputLost(_WORDS.get(error.reason or "", _BROKEN)) from error
        except TimeoutError as error:
            raise OutputLost("The film could not be checked in time. Please make it again.") from (
                error
            )


_BROKEN = "The film arrived broken and cannot be played. Please make it again."
_WORDS = {
    "not_a_film": "What arrived is not a film. Please make it again.",
    "truncated": "The film arrived incomplete. Please make it again.",
}


def _whole(facts: Facts, name: str) -> int:
    value = facts.get(name)
    if not isinstance(value, int):
        raise ChildFailed(_CHILD, 0, None)
    return value
