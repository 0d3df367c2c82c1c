"""A film ordered over HTTP: quoted, begun, waited for, answered. Generate and the examples do it alike."""

import asyncio
from dataclasses import dataclass

from aiohttp import web

from server.access import campaign_for, context_for, job_for
from server.auth import Principal
from server.desk import Desk
from server.http.doors import json_response
from server.http.idempotency import key_of
from server.http.preferences import Wish, wish_of
from server.http.results import Results
from server.memory import request_keys
from server.memory.journal import Journal
from server.rates import Kind, Rates
from server.socket.announcer import Announcer
from server.wire.base import WireModel
from server.wire.bodies import GenerateVideoBody
from tools.contract import ToolContext
from tools.domain.identity import JobId, SessionId
from tools.domain.jobs import Origin, VideoJob
from tools.domain.videos import Quote
from tools.errors import InvalidPayload
from tools.rendering.ports import JobRecords, ProgramKey
from tools.rendering.studio import Studio

RECHECK_S = 2.0
"""Another process may end the job: its end is heard here only by looking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Who asks for a film, under which key, and how they want to be answered."""

    principal: Principal
    key: ProgramKey | None
    wish: Wish


def call_of(request: web.Request, principal: Principal, body: WireModel) -> Call:
    """`body` as the program sent it: with the path it is what the key stands for. Raises InvalidPayload."""
    return Call(
        principal=principal,
        key=key_of(request, body),
        wish=wish_of(request.headers.getall("Prefer", ())),
    )


class Orders:
    """`wait_s`: how long an answer may wait for its film."""

    def __init__(
        self,
        *,
        desk: Desk,
        studio: Studio,
        records: JobRecords,
        journal: Journal,
        announcer: Announcer,
        results: Results,
        rates: Rates,
        wait_s: float,
    ) -> None:
        self._desk = desk
        self._studio = studio
        self._records = records
        self._journal = journal
        self._announcer = announcer
        self._results = results
        self._rates = rates
        self._wait_s = wait_s

    async def quote(self, principal: Principal, body: GenerateVideoBody) -> Quote:
        """Does nothing. Raises RefusedRequest, ModelUnavailable, NotFound."""
        if body.session_id is not None:
            session = await self._desk.known_session(principal, body.session_id)
            if body.campaign_id not in {None, session.campaign_id}:
                raise InvalidPayload("This session is of another campaign.", field="campaignId")
        asker = ToolContext(
            tenant_id=principal.tenant_id,
            user_id=principal.user_id,
            campaign_id=campaign_for(principal, body.campaign_id),
            session_id=SessionId(body.session_id or ""),
            other_campaigns=principal.campaigns,
        )
        return self._studio.quote(await self._desk.request(body, asker))

    async def film(self, call: Call, body: GenerateVideoBody) -> web.Response:
        """202 with the whole result when the film is stored, else the short answer.

        A call is itself the yes to its price; budgets hold all the same. Raises what `quote` does,
        and BudgetExceeded, IdempotencyMismatch, RateLimited.
        """
        job = await self._known(call) or await self._begun(call, body)
        if not call.wish.is_at_once:
            job = await self._ended(job.id, call.wish.patience_s(self._wait_s))
        return self._answer(job, call.wish)

    async def _known(self, call: Call) -> VideoJob | None:
        """What was asked for under this key before: no session is chosen for it again."""
        key, principal = call.key, call.principal
        if key is None:
            return None
        job_id = await self._journal.read(
            lambda tables: request_keys.find(tables, principal.tenant_id, principal.user_id, key)
        )
        if job_id is None:
            return None
        return await self._journal.read(lambda tables: job_for(tables, principal, job_id))

    async def _begun(self, call: Call, body: GenerateVideoBody) -> VideoJob:
        # What cannot be made is refused before a session is made for it; so is what comes too often,
        # which is counted with the job.
        await self.quote(call.principal, body)
        self._rates.check(Kind.GENERATIONS, call.principal.tenant_id, call.principal.user_id)
        session = await self._desk.session(
            call.principal, session_id=body.session_id, campaign_id=body.campaign_id
        )
        context = context_for(call.principal, session)
        return await self._studio.request(
            context=context,
            request=await self._desk.request(body, context),
            key=call.key,
            origin=Origin.PROGRAM,
        )

    def _answer(self, job: VideoJob, wish: Wish) -> web.Response:
        headers = {**self._results.headers(job), **wish.applied}
        if wish.is_at_once or not job.stage.is_final:
            body = self._results.accepted(job).json_ready()
            return json_response(body, status=202, headers=headers)
        if job.creative is None:
            status, failure = self._results.failure(job)
            return json_response(failure, status=status, headers=headers)
        body = self._results.result(job, job.creative).json_ready()
        return json_response(body, status=202, headers=headers)

    async def _ended(self, job_id: JobId, patience_s: float) -> VideoJob:
        """The job when it is over, or as it is when the waiting ends. Leaving stops nothing."""
        over = self._announcer.end_of(job_id)
        try:
            async with asyncio.timeout(patience_s):
                while not (job := await self._records.load(job_id)).stage.is_final:
                    try:
                        async with asyncio.timeout(RECHECK_S):
                            await over.wait()
                    except TimeoutError:
                        continue
                return job
        except TimeoutError:
            return await self._records.load(job_id)
        finally:
            self._announcer.forget(job_id, over)
