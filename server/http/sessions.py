"""`/api/sessions` and `/api/creatives`: the same timeline the socket speaks, and a person's verdict."""

from aiohttp import web

from server.addresses import Addresses
from server.desk import Desk, session_row
from server.http.doors import Reception, json_response, read_json
from server.wire.answers import (
    CreativePatched,
    CreativesListed,
    EntriesPage,
    SessionsListed,
)
from server.wire.bodies import ReviewBody
from server.wire.entries import creative_out
from tools.errors import InvalidPayload

MAX_DIGITS = 12


class Sessions:
    def __init__(self, *, reception: Reception, desk: Desk, addresses: Addresses) -> None:
        self._reception = reception
        self._desk = desk
        self._addresses = addresses

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/sessions", self.sessions),
            web.get("/api/sessions/{id}/entries", self.entries),
            web.get("/api/sessions/{id}/creatives", self.creatives),
            web.patch("/api/creatives/{id}", self.review),
        ]

    async def sessions(self, request: web.Request) -> web.Response:
        principal = await self._reception.principal(request)
        found = await self._desk.sessions(principal, request.query.get("campaignId"))
        rows = [session_row(each) for each in found]
        return json_response(SessionsListed(sessions=rows).json_ready())

    async def entries(self, request: web.Request) -> web.Response:
        principal = await self._reception.principal(request)
        session = await self._desk.known_session(principal, request.match_info["id"])
        after = request.query.get("after", "0")
        if not (after.isascii() and after.isdigit() and len(after) <= MAX_DIGITS):
            raise InvalidPayload("after is a number of the timeline, 0 or more.", field="after")
        page = await self._desk.written(session.id, after=int(after))
        body = EntriesPage(
            entries=page.entries,
            head=page.head,
            more=page.more,
            epoch=await self._desk.epoch(),
        )
        return json_response(body.json_ready())

    async def creatives(self, request: web.Request) -> web.Response:
        principal = await self._reception.principal(request)
        session = await self._desk.known_session(principal, request.match_info["id"])
        found = await self._desk.creatives(session.id)
        listed = CreativesListed(
            creatives=[creative_out(each, self._addresses.of) for each in found]
        )
        return json_response(listed.json_ready())

    async def review(self, request: web.Request) -> web.Response:
        principal = await self._reception.principal(request)
        body = await read_json(request, ReviewBody)
        creative, _ = await self._desk.review(principal, request.match_info["id"], body)
        patched = CreativePatched(creative=creative_out(creative, self._addresses.of))
        return json_response(patched.json_ready())
