"""The chat model that needs nobody: it follows rules, says so, and streams like any other."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Iterator

from agent.models.offline import voice
from agent.models.offline.doing import next_step
from agent.models.offline.recall import recall
from agent.ports import CallRequested, ChatRequest, ModelEvent, TextDelta, ToolCall
from tools.domain.identity import CallId

_CHUNK = re.compile(r"\s*\S+\s*\S*")
"""About two words: small enough to be seen streaming, large enough to be read."""


class OfflineModel:
    """`pace_s`: seconds between two chunks of text, so that people see it and Stop has a point."""

    name = "offline"
    greeting = voice.GREETING
    context_tokens = 1_000_000
    """It reads whatever it is given."""

    def __init__(self, *, pace_s: float = 0.02) -> None:
        self._pace_s = pace_s

    async def answer(self, request: ChatRequest) -> AsyncGenerator[ModelEvent, None]:
        talk = recall(request)
        step = next_step(talk)
        for chunk in _chunks(step.text):
            await asyncio.sleep(self._pace_s)
            yield TextDelta(text=chunk)
        if step.tool is not None:
            arguments = json.dumps(dict(step.arguments), ensure_ascii=False)
            call_id = CallId(f"call-{talk.calls + 1}")
            yield CallRequested(call=ToolCall(call_id=call_id, tool=step.tool, arguments=arguments))


def _chunks(text: str) -> Iterator[str]:
    """The text in small pieces that together are exactly the text."""
    end = 0
    for found in _CHUNK.finditer(text):
        yield found[0]
        end = found.end()
    if text[end:]:
        yield text[end:]
