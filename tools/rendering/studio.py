"""What can be asked of the studio: a price, a film, and to stop."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from tools.contract import ToolContext
from tools.domain.events import Charged
from tools.domain.identity import JobId, MintId
from tools.domain.jobs import VideoJob, cancelling, queued
from tools.domain.models import VideoModel
from tools.domain.videos import Quote, VideoRequest
from tools.errors import NotFound
from tools.rendering.ports import JobMoved, JobRecords, Wake


class Catalogue(Protocol):
    def choose(self, request: VideoRequest) -> Quote:
        """Which model makes it, and what that costs. Raises RefusedRequest, ModelUnavailable."""
        ...

    def model(self, key: str) -> VideoModel: ...


class Studio:
    """Takes requests for films. Nobody waits here for one: the job is committed, then driven."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        records: JobRecords,
        wake: Wake,
        mint: MintId,
        clock: Callable[[], datetime],
    ) -> None:
        self._catalogue = catalogue
        self._records = records
        self._wake = wake
        self._mint = mint
        self._clock = clock

    def quote(self, request: VideoRequest) -> Quote:
        """What the film would cost, by which model. Does nothing. Raises RefusedRequest, ModelUnavailable."""
        return self._catalogue.choose(request)

    async def request(
        self, *, context: ToolContext, request: VideoRequest, key: str | None
    ) -> VideoJob:
        """A job for this film; the same `key` again gives the first one. Raises BudgetExceeded too.

        A key counts within its turn: a turn that is tried again may number its calls anew.
        """
        quote = self.quote(request)
        job = VideoJob(
            id=JobId(self._mint("job")),
            tenant_id=context.tenant_id,
            user_id=context.user_id,
            session_id=context.session_id,
            campaign_id=context.campaign_id,
            turn_id=context.turn_id,
            request=request,
            quote=quote,
            provider=self._catalogue.model(quote.model_key).provider,
            created_at=self._clock(),
        )
        turn_key = f"{context.turn_id}.{key}" if context.turn_id and key else key
        kept = await self._records.add(queued(job), key=turn_key)
        self._wake(kept.id)
        return kept

    async def cancel(self, job_id: JobId, *, context: ToolContext) -> tuple[VideoJob, Charged]:
        """Ask for it to stop: the job as it is now, and whether it will be charged.

        One that is over stays as it ended: the answer tells how. Raises NotFound.
        """
        while True:
            job = await self._records.load(job_id)
            if job.session_id != context.session_id:
                raise NotFound("That job")
            if job.stage.is_final:
                return job, job.charged or "no"
            try:
                if not job.cancel_requested:
                    job = await self._records.commit(cancelling(job))
            except JobMoved:
                continue
            self._wake(job_id)
            bought_for_money = job.prediction_id is not None and job.quote.total.micros > 0
            return job, "unknown" if bought_for_money else "no"
