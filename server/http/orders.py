"""A film ordered over HTTP: quoted, begun, waited for, answered. Generate and the examples do it alike."""

import asyncio

from aiohttp import web

from server.access import campaign_for, context_for
from server.auth import Principal
from server.desk import Desk
from server.http.doors import json_response
from server.http.results import Results
from server.socket.announcer import Announcer
from server.wire.bodies import GenerateVideoBody
from tools.contract import ToolContext
from tools.domain.identity import JobId, SessionId
from tools.domain.jobs import Origin, VideoJob
from tools.domain.videos import Quote
from tools.rendering.ports import JobRecords
from tools.rendering.studio import Studio

RECHECK_S = 2.0
"""Another process may end the job: its end is heard here only by looking."""


class Orders:
    """`wait_s`: how long an answer may wait for its film."""

    def __init__(
        self,
        *,
        desk: Desk,
        studio: Studio,
        records: JobRecords,
        announcer: Announcer,
        results: Results,
        wait_s: float,
    ) -> None:
        self._desk = desk
        self._studio = studio
        self._records = records
        self._announcer = announcer
        self._results = results
        self._wait_s = wait_s

    async def quote(self, principal: Principal, body: GenerateVideoBody) -> Quote:
        """Does nothing. Raises RefusedRequest, ModelUnavailable, NotFound."""
        if body.session_id is not None:
            await self._desk.known_session(principal, body.session_id)
        asker = ToolContext(
            tenant_id=principal.tenant_id,
            user_id=principal.user_id,
            campaign_id=campaign_for(principal, body.campaign_id),
            session_id=SessionId(body.session_id or ""),
        )
        return self._studio.quote(await self._desk.request(body, asker))

    async def film(
        self, principal: Principal, body: GenerateVideoBody, *, at_once: bool
    ) -> web.Response:
        """202 with the whole result when the film is stored, or short and `at_once`.

        A call is itself the yes to its price; budgets hold all the same. Raises what `quote` does,
        and BudgetExceeded.
        """
        # What cannot be made is refused before a session is made for it.
        await self.quote(principal, body)
        session = await self._desk.session(
            principal, session_id=body.session_id, campaign_id=body.campaign_id
        )
        context = context_for(principal, session)
        job = await self._studio.request(
            context=context,
            request=await self._desk.request(body, context),
            key=None,
            origin=Origin.PROGRAM,
        )
        if not at_once:
            job = await self._ended(job.id)
        return self._answer(job)

    def _answer(self, job: VideoJob) -> web.Response:
        if job.stage.is_final and job.creative is None:
            status, failure = self._results.failure(job)
            return json_response(failure, status=status)
        body = (
            self._results.result(job, job.creative) if job.creative else self._results.accepted(job)
        )
        headers = {"Location": self._results.status_url(job)}
        return json_response(body.json_ready(), status=202, headers=headers)

    async def _ended(self, job_id: JobId) -> VideoJob:
        """The job when it is over, or as it is when the waiting ends. Leaving stops nothing."""
        over = self._announcer.end_of(job_id)
        try:
            async with asyncio.timeout(self._wait_s):
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


def is_wanted_at_once(request: web.Request) -> bool:
    """`Prefer: respond-async` (RFC 7240), beside whatever else is preferred."""
    wishes = ",".join(request.headers.getall("Prefer", ())).split(",")
    return any(wish.partition(";")[0].strip().lower() == "respond-async" for wish in wishes)
