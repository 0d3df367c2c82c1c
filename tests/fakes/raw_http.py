"""HTTP byte for byte: a client library would mend what a hostile client sends, or refuse to send it."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.patience import IN_THE_END_S


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """`headers` by lower-case name, each as often as it came."""

    status: int
    headers: dict[str, list[str]]
    body: bytes

    @property
    def error(self) -> dict[str, Any]:
        """The contract's error object."""
        told = json.loads(self.body)
        assert set(told) == {"error"}, told
        error: dict[str, Any] = told["error"]
        assert {"code", "message", "retryable"} <= set(error)
        return error

    def one(self, name: str) -> str | None:
        values = self.headers.get(name, [])
        assert len(values) <= 1, (name, values)
        return values[0] if values else None


def request(
    method: str, path: str, *headers: str, body: bytes = b"", host: str = "127.0.0.1"
) -> bytes:
    """With a right Content-Length where there is a body and the headers do not name one."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close", *headers]
    names = {line.partition(":")[0].lower() for line in headers}
    if body and not names & {"content-length", "transfer-encoding"}:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + body


async def sent(url: str, *pieces: bytes, patience_s: float = IN_THE_END_S) -> RawAnswer:
    """The answer to these bytes. The server may stop reading before the last of them."""
    place = urlsplit(url)
    async with asyncio.timeout(patience_s):
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        writing = asyncio.ensure_future(_write(writer, pieces))
        try:
            raw = await _read(reader)
        finally:
            writing.cancel()
            await asyncio.wait([writing])
            writer.close()
    return _answer(raw)


async def _write(writer: asyncio.StreamWriter, pieces: tuple[bytes, ...]) -> None:
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
    except ConnectionError:
        return


async def _read(reader: asyncio.StreamReader) -> bytes:
    raw = bytearray()
    try:
        while piece := await reader.read(1 << 16):
            raw += piece
    except ConnectionError:
        pass
    return bytes(raw)


def _answer(raw: bytes) -> RawAnswer:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), []).append(value.strip())
    assert first.startswith(("HTTP/1.1 ", "HTTP/1.0 ")), raw[:200]
    if headers.get("transfer-encoding") == ["chunked"]:
        body = _unchunked(body)
    return RawAnswer(int(first.split()[1]), headers, body)


def _unchunked(body: bytes) -> bytes:
    whole = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size or b"0", 16)
        if length == 0:
            break
        whole, body = whole + body[:length], body[length + 2 :]
    return whole
