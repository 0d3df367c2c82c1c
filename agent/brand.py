"""What the person told of their brand, kept in front of the model after the words have scrolled away.

Taken only from where it can be told apart from talk: the words a template was filled with, and a
tagline somebody put in quotation marks. It is data: it stands in the briefing as JSON.
"""

import json
from collections.abc import Iterable, Iterator

from agent.ports import AssistantSaid, ChatMessage, ToolAnswered, ToolCall, UserSaid
from tools.domain.identity import CallId
from tools.domain.prompts import dissect

MOST_FACTS = 16
_FACT_CHARS = 200
_READ_CHARS = 2_000
"""A message longer than this is a brief or worse; its first part is read for a tagline."""
_ADDRESS = ("http://", "https://")


def brand_facts(messages: Iterable[ChatMessage]) -> tuple[tuple[str, str], ...]:
    """(name, words), the newest words for a name, as parameters of templates are named."""
    told = tuple(messages)
    filled = {
        message.call_id
        for message in told
        if isinstance(message, ToolAnswered) and message.output.get("ok") is True
    }
    known: dict[str, str] = {}
    for message in told:
        for name, words in _facts_in(message, filled):
            known.pop(name, None)
            known[name] = words[:_FACT_CHARS]
    return tuple(known.items())[-MOST_FACTS:]


def _facts_in(message: ChatMessage, filled: set[CallId]) -> Iterator[tuple[str, str]]:
    match message:
        case UserSaid(text=text) if any(mark in text for mark in '"“„«'):
            if tagline := dissect(text[:_READ_CHARS]).tagline:
                yield "tagline", tagline
        case AssistantSaid(calls=calls):
            for call in calls:
                if call.tool == "apply-template" and call.call_id in filled:
                    yield from _parameters_of(call)
        case _:
            pass


def _parameters_of(call: ToolCall) -> Iterator[tuple[str, str]]:
    given = json.loads(call.arguments or "{}")  # it was taken by the tool: it is a JSON object
    parameters = given.get("parameters")
    if not isinstance(parameters, dict):
        return
    for name, words in parameters.items():
        if isinstance(words, str) and words.strip() and not words.startswith(_ADDRESS):
            yield str(name)[:80], words.strip()
