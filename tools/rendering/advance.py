"""One step of a job. A driver says when; this says what, and commits it before the next one costs.

refine → bring the references → submit → watch → store → finish. Each step starts from the row
alone, so that any process can go on where another was killed.
"""

import asyncio
import logging
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from tools.domain.events import Charged
from tools.domain.failures import failure_from
from tools.domain.frames import FULL_HD
from tools.domain.identity import CreativeId, JobId, MessageId, MintId, PredictionId
from tools.domain.jobs import (
    Change,
    Stage,
    VideoJob,
    bought,
    cancelled,
    entered,
    failed,
    finished,
    lost,
)
from tools.errors import (
    Internal,
    NotFound,
    OutputLost,
    ProviderUnavailable,
    ReferenceUnreachable,
    StorageUnavailable,
    StudioError,
)
from tools.rendering.finishing import creative_for, creative_id_for
from tools.rendering.ports import (
    FilmPress,
    JobMoved,
    JobRecords,
    LocalReference,
    Order,
    Refiner,
    Rendered,
    RenderFailed,
    Rendering,
    RenderLost,
    ReportProgress,
    Storage,
    VideoProvider,
)
from tools.rendering.refinement import first_stage, refine_step
from tools.rendering.reporting import progress_of

logger = logging.getLogger("reelroom.VideoGeneration")

FILM_LIMIT_S = 3600.0
WAIT_LIMIT_S = 12 * 3600.0
"""In the provider's line: a long line is no fault of the film's."""
ATTEMPTS = 5
STORE_ATTEMPTS = 40
"""The film exists: a full disk has half an hour to be noticed before it is given up."""
BACKOFF_S = 1.0
LONGEST_BACKOFF_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmPaths:
    """Where a session's films are kept in the storage."""

    videos: str

    def of(self, creative_id: CreativeId) -> tuple[str, str, str]:
        """Film, poster, preview."""
        stem = f"{self.videos}/{creative_id}"
        return f"{stem}.mp4", f"{stem}.jpg", f"{stem}-preview.mp4"


@dataclass(slots=True)
class _Notes:
    """What this life knows of a job beyond its row. A restart goes on without."""

    failures: int = 0
    ordered: PredictionId | None = None
    """Placed with the provider, and not yet written down."""
    watched_since: datetime | None = None
    was_waiting: bool = False
    losses: int = 0


class Advance:
    """Moves jobs on. Every wait inside has a limit; what must be waited for longer is asked again."""

    def __init__(
        self,
        *,
        records: JobRecords,
        providers: Mapping[str, VideoProvider],
        refiner: Refiner,
        storage: Storage,
        press: FilmPress,
        work: Path,
        paths: FilmPaths,
        mint: MintId,
        clock: Callable[[], datetime],
        report: ReportProgress,
    ) -> None:
        self._records = records
        self._providers = providers
        self._refiner = refiner
        self._storage = storage
        self._press = press
        self._work = work
        self._paths = paths
        self._mint = mint
        self._clock = clock
        self._report = report
        self._notes: dict[JobId, _Notes] = {}

    async def step(self, job_id: JobId) -> float | None:
        """Do what the job needs next. Seconds until it wants to be asked again; None: it is over."""
        job = await self._records.load(job_id)
        if job.stage.is_final:
            await self._tidy(job)
            return None
        notes = self._notes.setdefault(job_id, _Notes())
        try:
            change = await self._next(job, notes)
        except Exception as error:  # noqa: BLE001  a bug in one film must end as an answer too
            change = self._judged(job, error, notes)
            if change is None:
                return float(min(BACKOFF_S * 2 ** (notes.failures - 1), LONGEST_BACKOFF_S))
        else:
            notes.failures = 0
        if change is None:
            return self._provider(job).poll_interval_s
        return await self._commit(change, notes)

    async def _commit(self, change: Change, notes: _Notes) -> float:
        """Seconds until the next step."""
        job = change.job
        try:
            await self._records.commit(change)
        except JobMoved:
            return 0.0
        except StorageUnavailable:
            logger.warning("a step could not be written yet", extra={"job_id": job.id})
            return BACKOFF_S
        if job.prediction_id == notes.ordered:
            notes.ordered = None
        logger.info("job moved", extra={"job_id": job.id, "stage": job.stage.value})
        return 0.0

    async def _next(self, job: VideoJob, notes: _Notes) -> Change | None:  # noqa: PLR0911  one case a stage
        """The change that this step makes; None while there is only waiting to do."""
        await self._drop_double(job, notes)
        if job.cancel_requested:
            return await self._cancel(job, notes)
        match job.stage:
            case Stage.QUEUED:
                return entered(job, first_stage(job), at=self._clock())
            case Stage.REFINING:
                return await refine_step(job, self._refiner, at=self._clock())
            case Stage.UPLOADING:
                await self._references(job)
                return entered(job, Stage.SUBMITTING, at=self._clock())
            case Stage.SUBMITTING:
                return bought(job, await self._buy(job, notes))
            case Stage.RENDERING:
                return await self._watch(job, notes)
            case _:
                return await self._store(job)

    async def _order(self, job: VideoJob) -> Order:
        return Order(
            job_id=job.id,
            model_key=job.quote.model_key,
            prompt=job.request.prompt,
            sent_prompt=job.request.refined_prompt or job.sent_prompt,
            length_s=job.request.length_s,
            aspect_ratio=job.request.aspect_ratio,
            frame=FULL_HD[job.request.aspect_ratio],
            references=await self._references(job),
        )

    async def _references(self, job: VideoJob) -> tuple[LocalReference, ...]:
        """The reference images as local files. Brought once; after a crash, again."""
        folder = self._folder(job)
        brought = []
        for reference in job.request.references:
            try:
                file = await self._storage.fetch(reference.path, folder)
            except NotFound as error:
                raise ReferenceUnreachable(
                    "Reference images failed to upload: one of them is no longer stored. "
                    "Please add it again."
                ) from error
            brought.append(LocalReference(file=file, role=reference.role))
        return tuple(brought)

    async def _buy(self, job: VideoJob, notes: _Notes) -> PredictionId:
        """An order that was placed and could not be written down is not placed again."""
        if notes.ordered is None:
            notes.ordered = await self._provider(job).submit(await self._order(job))
            notes.watched_since = None
        return notes.ordered

    async def _drop_double(self, job: VideoJob, notes: _Notes) -> None:
        """Somebody else placed the same order and wrote it down first: ours is of no use."""
        if notes.ordered is not None and job.prediction_id not in {None, notes.ordered}:
            await self._provider(job).cancel(notes.ordered)
            await self._provider(job).discard(notes.ordered)
            notes.ordered = None

    async def _watch(self, job: VideoJob, notes: _Notes) -> Change | None:
        provider = self._provider(job)
        if job.prediction_id is None:
            return lost(job)
        match await provider.poll(job.prediction_id):
            case Rendering() as status:
                # Since this life began to look: a film is not late because we were away.
                notes.watched_since = notes.watched_since or self._clock()
                if status.is_waiting != notes.was_waiting:
                    notes.watched_since, notes.was_waiting = self._clock(), status.is_waiting
                limit_s = WAIT_LIMIT_S if status.is_waiting else FILM_LIMIT_S
                if (self._clock() - notes.watched_since).total_seconds() > limit_s:
                    charged = await provider.cancel(job.prediction_id)
                    slow = ProviderUnavailable("The film took too long and was stopped.")
                    return self._failed(job, slow, charged=charged)
                self._report(progress_of(job, status, at=self._clock()))
                return None
            case Rendered():
                return entered(job, Stage.STORING, at=self._clock())
            case RenderLost():
                return self._ordered_again(job, notes)
            case RenderFailed(failure=failure, charged=charged):
                return failed(job, failure, charged=charged, cost=None, at=self._clock())

    async def _store(self, job: VideoJob) -> Change:
        """The film, its poster and preview into the storage; then the creative and its announcement."""
        if job.prediction_id is None:
            return lost(job)
        provider = self._provider(job)
        folder = self._folder(job)
        video = await provider.collect(job.prediction_id, folder)
        prepared = await self._press.prepare(video, folder)
        paths = self._paths.of(creative_id_for(job))
        await self._storage.store(prepared.video, paths[0], "video/mp4")
        await self._storage.store(prepared.poster, paths[1], "image/jpeg")
        await self._storage.store(prepared.preview, paths[2], "video/mp4")
        creative = creative_for(job, prepared, paths=paths, at=self._clock())
        return finished(
            job, creative, announcement_id=MessageId(self._mint("msg")), at=self._clock()
        )

    async def _cancel(self, job: VideoJob, notes: _Notes) -> Change:
        charged: Charged = "no"
        ordered = replace(job, prediction_id=job.prediction_id or notes.ordered)
        if ordered.prediction_id is not None:
            charged = await self._provider(job).cancel(ordered.prediction_id)
        return cancelled(ordered, charged=charged, cost=None, at=self._clock())

    def _judged(self, job: VideoJob, error: Exception, notes: _Notes) -> Change | None:
        """What a step's error means: the job's end, or (None) another try after a pause."""
        if not isinstance(error, StudioError):
            logger.error("a step failed", exc_info=error, extra={"job_id": job.id})
        told = error if isinstance(error, StudioError) else Internal()
        notes.failures += 1
        attempts = STORE_ATTEMPTS if isinstance(told, StorageUnavailable) else ATTEMPTS
        if told.retryable and notes.failures < attempts:
            facts = {"job_id": job.id, "tried": notes.failures}
            logger.warning("step will be tried again", extra=facts)
            return None
        return self._failed(job, told, charged="no" if not job.prediction_id else "unknown")

    def _failed(self, job: VideoJob, error: StudioError, *, charged: Charged) -> Change:
        free = job.quote.total.micros == 0
        return failed(
            job,
            failure_from(error),
            charged="no" if free else charged,
            cost=None,
            at=self._clock(),
        )

    @staticmethod
    def _ordered_again(job: VideoJob, notes: _Notes) -> Change:
        """Lost and free of charge: once more. A provider that loses everything is not asked for ever."""
        notes.losses += 1
        if notes.losses >= ATTEMPTS:
            raise OutputLost("The film got lost while it was made, again and again.")
        return lost(job)

    def _provider(self, job: VideoJob) -> VideoProvider:
        return self._providers[job.provider]

    def _folder(self, job: VideoJob) -> Path:
        folder = self._work / job.id
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    async def _tidy(self, job: VideoJob) -> None:
        """A job that is over keeps nothing but what was stored."""
        await self._drop_double(job, self._notes.pop(job.id, _Notes()))
        if job.prediction_id is not None:
            await self._provider(job).discard(job.prediction_id)
        await asyncio.to_thread(shutil.rmtree, self._work / job.id, ignore_errors=True)

    async def sweep(self) -> None:
        """What a kill between a job's end and its tidying left behind, and folders of nobody."""
        if not self._work.is_dir():
            return
        for folder in tuple(self._work.iterdir()):
            try:
                job = await self._records.load(JobId(folder.name))
            except NotFound:
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
                continue
            if job.stage.is_final:
                await self._tidy(job)
