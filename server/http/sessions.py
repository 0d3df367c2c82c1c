"""`/api/sessions` and `/api/creatives`: the same timeline the socket speaks, and a person's verdict."""

from aiohttp import web

from server.addresses import Addresses
from server.desk import Desk, session_row
from server.http.doors import Reception, json_response, read_json
from server.http.parts import A_BODY, CAMPAIGN, path_id
from server.http.routes import Route, get, patch
from server.wire import samples
from server.wire.answers import (
    CreativePatched,
    CreativesListed,
    EntriesPage,
    SessionsListed,
)
from server.wire.bodies import ReviewBody
from server.wire.described import Answer, Link, Operation, Parameter, Tag, json_of
from server.wire.entries import creative_out
from tools.errors import InvalidPayload, NotFound

MAX_DIGITS = 12

SESSIONS = Operation(
    name="listSessions",
    tag=Tag.SESSIONS,
    summary="The sessions you may see",
    parameters=(
        Parameter(
            name="campaignId",
            where="query",
            text="Of this campaign alone.",
            shape=CAMPAIGN,
            sample="spring-26",
        ),
    ),
    answers=(
        Answer(
            status=200,
            text="The newest first.",
            contents=json_of(SessionsListed, Sessions=samples.SESSIONS),
            links=tuple(
                Link(name=name, to=to, parameters={"id": "$response.body#/sessions/0/sessionId"})
                for name, to in {
                    "entries": "listEntries",
                    "creatives": "listSessionCreatives",
                }.items()
            ),
        ),
    ),
    refusals=(InvalidPayload,),
)
ENTRIES = Operation(
    name="listEntries",
    tag=Tag.SESSIONS,
    summary="What happened in a session",
    text="Entries after a number, ascending. Where `more` is true, ask again from the last one. "
    "Another `epoch` than before: forget what you have, and read from 0.",
    parameters=(
        path_id("session", samples.SESSION_ID),
        Parameter(
            name="after",
            where="query",
            text="Entries with a larger `seq` than this.",
            shape={"type": "integer", "minimum": 0, "maximum": 10**MAX_DIGITS - 1, "default": 0},
            sample=12,
        ),
    ),
    answers=(
        Answer(
            status=200,
            text="At most 1,000 entries, or a megabyte.",
            contents=json_of(EntriesPage, A_page=samples.ENTRIES),
        ),
    ),
    refusals=(InvalidPayload, NotFound),
)
CREATIVES = Operation(
    name="listSessionCreatives",
    tag=Tag.SESSIONS,
    summary="A session's finished films",
    parameters=(path_id("session", samples.SESSION_ID),),
    answers=(
        Answer(
            status=200,
            text="The oldest first.",
            contents=json_of(CreativesListed, Creatives=samples.CREATIVES),
            links=(
                Link(
                    name="review",
                    to="reviewCreative",
                    parameters={"id": "$response.body#/creatives/0/_id"},
                ),
            ),
        ),
    ),
    refusals=(NotFound,),
)
REVIEW = Operation(
    name="reviewCreative",
    tag=Tag.SESSIONS,
    summary="A verdict on a film",
    parameters=(path_id("creative", "video-123"),),
    body=json_of(ReviewBody, Approved=samples.REVIEW),
    answers=(
        Answer(
            status=200,
            text="The creative as it is now.",
            contents=json_of(CreativePatched, Approved=samples.REVIEWED),
        ),
    ),
    refusals=(*A_BODY, NotFound),
)


class Sessions:
    def __init__(self, *, reception: Reception, desk: Desk, addresses: Addresses) -> None:
        self._reception = reception
        self._desk = desk
        self._addresses = addresses

    def routes(self) -> list[Route]:
        return [
            get("/api/sessions", self.sessions, SESSIONS),
            get("/api/sessions/{id}/entries", self.entries, ENTRIES),
            get("/api/sessions/{id}/creatives", self.creatives, CREATIVES),
            patch("/api/creatives/{id}", self.review, REVIEW),
        ]

    async def sessions(self, request: web.Request) -> web.Response:
        principal = await self._reception.principal(request)
        campaign = request.query.get("campaignId")
        if campaign is not None and not 0 < len(campaign) <= CAMPAIGN["maxLength"]:
            raise InvalidPayload("campaignId is the name of a campaign.", field="campaignId")
        found = await self._desk.sessions(principal, campaign)
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
