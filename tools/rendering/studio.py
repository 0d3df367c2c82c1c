"""What can be asked of the studio: a price, a film, an answer to a proposal, and to stop."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from tools.contract import ToolContext
from tools.domain.clips import clips_for
from tools.domain.events import Charged, ProposalReason
from tools.domain.identity import JobId, MintId
from tools.domain.jobs import Change, Origin, Plan, Stage, VideoJob
from tools.domain.models import VideoModel
from tools.domain.money import Money
from tools.domain.repeats import REPEATED_WITHIN, repeated
from tools.domain.transitions import (
    approved,
    cancelled,
    cancelling,
    declined,
    expired,
    proposed,
    proposed_anew,
    queued,
)
from tools.domain.videos import Quote, VideoRequest
from tools.errors import AlreadyFinal, NotFound
from tools.rendering.ports import JobMoved, JobRecords, ProgramKey, Wake

logger = logging.getLogger("reelroom.VideoGeneration")


class Catalogue(Protocol):
    def choose(self, request: VideoRequest) -> Quote:
        """Which model makes it, and what that costs. Raises RefusedRequest, ModelUnavailable."""
        ...

    def model(self, key: str) -> VideoModel: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What goes on by itself: a price below `below` dollars. A proposal waits for `waits_for`."""

    below: Money = Money()  # noqa: RUF009  immutable
    waits_for: timedelta = timedelta(hours=24)


class Studio:
    """Takes requests for films. Nobody waits here for one: the job is committed, then driven."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        records: JobRecords,
        consent: Consent,
        wake: Wake,
        mint: MintId,
        clock: Callable[[], datetime],
    ) -> None:
        self._catalogue = catalogue
        self._records = records
        self._consent = consent
        self._wake = wake
        self._mint = mint
        self._clock = clock

    def quote(self, request: VideoRequest) -> Quote:
        """What the film would cost, by which model. Does nothing. Raises RefusedRequest, ModelUnavailable."""
        return self._catalogue.choose(request)

    async def request(
        self,
        *,
        context: ToolContext,
        request: VideoRequest,
        key: str | ProgramKey | None,
        origin: Origin,
        agreed: Money | None = None,
    ) -> VideoJob:
        """A job for this film; the same `key` again gives the first one. Raises BudgetExceeded too.

        It waits as a proposal where nobody has said yes to its price: `agreed` is a person's yes up
        to an amount, and a program's request is its own. A text as key counts within its turn: a turn
        that is tried again may number its calls anew.
        """
        quote = self.quote(request)
        model = self._catalogue.model(quote.model_key)
        job = VideoJob(
            id=JobId(self._mint("job")),
            tenant_id=context.tenant_id,
            user_id=context.user_id,
            session_id=context.session_id,
            campaign_id=context.campaign_id,
            turn_id=context.turn_id,
            origin=origin,
            request=request,
            quote=quote,
            provider=model.provider,
            clips=clips_for(quote, model),
            created_at=self._clock(),
        )
        same = await self._being_made(job, context)
        if same is not None and same.stage is Stage.PROPOSED:
            # The question stands already; a second card would only blur it.
            return same
        if isinstance(key, str) and key and context.turn_id:
            key = f"{context.turn_id}.{key}"
        kept = await self._records.add(self._first(job, same, agreed), key=key)
        if kept.id == job.id:
            logger.info("video requested", extra=_planned(kept))
        self._wake(kept.id)
        return kept

    def _first(self, job: VideoJob, same: VideoJob | None, agreed: Money | None) -> Change:
        """How the job begins: agreed to, or with a question."""
        reason: ProposalReason | None = "repeated" if same is not None else None
        if reason is None and not self._goes_by_itself(job, agreed):
            reason = "price"
        if reason is None:
            return queued(job)
        return proposed(job, reason, expires_at=self._clock() + self._consent.waits_for)

    def _goes_by_itself(self, job: VideoJob, agreed: Money | None) -> bool:
        price = job.quote.total
        if not price or job.origin is Origin.PROGRAM:
            return True
        return price < self._consent.below or (agreed is not None and price <= agreed)

    async def _being_made(self, job: VideoJob, context: ToolContext) -> VideoJob | None:
        """The same film, where a language model asks for it again: models repeat themselves."""
        if job.origin is not Origin.AGENT:
            return None
        now = self._clock()
        recent = await self._records.asked_since(context.session_id, now - REPEATED_WITHIN)
        return repeated(job.request, recent, turn_id=context.turn_id, now=now)

    # -- a person's answer -------------------------------------------------------------------------

    async def approve(
        self, job_id: JobId, *, context: ToolContext, up_to: Money | None = None
    ) -> VideoJob:
        """Yes to the newest quote. The job as it is now, whoever answered first. Raises BudgetExceeded.

        `up_to`: the price that was seen; a quote that is higher by now stays a question.
        """
        return await self._answered(
            job_id,
            context,
            lambda job: approved(job) if up_to is None or job.quote.total <= up_to else None,
        )

    async def decline(self, job_id: JobId, *, context: ToolContext) -> VideoJob:
        """The job as it is now, whoever answered first. Raises NotFound."""
        return await self._answered(job_id, context, lambda job: declined(job, at=self._clock()))

    async def edit(self, job_id: JobId, request: VideoRequest, *, context: ToolContext) -> VideoJob:
        """Another film in the place of the proposed one: it is quoted, and asked for, again.

        Raises AlreadyFinal once it was answered or has begun.
        """
        asked_before = (await self._load(job_id, context)).request
        if request.prompt == asked_before.prompt:
            # An edit of length or shape leaves the words as they were made better.
            request = replace(request, refined_prompt=asked_before.refined_prompt)
        quote = self.quote(request)
        model = self._catalogue.model(quote.model_key)

        def again(job: VideoJob) -> Change:
            plan = Plan(
                request=request,
                quote=quote,
                provider=model.provider,
                clips=clips_for(quote, model),
            )
            expires_at = self._clock() + self._consent.waits_for
            return proposed_anew(job, "price", plan=plan, expires_at=expires_at)

        job = await self._load(job_id, context)
        if job.stage is not Stage.PROPOSED or job.started_at is not None:
            raise AlreadyFinal("This film can no longer be changed. Ask for another one.")
        return await self._answered(job_id, context, again)

    async def _answered(
        self, job_id: JobId, context: ToolContext, answer: Callable[[VideoJob], Change | None]
    ) -> VideoJob:
        """The first answer wins; a later one changes nothing. One that comes too late is none."""
        while True:
            job = await self._load(job_id, context)
            if job.stage is not Stage.PROPOSED:
                return job
            now = self._clock()
            is_late = job.expires_at is not None and now >= job.expires_at
            change = expired(job, at=now) if is_late else answer(job)
            if change is None:
                return job
            try:
                job = await self._records.commit(change)
            except JobMoved:
                continue
            self._wake(job_id)
            return job

    async def cancel(self, job_id: JobId, *, context: ToolContext) -> tuple[VideoJob, Charged]:
        """Ask for it to stop: the job as it is now, and whether it will be charged.

        One that is over stays as it ended: the answer tells how. Raises NotFound.
        """
        while True:
            job = await self._load(job_id, context)
            if job.stage.is_final:
                return job, job.charged or "no"
            try:
                if job.stage is Stage.PROPOSED and job.started_at is None:
                    job = await self._records.commit(cancelled(job, at=self._clock()))
                elif not job.cancel_requested:
                    job = await self._records.commit(cancelling(job))
            except JobMoved:
                continue
            self._wake(job_id)
            return job, _will_be_charged(job)

    async def _load(self, job_id: JobId, context: ToolContext) -> VideoJob:
        """Raises NotFound, also for a job of somebody else's session."""
        job = await self._records.load(job_id)
        if job.session_id != context.session_id:
            raise NotFound("That job")
        return job


def _planned(job: VideoJob) -> dict[str, object]:
    """What the log tells of a request: how its length was met, never its words."""
    lengths = [clip.seconds for clip in job.clips]
    return {
        "job_id": job.id,
        "model": job.quote.model_key,
        "requested_model": job.quote.requested_key,
        "asked_s": job.request.length_s,
        "clips_s": "+".join(map(str, lengths)),
        "cut_off_s": sum(lengths) - job.request.length_s,
        "references": len(job.request.references),
        "price": str(job.quote.total),
        "state": job.stage.state,
    }


def _will_be_charged(job: VideoJob) -> Charged:
    """As far as it is known before the provider was asked to stop."""
    if job.may_have_bought and job.quote.total:
        return "unknown"
    return job.was_charged
