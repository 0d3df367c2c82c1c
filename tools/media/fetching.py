"""Brings an image that somebody named by its URL.

Whoever may name a URL may name any: so it is followed only to public addresses (`guarded`), each
redirect is judged like the first, and what comes is counted while it comes. Whether it is a good
image is the intake's to say.
"""

import asyncio
import logging
import secrets
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from tools.domain.hosts import Destination, Unreached, destination_of
from tools.errors import ReferenceUnreachable, StorageUnavailable, TooLarge, UnsupportedMedia
from tools.media.images import MAX_BYTES

if TYPE_CHECKING:
    from tools.media.guarded import Answer, Network

logger = logging.getLogger(__name__)

FIELD = "referenceImageUrls"
TOTAL_S = 20.0
IDLE_S = 5.0
REDIRECTS = 5
_REDIRECT_STATUSES = frozenset((301, 302, 303, 307, 308))
_OK = 200
_HEAD_BYTES = 1024
_BLOCK_BYTES = 256 * 1024


class GuardedFetcher:
    """Raises ReferenceUnreachable, TooLarge, UnsupportedMedia, StorageUnavailable. Needs no closing."""

    def __init__(
        self,
        *,
        network: "Network | None" = None,
        certificates: ssl.SSLContext | None = None,
        max_bytes: int = MAX_BYTES,
        total_s: float = TOTAL_S,
        idle_s: float = IDLE_S,
    ) -> None:
        """`certificates`: whom to believe, the system's where none. `idle_s`: between two reads."""
        self._network = network
        self._certificates = certificates
        self._max_bytes = max_bytes
        self._total_s = total_s
        self._idle_s = idle_s

    async def fetch(self, url: str, into: Path, *, field: str = FIELD) -> Path:
        """The image at `url` as a new file in the folder `into`; nothing is there when it raises.

        `field`: what the asker called it, for the error.
        """
        target = into / f"reference-{secrets.token_hex(8)}"
        try:
            async with asyncio.timeout(self._total_s):
                await self._follow(url, target)
        except Unreached as error:
            raise _unreachable(str(error), field) from error
        except TimeoutError as error:
            raise _unreachable("it takes too long", field) from error
        except OSError as error:
            raise StorageUnavailable(
                "The studio could not keep the image: its own disk refuses. Please try again."
            ) from error
        except (TooLarge, UnsupportedMedia) as error:
            error.field = field
            raise
        return target

    async def _follow(self, url: str, target: Path) -> None:
        begun = time.monotonic()
        guarded = await asyncio.to_thread(_guarded)
        network = self._network = self._network or guarded.Internet()
        if self._certificates is None:
            self._certificates = await asyncio.to_thread(ssl.create_default_context)
        destination = destination_of(url)
        for _ in range(REDIRECTS + 1):
            async with guarded.asked(
                destination,
                network=network,
                certificates=self._certificates,
                idle_s=self._idle_s,
            ) as answer:
                if answer.status not in _REDIRECT_STATUSES:
                    size_bytes = await self._keep(answer, target)
                    took_s = time.monotonic() - begun
                    logger.info(
                        "Reference from %s: %d bytes in %.1f s",
                        destination.host,
                        size_bytes,
                        took_s,
                    )
                    return
                url = urljoin(url, answer.headers.get("location", ""))
            destination = _next(destination, url)
        raise Unreached("it leads from one address to the next")

    async def _keep(self, answer: "Answer", target: Path) -> int:
        """Bytes written. Raises Unreached, TooLarge, UnsupportedMedia."""
        if answer.status != _OK:
            raise Unreached(f"the server there answers with {answer.status}")
        if answer.headers.get("content-encoding", "identity").lower() != "identity":
            raise Unreached("it is sent compressed, though it was not asked to be")
        declared = answer.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > self._max_bytes:
            raise _too_large(self._max_bytes)
        try:
            return await self._write(answer.body, target)
        except BaseException:
            target.unlink(missing_ok=True)  # noqa: ASYNC240  at once, also when cancelled
            raise

    async def _write(self, body: AsyncIterator[bytes], target: Path) -> int:
        size_bytes, held, is_known = 0, bytearray(), False
        with await asyncio.to_thread(target.open, "wb") as file:
            async for chunk in body:
                size_bytes += len(chunk)
                if size_bytes > self._max_bytes:
                    raise _too_large(self._max_bytes)
                held += chunk
                if not is_known and len(held) >= _HEAD_BYTES:
                    is_known = _is_image(held)
                if len(held) >= _BLOCK_BYTES:
                    await asyncio.to_thread(file.write, held)
                    held = bytearray()
            if not is_known:
                _is_image(held)
            await asyncio.to_thread(file.write, held)
        return size_bytes


def _guarded() -> ModuleType:
    from tools.media import guarded  # noqa: PLC0415  60 ms and 7 MB, only where a URL is given

    return guarded


def _next(before: Destination, url: str) -> Destination:
    after = destination_of(url)
    if before.scheme == "https" and after.scheme == "http":
        raise Unreached("it leads from a secure address to one that is not")
    return after


def _is_image(head: bytes | bytearray) -> bool:
    """True; raises UnsupportedMedia for what cannot be one of the images that are taken."""
    text = head[:_HEAD_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip()
    if (
        head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"))
        or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
        or text.startswith((b"<?xml", b"<svg", b"<!--", b"<!DOCTYPE svg"))
    ):
        return True
    raise UnsupportedMedia(
        "What is at that address is not an image we can take. Name a PNG, JPEG, WebP or SVG."
    )


def _too_large(max_bytes: int) -> TooLarge:
    return TooLarge(
        f"The image at that address is larger than {max_bytes // (1024 * 1024)} MB. "
        "Name a smaller one."
    )


def _unreachable(words: str, field: str) -> ReferenceUnreachable:
    logger.info("Reference not fetched: %s", words)
    return ReferenceUnreachable(f"Reference images failed to upload: {words}.", field=field)
