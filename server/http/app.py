"""The web application: what stands before every route, and the routes of each door."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from aiohttp.typedefs import Middleware
from aiohttp import web

from server.http.doors import (
    BODY_BYTES,
    answer_errors,
    check_host,
    cross_origin,
    without_deflate,
)


class Door(Protocol):
    def routes(self) -> list[web.RouteDef]: ...


def web_app(
    doors: Iterable[Door],
    *,
    origins: Sequence[str],
    has_guests: bool,
    first: Sequence[Middleware] = (),
) -> web.Application:
    """With guests, only names of this machine are answered. `first`: what stands before all else."""
    app = web.Application(
        middlewares=[
            *([check_host()] if has_guests else []),
            cross_origin(origins),
            *first,
            answer_errors,
            without_deflate,
        ],
        client_max_size=BODY_BYTES,
    )
    for door in doors:
        app.router.add_routes(door.routes())
    return app
