"""How a stored file reaches a browser: from a folder with ranges, or by a way into the bucket.

Whose it is was looked up before; both are asked by `site` alone.
"""

import re
from pathlib import Path, PurePosixPath
from typing import Protocol
from urllib.parse import quote

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from multidict import CIMultiDict

from server.wire.described import Access, Answer, Content, Header, Operation, Parameter, Tag
from tools.errors import NotFound, StorageUnavailable

FILE_POLICY = "default-src 'none'; sandbox"
FILM = "video/mp4"
TYPES = {".mp4": FILM, ".jpg": "image/jpeg", ".png": "image/png"}
"""The only types that are ever stored; anything else is not served."""
WEEK_S = 7 * 24 * 3600
LENT_FOR_S = 3600
KEPT_FOR_S = 3000
"""A browser forgets where a file is lent a while before the lending ends."""

_FILE = tuple(Content(kind=kind) for kind in dict.fromkeys(TYPES.values()))
MEDIA = Operation(
    name="getFile",
    tag=Tag.STORAGE,
    summary="A film, its picture, or an image that was given",
    text="At the address that an answer named: signed for some days. The same address with a token "
    "always works. Ranges and conditions are understood.",
    access=Access.SIGNED_OR_TOKEN,
    parameters=(
        Parameter(
            name="path",
            where="path",
            text="As in `videoPath`.",
            shape={"type": "string", "minLength": 1},
            sample="videos/generated/video-123.mp4",
        ),
        Parameter(
            name="expires", where="query", text="Of the signature.", shape={"type": "string"}
        ),
        Parameter(
            name="signature", where="query", text="Of path and expiry.", shape={"type": "string"}
        ),
        Parameter(
            name="download",
            where="query",
            text="`1`: to be saved, not shown.",
            shape={"type": "string"},
        ),
        Parameter(name="Range", where="header", text="A part of it.", shape={"type": "string"}),
    ),
    answers=(
        Answer(
            status=200,
            text="The file.",
            contents=_FILE,
            headers=(
                Header(
                    name="Content-Disposition",
                    text="How it is called, and whether it is shown or saved.",
                    shape={"type": "string"},
                    is_certain=True,
                ),
            ),
        ),
        Answer(status=206, text="A part of the file.", contents=_FILE),
        Answer(
            status=302,
            text="It is in a bucket, for an hour at this address.",
            headers=(
                Header(
                    name="Location",
                    text="Signed.",
                    shape={"type": "string", "format": "uri"},
                    is_certain=True,
                ),
            ),
        ),
        Answer(status=304, text="The one that you have."),
        Answer(status=412, text="Not the one that was meant."),
        Answer(status=416, text="There is no such part."),
    ),
    refusals=(NotFound, StorageUnavailable),
)


class Files(Protocol):
    async def answer(self, path: str, *, as_download: bool) -> web.StreamResponse:
        """The file at `path`, whose ending is one of TYPES. Raises NotFound, StorageUnavailable."""
        ...


class LocalFiles(Protocol):
    """A storage whose files are on this machine, so that they can be served with ranges."""

    def locate(self, path: str) -> Path:
        """Raises NotFound for a path that leads out of it."""
        ...


class LentFiles(Protocol):
    """A storage that lets strangers read a file for a while, at an address of its own."""

    async def presigned(self, path: str, seconds: int, *, download_name: str | None) -> str | None:
        """None where it signs for no such time. Raises NotFound for what can be no path."""
        ...


class StoredFile(web.FileResponse):
    """A file on this machine. A Range that is not one plain range counts as none (RFC 9110, 14.2).

    The library refuses it, also where a player asks for two parts or in a unit that nobody knows.
    """

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        ranges = request.headers.getall("Range", ())
        if ranges and not (len(ranges) == 1 and _is_one_range(ranges[0])):
            headers = CIMultiDict(request.headers)
            headers.popall("Range")
            request = request.clone(headers=headers)
        return await super().prepare(request)


class FromFolder:
    def __init__(self, storage: LocalFiles) -> None:
        self._storage = storage

    async def answer(self, path: str, *, as_download: bool) -> web.StreamResponse:
        file = self._storage.locate(path)
        if not file.is_file():
            raise NotFound("That file")
        kind = TYPES[file.suffix]
        how = "attachment" if as_download else "inline"
        return StoredFile(
            file,
            headers={
                "Content-Type": kind,
                "Content-Disposition": _called(how, file.name),
                "Content-Security-Policy": FILE_POLICY,
                "X-Content-Type-Options": "nosniff",
                "Cross-Origin-Resource-Policy": "cross-origin",
                "Cache-Control": "private, max-age="
                + (f"{WEEK_S * 52}, immutable" if kind == FILM else f"{WEEK_S}"),
            },
        )


class FromBucket:
    """The bytes do not pass through this process: the browser is sent to where they are."""

    def __init__(self, storage: LentFiles) -> None:
        self._storage = storage

    async def answer(self, path: str, *, as_download: bool) -> web.StreamResponse:
        name = PurePosixPath(path).name if as_download else None
        address = await self._storage.presigned(path, LENT_FOR_S, download_name=name)
        if address is None:
            raise NotFound("That file")
        return web.Response(
            status=302,
            headers={
                "Location": address,
                "Cache-Control": f"private, max-age={KEPT_FOR_S}",
                "Cross-Origin-Resource-Policy": "cross-origin",
                "Referrer-Policy": "no-referrer",
            },
        )


_ONE_RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-0*[1-9]\d{0,17})", re.ASCII)


def _is_one_range(given: str) -> bool:
    one = _ONE_RANGE.fullmatch(given.strip())
    if one is None:
        return False
    first, last = one.groups()
    return not (first and last) or int(first) <= int(last)


def _called(how: str, name: str) -> str:
    """A Content-Disposition that a name cannot get out of (RFC 6266)."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    called = f'{how}; filename="{plain}"'
    return called if plain == name else f"{called}; filename*=UTF-8''{quote(name, safe='')}"
