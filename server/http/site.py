"""The page, the widget, the stored files and the pulse: what a browser loads without a token."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from aiohttp import web

from server.access import creative_for, session_for
from server.addresses import Addresses
from server.auth import Principal
from server.http.doors import Reception, json_response
from server.memory import uploads
from server.memory.journal import Journal
from tools.errors import NotFound, StudioError

STATIC = Path(__file__).parent.parent / "static"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws: wss:; "
    "img-src 'self' blob: data:; media-src 'self' blob:; font-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'"
)
FILE_POLICY = "default-src 'none'; sandbox"
TYPES = {".mp4": "video/mp4", ".jpg": "image/jpeg", ".png": "image/png"}
"""The only types that are ever stored; anything else is not served."""
WEEK_S = 7 * 24 * 3600
PAGE_FILES = {
    "/campaign-chat.js": "text/javascript",
    "/demo.js": "text/javascript",
    "/demo.css": "text/css",
    "/favicon.svg": "image/svg+xml",
}
Check = Callable[[], Awaitable[None]]


class LocalFiles(Protocol):
    """A storage whose files are on this machine, so that they can be served with ranges."""

    def locate(self, path: str) -> Path:
        """Raises NotFound for a path that leads out of it."""
        ...


class Site:
    """`checks`: what `/readyz` looks at, by the name it is told under."""

    def __init__(
        self,
        *,
        reception: Reception,
        journal: Journal,
        storage: LocalFiles,
        addresses: Addresses,
        guest_token: Callable[[], str] | None,
        checks: Mapping[str, Check],
    ) -> None:
        self._reception = reception
        self._journal = journal
        self._storage = storage
        self._addresses = addresses
        self._guest_token = guest_token
        self._checks = checks

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self.page),
            *(web.get(path, self.page_file) for path in PAGE_FILES),
            web.get("/media/{path:.+}", self.media),
            web.get("/healthz", self.healthz),
            web.get("/readyz", self.readyz),
        ]

    async def page(self, request: web.Request) -> web.Response:  # noqa: ARG002
        source = STATIC / "index.html"
        if not source.is_file():
            return _not_built()
        token = self._guest_token() if self._guest_token else ""
        return web.Response(
            text=source.read_text("utf-8").replace("__GUEST_TOKEN__", token),
            content_type="text/html",
            headers={
                "Content-Security-Policy": PAGE_POLICY,
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "no-referrer",
            },
        )

    async def page_file(self, request: web.Request) -> web.StreamResponse:
        source = STATIC / request.path.removeprefix("/")
        if not source.is_file():
            return _not_built()
        return web.FileResponse(
            source,
            headers={
                "Content-Type": f"{PAGE_FILES[request.path]}; charset=utf-8",
                "Cache-Control": "no-cache",
                "X-Content-Type-Options": "nosniff",
                "Cross-Origin-Resource-Policy": "cross-origin",
            },
        )

    async def media(self, request: web.Request) -> web.StreamResponse:
        """A stored file, by a good signature or to somebody it belongs to. Ranges work."""
        path = request.match_info["path"]
        kind = TYPES.get(Path(path).suffix)
        if kind is None:
            raise NotFound("That file")
        if not self._addresses.is_signed(path, request.query):
            await self._check_owner(path, self._reception.principal_or_none(request))
        file = self._storage.locate(path)
        if not file.is_file():
            raise NotFound("That file")
        how = "attachment" if request.query.get("download") == "1" else "inline"
        is_film = kind == "video/mp4"
        return web.FileResponse(
            file,
            headers={
                "Content-Type": kind,
                "Content-Disposition": f'{how}; filename="{file.name}"',
                "Content-Security-Policy": FILE_POLICY,
                "X-Content-Type-Options": "nosniff",
                "Cross-Origin-Resource-Policy": "cross-origin",
                "Cache-Control": "private, max-age="
                + (f"{WEEK_S * 52}, immutable" if is_film else f"{WEEK_S}"),
            },
        )

    async def healthz(self, request: web.Request) -> web.Response:  # noqa: ARG002
        return json_response({"status": "up"})

    async def readyz(self, request: web.Request) -> web.Response:  # noqa: ARG002
        """Parts and up or down, no more: the door is open to everyone."""
        parts = {}
        for name, check in self._checks.items():
            try:
                await check()
            except (StudioError, OSError):
                parts[name] = "down"
            else:
                parts[name] = "up"
        is_ready = all(state == "up" for state in parts.values())
        status = {"status": "up" if is_ready else "down", "parts": parts}
        return json_response(status, status=200 if is_ready else 503)

    async def _check_owner(self, path: str, principal: Principal | None) -> None:
        """Raises NotFound unless the file is this caller's."""
        if principal is None:
            raise NotFound("That file")
        try:
            await self._journal.read(lambda tables: _check_file(tables, principal, path))
        except NotFound as error:
            # Whatever it is that is not theirs: it answers like a file that is not there.
            raise NotFound("That file") from error


def _check_file(tables: sa.Connection, principal: Principal, path: str) -> None:
    """Raises NotFound. An image belongs to its session; one of no session, to all of its tenant."""
    upload = uploads.find_by_path(tables, path)
    if upload is None:
        creative_for(tables, principal, Path(path).stem.removesuffix("-preview"))
    elif upload.session_id is not None:
        session_for(tables, principal, upload.session_id)
    elif upload.tenant_id != principal.tenant_id:
        raise NotFound("That file")


def _not_built() -> web.Response:
    return web.Response(
        status=503, text="The widget is not built. `make run` builds it; see web/README.md.\n"
    )
