"""A clip that was bought, until its file is here: polled, timed, collected, paid for.

The poll is the truth; a webhook only wakes the job earlier.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from tools.domain.clips import Clip, Outcome
from tools.domain.failures import failure_from
from tools.domain.identity import JobId, PredictionId
from tools.domain.jobs import Change, OrderEnd, VideoJob
from tools.domain.models import VideoModel
from tools.domain.money import Money
from tools.domain.transitions import collected, failed, order_ended
from tools.errors import OutputLost, ProviderUnavailable
from tools.rendering.expectations import eta_of
from tools.rendering.notes import Notes, Pause, Seconds
from tools.rendering.pictures import clip_name
from tools.rendering.ports import (
    JobRecords,
    Rendered,
    RenderFailed,
    Rendering,
    RenderLost,
    ReportProgress,
    VideoProvider,
)
from tools.rendering.remedies import Remedies
from tools.rendering.reporting import progress_of

logger = logging.getLogger("reelroom.VideoGeneration")

FILM_LIMIT_S = 3600.0
WAIT_LIMIT_S = 12 * 3600.0
"""In the provider's line: a long line is no fault of the film's."""
ALARM_BEFORE = timedelta(minutes=20)
"""A finished film that is not collected this long before the provider deletes it needs a person."""
LOSSES = 5
_SLOW = "The film took too long and was stopped."
_LOST = "The film got lost while it was made, again and again."


class Models(Protocol):
    def model(self, key: str) -> VideoModel: ...


class Watching:
    def __init__(
        self,
        *,
        records: JobRecords,
        providers: Mapping[str, VideoProvider],
        models: Models,
        remedies: Remedies,
        folder_of: Callable[[JobId], Path],
        boot_seconds: Seconds,
        clock: Callable[[], datetime],
        report: ReportProgress,
    ) -> None:
        self._records = records
        self._providers = providers
        self._models = models
        self._remedies = remedies
        self._folder_of = folder_of
        self._boot_seconds = boot_seconds
        self._clock = clock
        self._report = report

    async def step(
        self, job: VideoJob, clip: Clip, prediction_id: PredictionId, notes: Notes
    ) -> Change | Pause:
        provider = self._providers[clip.provider]
        match await provider.poll(prediction_id):
            case Rendering() as status:
                return await self._go_on(job, clip, prediction_id, status, notes)
            case Rendered() as status:
                return await self._collect(job, clip, prediction_id, status)
            case RenderLost():
                return self._ordered_again(job, notes)
            case RenderFailed() as status:
                return self._remedies.after_end(job, clip, notes, status)

    def _ordered_again(self, job: VideoJob, notes: Notes) -> Change:
        """Lost and free of charge: once more. A provider that loses everything is not asked for ever."""
        lost = OrderEnd(outcome=Outcome.LOST, charged="no", cost=Money())
        notes.losses += 1
        if notes.losses >= LOSSES:
            return failed(job, failure_from(OutputLost(_LOST)), at=self._clock(), order=lost)
        return order_ended(job, lost, at=self._clock())

    async def _go_on(
        self,
        job: VideoJob,
        clip: Clip,
        prediction_id: PredictionId,
        status: Rendering,
        notes: Notes,
    ) -> Change | Pause:
        provider = self._providers[clip.provider]
        if prediction_id != notes.watched:
            notes.times = await self._records.times(clip.model_key, clip.seconds)
        watched_s = self._watched_s(prediction_id, notes, is_waiting=status.is_waiting)
        if watched_s > (WAIT_LIMIT_S if status.is_waiting else FILM_LIMIT_S):
            charged = await provider.cancel(prediction_id)
            slow = RenderFailed(
                failure=failure_from(ProviderUnavailable(_SLOW)),
                charged=charged,
                outcome=Outcome.CANCELLED,
            )
            return self._remedies.after_end(job, clip, notes, slow)
        now = self._clock()
        eta_s = status.eta_s
        if eta_s is None:
            eta_s = eta_of(job, clip, notes.times, at=now)
        self._report(progress_of(job, status, eta_s=eta_s, at=now))
        return Pause(provider.pause_s(watched_s))

    def _watched_s(self, prediction_id: PredictionId, notes: Notes, *, is_waiting: bool) -> float:
        """How long it stands in the line, or is made, since this life began to look.

        So it is not late because we were away, nor because somebody set the clock.
        """
        now = self._boot_seconds()
        if (prediction_id, is_waiting) != (notes.watched, notes.was_waiting):
            notes.watched, notes.was_waiting, notes.watched_since = prediction_id, is_waiting, now
        return now - notes.watched_since

    async def _collect(
        self, job: VideoJob, clip: Clip, prediction_id: PredictionId, status: Rendered
    ) -> Change:
        loses_it_at = status.loses_it_at
        if loses_it_at is not None and self._clock() > loses_it_at - ALARM_BEFORE:
            facts = {"job_id": job.id, "clip": clip.number, "deleted_at": loses_it_at.isoformat()}
            logger.critical("a paid film is about to be deleted by its provider", extra=facts)
        await self.bring(job, clip, prediction_id)
        cost = self._cost(clip, status)
        facts = {"job_id": job.id, "clip": clip.number, "model": clip.model_key, "cost": str(cost)}
        logger.info("clip collected", extra=facts)
        return collected(job, cost=cost, took_s=status.took_s, at=self._clock())

    async def bring(self, job: VideoJob, clip: Clip, prediction_id: PredictionId) -> Path:
        """The clip's file in its job's folder, also after somebody emptied that. Raises OutputLost."""
        folder = self._folder_of(job.id)
        target = folder / clip_name(clip.number)
        if not target.exists():
            file = await self._providers[clip.provider].collect(prediction_id, folder)
            await asyncio.to_thread(_keep, file, target)
        return target

    def _cost(self, clip: Clip, status: Rendered) -> Money:
        """By what the provider measured, where it did and sells by the second; else as quoted."""
        prices = self._models.model(clip.model_key).prices
        price = next((each for each in prices if each.sound is clip.sound), None)
        if price is None or price.per_second is None or status.billed_s is None:
            return clip.price
        return price.per_second.for_part(status.billed_s)


def _keep(file: Path, target: Path) -> None:
    """Under its own name, and safe from a power cut: it cannot be had for nothing again."""
    with file.open("rb") as bytes_of_it:
        os.fsync(bytes_of_it.fileno())
    file.replace(target)
