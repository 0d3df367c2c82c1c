"""`POST /api/webhooks/replicate?job=&clip=`: the provider says that something happened to an order.

A webhook is a hint and no more: what really became of the order is asked of the provider itself. So
nothing here is worth waiting for, and a hint that gets lost costs the time until the next poll. Who
calls is known by the signature alone: there is no token.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from aiohttp import web

from server.http.doors import read_raw
from server.http.parts import A_BODY, ID
from server.http.routes import Route, post
from server.memory.deliveries import take_delivery
from server.memory.journal import Journal
from server.wire.described import JSON, Access, Answer, Content, Operation, Parameter, Tag
from tools.domain.identity import JobId, PredictionId
from tools.errors import AlreadyFinal, InvalidPayload, NotFound

logger = logging.getLogger("reelroom.webhooks")

HINT_LIMIT_S = 2.0
"""The provider wants its answer within a few seconds, and asks again for a minute at most."""
MAX_CLIPS = 100
_ID = re.compile(r"[A-Za-z0-9:_.-]{1,128}")

REPLICATE = Operation(
    name="replicateWebhook",
    tag=Tag.WEBHOOKS,
    summary="Replicate tells that something happened to an order",
    text="A hint: what really became of the order is asked of Replicate. Signed by the Standard "
    "Webhooks rules; what is unsigned, stale (more than 300 s) or told before changes nothing. "
    "Where no webhook was asked for, this page is not there.",
    access=Access.SIGNATURE,
    parameters=(
        Parameter(name="job", where="query", text="The film's job.", shape=ID, is_required=True),
        Parameter(
            name="clip",
            where="query",
            text="Which of its clips.",
            shape={"type": "integer", "minimum": 1, "maximum": MAX_CLIPS, "default": 1},
        ),
        *(
            Parameter(
                name=f"webhook-{name}",
                where="header",
                text=text,
                shape={"type": "string"},
                is_required=True,
            )
            for name, text in {
                "id": "The same each time the notice is sent again.",
                "timestamp": "Seconds since 1970.",
                "signature": "`v1,` and the HMAC-SHA256 of id, timestamp and body, in base64.",
            }.items()
        ),
    ),
    body=(
        Content(shapes=({"type": "object", "description": "Replicate's prediction."},), kind=JSON),
    ),
    answers=(Answer(status=204, text="Heard."),),
    refusals=(*A_BODY, NotFound, AlreadyFinal),
)


class Notice(Protocol):
    """What a webhook tells, once it is certain who tells it."""

    @property
    def id(self) -> str:
        """The same each time the notice is sent again."""
        ...

    @property
    def prediction_id(self) -> PredictionId: ...


Verify = Callable[[Mapping[str, str], bytes], Notice]
"""Raises Unauthenticated unless the headers sign exactly these bytes, and lately."""
Heard = Callable[[JobId, int, PredictionId], Awaitable[None]]
"""Told of an order that something happened to. May know neither the job nor the order."""


class Webhooks:
    """`verify` None: no secret is known, and so nobody can be believed."""

    def __init__(self, *, journal: Journal, verify: Verify | None, heard: Heard) -> None:
        self._journal = journal
        self._verify = verify
        self._heard = heard

    def routes(self) -> list[Route]:
        return [post("/api/webhooks/replicate", self.replicate, REPLICATE)]

    async def replicate(self, request: web.Request) -> web.Response:
        """204. 401 for what is not signed, or too old; 409 for what was taken before."""
        if self._verify is None:
            raise NotFound("That page")
        raw = await read_raw(request)
        notice = self._verify(request.headers, raw)
        job_id, clip = _order_of(request)
        is_new = await self._journal.write(lambda each: take_delivery(each, notice.id))
        if not is_new:
            raise AlreadyFinal("This webhook was taken before.")
        await self._hint(job_id, clip, notice.prediction_id)
        return web.Response(status=204)

    async def _hint(self, job_id: JobId, clip: int, prediction_id: PredictionId) -> None:
        """A failure of ours is no reason to be told again: the next poll finds out the same."""
        try:
            async with asyncio.timeout(HINT_LIMIT_S):
                await self._heard(job_id, clip, prediction_id)
        except Exception:
            logger.exception("a webhook's hint was lost", extra={"job_id": job_id, "clip": clip})


def _order_of(request: web.Request) -> tuple[JobId, int]:
    """From the address that the order was placed with. Raises InvalidPayload."""
    job, clip = request.query.get("job", ""), request.query.get("clip", "1")
    if not _ID.fullmatch(job):
        raise InvalidPayload("job is the id of a job.", field="job")
    if not (clip.isascii() and clip.isdigit() and len(clip) <= len(str(MAX_CLIPS))):
        raise InvalidPayload("clip is the number of a clip.", field="clip")
    if not 1 <= int(clip) <= MAX_CLIPS:
        raise InvalidPayload("clip is the number of a clip.", field="clip")
    return JobId(job), int(clip)
