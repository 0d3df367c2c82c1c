"""A chat model that says what a test wrote down for it: a fake at the ChatModel port.

    ScriptedModel(lambda request: [Say("Hello "), Pause(gate), Say("there"), Call("echo", {})])

A whole conversation is a list of answers, one for each time the model is asked:

    ScriptedModel(in_turn([Call("echo", {"text": "a"})], [Say("done")]))
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from agent.ports import CallRequested, ChatRequest, ModelEvent, TextDelta, ToolAnswered, ToolCall
from tools.domain.identity import CallId


@dataclass(frozen=True)
class Say:
    """`chunks` are streamed as they are, `pace_s` apart; a plain text is one chunk."""

    chunks: str | tuple[str, ...]
    pace_s: float = 0.0


@dataclass(frozen=True)
class Call:
    """Arguments as an object, or as the broken text a model may write."""

    tool: str
    arguments: Mapping[str, object] | str = field(default_factory=dict)
    call_id: str | None = None


@dataclass(frozen=True)
class Pause:
    """Wait until the test sets `gate`; `reached` tells the test that the model is there."""

    gate: asyncio.Event
    reached: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True)
class Fail:
    error: Exception


@dataclass(frozen=True)
class Hang:
    """Never go on; only cancelling or closing ends it. `reached` as in Pause."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)


Act = Say | Call | Pause | Fail | Hang
Script = Callable[[ChatRequest], Iterable[Act]]


def in_turn(*answers: Iterable[Act]) -> Script:
    """The n-th answer of a list for the n-th time of asking."""
    waiting = iter([list(answer) for answer in answers])
    return lambda _request: next(waiting)


class ScriptedModel:
    name = "scripted"
    greeting = "I am a script."

    def __init__(self, script: Script, *, context_tokens: int = 100_000) -> None:
        self._script = script
        self.context_tokens = context_tokens
        self.requests: list[ChatRequest] = []
        self.closed = 0
        """How many answers were ended, by reaching their end or by being closed early."""

    async def answer(self, request: ChatRequest) -> AsyncGenerator[ModelEvent, None]:
        self.requests.append(request)
        calls = sum(isinstance(message, ToolAnswered) for message in request.messages)
        try:
            for act in self._script(request):
                match act:
                    case Say(chunks=chunks, pace_s=pace_s):
                        for chunk in (chunks,) if isinstance(chunks, str) else chunks:
                            await asyncio.sleep(pace_s)
                            yield TextDelta(text=chunk)
                    case Call():
                        calls += 1
                        yield CallRequested(call=_call(act, calls))
                    case Pause(gate=gate, reached=reached):
                        reached.set()
                        await gate.wait()
                    case Hang(reached=reached):
                        reached.set()
                        await asyncio.Event().wait()
                    case Fail(error=error):
                        raise error
        finally:
            self.closed += 1


def _call(act: Call, number: int) -> ToolCall:
    text = act.arguments if isinstance(act.arguments, str) else json.dumps(dict(act.arguments))
    return ToolCall(call_id=CallId(act.call_id or f"call-{number}"), tool=act.tool, arguments=text)
