"""One step of a job. A driver says when; this says what, and commits it before the next one costs.

refine → bring the images → order → watch → collect, once a clip → store → finish. Each step starts
from the row alone, so that any process can go on where another was killed.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from tools.domain.clips import Fence, Outcome
from tools.domain.failures import failure_from
from tools.domain.identity import JobId, PredictionId
from tools.domain.jobs import Change, OrderEnd, Stage, VideoJob
from tools.domain.models import VideoModel
from tools.domain.transitions import cancelled, entered, expired, failed
from tools.errors import (
    Internal,
    NotFound,
    StorageUnavailable,
)
from tools.rendering.finishing import Finishing
from tools.rendering.notes import Notes, Pause
from tools.rendering.ordering import Ordering
from tools.rendering.patience import PAID_ATTEMPTS, attempts, backoff_s, given_up, told_of
from tools.rendering.pictures import Pictures
from tools.rendering.ports import (
    JobMoved,
    JobRecords,
    Places,
    PredictionTaken,
    Refiner,
    Rendering,
    ReportProgress,
    VideoProvider,
)
from tools.rendering.refinement import first_stage, refine_step
from tools.rendering.reporting import progress_of
from tools.rendering.strays import Strays
from tools.rendering.watching import Watching
from tools.rendering.workshop import Workshop

logger = logging.getLogger("reelroom.VideoGeneration")

LINE_S = 1.0
"""How often a job in the line asks whether it is its turn."""
PROPOSAL_S = 30.0
"""How often a proposal looks whether it has expired; an answer wakes it."""


class Models(Protocol):
    def model(self, key: str) -> VideoModel: ...


class Advance:
    """Moves jobs on. Every wait inside has a limit; what must be waited for longer is asked again."""

    def __init__(
        self,
        *,
        records: JobRecords,
        providers: Mapping[str, VideoProvider],
        places: Mapping[str, Places],
        models: Models,
        refiner: Refiner,
        pictures: Pictures,
        ordering: Ordering,
        watching: Watching,
        strays: Strays,
        finishing: Finishing,
        workshop: Workshop,
        life: str,
        clock: Callable[[], datetime],
        report: ReportProgress,
    ) -> None:
        """`life`: this process's name for itself, as in the marks that `ordering` makes."""
        self._records = records
        self._providers = providers
        self._places = places
        self._models = models
        self._refiner = refiner
        self._pictures = pictures
        self._ordering = ordering
        self._watching = watching
        self._strays = strays
        self._finishing = finishing
        self._workshop = workshop
        self._life = life
        self._clock = clock
        self._report = report
        self._notes: dict[JobId, Notes] = {}

    async def step(self, job_id: JobId) -> float | None:
        """Do what the job needs next. Seconds until it wants to be asked again; None: it is over."""
        job = await self._records.load(job_id)
        notes = self._notes.setdefault(job_id, Notes())
        await self._ordering.recall_late(job, notes)
        await self._strays.drop(job, notes)
        if job.stage.is_final:
            return await self._leave(job, notes)
        try:
            move = await self._next(job, notes)
        except JobMoved:
            return 0.0
        except Exception as error:  # noqa: BLE001  a bug in one film must end as an answer too
            # As it is now: the step may have got as far as marking an order.
            now = await self._records.load(job_id)
            if self._was_moved(job, now):
                # Somebody else moved it meanwhile: what went wrong here says nothing of it.
                return 0.0
            move = self._judged(now, error, notes)
        else:
            notes.failures.clear()
        return move.seconds if isinstance(move, Pause) else await self._commit(move, notes)

    async def _commit(self, change: Change, notes: Notes) -> float:
        """Seconds until the next step."""
        job = change.job
        try:
            await self._records.commit(change)
        except JobMoved:
            return 0.0
        except PredictionTaken:
            # Adopted for another clip's order that was the same: whose own one is now to be found.
            logger.warning("an order was taken by another clip", extra={"job_id": job.id})
            notes.ordered = None
            return 0.0
        except StorageUnavailable:
            logger.warning("a step could not be written yet", extra={"job_id": job.id})
            return backoff_s(1)
        clip = job.clip
        if clip is not None and clip.prediction_id is not None:
            if notes.ordered is not None and clip.prediction_id == notes.ordered.prediction_id:
                notes.ordered = None
            notes.doubts, notes.refusals, notes.not_before = 0, 0, None
        for order in change.purchases:
            if order.outcome not in _WITH_A_FILM:
                await self._discard(order.provider, order.prediction_id)
        logger.info("job moved", extra={"job_id": job.id, "stage": job.stage.value})
        return 0.0

    async def _next(self, job: VideoJob, notes: Notes) -> Change | Pause:  # noqa: PLR0911  one case a stage
        """The change that this step makes, or only waiting."""
        if job.cancel_requested:
            return await self._cancel(job, notes)
        clip = job.clip
        match job.stage:
            case Stage.PROPOSED:
                return self._await_answer(job)
            case Stage.QUEUED:
                return await self._stand_in_line(job)
            case Stage.REFINING:
                return await refine_step(job, self._refiner, at=self._clock())
            case Stage.UPLOADING if clip is not None:
                await self._pictures.of_clip(job, clip, self._models.model(clip.model_key))
                return entered(job, Stage.SUBMITTING, at=self._clock())
            case Stage.SUBMITTING if clip is not None:
                return await self._ordering.step(job, clip, notes)
            case Stage.RENDERING if clip is not None and clip.prediction_id is not None:
                return await self._watching.step(job, clip, clip.prediction_id, notes)
            case _:
                return await self._finishing.step(job)

    def _await_answer(self, job: VideoJob) -> Change | Pause:
        now = self._clock()
        if job.expires_at is None or now >= job.expires_at:
            return expired(job, at=now)
        return Pause(min((job.expires_at - now).total_seconds(), PROPOSAL_S))

    async def _stand_in_line(self, job: VideoJob) -> Pause:
        begun = entered(job, first_stage(job), at=self._clock())
        place = await self._records.admit(begun, self._places[job.provider])
        if place == 0:
            return Pause(0)
        waiting = Rendering(is_waiting=True, queue_position=place)
        self._report(progress_of(job, waiting, at=self._clock()))
        return Pause(LINE_S)

    # -- the ends ----------------------------------------------------------------------------------

    async def _cancel(self, job: VideoJob, notes: Notes) -> Change | Pause:
        """Before the purchase nothing is charged; an order in doubt is looked for first."""
        clip = job.clip
        if clip is None:
            return cancelled(job, at=self._clock())
        prediction_id = clip.prediction_id
        if prediction_id is None and notes.ordered is not None:
            prediction_id = notes.ordered.prediction_id
        if prediction_id is None and clip.fence is not None:
            found = await self._ordering.look_for(job, clip, notes)
            if isinstance(found, Pause):
                return found
            prediction_id = found
        if prediction_id is None:
            return cancelled(job, at=self._clock())
        charged = await self._providers[clip.provider].cancel(prediction_id)
        end = OrderEnd(outcome=Outcome.CANCELLED, charged=charged, cost=clip.price)
        known = replace(clip, prediction_id=prediction_id)
        clips = tuple(known if each.number == clip.number else each for each in job.clips)
        return cancelled(replace(job, clips=clips), at=self._clock(), order=end)

    def _was_moved(self, before: VideoJob, now: VideoJob) -> bool:
        """Whether somebody else did something. A mark of our own changes nothing a step goes by."""
        if _stands(before) != _stands(now):
            return True
        fence = _fence(now)
        return fence is not None and fence.life != self._life and fence != _fence(before)

    def _judged(self, job: VideoJob, error: Exception, notes: Notes) -> Change | Pause:
        """What a step's error means: another try after a pause, or the job's end."""
        told = told_of(error)
        if isinstance(told, Internal):
            logger.error("a step failed", exc_info=error, extra={"job_id": job.id})
        notes.failures[told.code] += 1
        tried = notes.failures[told.code]
        if tried < attempts(job, told):
            logger.warning("step will be tried again", extra={"job_id": job.id, "tried": tried})
            return Pause(backoff_s(tried))
        order = given_up(job, told)
        if job.cancel_requested:
            return cancelled(job, at=self._clock(), order=order)
        return failed(job, failure_from(told), at=self._clock(), order=order)

    async def _leave(self, job: VideoJob, notes: Notes) -> float | None:
        """The job is over; it is left once nothing of it goes on costing."""
        if (notes.strays or notes.late) and notes.goodbyes < PAID_ATTEMPTS:
            notes.goodbyes += 1
            return backoff_s(notes.goodbyes)
        self._notes.pop(job.id, None)
        await self._tidy(job)
        return None

    async def _tidy(self, job: VideoJob) -> None:
        """A job that is over keeps nothing but what was stored."""
        for clip in job.clips:
            if clip.prediction_id is not None:
                await self._discard(clip.provider, clip.prediction_id)
        await self._workshop.clear(job.id)

    async def _discard(self, provider: str, prediction_id: PredictionId) -> None:
        """Only room is saved by it: what cannot be done is left."""
        try:
            await self._providers[provider].discard(prediction_id)
        except Exception:
            logger.exception("something was left at a provider", extra={"provider": provider})

    async def heard(self, job_id: JobId, clip: int, prediction_id: PredictionId) -> bool:
        """A provider speaks of an order. Whether its job has something to do now. Raises NotFound."""
        stray = await self._strays.heard(job_id, clip, prediction_id)
        if stray is not None:
            # Stopping it takes longer than a provider waits for an answer.
            self._notes.setdefault(job_id, Notes()).strays.add(stray)
        return True

    async def sweep(self) -> None:
        """What a kill between a job's end and its tidying left behind, and folders of nobody."""
        for job_id in self._workshop.jobs():
            try:
                job = await self._records.load(job_id)
            except NotFound:
                await self._workshop.clear(job_id)
                continue
            if job.stage.is_final:
                await self._tidy(job)


_WITH_A_FILM = frozenset({Outcome.RENDERING, Outcome.RENDERED})


def _stands(job: VideoJob) -> tuple[object, ...]:
    clip = job.clip
    running = None if clip is None else (clip.number, clip.model_key, clip.prediction_id)
    return job.stage, job.cancel_requested, running


def _fence(job: VideoJob) -> Fence | None:
    return None if job.clip is None else job.clip.fence
