"""Buying a clip once: the only place that places orders.

    no fence ── write the fence down ── place the order ─┬─ taken ──── write its id down
                     ▲                                   ├─ refused ── nothing was bought
                     └── nobody has it ── look for it ◀──┴─ in doubt, or a fence of another life

A provider that knows no idempotency keys can be asked once, and then only looked at: an order
whose answer was not heard is looked for until it must have turned up, and placed again only then.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from tools.domain.clips import Clip, Fence
from tools.domain.failures import failure_from
from tools.domain.identity import JobId, PredictionId
from tools.domain.jobs import Change, VideoJob
from tools.domain.models import VideoModel
from tools.domain.transitions import bought, failed, fenced, unfenced
from tools.errors import ProviderUnavailable
from tools.rendering.notes import Late, Notes, Ordered, Pause, Seconds, Stray
from tools.rendering.pictures import Handed, Pictures
from tools.rendering.ports import (
    JobRecords,
    Order,
    OrderInDoubt,
    OrderRefused,
    VideoProvider,
    Window,
)
from tools.rendering.remedies import Remedies
from tools.rendering.watching import Watching

logger = logging.getLogger("reelroom.VideoGeneration")

SEED_BITS = 31
LOOK_EVERY_S = 5.0
FRESH_S = 5.0
"""An order is placed so soon after its mark, or not at all: whoever looks for it counts on that."""
SKEW = timedelta(minutes=5)
"""By how much the provider's clock may differ from ours: an order outside the window is bought twice."""
KEPT = timedelta(hours=1)
DOUBTS = 5
"""Orders in a row that never arrived."""
_NEVER_CAME = (
    "The video provider could not be reached: the order for the film did not arrive. Nothing was "
    "bought by it. Please try again later."
)


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
        watching: Watching,
        remedies: Remedies,
        life: str,
        boot_seconds: Seconds,
        clock: Callable[[], datetime],
    ) -> None:
        self._records = records
        self._providers = providers
        self._models = models
        self._pictures = pictures
        self._watching = watching
        self._remedies = remedies
        self._life = life
        self._boot_seconds = boot_seconds
        self._clock = clock

    async def step(self, job: VideoJob, clip: Clip, notes: Notes) -> Change | Pause:
        """The running clip's order, as far as it gets now. Raises JobMoved, and what providers raise."""
        if notes.ordered is not None:
            return bought(job, notes.ordered.prediction_id, at=self._clock())
        if (rest_s := self._rest_s(notes)) > 0:
            return Pause(rest_s)
        adopted = await self.look_for(job, clip, notes)
        if isinstance(adopted, Pause):
            return adopted
        if adopted is not None:
            logger.info("an order was found again", extra={"job_id": job.id, "clip": clip.number})
            return bought(job, adopted, at=self._clock())
        if notes.doubts >= DOUBTS:
            never_came = failure_from(ProviderUnavailable(_NEVER_CAME))
            return failed(job, never_came, at=self._clock())
        return self._remedies.before_order(job) or await self._place(job, clip, notes)

    async def look_for(
        self, job: VideoJob, clip: Clip, notes: Notes
    ) -> PredictionId | Pause | None:
        """An order that may exist: its id; a pause until it must have turned up; None: there is none.

        Nothing is concluded from a list before the grace is over, counted from now and not from
        the fence: whoever placed the order may have done so just before they were killed.
        """
        provider, fence = self._providers[clip.provider], clip.fence
        if fence is None or fence == notes.unused or provider.grace_s == 0:
            return None
        now = self._boot_seconds()
        if notes.looked_for != fence:
            notes.looked_for, notes.look_at = fence, now + provider.grace_s + _fresh_s(provider)
        if now < notes.look_at:
            return Pause(min(notes.look_at - now, LOOK_EVERY_S))
        found = await provider.find(
            self._looked_for(job, clip), _window(fence, self._clock()), self._is_free
        )
        # Whoever asks again waits again: from here on the order may be placed.
        notes.looked_for = notes.late = None
        return found

    async def recall_late(self, job: VideoJob, notes: Notes) -> None:
        """Our late order, where somebody else has bought the clip meanwhile: a stray, if it is there.

        Not before theirs is written down: until then one cannot be told from the other.
        """
        late = notes.late
        if late is None or not _is_settled(job, late.clip) or self._boot_seconds() < late.look_at:
            return
        order, window = self._looked_for(job, late.clip), _window(late.fence, self._clock())
        try:
            found = await self._providers[late.clip.provider].find(order, window, self._is_free)
        except Exception:
            logger.exception("a late order could not be looked for yet", extra={"job_id": job.id})
            return
        notes.late = None
        if found is not None:
            notes.strays.add(Stray(found, late.clip.number))

    async def _place(self, job: VideoJob, clip: Clip, notes: Notes) -> Change | Pause:
        provider = self._providers[clip.provider]
        order = await self._order(job, clip)
        marked_at = self._boot_seconds()
        job = await self._records.commit(fenced(job, life=self._life, at=self._clock()))
        clip = job.clips[clip.number - 1]
        if provider.grace_s and self._boot_seconds() - marked_at > _fresh_s(provider):
            # We slept between the mark and here, or the disk did: somebody may have taken over by
            # now. If nobody did, another mark is made, which whoever looks for this one stumbles over.
            logger.warning("a mark took too long", extra={"job_id": job.id, "clip": clip.number})
            notes.unused = clip.fence
            return Pause(0)
        try:
            prediction_id = await provider.submit(order)
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
            notes.doubts += 1
            notes.looked_for = clip.fence
            notes.look_at = self._boot_seconds() + provider.grace_s
            if clip.fence is not None and self._boot_seconds() - marked_at > provider.grace_s:
                # We slept with the order in our hand.
                notes.late = Late(clip.fence, clip, notes.look_at)
            return Pause(min(provider.grace_s, LOOK_EVERY_S))
        notes.ordered = Ordered(prediction_id, clip)
        return bought(job, prediction_id, at=self._clock())

    async def _is_free(self, prediction_id: PredictionId) -> bool:
        return await self._records.purchase(prediction_id) is None

    def _rest_s(self, notes: Notes) -> float:
        if notes.not_before is None:
            return 0
        return notes.not_before - self._boot_seconds()

    async def _order(self, job: VideoJob, clip: Clip) -> Order:
        """What is asked of the provider, its images where the provider can read them."""
        if clip.number > 1:
            # What it goes on from is here, or nothing more is bought for this film.
            before = job.clips[clip.number - 2]
            if before.prediction_id is not None:
                await self._watching.bring(job, before, before.prediction_id)
        handed = await self._pictures.of_clip(job, clip, self._models.model(clip.model_key))
        if handed.images:
            images = await self._providers[clip.provider].hand_over(handed.images)
            handed = replace(handed, images=images)
        return self._asked(job, clip, handed)

    def _looked_for(self, job: VideoJob, clip: Clip) -> Order:
        """The same, to be known again by: its images are only counted."""
        planned = self._pictures.planned(job, clip, self._models.model(clip.model_key))
        return self._asked(job, clip, planned)

    def _asked(self, job: VideoJob, clip: Clip, handed: Handed) -> Order:
        model, ratio = self._models.model(clip.model_key), job.request.aspect_ratio
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
            images=handed.images,
            image_input=handed.input,
        )


def _window(fence: Fence, now: datetime) -> Window:
    """When the order may have been placed, by a clock that need not be ours."""
    # Until now, not until the fence: where another clip's order was the same, that clip may have
    # taken ours for its own, and left us its own, which was placed later.
    since, until = fence.first_at, max(fence.last_at, now)
    if since > now:
        # Our clock was set back. An order older than this cannot be told by what was asked any more.
        since = now - KEPT
    return Window(since=since - SKEW, until=until + SKEW)


def _is_settled(job: VideoJob, clip: Clip) -> bool:
    """Whether its job waits for no order for it any more."""
    now = next((each for each in job.clips if each.number == clip.number), None)
    return job.stage.is_final or now is None or now.prediction_id is not None


def _fresh_s(provider: VideoProvider) -> float:
    return min(FRESH_S, provider.grace_s / 2)


def seed_of(job_id: JobId, clip: int) -> int:
    """The same for every try at a clip, so that its order is known again among others."""
    digest = sha256(f"{job_id}.{clip}".encode()).digest()
    return int.from_bytes(digest[:4]) >> (32 - SEED_BITS)
