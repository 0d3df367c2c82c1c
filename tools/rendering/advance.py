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

from tools.domain.creatives import Creative, ReviewStatus
from tools.domain.events import Charged
from tools.domain.failures import Notice, failure_from
from tools.domain.frames import FULL_HD
from tools.domain.identity import CreativeId, JobId, MessageId, MintId
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
    refined,
    warned,
)
from tools.domain.videos import Film
from tools.errors import (
    Internal,
    NotFound,
    ProviderUnavailable,
    ReferenceUnreachable,
    StorageUnavailable,
    StudioError,
)
from tools.rendering.ports import (
    FilmPress,
    JobMoved,
    JobRecords,
    LocalReference,
    Order,
    PreparedFilm,
    Progress,
    Refiner,
    Rendered,
    RenderFailed,
    Rendering,
    RenderLost,
    ReportProgress,
    Storage,
    VideoProvider,
)

logger = logging.getLogger("reelroom.VideoGeneration")

REFINE_LIMIT_S = 60.0
FILM_LIMIT_S = 3600.0
ATTEMPTS = 5
BACKOFF_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmPaths:
    """Where a session's films are kept in the storage."""

    videos: str

    def of(self, creative_id: CreativeId) -> tuple[str, str, str]:
        """Film, poster, preview."""
        stem = f"{self.videos}/{creative_id}"
        return f"{stem}.mp4", f"{stem}.jpg", f"{stem}-preview.mp4"


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
        self._failures: dict[JobId, int] = {}

    async def step(self, job_id: JobId) -> float | None:
        """Do what the job needs next. Seconds until it wants to be asked again; None: it is over."""
        job = await self._records.load(job_id)
        if job.stage.is_final:
            await self._tidy(job)
            return None
        try:
            change = await self._next(job)
        except Exception as error:  # noqa: BLE001  a bug in one film must end as an answer too
            change = self._judged(job, error)
            if change is None:
                return float(BACKOFF_S * 2 ** (self._failures[job_id] - 1))
        else:
            self._failures.pop(job_id, None)
        if change is None:
            return self._provider(job).poll_interval_s
        try:
            await self._records.commit(change)
        except JobMoved:
            return 0.0
        except StorageUnavailable:
            logger.warning("a step could not be written yet", extra={"job_id": job_id})
            return BACKOFF_S
        logger.info("job moved", extra={"job_id": job_id, "stage": change.job.stage.value})
        return 0.0

    async def _next(self, job: VideoJob) -> Change | None:  # noqa: PLR0911  one case a stage
        """The change that this step makes; None while there is only waiting to do."""
        if job.cancel_requested:
            return await self._cancel(job)
        match job.stage:
            case Stage.QUEUED:
                return entered(job, self._first_stage(job), at=self._clock())
            case Stage.REFINING:
                return await self._refine(job)
            case Stage.UPLOADING:
                await self._references(job)
                return entered(job, Stage.SUBMITTING, at=self._clock())
            case Stage.SUBMITTING:
                return bought(job, await self._provider(job).submit(await self._order(job)))
            case Stage.RENDERING:
                return await self._watch(job)
            case _:
                return await self._store(job)

    @staticmethod
    def _first_stage(job: VideoJob) -> Stage:
        if job.request.refinement_prompt and not job.request.refined_prompt:
            return Stage.REFINING
        return Stage.UPLOADING if job.request.references else Stage.SUBMITTING

    async def _refine(self, job: VideoJob) -> Change:
        """A film never waits for better words: without them it is made from the person's own."""
        if job.refined_prompt is not None or _refinement_failed(job):
            after = Stage.UPLOADING if job.request.references else Stage.SUBMITTING
            return entered(job, after, at=self._clock())
        try:
            async with asyncio.timeout(REFINE_LIMIT_S):
                better = await self._refiner.refine(
                    job.request.prompt,
                    context=job.request.refinement_prompt or "",
                    model_key=job.quote.model_key,
                )
        except (StudioError, TimeoutError):
            logger.warning("refinement unavailable", extra={"job_id": job.id})
            notice = Notice(
                code="refinement_unavailable",
                message="The prompt could not be refined; the film is made from your own words.",
            )
            return warned(job, replace(job.quote, warnings=(*job.quote.warnings, notice)))
        return refined(job, better.refined_prompt)

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

    async def _watch(self, job: VideoJob) -> Change | None:
        provider = self._provider(job)
        if job.prediction_id is None:
            return lost(job)
        if self._elapsed_s(job) > FILM_LIMIT_S:
            charged = await provider.cancel(job.prediction_id)
            slow = ProviderUnavailable("The film took longer than an hour and was stopped.")
            return self._failed(job, slow, charged=charged)
        match await provider.poll(job.prediction_id):
            case Rendering() as status:
                self._report(self._progress(job, status))
                return None
            case Rendered():
                return entered(job, Stage.STORING, at=self._clock())
            case RenderLost():
                return lost(job)
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
        # One creative a job: its id follows from the job's, so that storing twice stores the same.
        creative_id = CreativeId(f"video-{job.id.removeprefix('job-')}")
        film_path, poster_path, preview_path = self._paths.of(creative_id)
        await self._storage.store(prepared.video, film_path, "video/mp4")
        await self._storage.store(prepared.poster, poster_path, "image/jpeg")
        await self._storage.store(prepared.preview, preview_path, "video/mp4")
        film = self._film(job, prepared, (film_path, poster_path, preview_path))
        creative = self._creative(job, creative_id, film)
        return finished(
            job, creative, announcement_id=MessageId(self._mint("msg")), at=self._clock()
        )

    def _film(self, job: VideoJob, prepared: PreparedFilm, paths: tuple[str, str, str]) -> Film:
        return Film(
            path=paths[0],
            poster_path=paths[1],
            preview_path=paths[2],
            size_bytes=prepared.size_bytes,
            frame=prepared.frame,
            length_s=round(prepared.length_s),
            provider=job.provider,
            generated_at=self._clock(),
        )

    def _creative(self, job: VideoJob, creative_id: CreativeId, film: Film) -> Creative:
        now = self._clock()
        return Creative(
            id=creative_id,
            tenant_id=job.tenant_id,
            session_id=job.session_id,
            campaign_id=job.campaign_id,
            job_id=job.id,
            status=ReviewStatus.NEEDS_REVIEW,
            request=job.request,
            refined_prompt=job.request.refined_prompt or job.refined_prompt,
            model_key=job.quote.model_key,
            requested_key=job.quote.requested_key,
            film=film,
            cost=job.quote.total,
            warnings=job.quote.warnings,
            created_at=now,
            updated_at=now,
        )

    async def _cancel(self, job: VideoJob) -> Change:
        charged: Charged = "no"
        if job.prediction_id is not None:
            charged = await self._provider(job).cancel(job.prediction_id)
        return cancelled(job, charged=charged, cost=None, at=self._clock())

    def _judged(self, job: VideoJob, error: Exception) -> Change | None:
        """What a step's error means: the job's end, or (None) another try after a pause."""
        if not isinstance(error, StudioError):
            logger.error("a step failed", exc_info=error, extra={"job_id": job.id})
        told = error if isinstance(error, StudioError) else Internal()
        tried = self._failures[job.id] = self._failures.get(job.id, 0) + 1
        if told.retryable and tried < ATTEMPTS:
            logger.warning("step will be tried again", extra={"job_id": job.id, "tried": tried})
            return None
        self._failures.pop(job.id, None)
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

    def _progress(self, job: VideoJob, status: Rendering) -> Progress:
        elapsed_s = self._elapsed_s(job)
        return Progress(
            session_id=job.session_id,
            job_id=job.id,
            # Milliseconds since the job began: it grows across restarts too.
            n=int(elapsed_s * 1000),
            stage=Stage.QUEUED.value if status.is_waiting else job.stage.value,
            elapsed_s=elapsed_s,
            fraction=status.fraction,
            eta_s=status.eta_s,
            queue_position=status.queue_position,
        )

    def _elapsed_s(self, job: VideoJob) -> float:
        return (self._clock() - job.created_at).total_seconds()

    def _provider(self, job: VideoJob) -> VideoProvider:
        return self._providers[job.provider]

    def _folder(self, job: VideoJob) -> Path:
        folder = self._work / job.id
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    async def _tidy(self, job: VideoJob) -> None:
        """A job that is over keeps nothing but what was stored."""
        self._failures.pop(job.id, None)
        if job.prediction_id is not None:
            await self._provider(job).discard(job.prediction_id)
        await asyncio.to_thread(shutil.rmtree, self._work / job.id, ignore_errors=True)


def _refinement_failed(job: VideoJob) -> bool:
    return any(notice.code == "refinement_unavailable" for notice in job.quote.warnings)
