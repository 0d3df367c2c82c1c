"""How much of a long conversation a model is shown: what is said first is let go first.

Turns go whole, so that no call loses its output and the talk still begins with a person. The
timeline keeps everything, and the briefing (images, films, the brand, money, models) is always
shown; so what goes is the talk and not the facts.

Tokens are estimated at four bytes of UTF-8 each. English has about four letters a token; scripts
that need two or three bytes a letter need more tokens a letter too. Nobody's tokenizer is asked:
it differs by model, and a quarter of the context stays free for being wrong.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agent.instructions import facts
from agent.ports import (
    AssistantSaid,
    ChatMessage,
    ChatRequest,
    SystemSaid,
    ToolAnswered,
    UserSaid,
)

BYTES_PER_TOKEN = 4
MESSAGE_TOKENS = 8
"""Around each message and each call: its role, its name, its id."""
ANSWER_TOKENS = 4_096
"""Kept free for what the model says, where it has that much."""
HISTORY_TOKENS = 32_000
"""More is paid for with each step and read by nobody, however large the model's context is."""
LEAST_TOKENS = 512
"""What the newest turn may always have: a model smaller than that cannot be talked with."""
_WORST_CASE_SHARE = 0.75
"""Of the context, how much an estimate may fill."""
_LEAST_OUTPUT_BYTES = 400
_MANY_MESSAGES = 999_999


def fitted(request: ChatRequest, context_tokens: int) -> ChatRequest:
    """The request as a model with this context can read it; `earlier_messages` counts what went."""
    room = HISTORY_TOKENS
    if tokens_of(request.messages) > min(HISTORY_TOKENS, context_tokens // 4):
        room = room_for_history(request, context_tokens)
    shown, hidden = newest_turns(request.messages, room)
    if hidden == 0 and len(shown) == len(request.messages):
        return request if shown == request.messages else replace(request, messages=shown)
    earlier = request.briefing.earlier_messages + hidden
    briefing = replace(request.briefing, earlier_messages=earlier)
    return replace(request, briefing=briefing, messages=shown)


def room_for_history(request: ChatRequest, context_tokens: int) -> int:
    """What is left for the talk beside the instructions, the facts, the tools and an answer."""
    # With the sentence on what is not shown: it comes when something goes, and must not push out more.
    briefing = replace(request.briefing, earlier_messages=_MANY_MESSAGES)
    fixed = tokens_in(request.instructions) + tokens_in(facts(briefing))
    fixed += sum(
        tokens_in(tool.description) + tokens_in(json.dumps(dict(tool.parameters)))
        for tool in request.tools
    )
    answer = min(ANSWER_TOKENS, context_tokens // 4)
    room = int(context_tokens * _WORST_CASE_SHARE) - answer - fixed
    return max(LEAST_TOKENS, min(HISTORY_TOKENS, room))


def newest_turns(
    messages: Sequence[ChatMessage], room_tokens: int
) -> tuple[tuple[ChatMessage, ...], int]:
    """(the newest turns that fit, how many messages of people and assistant went before them).

    The newest turn always stays: when it alone is too long, the outputs of its calls are cut. What
    stands before the first message of a person goes too: no model takes a talk that begins so.
    """
    turns = _turns(messages)
    if not turns:
        return tuple(messages), 0
    kept = [_shortened(turns[-1], room_tokens)]
    room = room_tokens - tokens_of(kept[0])
    for turn in reversed(turns[:-1]):
        room -= tokens_of(turn)
        if room < 0:
            break
        kept.append(turn)
    shown = tuple(message for turn in reversed(kept) for message in turn)
    gone = turns[: len(turns) - len(kept)]
    return shown, sum(_is_said(message) for turn in gone for message in turn)


def tokens_of(messages: Sequence[ChatMessage]) -> int:
    return sum(_tokens(message) for message in messages)


def tokens_in(text: str) -> int:
    return -(-len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN)


def _tokens(message: ChatMessage) -> int:
    match message:
        case UserSaid(text=text, uploads=uploads):
            return MESSAGE_TOKENS * (1 + len(uploads)) + tokens_in(text)
        case SystemSaid(text=text):
            return MESSAGE_TOKENS + tokens_in(text)
        case AssistantSaid(text=text, calls=calls):
            called = sum(MESSAGE_TOKENS + tokens_in(call.arguments) for call in calls)
            return MESSAGE_TOKENS + tokens_in(text) + called
        case ToolAnswered(output=output):
            return MESSAGE_TOKENS + tokens_in(_json(output))


def _turns(messages: Sequence[ChatMessage]) -> list[list[ChatMessage]]:
    """Each begins with a message of a person and goes up to the next one."""
    turns: list[list[ChatMessage]] = []
    for message in messages:
        if isinstance(message, UserSaid):
            turns.append([])
        if turns:
            turns[-1].append(message)
    return turns


def _is_said(message: ChatMessage) -> bool:
    return isinstance(message, UserSaid) or (
        isinstance(message, AssistantSaid) and bool(message.text)
    )


def _shortened(turn: Sequence[ChatMessage], room_tokens: int) -> list[ChatMessage]:
    """The turn with its outputs cut to equal shares of the room, if it needs that."""
    over = tokens_of(turn) - room_tokens
    outputs = [message for message in turn if isinstance(message, ToolAnswered)]
    if over <= 0 or not outputs:
        return list(turn)
    rest = room_tokens - (tokens_of(turn) - tokens_of(outputs))
    share = max(_LEAST_OUTPUT_BYTES, (rest // len(outputs) - MESSAGE_TOKENS) * BYTES_PER_TOKEN)
    return [
        _cut(message, share) if isinstance(message, ToolAnswered) else message for message in turn
    ]


def _cut(answer: ToolAnswered, size_bytes: int) -> ToolAnswered:
    """An output that is too long as the beginning of its own JSON, said to be that."""
    whole = _json(answer.output)
    if len(whole.encode("utf-8", "replace")) <= size_bytes:
        return answer
    # Quoted once more as a JSON string: each quote and backslash in it takes another byte.
    beginning = whole.encode("utf-8", "replace")[: size_bytes // 2].decode("utf-8", "ignore")
    return replace(answer, output={"ok": answer.output.get("ok") is True, "beginning": beginning})


def _json(output: Mapping[str, object]) -> str:
    return json.dumps(dict(output), ensure_ascii=False, default=str)
