"""One film being made: its stages, and the only ways from one to the next.

    queued → refining → uploading → submitting → rendering → storing → finished
       └────────┴───────────┴────────────┴────────────┴─────────┴────→ failed, cancelled

A transition is a pure function that returns the new job *and* what may be told of it; the store
commits both in one transaction. `version` moves by one with each: whoever is late is refused.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from tools.domain.creatives import Creative
from tools.domain.events import (
    Charged,
    CreativeAdded,
    MessageAdded,
    SessionEvent,
    VideoCancelled,
    VideoChanged,
    VideoFailed,
    VideoQueued,
)
from tools.domain.failures import Failure
from tools.domain.frames import AspectRatio
from tools.domain.identity import (
    CampaignId,
    JobId,
    MessageId,
    PredictionId,
    SessionId,
    TenantId,
    TurnId,
    UserId,
)
from tools.domain.money import Money
from tools.domain.videos import Quote, VideoRequest

DEFAULT_STEP = "assetGeneration"
"""The seed's name for the campaign step a film belongs to."""


class Stage(StrEnum):
    QUEUED = "queued"
    REFINING = "refining"
    UPLOADING = "uploading"
    SUBMITTING = "submitting"
    RENDERING = "rendering"
    STORING = "storing"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self in _FINAL

    @property
    def state(self) -> str:
        """The word of the public contract: every stage between queued and final is `running`."""
        return self.value if self.is_final or self is Stage.QUEUED else "running"


_FINAL = frozenset({Stage.FINISHED, Stage.FAILED, Stage.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoJob:
    """A film on its way. `provider` and `prediction_id` say who is making it, once it was bought."""

    id: JobId
    tenant_id: TenantId
    user_id: UserId
    session_id: SessionId
    campaign_id: CampaignId
    turn_id: TurnId | None
    request: VideoRequest
    quote: Quote
    provider: str
    created_at: datetime
    stage: Stage = Stage.QUEUED
    version: int = 1
    refined_prompt: str | None = None
    prediction_id: PredictionId | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    cancel_requested: bool = False
    failure: Failure | None = None
    charged: Charged | None = None
    creative: Creative | None = None

    @property
    def sent_prompt(self) -> str:
        """What the provider is given: the refined prompt where there is one."""
        return self.refined_prompt or self.request.prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A job's new state, what may be told of it, and what it settles (None: nothing yet)."""

    job: VideoJob
    events: tuple[SessionEvent, ...] = ()
    settles: Money | None = None


def _moved(job: VideoJob, **facts: object) -> VideoJob:
    return replace(job, version=job.version + 1, **facts)  # type: ignore[arg-type]  # names are checked by replace


def queued(job: VideoJob) -> Change:
    """A new job, its quote agreed to."""
    return Change(
        job=job,
        events=(
            VideoQueued(job_id=job.id, turn_id=job.turn_id, request=job.request, quote=job.quote),
        ),
    )


def entered(job: VideoJob, stage: Stage, *, at: datetime) -> Change:
    """The job begins `stage`, one of the running ones."""
    moved = _moved(job, stage=stage, started_at=job.started_at or at)
    return Change(job=moved, events=(VideoChanged(job_id=job.id, stage=stage.value),))


def refined(job: VideoJob, refined_prompt: str, *, quote: Quote | None = None) -> Change:
    """`quote`: with one more warning, where there is something to tell of the refinement."""
    return Change(job=_moved(job, refined_prompt=refined_prompt, quote=quote or job.quote))


def warned(job: VideoJob, quote: Quote) -> Change:
    """The job goes on with one more warning in its quote."""
    return Change(job=_moved(job, quote=quote))


def bought(job: VideoJob, prediction_id: PredictionId) -> Change:
    """The provider took the order. Committed before the first poll, so that no crash buys it twice."""
    moved = _moved(job, stage=Stage.RENDERING, prediction_id=prediction_id)
    return Change(job=moved, events=(VideoChanged(job_id=job.id, stage=Stage.RENDERING.value),))


def lost(job: VideoJob) -> Change:
    """The provider knows nothing of the order and charges nothing: it may be placed again."""
    moved = _moved(job, stage=Stage.SUBMITTING, prediction_id=None)
    return Change(job=moved, events=(VideoChanged(job_id=job.id, stage=Stage.SUBMITTING.value),))


def cancelling(job: VideoJob) -> Change:
    """A person asked to stop. Whoever drives the job sees the flag at its next step."""
    return Change(job=_moved(job, cancel_requested=True))


def cancelled(job: VideoJob, *, charged: Charged, cost: Money | None, at: datetime) -> Change:
    moved = _moved(job, stage=Stage.CANCELLED, ended_at=at, charged=charged)
    event = VideoCancelled(job_id=job.id, reason="cancelled", charged=charged, cost=cost)
    return Change(job=moved, events=(event,), settles=cost or Money())


def failed(
    job: VideoJob, failure: Failure, *, charged: Charged, cost: Money | None, at: datetime
) -> Change:
    moved = _moved(job, stage=Stage.FAILED, ended_at=at, failure=failure, charged=charged)
    event = VideoFailed(job_id=job.id, error=failure, charged=charged, cost=cost)
    return Change(job=moved, events=(event,), settles=cost or Money())


def finished(
    job: VideoJob, creative: Creative, *, announcement_id: MessageId, at: datetime
) -> Change:
    """The film is stored: the creative and its announcement, in this order, in one transaction."""
    charged: Charged = "yes" if creative.cost.micros else "no"
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
