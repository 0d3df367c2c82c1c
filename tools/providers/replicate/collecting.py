"""Fetching a finished film: from the provider's own hosts alone, without a token, within limits.

The address stands in an answer of the provider's, and is treated as a stranger's all the same.
"""

import asyncio
import logging
import os
import time
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO, Self
from urllib.parse import urljoin

import httpx

from tools.domain.identity import PredictionId
from tools.errors import OutputLost, ProviderUnavailable
from tools.providers.replicate.client import Limits

logger = logging.getLogger("reelroom.ReplicateClient")

_REDIRECTS = 3
_TRIES = 2
_PIECE_BYTES = 1 << 20
_HEAD_BYTES = 12
_GONE = frozenset((403, 404, 410))
_OK, _SERVER_ERROR = 200, 500
_BUSY = frozenset((408, 425, 429))
_WEBM = b"\x1a\x45\xdf\xa3"

EXPIRED = "The video provider no longer keeps this film. It was made, but not fetched in time."
_BROKEN = "The film did not arrive whole from the video provider."
_NO_FILM = "What the video provider delivered is no film."
_TOO_LARGE = "The film is larger than the studio takes."
_ELSEWHERE = "The film lies where the studio does not fetch from."
_SLOW = "The film could not be fetched from the video provider right now."


class _Truncated(Exception):
    """The connection ended before the announced length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    file: Path
    size_bytes: int
    seconds: float


class FilmCollector:
    """Opened and closed by its owner. `hosts`: `name` (its subdomains too, https alone) or `name:port`,

    which is that host and port exactly, and with http as well: the form that tests give.
    """

    def __init__(self, *, hosts: tuple[str, ...], limits: Limits) -> None:
        self._hosts = tuple(host.lower() for host in hosts)
        self._limits = limits
        self._http: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        limits = self._limits
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(limits.idle_s, connect=limits.connect_s), follow_redirects=False
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()

    async def fetch(self, url: str, prediction_id: PredictionId, into: Path) -> Fetched:
        """The film in the folder `into`, whole or not at all.

        Raises OutputLost for what will not get better, ProviderUnavailable for what may.
        """
        started = time.monotonic()
        part = into / f"{prediction_id}.{token_hex(4)}.part"
        await asyncio.to_thread(into.mkdir, parents=True, exist_ok=True)
        try:
            async with asyncio.timeout(self._limits.download_s):
                size_bytes = await self._whole(url, part)
            file = await asyncio.to_thread(_kept, part, into / f"{prediction_id}.mp4")
        except (TimeoutError, httpx.HTTPError) as error:
            raise ProviderUnavailable(_SLOW) from error
        finally:
            await asyncio.shield(asyncio.to_thread(part.unlink, missing_ok=True))
        seconds = round(time.monotonic() - started, 3)
        return Fetched(file=file, size_bytes=size_bytes, seconds=seconds)

    async def _whole(self, url: str, part: Path) -> int:
        for left in reversed(range(_TRIES)):
            try:
                return await self._once(url, part)
            except _Truncated as error:
                logger.warning("a download broke off", extra={"tries_left": left})
                if not left:
                    raise OutputLost(_BROKEN) from error
        raise AssertionError  # the last try returns or raises

    async def _once(self, url: str, part: Path) -> int:
        assert self._http is not None, "a collector is opened before it is used"
        for _ in range(_REDIRECTS + 1):
            if not self.allows(url):
                logger.error("a film lies on a host that is not allowed")
                raise OutputLost(_ELSEWHERE)
            # Packed bytes could unpack to more than was announced.
            asked = self._http.stream("GET", url, headers={"Accept-Encoding": "identity"})
            async with asked as answer:
                if not answer.has_redirect_location:
                    _judge(answer.status_code)
                    return await self._streamed(answer, part)
                url = urljoin(url, answer.headers["location"])
        raise OutputLost(_ELSEWHERE)

    def allows(self, url: str) -> bool:
        """Whether the address is on one of the hosts, and on nothing that only looks like it."""
        try:
            asked = httpx.URL(url)
        except (httpx.InvalidURL, ValueError):
            return False
        host = asked.host.lower().removesuffix(".")
        if asked.userinfo or asked.scheme not in {"http", "https"}:
            return False
        if f"{host}:{asked.port}" in self._hosts:
            return True
        is_named = any(host == each or host.endswith(f".{each}") for each in self._hosts)
        return is_named and asked.scheme == "https" and asked.port is None

    async def _streamed(self, answer: httpx.Response, part: Path) -> int:
        announced = _announced(answer)
        if announced is not None and announced > self._limits.film_bytes:
            raise OutputLost(_TOO_LARGE)
        file = await asyncio.to_thread(part.open, "wb")
        try:
            size_bytes = await self._written(answer, file)
        except httpx.RemoteProtocolError as error:
            raise _Truncated from error
        finally:
            await asyncio.shield(asyncio.to_thread(file.close))
        if announced is not None and size_bytes < announced:
            raise _Truncated
        if size_bytes < _HEAD_BYTES:
            raise OutputLost(_NO_FILM)
        return size_bytes

    async def _written(self, answer: httpx.Response, file: BinaryIO) -> int:
        size_bytes = 0
        async for piece in answer.aiter_raw(_PIECE_BYTES):
            if not size_bytes and not _is_film(piece[:_HEAD_BYTES]):
                raise OutputLost(_NO_FILM)
            size_bytes += len(piece)
            if size_bytes > self._limits.film_bytes:
                raise OutputLost(_TOO_LARGE)
            await asyncio.to_thread(file.write, piece)
        await asyncio.to_thread(_settled, file)
        return size_bytes


def _judge(status: int) -> None:
    if status in _GONE:
        raise OutputLost(EXPIRED)
    if status in _BUSY or status >= _SERVER_ERROR:
        raise ProviderUnavailable(_SLOW)
    if status != _OK:
        raise OutputLost(_NO_FILM)


def _announced(answer: httpx.Response) -> int | None:
    told = answer.headers.get("content-length", "")
    return int(told) if told.isascii() and told.isdigit() else None


def _is_film(head: bytes) -> bool:
    """MP4 and its kin, or WebM: by their first bytes."""
    return head[4:8] == b"ftyp" or head.startswith(_WEBM)


def _settled(file: BinaryIO) -> None:
    """On the disk: a clip that is written down as collected is not bought again."""
    file.flush()
    os.fsync(file.fileno())


def _kept(part: Path, target: Path) -> Path:
    part.replace(target)
    return target
