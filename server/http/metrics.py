"""`/metrics`, and what is counted of every request."""

import asyncio
import logging
import time
from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from server.http.doors import Reception
from server.http.routes import Route, get
from server.memory.journal import Journal
from server.memory.standing import standing
from server.metrics import Metrics
from server.wire.described import Access, Answer, Content, Operation, Tag
from tools.errors import StudioError

logger = logging.getLogger("reelroom.metrics")

TEXT = "text/plain; version=0.0.4; charset=utf-8"
LOOK_LIMIT_S = 5.0
SOCKETS = "/socket.io"
UNKNOWN = "unknown"
GONE = "gone"

METRICS = Operation(
    name="getMetrics",
    tag=Tag.OPERATION,
    summary="Numbers for Prometheus",
    text="Films, turns, money, providers, the loop. Without a token on a server that only this "
    "machine can reach.",
    access=Access.TOKEN_OR_LOOPBACK,
    answers=(Answer(status=200, text="Its text format.", contents=(Content(kind="text/plain"),)),),
)

Answered = Callable[[str, str, str, float], None]
"""Told of each request that was answered: method, the route's template, status, seconds."""


def counted(answered: Answered) -> Middleware:
    """Stands before everything else, so that what is refused counts too.

    A browser's socket is no request: it is open for hours, and counted while it is.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        route = route_of(request)
        if route.startswith(SOCKETS):
            return await handler(request)
        began, status = time.perf_counter(), GONE
        try:
            response = await handler(request)
            status = str(response.status)
        finally:
            answered(request.method, route, status, time.perf_counter() - began)
        return response

    return middleware


def route_of(request: web.Request) -> str:
    """`/api/video/jobs/{id}`: as it was written down here, never the path that somebody asked for."""
    resource = request.match_info.route.resource
    return UNKNOWN if resource is None else resource.canonical


class MetricsDoor:
    """`is_open`: nobody but this machine can come here, so no token is asked for."""

    def __init__(
        self, *, reception: Reception, journal: Journal, metrics: Metrics, is_open: bool
    ) -> None:
        self._reception = reception
        self._journal = journal
        self._metrics = metrics
        self._is_open = is_open

    def routes(self) -> list[Route]:
        return [get("/metrics", self.metrics, METRICS)]

    async def metrics(self, request: web.Request) -> web.Response:
        if not self._is_open:
            await self._reception.principal(request)
        await self._look()
        # Some hundred lines: milliseconds that the loop may not be kept for.
        page = await asyncio.to_thread(self._metrics.page)
        return web.Response(body=page, headers={"Content-Type": TEXT, "Cache-Control": "no-store"})

    async def _look(self) -> None:
        """With the database away the rest is told all the same: then it is wanted most."""
        try:
            async with asyncio.timeout(LOOK_LIMIT_S):
                now = await self._journal.read(standing)
        except (StudioError, TimeoutError):
            logger.warning("what is going on could not be counted")
            self._metrics.stands_unknown()
        else:
            self._metrics.stands(now.live, now.reserved)
