"""The refining step: better words for a film, or the person's own."""

import asyncio
import logging
from dataclasses import replace
from datetime import datetime

from tools.domain.failures import Notice
from tools.domain.jobs import Change, Stage, VideoJob
from tools.domain.transitions import entered, refined, warned
from tools.domain.videos import Quote
from tools.errors import StudioError
from tools.rendering.ports import Refiner

logger = logging.getLogger("reelroom.VideoGeneration")

REFINE_LIMIT_S = 60.0
UNAVAILABLE = Notice(
    code="refinement_unavailable",
    message="The prompt could not be refined; the film is made from your own words.",
)


def first_stage(job: VideoJob) -> Stage:
    """What a queued job begins with: only what it needs. One that was begun goes on where it was."""
    is_unrefined = not (job.request.refined_prompt or job.refined_prompt)
    if job.request.refinement_prompt and is_unrefined and job.started_at is None:
        return Stage.REFINING
    return _after_refining(job)


async def refine_step(job: VideoJob, refiner: Refiner, *, at: datetime) -> Change:
    """A film never waits for better words: without them it is made from the person's own."""
    if job.refined_prompt is not None or UNAVAILABLE in job.quote.warnings:
        return entered(job, _after_refining(job), at=at)
    try:
        async with asyncio.timeout(REFINE_LIMIT_S):
            better = await refiner.refine(
                job.request.prompt,
                context=job.request.refinement_prompt or "",
                model_key=job.quote.model_key,
            )
    except Exception as error:
        is_bug = not isinstance(error, StudioError | TimeoutError)
        logger.warning("refinement unavailable", exc_info=is_bug, extra={"job_id": job.id})
        return warned(job, replace(job.quote, warnings=(*job.quote.warnings, UNAVAILABLE)))
    return refined(job, better.refined_prompt, quote=_told(job.quote, better.note))


def _told(quote: Quote, note: str) -> Quote:
    """With who refined it, where that is not who should have."""
    if not note:
        return quote
    return replace(quote, warnings=(*quote.warnings, Notice(code=UNAVAILABLE.code, message=note)))


def _after_refining(job: VideoJob) -> Stage:
    is_begun = any(clip.is_collected for clip in job.clips)
    return Stage.UPLOADING if job.request.references and not is_begun else Stage.SUBMITTING
