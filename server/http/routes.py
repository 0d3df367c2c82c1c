"""A route and what it is for, in one value: a door's table of routes is also its page of the document."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web
from aiohttp.typedefs import Handler

from server.wire.described import Listed, Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlisted:
    """Served, and nobody's business but a page's of ours."""

    why: str


@dataclass(frozen=True, slots=True)
class Route(web.AbstractRouteDef):
    method: str
    path: str
    handler: Handler
    told: Operation | Unlisted

    def register(self, router: web.UrlDispatcher) -> list[web.AbstractRoute]:
        if self.method == "GET":
            return [router.add_get(self.path, self.handler)]
        return [router.add_route(self.method, self.path, self.handler)]


class Door(Protocol):
    def routes(self) -> Sequence[web.AbstractRouteDef]: ...


ROUTES: web.AppKey[tuple[Route, ...]] = web.AppKey("routes", tuple)
"""Every described route of the application, in the order of its doors."""


def get(path: str, handler: Handler, told: Operation | Unlisted) -> Route:
    """HEAD is answered with it."""
    return Route("GET", path, handler, told)


def post(path: str, handler: Handler, told: Operation | Unlisted) -> Route:
    return Route("POST", path, handler, told)


def patch(path: str, handler: Handler, told: Operation | Unlisted) -> Route:
    return Route("PATCH", path, handler, told)


def listed(routes: Sequence[Route]) -> list[Listed]:
    """What the document tells of."""
    return [
        Listed(method=each.method, path=each.path, operation=each.told)
        for each in routes
        if isinstance(each.told, Operation)
    ]
