"""Servers of images on the internet, as a fetcher sees it: names, public addresses, good and bad answers.

The internet is on this machine: `Internet` gives names the addresses a test says, and what is
connected to a public one arrives at a local server.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address

import httpcore
from aiohttp import web

from tests.fakes.pictures import logo_png
from tools.domain.hosts import Address

PUBLIC = "93.184.216.34"
OTHER_PUBLIC = "2606:2800:220:1::1"
Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Internet:
    """`names`: the answers of the name server, one after the other, the last for ever.

    `places`: local ports by public address and port. What else is connected to is a refusal, and
    stands in `connected` all the same.
    """

    names: dict[str, list[list[str]]] = field(default_factory=dict)
    places: dict[tuple[str, int], int] = field(default_factory=dict)
    connected: list[str] = field(default_factory=list)
    resolved: list[str] = field(default_factory=list)

    async def resolve(self, name: str) -> Sequence[Address]:
        self.resolved.append(name)
        answers = self.names.get(name)
        if answers is None:
            raise OSError(f"no {name}")
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return [ip_address(each) for each in answer]

    async def connect(
        self, address: Address, port: int, *, limit_s: float
    ) -> httpcore.AsyncNetworkStream:
        self.connected.append(str(address))
        local = self.places.get((str(address), port))
        if local is None:
            raise httpcore.ConnectError
        return await httpcore.AnyIOBackend().connect_tcp("127.0.0.1", local, timeout=limit_s)


@dataclass
class ImageHost:
    """Answers by path; keeps what it was asked."""

    port: int = 0
    answers: dict[str, Answering] = field(default_factory=dict)
    asked: list[web.Request] = field(default_factory=list)
    trickling: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        return await self.answers[request.path](request)

    def gives(self, path: str, body: bytes, **headers: str) -> None:
        async def giving(_request: web.Request) -> web.StreamResponse:
            plain = {name.replace("_", "-"): value for name, value in headers.items()}
            return web.Response(body=body, headers=plain)

        self.answers[path] = giving

    def says(self, path: str, status: int, **headers: str) -> None:
        async def saying(_request: web.Request) -> web.StreamResponse:
            plain = {name.replace("_", "-"): value for name, value in headers.items()}
            return web.Response(status=status, headers=plain)

        self.answers[path] = saying

    def trickles(self, path: str, *chunks: bytes, every_s: float) -> None:
        """Without end: the last chunk again and again."""

        async def trickling(request: web.Request) -> web.StreamResponse:
            answer = web.StreamResponse()
            await answer.prepare(request)
            for chunk in chunks:
                await answer.write(chunk)
            self.trickling.set()
            while True:
                await asyncio.sleep(every_s)
                await answer.write(chunks[-1])

        self.answers[path] = trickling

    def breaks_off(self, path: str, body: bytes) -> None:
        """Half of what it declared."""

        async def breaking(request: web.Request) -> web.StreamResponse:
            answer = web.StreamResponse(headers={"Content-Length": str(len(body) * 2)})
            await answer.prepare(request)
            await answer.write(body)
            assert request.transport is not None
            request.transport.close()
            return answer

        self.answers[path] = breaking


@asynccontextmanager
async def image_host(secure: ssl.SSLContext | None = None) -> AsyncIterator[ImageHost]:
    host = ImageHost()
    host.gives("/logo.png", logo_png(600))
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", host.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=secure).start()
        host.port = runner.addresses[0][1]
        yield host
    finally:
        await runner.cleanup()
