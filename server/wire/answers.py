"""What is answered: acks of commands, bodies of responses, live frames."""

from datetime import date
from typing import Any, Literal

from server.wire.base import ErrorOut, Moment, MoneyOut, NoticeOut, WireModel
from server.wire.entries import CreativeOut, QuoteOut, ReferenceImage
from tools.domain.frames import AspectRatio
from tools.domain.models import LifecycleState, Quality


class User(WireModel):
    id: str
    tenant: str


class Limits(WireModel):
    """What the door takes: characters, bytes, pixels and counts. The widget measures first."""

    message_chars: int
    upload_bytes: int
    upload_pixels: int
    upload_types: list[str]
    frame_bytes: int
    references: int
    queued: int


class LiveText(WireModel):
    message_id: str
    text: str


class ProgressOut(WireModel):
    """How far a job is: absolute. `n` grows; a frame whose `n` is not newer says nothing."""

    job_id: str
    n: int
    stage: str
    fraction: float | None = None
    eta_seconds: float | None = None
    elapsed_seconds: float
    queue_position: int | None = None


class LiveNow(WireModel):
    texts: list[LiveText]
    jobs: list[ProgressOut]


class SessionOpened(WireModel):
    """`entries` are those after the asked number; `more`: ask again from the last one."""

    session_id: str
    epoch: str
    head: int
    entries: list[Any]
    more: bool
    live: LiveNow
    active_turn_id: str | None = None
    user: User
    limits: Limits


class MessageSent(WireModel):
    """`queued`: its place in the line behind the running turn, absent when it runs at once."""

    seq: int
    turn_id: str
    queued: int | None = None


class TurnStopped(WireModel):
    state: Literal["stopping", "already_final"]


class TurnRetried(WireModel):
    turn_id: str


class VideoRequested(WireModel):
    job_id: str
    state: str


class JobAnswered(WireModel):
    """`state`: the job's now. Where somebody answered first, it is theirs."""

    state: str


class JobCancelled(WireModel):
    state: str
    will_be_charged: Literal["yes", "no", "unknown"]


class CreativeReviewed(WireModel):
    seq: int


class SessionRow(WireModel):
    session_id: str
    title: str
    updated_at: Moment
    head: int


class SessionsListed(WireModel):
    sessions: list[SessionRow]


class AuthRefreshed(WireModel):
    expires_at: Moment


class LiveTextFrame(WireModel):
    session_id: str
    type: Literal["text"] = "text"
    message_id: str
    pos: int
    text: str


class LiveProgressFrame(ProgressOut):
    session_id: str
    type: Literal["progress"] = "progress"


class LiveBeatFrame(WireModel):
    session_id: str
    type: Literal["beat"] = "beat"
    head: int
    active_turn_id: str | None = None


class WholeSeconds(WireModel):
    min: int
    max: int


class TypicalSeconds(WholeSeconds):
    """How long a film takes to make. `estimate`: the seed's table, until our own figures replace it."""

    estimate: bool


class ModelLifecycle(WireModel):
    state: LifecycleState
    retired_on: date | None = None
    replacements: list[str] | None = None


class VideoModelRow(WireModel):
    """The seed's six fields first, then ours. `standIn`: who makes its films while it cannot be had.
    `draft`: a free local animatic.
    """

    key: str
    name: str
    description: str
    duration_range: WholeSeconds
    supports_reference_images: bool
    quality: Quality
    available: bool
    unavailable_reason: str | None = None
    stand_in: str | None = None
    lifecycle: ModelLifecycle
    aspect_ratios: list[AspectRatio]
    max_reference_images: int
    price_per_second: MoneyOut | None = None
    typical_seconds: TypicalSeconds
    draft: bool | None = None


class GenerationMetadata(WireModel):
    generated_at: Moment
    provider: str
    resolution: str | None = None


class GenerationResult(WireModel):
    """The seed's full response, and what became of the request."""

    video_url: str
    video_path: str
    prompt: str
    refined_prompt: str | None = None
    model: str
    duration: int
    reference_images: list[ReferenceImage]
    metadata: GenerationMetadata
    job_id: str
    creative_id: str | None = None
    requested_model: str | None = None
    cost: MoneyOut
    warnings: list[NoticeOut]


class JobAccepted(WireModel):
    job_id: str
    state: str
    status_url: str


class JobStatus(WireModel):
    job_id: str
    state: str
    stage: str | None = None
    progress: ProgressOut | None = None
    quote: QuoteOut
    model: str
    requested_model: str | None = None
    result: GenerationResult | None = None
    error: ErrorOut | None = None
    charged: Literal["yes", "no", "unknown"] | None = None


class Alive(WireModel):
    status: Literal["up"]


class Ready(WireModel):
    """`parts`: what this server relies on, by name."""

    status: Literal["up", "down"]
    parts: dict[str, Literal["up", "down"]]


class UploadTaken(WireModel):
    upload_id: str
    url: str
    path: str
    content_type: str
    size: int
    width: int
    height: int
    warnings: list[NoticeOut]


class EntriesPage(WireModel):
    entries: list[Any]
    head: int
    more: bool
    epoch: str


class CreativesListed(WireModel):
    creatives: list[CreativeOut]


class CampaignUsage(WireModel):
    """Of one campaign: what was spent, what running jobs hold back, the limit, and what is stored."""

    spent: MoneyOut
    reserved: MoneyOut
    limit: MoneyOut
    bytes_stored: int


class CreativePatched(WireModel):
    creative: CreativeOut


ACKS: dict[str, type[WireModel]] = {
    "session.open": SessionOpened,
    "message.send": MessageSent,
    "turn.stop": TurnStopped,
    "turn.retry": TurnRetried,
    "video.request": VideoRequested,
    "job.approve": JobAnswered,
    "job.decline": JobAnswered,
    "job.cancel": JobCancelled,
    "creative.review": CreativeReviewed,
    "session.list": SessionsListed,
    "auth.refresh": AuthRefreshed,
}
"""What each command is answered with, beside `ok: true`."""

LIVE_FRAMES: tuple[type[WireModel], ...] = (LiveTextFrame, LiveProgressFrame, LiveBeatFrame)
