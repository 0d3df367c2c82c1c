"""Orders that turn up by themselves: adopted where one is awaited, else stopped at once.

A provider may tell of an order before its own answer is here; two processes may each have placed
one; an order that was given up may come after all. Whatever nobody waits for goes on costing.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from tools.domain.clips import Outcome, Purchase
from tools.domain.identity import JobId, PredictionId
from tools.domain.jobs import VideoJob
from tools.domain.transitions import bought
from tools.rendering.notes import Notes, Stray
from tools.rendering.ports import JobMoved, JobRecords, PredictionTaken, VideoProvider

logger = logging.getLogger("reelroom.VideoGeneration")


class Strays:
    def __init__(
        self,
        *,
        records: JobRecords,
        providers: Mapping[str, VideoProvider],
        clock: Callable[[], datetime],
    ) -> None:
        self._records = records
        self._providers = providers
        self._clock = clock

    async def heard(self, job_id: JobId, number: int, prediction_id: PredictionId) -> Stray | None:
        """A provider speaks of an order for this clip. A stray: one that its job has to stop.

        It may be heard of before its own answer is, also while its job is being cancelled: it is
        written down first, so that what it costs is told. Raises NotFound.
        """
        while True:
            job = await self._records.load(job_id)
            if await self._records.purchase(prediction_id) is not None:
                return None
            if not _awaits(job, number):
                return Stray(prediction_id, number)
            try:
                await self._records.commit(bought(job, prediction_id, at=self._clock()))
            except (JobMoved, PredictionTaken):
                continue
            logger.info("an order was heard of", extra={"job_id": job_id, "clip": number})
            return None

    async def drop(self, job: VideoJob, notes: Notes) -> None:
        """Stop what nobody wants. What cannot be stopped now stays noted; its job goes on."""
        if notes.ordered is not None and not _is_wanted(job, notes):
            # Somebody else placed the same order and wrote it down first: ours is of no use.
            notes.strays.add(Stray(notes.ordered.prediction_id, notes.ordered.clip.number))
            notes.ordered = None
        for stray in tuple(notes.strays):
            try:
                await self._stop(job, stray)
            except Exception:
                facts = {"job_id": job.id, "clip": stray.clip}
                logger.exception("a stray order could not be stopped yet", extra=facts)
            else:
                notes.strays.discard(stray)

    async def _stop(self, job: VideoJob, stray: Stray) -> None:
        """At the provider, and keep it in the books. One that is somebody's by now is left alone."""
        if await self._records.purchase(stray.prediction_id) is not None:
            return
        # By number where there is such a clip: another model's plan may have fewer of them.
        clip = next((each for each in job.clips if each.number == stray.clip), job.clips[-1])
        provider = self._providers[clip.provider]
        charged = await provider.cancel(stray.prediction_id)
        facts = {"job_id": job.id, "clip": stray.clip, "charged": charged}
        logger.error("a stray order was cancelled", extra=facts)
        await self._records.keep_purchase(
            Purchase(
                prediction_id=stray.prediction_id,
                job_id=job.id,
                clip=stray.clip,
                provider=clip.provider,
                model_key=clip.model_key,
                seconds=clip.seconds,
                sound=clip.sound,
                bought_at=self._clock(),
                outcome=Outcome.STRAY,
                ended_at=self._clock(),
                cost=None if charged == "no" else clip.price,
            )
        )
        await provider.discard(stray.prediction_id)


def _awaits(job: VideoJob, number: int) -> bool:
    """An order for this clip is on its way, or in doubt."""
    clip = None if job.stage.is_final else job.clip
    return clip is not None and clip.number == number and clip.fence is not None


def _is_wanted(job: VideoJob, notes: Notes) -> bool:
    """What was ordered is still what the job waits for."""
    clip = None if job.stage.is_final else job.clip
    if clip is None or clip.prediction_id is not None or notes.ordered is None:
        return False
    asked = notes.ordered.clip
    return (clip.number, clip.model_key) == (asked.number, asked.model_key)
