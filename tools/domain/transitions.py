"""The only ways of a job from one stage to the next.

A transition is a pure function that returns the new job *and* what may be told of it; the store
commits both in one transaction. `version` moves by one with each: whoever is late is refused.
"""

from dataclasses import replace
from datetime import datetime

from tools.domain.clips import Clip, Fence, Outcome, Purchase, renumbered
from tools.domain.creatives import Creative
from tools.domain.events import (
    Charged,
    CreativeAdded,
    MessageAdded,
    ProposalReason,
    VideoCancelled,
    VideoChanged,
    VideoFailed,
    VideoProposed,
    VideoQueued,
)
from tools.domain.failures import Failure
from tools.domain.frames import AspectRatio
from tools.domain.identity import MessageId, PredictionId
from tools.domain.jobs import Change, OrderEnd, Plan, Stage, VideoJob
from tools.domain.money import Money
from tools.domain.videos import Quote, VideoRequest

DEFAULT_STEP = "assetGeneration"
"""The seed's name for the campaign step a film belongs to."""


def _moved(job: VideoJob, **facts: object) -> VideoJob:
    return replace(job, version=job.version + 1, **facts)  # type: ignore[arg-type]  # names are checked by replace


# -- asking ----------------------------------------------------------------------------------------


def queued(job: VideoJob) -> Change:
    """A new job, its quote agreed to."""
    agreed = replace(job, agreed=job.quote.total)
    return Change(job=agreed, events=(_queued_event(agreed),), reserves=agreed.agreed)


def proposed(job: VideoJob, reason: ProposalReason, *, expires_at: datetime) -> Change:
    """A new job that waits for a person's yes. Nothing is held back for it yet."""
    waiting = replace(job, stage=Stage.PROPOSED, expires_at=expires_at)
    return Change(job=waiting, events=(_proposed_event(waiting, reason),))


def proposed_anew(
    job: VideoJob, reason: ProposalReason, *, plan: Plan, expires_at: datetime
) -> Change:
    """Another quote in the place of the one before it: the person is asked again."""
    waiting = _moved(plan.on(job), stage=Stage.PROPOSED, expires_at=expires_at)
    return Change(job=waiting, events=(_proposed_event(waiting, reason),), purchases=plan.over)


def approved(job: VideoJob) -> Change:
    moved = _moved(job, stage=Stage.QUEUED, expires_at=None, agreed=job.quote.total)
    return Change(job=moved, events=(_queued_event(moved),), reserves=moved.agreed)


def declined(job: VideoJob, *, at: datetime) -> Change:
    return _let_go(job, Stage.DECLINED, "declined", at=at)


def expired(job: VideoJob, *, at: datetime) -> Change:
    """Nobody answered the proposal in time."""
    return _let_go(job, Stage.CANCELLED, "expired", at=at)


def cancelling(job: VideoJob) -> Change:
    """A person asked to stop. Whoever drives the job sees the flag at its next step."""
    return Change(job=_moved(job, cancel_requested=True))


def cancelled(job: VideoJob, *, at: datetime, order: OrderEnd | None = None) -> Change:
    """Stopped by a person. `order`: what became of the running clip's, where there was one."""
    over, purchases = _over(job, order, at=at)
    return replace(_let_go(over, Stage.CANCELLED, "cancelled", at=at), purchases=purchases)


def _let_go(job: VideoJob, stage: Stage, reason: str, *, at: datetime) -> Change:
    moved = _moved(job, stage=stage, ended_at=at, charged=job.was_charged, expires_at=None)
    event = VideoCancelled(
        job_id=job.id,
        reason=reason,  # type: ignore[arg-type]  # the three words of its callers
        charged=job.was_charged,
        cost=_told_cost(job),
    )
    return Change(job=moved, events=(event,), settles=job.spent)


def _queued_event(job: VideoJob) -> VideoQueued:
    return VideoQueued(job_id=job.id, turn_id=job.turn_id, request=job.request, quote=job.quote)


def _proposed_event(job: VideoJob, reason: ProposalReason) -> VideoProposed:
    assert job.expires_at is not None
    return VideoProposed(
        job_id=job.id,
        turn_id=job.turn_id,
        request=job.request,
        quote=job.quote,
        reason=reason,
        expires_at=job.expires_at,
    )


def _told_cost(job: VideoJob) -> Money | None:
    """Only what is known is told as a cost; the books hold the upper bound."""
    return job.spent if job.spent and not job.is_in_doubt else None


# -- making ----------------------------------------------------------------------------------------


def entered(job: VideoJob, stage: Stage, *, at: datetime) -> Change:
    """The job begins `stage`, one of the running ones."""
    moved = _moved(job, stage=stage, started_at=job.started_at or at)
    return Change(job=moved, events=(_changed(moved),))


def refined(job: VideoJob, refined_prompt: str, *, quote: Quote | None = None) -> Change:
    """`quote`: with one more warning, where there is something to tell of the refinement."""
    return Change(job=_moved(job, refined_prompt=refined_prompt, quote=quote or job.quote))


def warned(job: VideoJob, quote: Quote) -> Change:
    """The job goes on with one more warning in its quote."""
    return Change(job=_moved(job, quote=quote))


def fenced(job: VideoJob, *, life: str, at: datetime) -> Change:
    """An order for the running clip is about to be placed. Committed first, because then it may exist."""
    clip = _running(job)
    first_at = clip.fence.first_at if clip.fence else at
    fence = Fence(life=life, first_at=first_at, last_at=at)
    return Change(job=_moved(job, clips=_with(job, replace(clip, fence=fence))))


def unfenced(job: VideoJob) -> Change:
    """The order was certainly not taken: it may be placed as if for the first time."""
    return Change(job=_moved(job, clips=_with(job, replace(_running(job), fence=None))))


def bought(
    job: VideoJob, prediction_id: PredictionId, *, at: datetime, eta_s: int | None = None
) -> Change:
    """The provider took the order. Committed before the first poll, so that no crash buys it twice."""
    clip = replace(_running(job), fence=None, prediction_id=prediction_id, bought_at=at)
    moved = _moved(job, stage=Stage.RENDERING, clips=_with(job, clip))
    return Change(
        job=moved,
        events=(_changed(moved, eta_s=eta_s),),
        purchases=(_purchase(job, clip),),
    )


def order_ended(
    job: VideoJob,
    end: OrderEnd,
    *,
    at: datetime,
    sound_was_refused: bool = False,
    mute_price: Money | None = None,
) -> Change:
    """The clip's order came to nothing; it may be placed again.

    `sound_was_refused`: the second time it is placed without sound, at `mute_price` where that is
    another one.
    """
    over, purchases = _over(job, end, at=at)
    clip = _running(over)
    if sound_was_refused:
        is_mute = clip.sound_refusals > 0
        clip = replace(
            clip,
            sound=clip.sound and not is_mute,
            sound_refusals=clip.sound_refusals + 1,
            price=mute_price if is_mute and mute_price is not None else clip.price,
        )
    moved = _moved(over, stage=Stage.SUBMITTING, clips=_with(over, clip))
    return Change(job=moved, events=(_changed(moved),), purchases=purchases)


def _over(
    job: VideoJob, end: OrderEnd | None, *, at: datetime
) -> tuple[VideoJob, tuple[Purchase, ...]]:
    """The job after its running clip's order is over, not yet moved; and the order as it is kept."""
    clip = job.clip
    if end is None or clip is None:
        return job, ()
    cost = Money() if end.charged == "no" else end.cost
    fresh = replace(
        clip,
        fence=None,
        prediction_id=None,
        bought_at=None,
        tries=clip.tries + (end.outcome is not Outcome.LOST),
    )
    over = replace(
        job,
        clips=_with(job, fresh),
        spent=job.spent + cost,
        is_in_doubt=job.is_in_doubt or end.charged == "unknown",
    )
    if clip.prediction_id is None:
        return over, ()
    kept = replace(_purchase(job, clip), outcome=end.outcome, ended_at=at, cost=cost)
    return over, (kept,)


def plan_after(
    job: VideoJob, end: OrderEnd | None, *, at: datetime, quote: Quote, clips: tuple[Clip, ...]
) -> Plan:
    """What is left of a job whose running clip's model gave up, with another model for the rest.

    `clips`: those that are still to be made. Those that are here stay.
    """
    failed = _running(job).model_key
    over, purchases = _over(job, end, at=at)
    kept = tuple(each for each in over.clips if each.is_collected)
    return Plan(
        request=job.request,
        quote=quote,
        provider=(kept or clips)[0].provider,
        clips=renumbered((*kept, *clips)),
        spent=over.spent,
        is_in_doubt=over.is_in_doubt,
        failed_models=(*job.failed_models, failed),
        over=purchases,
    )


def collected(job: VideoJob, *, cost: Money, took_s: float | None, at: datetime) -> Change:
    """The clip's file is here: on with the next one, or with the film."""
    clip = replace(_running(job), is_collected=True)
    clips = _with(job, clip)
    is_last = all(each.is_collected for each in clips)
    moved = _moved(
        job,
        stage=Stage.STORING if is_last else Stage.SUBMITTING,
        clips=clips,
        spent=job.spent + cost,
    )
    made = replace(
        _purchase(job, clip), outcome=Outcome.RENDERED, ended_at=at, cost=cost, took_s=took_s
    )
    return Change(job=moved, events=(_changed(moved),), purchases=(made,))


def switched(job: VideoJob, plan: Plan, *, stage: Stage) -> Change:
    """Another model makes what is still to be made, within what was agreed to."""
    moved = _moved(plan.on(job), stage=stage)
    clip = _running(moved)
    event = replace(_changed(moved), model_key=clip.model_key)
    return Change(job=moved, events=(event,), purchases=plan.over)


def failed(
    job: VideoJob, failure: Failure, *, at: datetime, order: OrderEnd | None = None
) -> Change:
    """It will not be made. `order`: what became of the running clip's, where there was one."""
    over, purchases = _over(job, order, at=at)
    moved = _moved(over, stage=Stage.FAILED, ended_at=at, failure=failure, charged=over.was_charged)
    event = VideoFailed(
        job_id=job.id, error=failure, charged=over.was_charged, cost=_told_cost(over)
    )
    return Change(job=moved, events=(event,), settles=over.spent, purchases=purchases)


def finished(
    job: VideoJob, creative: Creative, *, announcement_id: MessageId, at: datetime
) -> Change:
    """The film is stored: the creative and its announcement, in this order, in one transaction."""
    charged: Charged = "yes" if creative.cost else "no"
    moved = _moved(job, stage=Stage.FINISHED, ended_at=at, creative=creative, charged=charged)
    announcement = MessageAdded(
        job_id=job.id,
        message_id=announcement_id,
        sender="system",
        code="video.ready",
        step=DEFAULT_STEP,
        text=(
            "✅ Video generated and added to creatives! "
            f"Model: {creative.model_key}, Duration: {creative.film.length_s}s"
        ),
        suggestions=follow_ups(job.request),
    )
    return Change(
        job=moved,
        events=(CreativeAdded(job_id=job.id, creative=creative), announcement),
        settles=creative.cost,
    )


def _running(job: VideoJob) -> Clip:
    clip = job.clip
    if clip is None:
        message = f"{job.id} has no clip left to make"
        raise ValueError(message)
    return clip


def _with(job: VideoJob, clip: Clip) -> tuple[Clip, ...]:
    return tuple(clip if each.number == clip.number else each for each in job.clips)


def _changed(job: VideoJob, *, eta_s: int | None = None) -> VideoChanged:
    """Which clip it is about is told only where there are several."""
    clip = job.clip
    is_chained = len(job.clips) > 1 and clip is not None
    return VideoChanged(
        job_id=job.id,
        stage=job.stage.value,
        clip=clip.number if clip is not None and is_chained else None,
        clips=len(job.clips) if is_chained else None,
        eta_s=eta_s,
    )


def _purchase(job: VideoJob, clip: Clip) -> Purchase:
    return Purchase(
        prediction_id=clip.prediction_id or PredictionId(""),
        job_id=job.id,
        clip=clip.number,
        provider=clip.provider,
        model_key=clip.model_key,
        seconds=clip.seconds,
        sound=clip.sound,
        bought_at=clip.bought_at or job.created_at,
    )


_SHORT_S = 5
_OTHER_RATIO = {
    AspectRatio.TALL: "Make it again in 16:9",
    AspectRatio.WIDE: "Make it again in 9:16",
    AspectRatio.SQUARE: "Make it again in 9:16",
}


def follow_ups(request: VideoRequest) -> tuple[str, ...]:
    """Two or three things a marketer would ask next, each a sentence the agent can act on."""
    is_short = request.length_s <= _SHORT_S
    other_length = "Again but longer" if is_short else "Again but shorter"
    return (_OTHER_RATIO[request.aspect_ratio], other_length, "Try another hook")
