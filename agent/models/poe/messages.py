"""A ChatRequest as the messages an OpenAI-compatible API takes, and no server refuses. Pure.

What is always so, whatever the talk went through: one system message, first; then a person; no two
messages of a person, and none of the assistant, side by side; every call followed at once by exactly
one output under its id; a person or an output last; nothing empty; arguments that are JSON objects.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from agent.instructions import facts
from agent.models.poe.accumulator import clean, is_object
from agent.ports import (
    AssistantSaid,
    ChatMessage,
    ChatRequest,
    SystemSaid,
    ToolAnswered,
    ToolCall,
    ToolSpec,
    UserSaid,
)
from tools.domain.identity import CallId

Json = dict[str, object]

NOTE = "studio-note"
_NOTE_TAG = re.compile(rf"<(?=\s*/?\s*{NOTE})", re.IGNORECASE)
_NO_OUTPUT: Mapping[str, object] = {
    "ok": False,
    "error": {"code": "interrupted", "message": "This call gave no output.", "retryable": True},
}
_BEGIN = "The session was just opened. Say in one sentence what you can do here."
_EARLIER = "What was said before is left out."
_GO_ON = "Go on."
_TOOL_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SHOWN_CHARS = 2_000


def api_messages(request: ChatRequest, *, model: str, with_extras: bool = True) -> list[Json]:
    """`model` gets back what it wants back with calls of its own; other models' is left out.

    `with_extras` False: nobody gets any of it, for a server that refuses keys it does not know.
    """
    writing = _Writing(model=model if with_extras else None)
    for message in request.messages:
        writing.take(message)
    system = f"{request.instructions}\n\n{facts(request.briefing)}"
    return [{"role": "system", "content": clean(system)}, *writing.finished()]


def api_tools(tools: Sequence[ToolSpec]) -> list[Json]:
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": dict(tool.parameters),
            },
        }
        for tool in tools
    ]


@dataclass(slots=True)
class _Writing:
    model: str | None
    written: list[Json] = field(default_factory=list)
    open_calls: list[tuple[CallId, str]] = field(default_factory=list)
    """The calls that still need an output, in order: our id, and the id they went out under."""
    used_ids: set[str] = field(default_factory=set)

    def take(self, message: ChatMessage) -> None:
        if not isinstance(message, ToolAnswered):
            self._close_calls()
        match message:
            case UserSaid(text=text, uploads=uploads):
                said = clean(_NOTE_TAG.sub("‹", text)).strip()
                images = _note(f"Images given with this message: {', '.join(uploads)}.")
                self._person(
                    "\n\n".join(part for part in (said, images if uploads else "") if part)
                )
            case SystemSaid(text=text):
                self._person(_note(text))
            case AssistantSaid(text=text, calls=calls):
                self._assistant(clean(text).strip(), calls)
            case ToolAnswered(call_id=call_id, output=output):
                self._answered(call_id, output)

    def finished(self) -> list[Json]:
        self._close_calls()
        if not self.written:
            self._person(_note(_BEGIN))
        elif self.written[-1]["role"] == "assistant":
            self._person(_note(_GO_ON))
        return self.written

    # -- within -------------------------------------------------------------------------------

    def _person(self, text: str) -> None:
        text = text or "(no words)"
        last = self.written[-1] if self.written else None
        if last is not None and last["role"] == "user":
            last["content"] = f"{last['content']}\n\n{text}"
        else:
            self.written.append({"role": "user", "content": text})

    def _assistant(self, text: str, calls: tuple[ToolCall, ...]) -> None:
        if not text and not calls:
            return
        if not self.written:
            self._person(_note(_EARLIER))
        last = self.written[-1]
        if last["role"] != "assistant":
            last = {"role": "assistant", "content": None}
            self.written.append(last)
        if text:
            said = last["content"]
            last["content"] = f"{said}\n\n{text}" if said else text
        if calls:
            last.update(self._message_extras(calls))
            last["tool_calls"] = [self._call(call) for call in calls]

    def _call(self, call: ToolCall) -> Json:
        extras = call.extras if call.extras.get("model") == self.model else {}
        their_id = extras.get("id")
        sent_id = their_id if isinstance(their_id, str) and their_id else str(call.call_id)
        # Models repeat their ids; two calls under one id could not be told apart.
        numbers = count(len(self.used_ids))
        while sent_id in self.used_ids or not sent_id:
            sent_id = f"{call.call_id or 'call'}-{next(numbers)}"
        self.used_ids.add(sent_id)
        self.open_calls.append((call.call_id, sent_id))
        function: Json = {
            "name": call.tool if _TOOL_NAME.fullmatch(call.tool) else "unknown-tool",
            "arguments": _arguments(call.arguments),
        }
        return {
            **_keys(extras.get("call")),
            "id": sent_id,
            "type": "function",
            "function": {**_keys(extras.get("function")), **function},
        }

    def _message_extras(self, calls: tuple[ToolCall, ...]) -> Json:
        extras = calls[0].extras
        return _keys(extras.get("message")) if extras.get("model") == self.model else {}

    def _answered(self, call_id: CallId, output: Mapping[str, object]) -> None:
        """An output that nobody asked for, or a second one, has no place."""
        for place, (ours, theirs) in enumerate(self.open_calls):
            if ours == call_id:
                del self.open_calls[place]
                self._output(theirs, output)
                return

    def _output(self, their_id: str, output: Mapping[str, object]) -> None:
        content = clean(json.dumps(dict(output), ensure_ascii=False, default=str))
        self.written.append({"role": "tool", "tool_call_id": their_id, "content": content})

    def _close_calls(self) -> None:
        for _, their_id in self.open_calls:
            self._output(their_id, _NO_OUTPUT)
        self.open_calls.clear()


def _note(text: str) -> str:
    """The studio's own words, in a person's place.

    A second system message is refused by many servers, and one in the middle moved to the front by
    others.
    """
    return f"<{NOTE}>{clean(_NOTE_TAG.sub('‹', text))}</{NOTE}>"


def _keys(value: object) -> Json:
    return dict(value) if isinstance(value, Mapping) else {}


def _arguments(text: str) -> str:
    """JSON text of an object. What the model wrote instead is shown to it as what it was."""
    text = clean(text).strip() or "{}"
    return text if is_object(text) else json.dumps({"malformed": text[:_SHOWN_CHARS]})
