"""The page, the widget, the stored files and the pulse: what a browser loads without a token."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import sqlalchemy as sa
from aiohttp import web

from server.access import creative_for, upload_for
from server.addresses import Addresses
from server.auth import Principal
from server.http.doors import Reception, json_response
from server.http.files import MEDIA, TYPES, Files
from server.http.routes import Route, Unlisted, get
from server.memory import uploads
from server.memory.journal import Journal
from server.wire.answers import Alive, Ready
from server.wire.described import Access, Answer, Content, Operation, Tag, json_of
from tools.errors import NotFound, StudioError

STATIC = Path(__file__).parent.parent / "static"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws: wss:; "
    "img-src 'self' blob: data:{media}; media-src 'self' blob:{media}; font-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
    "require-trusted-types-for 'script'"
)
"""`media`: where films and images come from beside ourselves. A redirect there is looked at too."""
WIDGET_FILE = "/campaign-chat.js"
PAGE_FILES = {
    WIDGET_FILE: "text/javascript",
    "/demo.js": "text/javascript",
    "/demo.css": "text/css",
    "/favicon.svg": "image/svg+xml",
    **{f"/campaign-chat.{language}.json": "application/json" for language in ("ar", "de", "es")},
}
"""The widget, its words in other languages (a host page's origin must be listed to read them), its page."""
Check = Callable[[], Awaitable[None]]

_NOT_BUILT = Answer(
    status=503,
    text="The widget was not built into this server.",
    contents=(Content(kind="text/plain"),),
)
PAGE = Operation(
    name="getPage",
    tag=Tag.OPERATION,
    summary="The demo page, with the chat on it",
    access=Access.OPEN,
    answers=(
        Answer(status=200, text="A page.", contents=(Content(kind="text/html"),)),
        _NOT_BUILT,
    ),
)
WIDGET = Operation(
    name="getWidget",
    tag=Tag.OPERATION,
    summary="The chat, as one element for any page",
    text='`<script src="…/campaign-chat.js" async></script>`, then `<campaign-chat>`.',
    access=Access.OPEN,
    answers=(
        Answer(status=200, text="A script.", contents=(Content(kind="text/javascript"),)),
        Answer(status=206, text="A part.", contents=(Content(kind="text/javascript"),)),
        Answer(status=304, text="The one that you have."),
        Answer(status=412, text="Not the one that was meant."),
        Answer(status=416, text="There is no such part."),
        _NOT_BUILT,
    ),
)
ALIVE = Operation(
    name="getHealth",
    tag=Tag.OPERATION,
    summary="Whether this process answers",
    access=Access.OPEN,
    answers=(Answer(status=200, text="It does.", contents=json_of(Alive)),),
)
READY = Operation(
    name="getReadiness",
    tag=Tag.OPERATION,
    summary="Whether everything that it relies on is there",
    text="Each part by name, up or down. Nothing that costs money is asked.",
    access=Access.OPEN,
    answers=(
        Answer(status=200, text="All are up.", contents=json_of(Ready)),
        Answer(status=503, text="At least one is down.", contents=json_of(Ready)),
    ),
)
PAGE_PART = Unlisted(why="The widget's or the demo page's own.")


CHECK_LIMIT_S = 10.0


def remembered(check: Check, *, life_s: float) -> Check:
    """A check that asks somebody else: its last answer again while that is young.

    `/readyz` is open to everyone, and must not be a way to make us ask others all the time.
    """
    asking = asyncio.Lock()
    asked_at = -math.inf
    refusal: StudioError | None = None

    async def checked() -> None:
        nonlocal asked_at, refusal
        async with asking:
            if time.monotonic() - asked_at >= life_s:
                try:
                    await check()
                except StudioError as error:
                    refusal = error
                else:
                    refusal = None
                asked_at = time.monotonic()
        if refusal is not None:
            raise refusal

    return checked


class Site:
    """`checks`: what `/readyz` looks at, by the name it is told under.

    `media_hosts`: addresses of the storage that a browser is shown; none for files of our own.
    """

    def __init__(
        self,
        *,
        reception: Reception,
        journal: Journal,
        files: Files,
        media_hosts: Sequence[str],
        addresses: Addresses,
        guest_token: Callable[[], str] | None,
        checks: Mapping[str, Check],
    ) -> None:
        self._reception = reception
        self._journal = journal
        self._files = files
        self._policy = PAGE_POLICY.format(
            media="".join(f" {_origin(each)}" for each in media_hosts)
        )
        self._addresses = addresses
        self._guest_token = guest_token
        self._checks = checks

    def routes(self) -> list[Route]:
        return [
            get("/", self.page, PAGE),
            get(WIDGET_FILE, self.page_file, WIDGET),
            *(get(path, self.page_file, PAGE_PART) for path in PAGE_FILES if path != WIDGET_FILE),
            get("/media/{path:.+}", self.media, MEDIA),
            get("/healthz", self.healthz, ALIVE),
            get("/readyz", self.readyz, READY),
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
                "Content-Security-Policy": self._policy,
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
        if Path(path).suffix not in TYPES:
            raise NotFound("That file")
        if not self._addresses.is_signed(path, request.query):
            await self._check_owner(path, await self._reception.principal_or_none(request))
        return await self._files.answer(path, as_download=request.query.get("download") == "1")

    async def healthz(self, request: web.Request) -> web.Response:  # noqa: ARG002
        return json_response({"status": "up"})

    async def readyz(self, request: web.Request) -> web.Response:  # noqa: ARG002
        """Parts and up or down, no more: the door is open to everyone."""
        states = await asyncio.gather(*(_state(check) for check in self._checks.values()))
        parts = dict(zip(self._checks, states, strict=True))
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


async def _state(check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_LIMIT_S):
            await check()
    except (StudioError, OSError):  # a TimeoutError is one
        return "down"
    return "up"


def _origin(address: str) -> str:
    """What a policy calls it: scheme, host and port."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _check_file(tables: sa.Connection, principal: Principal, path: str) -> None:
    """Raises NotFound. An image belongs to its session; one of no session, to all of its tenant."""
    if uploads.find_by_path(tables, path) is None:
        creative_for(tables, principal, Path(path).stem.removesuffix("-preview"))
    else:
        upload_for(tables, principal, path)


def _not_built() -> web.Response:
    return web.Response(
        status=503, text="The widget is not built. `make run` builds it; see web/README.md.\n"
    )
