"""The web application: what stands before every route, and the routes of each door."""

from collections.abc import Iterable, Sequence

from aiohttp import web
from aiohttp.typedefs import Middleware

from server.http.doors import (
    BODY_BYTES,
    answer_errors,
    check_host,
    cross_origin,
    refuse_packed,
    without_deflate,
)
from server.http.routes import ROUTES, Door, Route


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
            *first,
            *([check_host()] if has_guests else []),
            cross_origin(origins),
            answer_errors,
            refuse_packed,
            without_deflate,
        ],
        client_max_size=BODY_BYTES,
    )
    routes = [route for door in doors for route in door.routes()]
    app.router.add_routes(routes)
    app[ROUTES] = tuple(route for route in routes if isinstance(route, Route))
    return app
