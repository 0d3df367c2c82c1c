"""Chunks of an answer, in whatever shape servers send them -> its text and its calls. Pure.

The SDK's own helper raises or mixes calls up on most of what is tolerated here (no index, an index
that starts at 1, two calls under one index, ids repeated in every chunk). What is certain is used in
this order: an entry's id, its index, its name; what cannot be told apart continues the last call.

Chunks are parsed JSON, so objects are asked for as `dict`: `Mapping` is ten times as slow to ask for,
five times a token.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Json = Mapping[str, object]

_OF_A_MESSAGE = frozenset(
    {"role", "content", "tool_calls", "function_call", "refusal", "annotations", "audio", "name"}
)
_OF_A_CALL = frozenset({"index", "id", "type", "function"})
_OF_A_FUNCTION = frozenset({"name", "arguments"})
_REASONS_OF_BREAKING_OFF = frozenset({"error", "network_error", "cancelled"})


@dataclass(slots=True)
class Slot:
    """One call in the making."""

    index: int | None
    id: str = ""
    name: str = ""
    arguments: str = ""
    unknown: dict[str, object] = field(default_factory=dict)
    """Keys we do not know, as they came: Gemini wants its `extra_content` back, unchanged."""
    unknown_of_function: dict[str, object] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """The arguments are an object: nothing can follow."""
        return is_object(self.arguments)


class Accumulator:
    """`tools`: the names that were offered. A name in pieces is known by them from two names."""

    def __init__(self, tools: Collection[str] = ()) -> None:
        self._tools = frozenset(tools)
        self._slots: list[Slot] = []
        self._half = ""
        """The first half of a character that came in two chunks, as servers in JavaScript cut them."""
        self.has_text = False
        self.finish: str | None = None
        self.is_done = False
        """The server said `[DONE]`, or it was no stream but a whole message."""
        self.unknown: dict[str, object] = {}
        """Keys of the message that we do not know: `reasoning_content` and the like."""

    def take(self, chunk: Json) -> str:
        """The text that this chunk adds."""
        choice = _first_choice(chunk)
        if choice is None:  # usage alone, or a greeting of the server's
            return ""
        finish = choice.get("finish_reason")
        if isinstance(finish, str) and finish:
            self.finish = finish
        message = choice.get("delta")
        if not isinstance(message, dict):
            message = choice.get("message")
        if not isinstance(message, dict):
            return ""
        if calls := message.get("tool_calls"):
            self._take_calls(calls)
        if not message.keys() <= _OF_A_MESSAGE:
            _join(self.unknown, _unknown(message, _OF_A_MESSAGE))
        text = _text(message.get("content")) or _text(message.get("refusal"))
        return self._whole_characters(text) if text or self._half else ""

    def calls(self) -> Sequence[Slot]:
        """The calls in the order they were asked for; one without arguments has `{}`."""
        return [slot for slot in self._slots if slot.name or slot.arguments]

    @property
    def is_whole(self) -> bool:
        """Whether the answer came to its end, as far as that can be told.

        A reason to finish is one, also without `[DONE]`. `[DONE]` without a reason is one when nothing
        in the answer looks cut: some servers never give a reason, and some stop in the middle of a call.
        """
        calls = self.calls()
        if any(not slot.name for slot in calls):
            return False
        if self.finish is not None:
            return self.finish not in _REASONS_OF_BREAKING_OFF
        return self.is_done and all(slot.is_whole for slot in calls)

    # -- calls --------------------------------------------------------------------------------

    def _take_calls(self, entries: object) -> None:
        if isinstance(entries, Mapping):
            entries = [entries]
        if not isinstance(entries, list):
            return
        begun: set[int] = set()
        for entry in entries:
            if not isinstance(entry, Mapping):
                continue
            function = entry.get("function")
            function = function if isinstance(function, Mapping) else {}
            name = _word(function.get("name"))
            slot = self._slot_for(entry, name, function, begun)
            if slot is None:
                slot = Slot(index=_index(entry))
                self._slots.append(slot)
            if name:
                begun.add(id(slot))
            self._fill(slot, entry, name, function)

    def _slot_for(self, entry: Json, name: str, function: Json, begun: set[int]) -> Slot | None:
        """The call that this entry continues; None when it begins one."""
        index, their_id = _index(entry), _word(entry.get("id"))
        same_index = [slot for slot in self._slots if index is None or slot.index == index]
        if not same_index:
            # A new index begins a call; without a name it is a wrong index.
            return None if name or not self._slots else self._named(their_id) or self._slots[-1]
        slot = next(
            (slot for slot in reversed(same_index) if their_id and slot.id == their_id), None
        )
        if slot is None:
            slot = same_index[-1]
            has_new_id = bool(their_id and slot.id)
            if has_new_id and slot.name and (name or not _arguments(function)):
                return None
        if name and id(slot) in begun:
            return None  # a second one in the same chunk
        return None if self._begins_another(slot, name, function) else slot

    def _named(self, their_id: str) -> Slot | None:
        return next(
            (slot for slot in reversed(self._slots) if their_id and slot.id == their_id), None
        )

    def _begins_another(self, slot: Slot, name: str, function: Json) -> bool:
        """Whether a name that comes to a call which has one already is that of another call."""
        if not name or not slot.name:
            return False
        if slot.is_whole:
            piece = _arguments(function).strip()
            # The same once more is a repetition: a film must not be bought twice for it.
            return name != slot.name or (piece[:1] == "{" and piece != slot.arguments.strip())
        if name == slot.name:
            return False
        return bool(slot.arguments) or (slot.name in self._tools and name in self._tools)

    def _fill(self, slot: Slot, entry: Json, name: str, function: Json) -> None:
        slot.id = slot.id or _word(entry.get("id"))
        if name and name != slot.name:
            # Names in pieces: "generate-" and then "video". A whole name twice is not appended.
            slot.name = name if name.startswith(slot.name) else slot.name + name
        piece = _arguments(function)
        if slot.arguments.strip() == "{}" and piece.strip():
            slot.arguments = piece  # an empty object as a placeholder, the arguments after it
        elif not (slot.is_whole and piece.strip() in {"", slot.arguments.strip()}):
            slot.arguments += piece
        slot.unknown.update(_unknown(entry, _OF_A_CALL))
        slot.unknown_of_function.update(_unknown(function, _OF_A_FUNCTION))

    # -- text ---------------------------------------------------------------------------------

    def _whole_characters(self, text: str) -> str:
        text = self._half + text
        self._half = ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        text = clean(text)
        self.has_text = self.has_text or bool(text.strip())
        return text


def clean(text: str) -> str:
    """Text that a database and a browser take: pairs of surrogates joined, halves replaced, no NUL."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\0", "")


def is_object(text: str) -> bool:
    """Whether it is the JSON text of an object, by the letter: no NaN, which Python would take."""
    if not text.rstrip().endswith("}"):
        return False
    try:
        return isinstance(json.loads(text, parse_constant=_no_constant), dict)
    except (ValueError, RecursionError):
        return False


def _no_constant(name: str) -> object:
    raise ValueError(name)


def _first_choice(chunk: Json) -> Json | None:
    choices = chunk.get("choices")
    if not isinstance(choices, list) or not choices:
        return None
    first = choices[0]
    if isinstance(first, dict) and first.get("index") == 0:
        return first
    return next(_ours(choices), None)


def _ours(choices: list[object]) -> Iterator[Json]:
    """One answer is asked for; a server that gives more gives the first one index 0, or none."""
    for choice in choices:
        if isinstance(choice, dict) and choice.get("index") in (0, None):
            yield choice


def _index(entry: Json) -> int | None:
    index = entry.get("index")
    return index if isinstance(index, int) and not isinstance(index, bool) else None


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


def _arguments(function: Json) -> str:
    """A piece of JSON text; some servers send the object itself."""
    given = function.get("arguments")
    if isinstance(given, Mapping):
        return json.dumps(given, ensure_ascii=False)
    return _word(given)


def _text(content: object) -> str:
    """Text, or the text among parts: `[{"type": "text", "text": "..."}]`."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    parts = (part.get("text") for part in content if isinstance(part, Mapping))
    return "".join(part for part in parts if isinstance(part, str))


def _unknown(given: Json, known: frozenset[str]) -> dict[str, object]:
    return {key: value for key, value in given.items() if key not in known and value is not None}


def _join(kept: dict[str, object], given: Json) -> None:
    """Reasoning comes in pieces like text does."""
    for key, value in given.items():
        before = kept.get(key)
        if isinstance(before, str) and isinstance(value, str):
            kept[key] = before + value
        elif isinstance(before, list) and isinstance(value, list):
            kept[key] = [*before, *value]
        else:
            kept[key] = value
