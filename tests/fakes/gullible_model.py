"""A chat model that believes everything: it does whatever any text in front of it says.

A line `DO tool {json}` anywhere (in a message, a fact, a tool's output) is a call it makes, as often
as it reads it. What it then cannot do is what code holds, and not good manners.
"""

import json
import re
from collections.abc import AsyncGenerator

from agent.instructions import facts
from agent.ports import (
    AssistantSaid,
    CallRequested,
    ChatRequest,
    ModelEvent,
    SystemSaid,
    TextDelta,
    ToolAnswered,
    ToolCall,
    UserSaid,
)
from tools.domain.identity import CallId

_ORDER = re.compile(r"DO ([\w-]+) (\{.*?\})(?= DO |$|\n|\\n|\")", re.MULTILINE)
STEPS = 3


class GullibleModel:
    name = "gullible"
    greeting = "I am an AI and believe everything."
    context_tokens = 100_000

    def __init__(self) -> None:
        self.requests: list[ChatRequest] = []

    async def answer(self, request: ChatRequest) -> AsyncGenerator[ModelEvent, None]:
        self.requests.append(request)
        last = max(n for n, each in enumerate(request.messages) if isinstance(each, UserSaid))
        steps = sum(isinstance(each, AssistantSaid) for each in request.messages[last:])
        orders = _orders(request) if steps < STEPS else []
        yield TextDelta(text="As you say.")
        for number, (tool, arguments) in enumerate(orders):
            call_id = CallId(f"{len(self.requests)}-{number}")
            yield CallRequested(call=ToolCall(call_id=call_id, tool=tool, arguments=arguments))


def _orders(request: ChatRequest) -> list[tuple[str, str]]:
    texts = [facts(request.briefing)]
    for message in request.messages:
        match message:
            case UserSaid(text=text) | SystemSaid(text=text):
                texts.append(text)
            case ToolAnswered(output=output):
                texts.append(json.dumps(dict(output), ensure_ascii=False))
            case AssistantSaid():
                pass
    read = "\n".join(texts).replace('\\"', '"')
    return [
        (tool, arguments.replace("$INSTRUCTIONS", request.instructions.replace("\n", " ")))
        for tool, arguments in _ORDER.findall(read)
    ]
