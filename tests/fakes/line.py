"""The line between a browser and a studio, for tests that cut it, or hold back what is said on it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

CHUNK_BYTES = 65_536


class Line:
    """Every connection to `url` goes on to the studio's, for as long as nobody cuts it."""

    def __init__(self, studio_url: str) -> None:
        parts = urlsplit(studio_url)
        self._there = (parts.hostname or "", parts.port or 80)
        self._writers: set[asyncio.StreamWriter] = set()
        self._flows = _open()
        self._held: list[asyncio.Event] = []
        self.url = ""
        self.calls = 0
        """How many connections there have been."""

    def cut(self) -> None:
        """Both ends notice."""
        for writer in self._writers:
            writer.transport.abort()

    def hold(self) -> None:
        """Nobody notices: what stands now is mute for ever, as after a sleep. New connections work."""
        self._held.append(self._flows)
        self._flows.clear()
        self._flows = _open()

    def end(self) -> None:
        for flows in self._held:
            flows.set()
        self.cut()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.calls += 1
        try:
            there_reader, there_writer = await asyncio.open_connection(*self._there)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, there_writer}
        self._writers |= ends
        flows = self._flows
        await asyncio.gather(
            _carry(reader, there_writer, flows), _carry(there_reader, writer, flows)
        )
        self._writers -= ends


def _open() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


async def _carry(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flows: asyncio.Event
) -> None:
    with suppress(OSError):
        while data := await reader.read(CHUNK_BYTES):
            await flows.wait()
            writer.write(data)
            await writer.drain()
    writer.transport.abort()


@asynccontextmanager
async def line_to(studio_url: str) -> AsyncIterator[Line]:
    line = Line(studio_url)
    server = await asyncio.start_server(line._take, "127.0.0.1", 0)
    line.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield line
    finally:
        server.close()
        line.end()
