"""What a turn needs from the outside: a chat model to talk with, a scribe to tell it to."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from tools.domain.creatives import Creative
from tools.domain.failures import Failure
from tools.domain.identity import CallId, MessageId, UploadId
from tools.domain.jobs import VideoJob
from tools.domain.models import ModelOffer
from tools.domain.money import Money
from tools.domain.uploads import Upload


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSaid:
    text: str
    uploads: tuple[UploadId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A call as the model wrote it: `arguments` is its JSON text, not yet validated."""

    call_id: CallId
    tool: str
    arguments: str
    extras: Mapping[str, object] = field(default_factory=dict, hash=False)
    """What the model that made the call wants back with it, unread. Not kept beyond the turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistantSaid:
    text: str = ""
    calls: tuple[ToolCall, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolAnswered:
    """The output of a call: `{"ok": true, ...result}` or `{"ok": false, "error": {...}}`."""

    call_id: CallId
    tool: str
    output: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemSaid:
    """Something that happened meanwhile: a film was announced."""

    text: str


ChatMessage = UserSaid | AssistantSaid | ToolAnswered | SystemSaid


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """A tool as a chat model is told of it. `parameters` is a JSON schema."""

    name: str
    description: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefing:
    """Facts of the campaign that are always in front of the model, whatever was said."""

    today: date
    uploads: tuple[Upload, ...] = ()
    creatives: tuple[Creative, ...] = ()
    jobs: tuple[VideoJob, ...] = ()
    """Those of this session that are not over: being made, or waiting for a person's yes."""
    brand: tuple[tuple[str, str], ...] = ()
    """What the person told of the brand, by name: ("productName", "Oatly")."""
    models: tuple[ModelOffer, ...] = ()
    budget_left: Money | None = None
    """Of the campaign, running films counted as spent; None where nobody counts."""
    earlier_messages: int = 0
    """How many messages at the beginning of the talk are not among those shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """One question to the model: who it is, the facts, the talk so far, what it may call."""

    instructions: str
    briefing: Briefing
    messages: tuple[ChatMessage, ...]
    tools: tuple[ToolSpec, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDelta:
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRequested:
    call: ToolCall


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSwitched:
    """Another model answers from here, or the same one once more, and why, in words for a person.

    It begins anew: calls that were asked for before it in this step are not run, half text stays as
    it was said.
    """

    model: str
    words: str


ModelEvent = TextDelta | CallRequested | ModelSwitched


class ChatModel(Protocol):
    """Something to talk with. Closing the iterator stops the work behind it.

    Raises ProviderUnavailable, ProviderRefused, ContentRejected. Call ids are unique within a session.
    """

    @property
    def name(self) -> str: ...

    @property
    def greeting(self) -> str:
        """What it says of itself in a new session: that it is an AI, and whether it is offline."""
        ...

    @property
    def context_tokens(self) -> int:
        """How much it can read and write at once, in tokens; the history is cut to it."""
        ...

    def answer(self, request: ChatRequest) -> AsyncGenerator[ModelEvent, None]: ...


class Scribe(Protocol):
    """Writes down what happens in a turn; the only way out of it."""

    def writes(self, message_id: MessageId, text: str) -> None:
        """More of the answer that is being written; may be lost."""
        ...

    async def said(self, message_id: MessageId, text: str) -> None:
        """A whole message of the assistant, durable."""
        ...

    def ends(self, message_id: MessageId, text: str) -> None:
        """The last message of a turn that answered: made durable with the turn's end."""
        ...

    async def told(self, code: str, words: str) -> None:
        """A remark of the system's, durable: which model goes on, and why."""
        ...

    async def tool_started(
        self, call_id: CallId, tool: str, title: str, arguments: Mapping[str, object]
    ) -> None: ...

    async def tool_finished(
        self,
        call_id: CallId,
        tool: str,
        *,
        result: Mapping[str, object] | None = None,
        error: Failure | None = None,
    ) -> None: ...
