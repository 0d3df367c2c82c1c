"""What can be told of a session: the timeline's vocabulary, past tense, one union.

Each event is one entry of the timeline. `name` is its name on the wire and in the database, for
ever. Events carry paths, never URLs: addresses are made when an entry is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Literal

from tools.domain.creatives import Creative
from tools.domain.failures import Failure
from tools.domain.identity import CallId, JobId, MessageId, TurnId
from tools.domain.money import Money
from tools.domain.uploads import Upload
from tools.domain.videos import Quote, VideoRequest

Sender = Literal["user", "assistant", "system"]
Charged = Literal["yes", "no", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    """`turn_id` and `job_id` stand beside the data, so that a reader can group without knowing it."""

    turn_id: TurnId | None = None
    job_id: JobId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAdded(_Event):
    """Somebody said something. `replaces`: this edits and resends an earlier message of the user."""

    name: ClassVar = "message.added"
    message_id: MessageId
    sender: Sender
    text: str
    uploads: tuple[Upload, ...] = ()
    client_id: str | None = None
    replaces: MessageId | None = None
    step: str | None = None
    code: str | None = None
    suggestions: tuple[str, ...] = ()


class TurnOutcome(StrEnum):
    ANSWERED = "answered"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnStarted(_Event):
    """`message_id` is the user's message that this turn answers."""

    name: ClassVar = "turn.started"
    message_id: MessageId


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnFinished(_Event):
    name: ClassVar = "turn.finished"
    outcome: TurnOutcome
    error: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolStarted(_Event):
    name: ClassVar = "tool.started"
    call_id: CallId
    tool: str
    title: str
    arguments: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolFinished(_Event):
    """Every started call gets one, also when it failed or was stopped."""

    name: ClassVar = "tool.finished"
    call_id: CallId
    tool: str
    ok: bool
    result: Mapping[str, object] | None = None
    error: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadAdded(_Event):
    name: ClassVar = "upload.added"
    upload: Upload


ProposalReason = Literal["price", "repeated", "fallback"]
"""Why a person is asked: it costs more than goes by itself, it is being made already, or the model
that was agreed to failed and the next one costs more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoProposed(_Event):
    """The job waits for a person's yes; a later one replaces it."""

    name: ClassVar = "video.proposed"
    request: VideoRequest
    quote: Quote
    reason: ProposalReason
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoQueued(_Event):
    name: ClassVar = "video.queued"
    request: VideoRequest
    quote: Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoChanged(_Event):
    """The job entered `stage` (a running one: refining to storing).

    `model_key`: only where another model takes over from here on.
    """

    name: ClassVar = "video.changed"
    stage: str
    model_key: str | None = None
    clip: int | None = None
    clips: int | None = None
    eta_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoFailed(_Event):
    name: ClassVar = "video.failed"
    error: Failure
    charged: Charged
    cost: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoCancelled(_Event):
    name: ClassVar = "video.cancelled"
    reason: Literal["cancelled", "declined", "expired"]
    charged: Charged
    cost: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreativeAdded(_Event):
    """A film is in the list. With its `job_id` this ends the job."""

    name: ClassVar = "creative.added"
    creative: Creative


@dataclass(frozen=True, slots=True, kw_only=True)
class CreativeUpdated(_Event):
    name: ClassVar = "creative.updated"
    creative: Creative


SessionEvent = (
    MessageAdded
    | TurnStarted
    | TurnFinished
    | ToolStarted
    | ToolFinished
    | UploadAdded
    | VideoProposed
    | VideoQueued
    | VideoChanged
    | VideoFailed
    | VideoCancelled
    | CreativeAdded
    | CreativeUpdated
)
