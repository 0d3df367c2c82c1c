"""`/api/video`: models, quotes, films and their jobs."""

import asyncio

from aiohttp import web

from server.access import campaign_for, context_for, job_for
from server.addresses import Addresses
from server.auth import Principal
from server.desk import Desk
from server.http.doors import Reception, json_response, read_json
from server.memory.journal import Journal
from server.replies import STATUS
from server.socket.announcer import Announcer, progress_out
from server.wire.answers import (
    GenerationMetadata,
    GenerationResult,
    JobAccepted,
    JobStatus,
)
from server.wire.base import ErrorOut, MoneyOut, NoticeOut
from server.wire.bodies import GenerateVideoBody
from server.wire.entries import quote_out, reference_out
from tools.catalogue.catalogue import Catalogue
from tools.catalogue.rows import model_row
from tools.contract import ToolContext
from tools.domain.creatives import Creative
from tools.domain.identity import JobId, SessionId
from tools.domain.jobs import VideoJob
from tools.domain.videos import Quote
from tools.rendering.ports import JobRecords
from tools.rendering.studio import Studio

RECHECK_S = 2.0
"""Another process may end the job: its end is heard here only by looking."""


class Videos:
    def __init__(
        self,
        *,
        reception: Reception,
        desk: Desk,
        studio: Studio,
        catalogue: Catalogue,
        records: JobRecords,
        journal: Journal,
        announcer: Announcer,
        addresses: Addresses,
        wait_s: float,
    ) -> None:
        self._reception = reception
        self._desk = desk
        self._studio = studio
        self._catalogue = catalogue
        self._records = records
        self._journal = journal
        self._announcer = announcer
        self._addresses = addresses
        self._wait_s = wait_s

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/video/models", self.models),
            web.post("/api/video/quote", self.quote),
            web.post("/api/video/generate", self.generate),
            web.get("/api/video/jobs/{id}", self.job),
            web.post("/api/video/jobs/{id}/cancel", self.cancel),
        ]

    async def models(self, request: web.Request) -> web.Response:
        self._reception.principal(request)
        return json_response([model_row(offer) for offer in self._catalogue.offers()])

    async def quote(self, request: web.Request) -> web.Response:
        principal = self._reception.principal(request)
        body = await read_json(request, GenerateVideoBody)
        quote = await self._quoted(principal, body)
        return json_response(quote_out(quote).json_ready())

    async def generate(self, request: web.Request) -> web.Response:
        """202 with the whole result when the film is stored; at once with `Prefer: respond-async`."""
        principal = self._reception.principal(request)
        body = await read_json(request, GenerateVideoBody)
        # What cannot be made is refused before a session is made for it.
        await self._quoted(principal, body)
        session = await self._desk.session(
            principal, session_id=body.session_id, campaign_id=body.campaign_id
        )
        context = context_for(principal, session)
        wanted = await self._desk.request(body, context)
        job = await self._studio.request(context=context, request=wanted, key=None)
        if "respond-async" not in request.headers.get("Prefer", ""):
            job = await self._ended(job.id)
        if job.stage.is_final and job.creative is None:
            status = 409 if job.failure is None else STATUS.get(job.failure.code, 500)
            return json_response(self._failure(job), status=status)
        body_out = self._result(job, job.creative) if job.creative else self._accepted(job)
        return json_response(
            body_out.json_ready(), status=202, headers={"Location": self._status_url(job)}
        )

    async def _quoted(self, principal: Principal, body: GenerateVideoBody) -> Quote:
        """Raises RefusedRequest, ModelUnavailable, NotFound."""
        if body.session_id is not None:
            await self._desk.known_session(principal, body.session_id)
        asker = ToolContext(
            tenant_id=principal.tenant_id,
            user_id=principal.user_id,
            campaign_id=campaign_for(principal, body.campaign_id),
            session_id=SessionId(body.session_id or ""),
        )
        return self._studio.quote(await self._desk.request(body, asker))

    async def job(self, request: web.Request) -> web.Response:
        principal = self._reception.principal(request)
        asked = request.match_info["id"]
        job = await self._journal.read(lambda tables: job_for(tables, principal, asked))
        return json_response(self._status(job).json_ready())

    async def cancel(self, request: web.Request) -> web.Response:
        principal = self._reception.principal(request)
        asked = request.match_info["id"]
        job = await self._journal.read(lambda tables: job_for(tables, principal, asked))
        session = await self._desk.known_session(principal, job.session_id)
        job, _ = await self._studio.cancel(job.id, context=context_for(principal, session))
        return json_response(self._status(job).json_ready())

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

    def _status(self, job: VideoJob) -> JobStatus:
        known = self._announcer.progress_of_job(job.session_id, job.id)
        is_running = job.stage.state == "running"
        return JobStatus(
            job_id=job.id,
            state=job.stage.state,
            stage=job.stage.value if is_running else None,
            progress=progress_out(known) if known is not None and not job.stage.is_final else None,
            quote=quote_out(job.quote),
            model=job.quote.model_key,
            requested_model=job.quote.requested_key,
            result=self._result(job, job.creative) if job.creative else None,
            error=ErrorOut.of(job.failure) if job.failure else None,
            charged=job.charged,
        )

    def _accepted(self, job: VideoJob) -> JobAccepted:
        return JobAccepted(job_id=job.id, state=job.stage.state, status_url=self._status_url(job))

    def _status_url(self, job: VideoJob) -> str:
        return f"{self._addresses.public_url}/api/video/jobs/{job.id}"

    def _result(self, job: VideoJob, creative: Creative) -> GenerationResult:
        film = creative.film
        return GenerationResult(
            video_url=self._addresses.of(film.path),
            video_path=film.path,
            prompt=job.request.prompt,
            refined_prompt=creative.refined_prompt,
            model=creative.model_key,
            duration=film.length_s,
            reference_images=[
                reference_out(each, self._addresses.of) for each in job.request.references
            ],
            metadata=GenerationMetadata(
                generated_at=film.generated_at,
                provider=film.provider,
                resolution=str(film.frame),
            ),
            job_id=job.id,
            creative_id=creative.id,
            requested_model=creative.requested_key,
            cost=MoneyOut.of(creative.cost),
            warnings=[
                NoticeOut(code=each.code, message=each.message) for each in creative.warnings
            ],
        )

    def _failure(self, job: VideoJob) -> dict[str, object]:
        if job.failure is None:
            failure = ErrorOut(
                code="already_final", message="The film was cancelled.", retryable=False
            )
        else:
            failure = ErrorOut.of(job.failure)
        return {"error": failure.json_ready()}
