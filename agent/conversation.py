"""The talk so far, as a chat model should read it: a pure fold of the session's timeline.

The timeline tells everything in the order it happened; a model wants it in the order it makes
sense: turn by turn, every call beside its output, nothing that was edited away or tried again.
A message that waits for its turn is not part of the talk yet.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from agent.ports import (
    AssistantSaid,
    ChatMessage,
    SystemSaid,
    ToolAnswered,
    ToolCall,
    UserSaid,
)
from tools.domain.events import (
    MessageAdded,
    SessionEvent,
    ToolFinished,
    ToolStarted,
    TurnFinished,
    TurnOutcome,
    TurnStarted,
)
from tools.domain.failures import Failure
from tools.domain.identity import CallId, MessageId, TurnId

_BROKEN_OFF = {
    TurnOutcome.STOPPED: "The person stopped this answer here. Do not resume it unasked.",
    TurnOutcome.FAILED: "This answer failed here. Do not resume it unasked.",
    TurnOutcome.INTERRUPTED: "This answer was interrupted here. Do not resume it unasked.",
}
_NO_OUTPUT = Failure(
    code="interrupted",
    message="This call was stopped before it answered. What it had already started may go on.",
    retryable=True,
)


@dataclass(slots=True)
class _Turn:
    """One answer in the making: its messages in order, and the calls that wait for an output."""

    message_id: MessageId
    messages: list[ChatMessage] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    outputs: dict[CallId, Mapping[str, object]] = field(default_factory=dict)
    outcome: TurnOutcome | None = None

    def close_calls(self) -> None:
        """Write down the calls of one step with an output for each, missing ones included."""
        if not self.calls:
            return
        self.messages.append(AssistantSaid(calls=tuple(self.calls)))
        for call in self.calls:
            output = self.outputs.get(call.call_id) or output_of(error=_NO_OUTPUT)
            self.messages.append(ToolAnswered(call_id=call.call_id, tool=call.tool, output=output))
        self.calls.clear()

    @property
    def waits(self) -> bool:
        return any(call.call_id not in self.outputs for call in self.calls)


@dataclass(slots=True)
class _Fold:
    asked: dict[MessageId, UserSaid] = field(default_factory=dict)
    """What the user said and has not taken back."""
    turns: dict[TurnId, _Turn] = field(default_factory=dict)
    order: list[TurnId | SystemSaid] = field(default_factory=list)
    """Turns as they started, announcements as they came."""

    def take(self, event: SessionEvent) -> None:
        match event:
            case MessageAdded():
                self._message(event)
            case TurnStarted(turn_id=turn_id, message_id=message_id) if turn_id is not None:
                self.turns[turn_id] = _Turn(message_id)
                self.order.append(turn_id)
            case ToolStarted() | ToolFinished() | TurnFinished() if event.turn_id in self.turns:
                _add(self.turns[event.turn_id], event)
            case _:  # jobs, uploads and creatives are facts of the briefing, not talk
                pass

    def _message(self, event: MessageAdded) -> None:
        match event.sender:
            case "user":
                if event.replaces is not None:
                    self.asked.pop(event.replaces, None)
                uploads = tuple(upload.id for upload in event.uploads)
                self.asked[event.message_id] = UserSaid(text=event.text, uploads=uploads)
            case "assistant":
                # One without a turn is the welcome: our words, not an answer to anything.
                turn = self.turns.get(event.turn_id) if event.turn_id is not None else None
                if turn is not None and event.text:
                    turn.close_calls()
                    turn.messages.append(AssistantSaid(text=event.text))
            case "system":
                self.order.append(SystemSaid(text=event.text))


def _add(turn: _Turn, event: ToolStarted | ToolFinished | TurnFinished) -> None:
    match event:
        case ToolStarted():
            if not turn.waits:  # a call started while another waits belongs to the same step
                turn.close_calls()
            arguments = json.dumps(dict(event.arguments), ensure_ascii=False)
            turn.calls.append(ToolCall(call_id=event.call_id, tool=event.tool, arguments=arguments))
        case ToolFinished():
            turn.outputs[event.call_id] = output_of(result=event.result, error=event.error)
        case TurnFinished():
            turn.outcome = event.outcome


def conversation(
    events: Iterable[SessionEvent], *, answering: MessageId | None = None
) -> tuple[ChatMessage, ...]:
    """The messages for the next request; the one being answered is last.

    `answering`: the user's message whose turn is about to run, whether or not its start is already
    in `events`. Of several turns for one message only the latest counts.
    """
    fold = _Fold()
    for event in events:
        fold.take(event)
    latest = {turn.message_id: turn_id for turn_id, turn in fold.turns.items()}
    told: list[ChatMessage] = []
    for entry in fold.order:
        if isinstance(entry, SystemSaid):
            told.append(entry)
            continue
        turn = fold.turns[entry]
        asked = fold.asked.get(turn.message_id)
        if asked is None or latest[turn.message_id] != entry or turn.message_id == answering:
            continue
        told += [asked, *_ended(turn)]
    if answering is not None and answering in fold.asked:
        told.append(fold.asked[answering])
    return tuple(told)


def _ended(turn: _Turn) -> list[ChatMessage]:
    turn.close_calls()
    remark = _BROKEN_OFF.get(turn.outcome or TurnOutcome.INTERRUPTED)
    return [*turn.messages, *([SystemSaid(text=remark)] if remark else [])]


def output_of(
    *, result: Mapping[str, object] | None = None, error: Failure | None = None
) -> Mapping[str, object]:
    """A call's output as the model reads it: `{"ok": true, ...}` or `{"ok": false, "error": …}`."""
    if error is None:
        return {**(result or {}), "ok": True}
    told: dict[str, object] = {
        "code": error.code,
        "message": error.message,
        "retryable": error.retryable,
    }
    if error.field is not None:
        told["field"] = error.field
    if error.details is not None:
        told["details"] = dict(error.details)
    return {"ok": False, "error": told}
