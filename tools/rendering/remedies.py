"""What is done after an order came to nothing: again, without sound, another model, a question, or an end.

Nothing is tried that costs more than somebody said yes to: where it would, a person is asked, and a
program is told.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from tools.domain.clips import Clip, clips_for
from tools.domain.failures import Failure, Notice, failure_from
from tools.domain.frames import AspectRatio
from tools.domain.jobs import Change, OrderEnd, Origin, Plan, Stage, VideoJob
from tools.domain.models import Sound, VideoModel
from tools.domain.money import Money, total
from tools.domain.plans import plan_clips, quote_lines
from tools.domain.transitions import (
    failed,
    order_ended,
    plan_after,
    proposed_anew,
    switched,
    unfenced,
)
from tools.domain.videos import Quote, QuoteLine
from tools.errors import ModelUnavailable
from tools.rendering.notes import Notes, Seconds
from tools.rendering.ports import OrderRefused, Remedy, RenderFailed

logger = logging.getLogger("reelroom.VideoGeneration")

TRIES = 3
"""Of one clip by one model, each of them an order that ended badly."""
REFUSALS = 40
"""Of an order by a provider that is only busy: with the pauses between them, about half an hour."""
BACKOFF_S = 2.0
LONGEST_BACKOFF_S = 60.0


class Catalogue(Protocol):
    def model(self, key: str) -> VideoModel: ...

    def stand_in(
        self,
        quote: Quote,
        *,
        aspect_ratio: AspectRatio,
        remaining_s: int,
        failed: frozenset[str],
        goes_on: bool,
    ) -> VideoModel | None:
        """Who makes the rest when the running model cannot. `goes_on`: from a clip that is there."""
        ...


class Remedies:
    """`proposal_life`: how long a question to a person stands."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        proposal_life: timedelta,
        backoff_s: float = BACKOFF_S,
        boot_seconds: Seconds,
        clock: Callable[[], datetime],
    ) -> None:
        self._catalogue = catalogue
        self._proposal_life = proposal_life
        self._backoff_s = backoff_s
        self._boot_seconds = boot_seconds
        self._clock = clock

    def after_refusal(
        self, job: VideoJob, clip: Clip, notes: Notes, refusal: OrderRefused
    ) -> Change:
        """The provider did not take the order: nothing was bought."""
        if refusal.remedy is Remedy.AGAIN and notes.refusals < REFUSALS:
            notes.refusals += 1
            self._pause(notes, notes.refusals, at_least_s=refusal.retry_after_s)
            return unfenced(job)
        if refusal.remedy in {Remedy.AGAIN, Remedy.ANOTHER_MODEL}:
            return self._another_model(job, clip, refusal.failure, None)
        return failed(job, refusal.failure, at=self._clock())

    def after_end(self, job: VideoJob, clip: Clip, notes: Notes, status: RenderFailed) -> Change:
        """The order was taken, and no film came of it."""
        failure, remedy = status.failure, status.remedy
        end = OrderEnd(outcome=status.outcome, charged=status.charged, cost=clip.price)
        facts = {"job_id": job.id, "clip": clip.number, "code": failure.code, "remedy": remedy}
        logger.warning("an order came to nothing", extra=facts)
        now = self._clock()
        if remedy is Remedy.WITHOUT_SOUND and self._can_be_mute(clip):
            again = order_ended(job, end, at=now, sound_was_refused=True)
            return self._if_covered(job, again, failure, end)
        if remedy is Remedy.AGAIN and clip.tries + 1 < TRIES:
            self._pause(notes, clip.tries + 1)
            return self._if_covered(job, order_ended(job, end, at=now), failure, end)
        if remedy in {Remedy.AGAIN, Remedy.ANOTHER_MODEL}:
            return self._another_model(job, clip, failure, end)
        return failed(job, failure, at=now, order=end)

    def _can_be_mute(self, clip: Clip) -> bool:
        """Once more as it is, then once without sound."""
        is_switch = self._catalogue.model(clip.model_key).sound is Sound.SWITCH
        return clip.sound_refusals == 0 or (clip.sound_refusals == 1 and is_switch)

    def _pause(self, notes: Notes, tried: int, *, at_least_s: float | None = None) -> None:
        backoff_s = min(self._backoff_s * 2 ** (tried - 1), LONGEST_BACKOFF_S)
        notes.not_before = self._boot_seconds() + max(backoff_s, at_least_s or 0)

    def _if_covered(self, job: VideoJob, again: Change, failure: Failure, end: OrderEnd) -> Change:
        """`again`, unless what was lost already makes the film dearer than it may be."""
        after = again.job
        if after.spent + after.still_to_pay <= job.agreed:
            return again
        clip = job.clip
        assert clip is not None
        model = self._catalogue.model(clip.model_key)
        return self._asked(job, model, failure, end)

    def _another_model(
        self, job: VideoJob, clip: Clip, failure: Failure, end: OrderEnd | None
    ) -> Change:
        made = [each for each in job.clips if each.is_collected]
        remaining_s = job.request.length_s - sum(each.seconds for each in made)
        model = self._catalogue.stand_in(
            job.quote,
            aspect_ratio=job.request.aspect_ratio,
            remaining_s=remaining_s,
            failed=frozenset({*job.failed_models, clip.model_key}),
            goes_on=bool(made),
        )
        if model is None:
            return failed(job, failure, at=self._clock(), order=end)
        plan = self._plan(job, model, end)
        if plan.spent + _to_pay(plan) <= job.agreed:
            facts = {"job_id": job.id, "model": model.key, "instead_of": clip.model_key}
            logger.warning("another model takes over", extra=facts)
            return switched(job, plan, stage=_begin(plan))
        return self._asked(job, model, failure, end)

    def _asked(
        self, job: VideoJob, model: VideoModel, failure: Failure, end: OrderEnd | None
    ) -> Change:
        """It would cost more than was agreed to: a person's yes, or the end."""
        if job.origin is Origin.PROGRAM:
            error = ModelUnavailable(
                f"{failure.message} Another try would cost more than the quote said, so it was "
                "not made. Ask for a new quote."
            )
            return failed(job, failure_from(error), at=self._clock(), order=end)
        return proposed_anew(
            job,
            "fallback",
            plan=self._plan(job, model, end),
            expires_at=self._clock() + self._proposal_life,
        )

    def _plan(self, job: VideoJob, model: VideoModel, end: OrderEnd | None) -> Plan:
        """The clips that are here, and the rest by `model`, at what all of it costs together."""
        made = [each for each in job.clips if each.is_collected]
        remaining_s = job.request.length_s - sum(each.seconds for each in made)
        lines = quote_lines(model, plan_clips(model, remaining_s))
        bare = Quote(model_key=model.key, requested_key=None, lines=lines)
        plan = plan_after(job, end, at=self._clock(), quote=bare, clips=clips_for(bare, model))
        asked = job.quote.requested_key or job.quote.model_key
        main = job.quote.model_key if made else model.key
        spent = (
            (QuoteLine(description="Already spent on it", seconds=0, amount=plan.spent),)
            if plan.spent
            else ()
        )
        warnings = job.quote.warnings
        if model.key != job.quote.model_key:
            warnings = (*warnings, _substituted(job.quote.model_key, model, goes_on=bool(made)))
        quote = Quote(
            model_key=main,
            requested_key=None if main == asked else asked,
            lines=(*spent, *lines),
            warnings=warnings,
        )
        is_same = job.clip is not None and job.clip.model_key == model.key
        failed_models = job.failed_models if is_same else plan.failed_models
        return replace(plan, quote=quote, failed_models=failed_models)


def _begin(plan: Plan) -> Stage:
    """Where the rest begins: references are fitted anew for another model."""
    is_new = not any(each.is_collected for each in plan.clips)
    return Stage.UPLOADING if is_new and plan.request.references else Stage.SUBMITTING


def _to_pay(plan: Plan) -> Money:
    return total(tuple(each.price for each in plan.clips if not each.is_collected))


def _substituted(instead_of: str, model: VideoModel, *, goes_on: bool) -> Notice:
    what = "the rest of the film" if goes_on else "the film"
    return Notice(
        code="model_substituted",
        message=f"{instead_of} could not make it; {model.name} makes {what}.",
    )
