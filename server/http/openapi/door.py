"""`/api/openapi.json` and `/api/docs`: what these doors are, for programs and for people. Open to all.

Both are made of the application's own table of routes when they are first asked for, and kept.
"""

import asyncio
from importlib.metadata import version
from pathlib import Path

import orjson
from aiohttp import web

from server.http.openapi.page import page_of
from server.http.routes import ROUTES, Route, Unlisted, get, listed
from server.replies import STATUS
from server.wire.described import Access, Answer, Content, Operation, Tag, json_of
from server.wire.openapi import openapi

STYLE = Path(__file__).parent / "page.css"
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

DOCUMENT = Operation(
    name="getDocument",
    tag=Tag.OPERATION,
    summary="This document, for programs",
    access=Access.OPEN,
    answers=(Answer(status=200, text="OpenAPI 3.1.", contents=json_of({"type": "object"})),),
)
DOCS = Operation(
    name="getDocs",
    tag=Tag.OPERATION,
    summary="This document, for people",
    access=Access.OPEN,
    answers=(Answer(status=200, text="A page.", contents=(Content(kind="text/html"),)),),
)
DOCS_STYLE = Unlisted(why="The page's own.")


class ApiDocument:
    """`url`: where this server is reached, for the examples."""

    def __init__(self, *, url: str) -> None:
        self._url = url
        self._written: tuple[bytes, str] | None = None

    def routes(self) -> list[Route]:
        return [
            get("/api/openapi.json", self.document, DOCUMENT),
            get("/api/docs", self.docs, DOCS),
            get("/api/docs.css", self.style, DOCS_STYLE),
        ]

    async def document(self, request: web.Request) -> web.Response:
        document, _ = await self._made(request)
        return web.Response(body=document, content_type="application/json", headers=HEADERS)

    async def docs(self, request: web.Request) -> web.Response:
        _, page = await self._made(request)
        headers = {**HEADERS, "Content-Security-Policy": PAGE_POLICY}
        return web.Response(text=page, content_type="text/html", headers=headers)

    async def style(self, request: web.Request) -> web.Response:  # noqa: ARG002  asked by aiohttp
        text = await asyncio.to_thread(STYLE.read_text, "utf-8")
        return web.Response(text=text, content_type="text/css", headers=HEADERS)

    async def _made(self, request: web.Request) -> tuple[bytes, str]:
        if self._written is None:
            # Two that come at once both make it: the same.
            self._written = await asyncio.to_thread(self._make, request.app[ROUTES])
        return self._written

    def _make(self, routes: tuple[Route, ...]) -> tuple[bytes, str]:
        document = openapi(
            listed(routes), statuses=STATUS, url=self._url, version=version("reelroom")
        )
        return orjson.dumps(document), page_of(document)
