"""What is done after an order came to nothing: again, without sound, another model, a question, or an end.

Nothing is tried that costs more than somebody said yes to: where it would, a person is asked, and a
program is told.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from tools.catalogue.notices import about_images
from tools.domain.clips import Clip, clips_for
from tools.domain.events import ProposalReason
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
MEASURED = 1.05
"""Providers bill by what they measure: so much beyond what was agreed to asks nobody again."""
_DEARER = "The provider billed more than it had quoted for what is made so far."


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
            mute_price = self._mute_price(clip)
            again = order_ended(job, end, at=now, sound_was_refused=True, mute_price=mute_price)
            return self._if_covered(job, again, failure, end)
        if remedy is Remedy.AGAIN and clip.tries + 1 < TRIES:
            self._pause(notes, clip.tries + 1)
            return self._if_covered(job, order_ended(job, end, at=now), failure, end)
        if remedy in {Remedy.AGAIN, Remedy.ANOTHER_MODEL}:
            return self._another_model(job, clip, failure, end)
        return failed(job, failure, at=now, order=end)

    def before_order(self, job: VideoJob) -> Change | None:
        """None: it may be ordered. A bill far above its quote leaves too little of the yes for the rest."""
        price = job.spent + job.still_to_pay
        if not job.spent or price <= job.agreed.for_part(MEASURED):
            return None
        facts = {"job_id": job.id, "agreed": str(job.agreed), "would_cost": str(price)}
        logger.warning("the provider bills more than it quoted", extra=facts)
        rest = tuple(each for each in job.clips if not each.is_collected)
        plan = self._plan(job, self._catalogue.model(rest[0].model_key), None, rest=rest)
        dearer = Notice(code="billed_more_than_quoted", message=_DEARER)
        plan = replace(plan, quote=replace(plan.quote, warnings=(*plan.quote.warnings, dearer)))
        return self._asked(job, plan, _DEARER, None, reason="price")

    def _can_be_mute(self, clip: Clip) -> bool:
        """Once more as it is, then once without sound."""
        can_switch = self._mute_price(clip) is not None
        return clip.sound_refusals == 0 or (clip.sound_refusals == 1 and can_switch)

    def _mute_price(self, clip: Clip) -> Money | None:
        """None: its model makes no films without sound."""
        model = self._catalogue.model(clip.model_key)
        if model.sound is not Sound.SWITCH:
            return None
        return model.price(clip.seconds, sound=False)

    def _pause(self, notes: Notes, tried: int, *, at_least_s: float | None = None) -> None:
        backoff_s = min(self._backoff_s * 2 ** (tried - 1), LONGEST_BACKOFF_S)
        notes.not_before = self._boot_seconds() + max(backoff_s, at_least_s or 0)

    def _if_covered(self, job: VideoJob, again: Change, failure: Failure, end: OrderEnd) -> Change:
        """`again`, unless what was lost already makes the film dearer than it may be."""
        after = again.job
        if _is_covered(job, spent=after.spent, to_pay=after.still_to_pay):
            return again
        rest = tuple(each for each in after.clips if not each.is_collected)
        model = self._catalogue.model(rest[0].model_key)
        return self._asked(job, self._plan(job, model, end, rest=rest), failure.message, end)

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
        if _is_covered(job, spent=plan.spent, to_pay=_to_pay(plan)):
            facts = {"job_id": job.id, "model": model.key, "instead_of": clip.model_key}
            logger.warning("another model takes over", extra=facts)
            return switched(job, plan, stage=_begin(plan))
        return self._asked(job, plan, failure.message, end)

    def _asked(
        self,
        job: VideoJob,
        plan: Plan,
        why: str,
        end: OrderEnd | None,
        *,
        reason: ProposalReason = "fallback",
    ) -> Change:
        """It would cost more than was agreed to: a person's yes, or the end."""
        if job.origin is Origin.PROGRAM:
            error = ModelUnavailable(
                f"{why} Going on would cost more than the quote said, so nothing more was bought. "
                "Ask for a new quote."
            )
            return failed(job, failure_from(error), at=self._clock(), order=end)
        return proposed_anew(job, reason, plan=plan, expires_at=self._clock() + self._proposal_life)

    def _plan(
        self,
        job: VideoJob,
        model: VideoModel,
        end: OrderEnd | None,
        *,
        rest: tuple[Clip, ...] | None = None,
    ) -> Plan:
        """The clips that are here, and the rest by `model`, at what all of it costs together.

        `rest`: as the same model goes on with it; None: another model begins with it.
        """
        made = [each for each in job.clips if each.is_collected]
        is_another = rest is None
        lines = self._lines(job, model) if rest is None else _lines_of(model, rest)
        bare = Quote(model_key=model.key, requested_key=None, lines=lines)
        rest = clips_for(bare, model) if rest is None else rest
        plan = plan_after(job, end, at=self._clock(), quote=bare, clips=rest)
        asked = job.quote.requested_key or job.quote.model_key
        main = job.quote.model_key if made else model.key
        spent = (
            (QuoteLine(description="Already spent on it", seconds=0, amount=plan.spent),)
            if plan.spent
            else ()
        )
        quote = Quote(
            model_key=main,
            requested_key=None if main == asked else asked,
            lines=(*spent, *lines),
            warnings=self._warnings(job, model) if is_another else job.quote.warnings,
        )
        failed_models = plan.failed_models if is_another else job.failed_models
        return replace(plan, quote=quote, failed_models=failed_models)

    def _lines(self, job: VideoJob, model: VideoModel) -> tuple[QuoteLine, ...]:
        made_s = sum(each.seconds for each in job.clips if each.is_collected)
        return quote_lines(model, plan_clips(model, job.request.length_s - made_s))

    def _warnings(self, job: VideoJob, model: VideoModel) -> tuple[Notice, ...]:
        """Those of the quote so far, that another model takes over, and what it does with images."""
        clip = job.clip
        assert clip is not None
        is_begun = clip.number > 1
        told = job.quote.warnings
        before = self._catalogue.model(clip.model_key)
        if not is_begun:
            first_s = self._lines(job, model)[0].seconds
            of_before = tuple(about_images(before, job.request, clip.seconds))
            told = tuple(each for each in told if each not in of_before)
            told = (*told, *about_images(model, job.request, first_s))
        return (*told, _substituted(before.name, model, goes_on=is_begun))


def _is_covered(job: VideoJob, *, spent: Money, to_pay: Money) -> bool:
    """By what was agreed to. What came to nothing for nothing may be tried again for no more."""
    # Providers bill what they measure, a fraction of a second beyond the quote: nobody is asked for
    # that only because an order failed in between.
    if spent == job.spent and to_pay <= job.still_to_pay:
        return True
    return spent + to_pay <= job.agreed


def _lines_of(model: VideoModel, clips: tuple[Clip, ...]) -> tuple[QuoteLine, ...]:
    """Of clips as they stand: one of them may be without sound by now."""
    lines = quote_lines(model, tuple(each.seconds for each in clips))
    return tuple(replace(line, amount=clip.price) for line, clip in zip(lines, clips, strict=True))


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
