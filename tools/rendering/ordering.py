"""Buying a clip once: the only place that places orders.

    no fence ── write the fence down ── place the order ─┬─ taken ──── write its id down
                     ▲                                   ├─ refused ── nothing was bought
                     └── nobody has it ── look for it ◀──┴─ in doubt, or a fence of another life

A provider that knows no idempotency keys can be asked once, and then only looked at: an order
whose answer was not heard is looked for until it must have turned up, and placed again only then.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from tools.domain.clips import Clip, Fence, Outcome, Purchase
from tools.domain.identity import JobId, PredictionId
from tools.domain.jobs import Change, VideoJob
from tools.domain.models import VideoModel
from tools.domain.transitions import bought, fenced, unfenced
from tools.rendering.notes import Notes, Pause, Seconds
from tools.rendering.pictures import Pictures
from tools.rendering.ports import (
    JobMoved,
    JobRecords,
    Order,
    OrderInDoubt,
    OrderRefused,
    VideoProvider,
    Window,
)
from tools.rendering.remedies import Remedies

logger = logging.getLogger("reelroom.VideoGeneration")

SEED_BITS = 31
LOOK_EVERY_S = 5.0


class Models(Protocol):
    def model(self, key: str) -> VideoModel: ...


class Ordering:
    """`life`: this process's name for itself, another one after each start."""

    def __init__(
        self,
        *,
        records: JobRecords,
        providers: Mapping[str, VideoProvider],
        models: Models,
        pictures: Pictures,
        remedies: Remedies,
        life: str,
        boot_seconds: Seconds,
        clock: Callable[[], datetime],
    ) -> None:
        self._records = records
        self._providers = providers
        self._models = models
        self._pictures = pictures
        self._remedies = remedies
        self._life = life
        self._boot_seconds = boot_seconds
        self._clock = clock

    async def step(self, job: VideoJob, clip: Clip, notes: Notes) -> Change | Pause:
        """The running clip's order, as far as it gets now. Raises JobMoved, and what providers raise."""
        if notes.ordered is not None:
            return bought(job, notes.ordered, at=self._clock())
        if (rest_s := self._rest_s(notes)) > 0:
            return Pause(rest_s)
        if clip.fence is None:
            return await self._place(job, clip, notes)
        adopted = await self.look_for(job, clip, clip.fence, notes)
        if adopted is None:
            return await self._place(job, clip, notes)
        if isinstance(adopted, Pause):
            return adopted
        logger.info("an order was found again", extra={"job_id": job.id, "clip": clip.number})
        return bought(job, adopted, at=self._clock())

    async def look_for(
        self, job: VideoJob, clip: Clip, fence: Fence, notes: Notes
    ) -> PredictionId | Pause | None:
        """An order that may exist: its id; a pause until it must have turned up; None: there is none.

        Nothing is concluded from a list before the grace is over, counted from now and not from
        the fence: whoever placed the order may have done so just before they were killed.
        """
        provider = self._providers[clip.provider]
        if provider.grace_s == 0:
            return None
        now = self._boot_seconds()
        if notes.look_at is None:
            notes.look_at = now + provider.grace_s
        if now < notes.look_at:
            return Pause(min(notes.look_at - now, LOOK_EVERY_S))
        found = await provider.find(
            await self._order(job, clip, is_looked_for=True),
            Window(since=fence.first_at, until=fence.last_at),
            self._is_free,
        )
        notes.look_at = None
        return found

    async def _place(self, job: VideoJob, clip: Clip, notes: Notes) -> Change | Pause:
        provider = self._providers[clip.provider]
        order = await self._order(job, clip, is_looked_for=False)
        marked_at = self._boot_seconds()
        job = await self._records.commit(fenced(job, life=self._life, at=self._clock()))
        clip = job.clips[clip.number - 1]
        if provider.grace_s and self._boot_seconds() - marked_at > provider.grace_s / 2:
            # We slept between the mark and here. Somebody may have taken over by now.
            return Pause(0)
        try:
            notes.ordered = await provider.submit(order)
        except OrderRefused as refusal:
            return self._remedies.after_refusal(job, clip, notes, refusal)
        except Exception as error:
            if not provider.grace_s:
                await self._records.commit(unfenced(job))
                raise
            # Whatever it was: the order may have been taken.
            is_bug = not isinstance(error, OrderInDoubt)
            facts = {"job_id": job.id, "clip": clip.number}
            logger.warning("an order is in doubt", exc_info=is_bug, extra=facts)
            notes.look_at = self._boot_seconds() + provider.grace_s
            return Pause(min(provider.grace_s, LOOK_EVERY_S))
        notes.ordered_clip = clip.number
        notes.watched_since, notes.times = None, None
        return bought(job, notes.ordered, at=self._clock())

    async def _is_free(self, prediction_id: PredictionId) -> bool:
        return await self._records.purchase(prediction_id) is None

    def _rest_s(self, notes: Notes) -> float:
        if notes.not_before is None:
            return 0
        return notes.not_before - self._boot_seconds()

    async def _order(self, job: VideoJob, clip: Clip, *, is_looked_for: bool) -> Order:
        """What is asked of the provider. An order that is only looked for needs no images."""
        model = self._models.model(clip.model_key)
        ratio = job.request.aspect_ratio
        handed = await self._pictures.of_clip(job, clip, model)
        images = handed.images
        if images and not is_looked_for:
            images = await self._providers[clip.provider].hand_over(images)
        return Order(
            job_id=job.id,
            clip=clip.number,
            model=model,
            prompt=job.request.prompt,
            sent_prompt=job.sent_prompt,
            length_s=clip.seconds,
            sound=clip.sound,
            seed=seed_of(job.id, clip.number),
            aspect_ratio=ratio,
            frame=model.sizes[ratio],
            images=images,
            image_input=handed.input,
        )

    # -- what turns up by itself -------------------------------------------------------------------

    async def heard(self, job_id: JobId, number: int, prediction_id: PredictionId) -> bool:
        """A provider speaks of an order for this clip. Whether the job has something to do now.

        It may be heard of before its own answer is; or it may be one that nobody wants any more:
        that one is cancelled. Raises NotFound.
        """
        while True:
            job = await self._records.load(job_id)
            if await self._records.purchase(prediction_id) is not None:
                return True
            clip = job.clip
            is_awaited = (
                not job.stage.is_final
                and clip is not None
                and clip.number == number
                and clip.fence is not None
                and not job.cancel_requested
            )
            if not is_awaited:
                await self.drop_stray(job, number, prediction_id)
                return not job.stage.is_final
            try:
                await self._records.commit(bought(job, prediction_id, at=self._clock()))
            except JobMoved:
                continue
            logger.info("an order was heard of", extra={"job_id": job_id, "clip": number})
            return True

    async def drop_stray(self, job: VideoJob, number: int, prediction_id: PredictionId) -> None:
        """Nobody wants this one: it is stopped at once, and kept in the books."""
        clip = next((each for each in job.clips if each.number == number), None)
        if clip is None:
            return
        charged = await self._providers[clip.provider].cancel(prediction_id)
        await self._providers[clip.provider].discard(prediction_id)
        facts = {"job_id": job.id, "clip": number, "charged": charged}
        logger.error("a stray order was cancelled", extra=facts)
        await self._records.keep_purchase(
            Purchase(
                prediction_id=prediction_id,
                job_id=job.id,
                clip=number,
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


def seed_of(job_id: JobId, clip: int) -> int:
    """The same for every try at a clip, so that its order is known again among others."""
    digest = sha256(f"{job_id}.{clip}".encode()).digest()
    return int.from_bytes(digest[:4]) >> (32 - SEED_BITS)
