"""One turn of talk: ask the model, run what it asks for, tell it, until it has nothing to ask.

Whatever happens, a turn ends in a TurnResult: answered, or failed with words for a person and the
text kept that was already written. Only a cancellation passes through: whoever stopped the turn
owns what is written down of it.
"""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Literal

from agent.conversation import output_of
from agent.ports import (
    AssistantSaid,
    CallRequested,
    ChatMessage,
    ChatModel,
    ChatRequest,
    ModelSwitched,
    Scribe,
    TextDelta,
    ToolAnswered,
    ToolCall,
)
from agent.toolbox import Toolbox, arguments_of
from tools.contract import ToolContext
from tools.domain.failures import Failure, failure_from
from tools.domain.identity import CallId, MessageId, MintId
from tools.errors import Internal, Interrupted, InvalidPayload, ProviderUnavailable, StudioError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnLimits:
    """What one message may set in motion before the turn ends by itself."""

    steps: int = 8
    calls: int = 16
    seconds: float = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnResult:
    """How a turn ended. `error` is set exactly when it failed."""

    outcome: Literal["answered", "failed"]
    error: Failure | None = None


_DEFAULT_LIMITS = TurnLimits()


async def answer(
    request: ChatRequest,
    *,
    model: ChatModel,
    toolbox: Toolbox,
    scribe: Scribe,
    context: ToolContext,
    mint: MintId,
    limits: TurnLimits = _DEFAULT_LIMITS,
) -> TurnResult:
    """Answer the last message of `request`; its tools are set from the toolbox.

    Raises nothing but CancelledError, and what the scribe raises when even the end of the turn
    cannot be written down.
    """
    turn = _Turn(
        request=replace(request, tools=toolbox.specs()),
        model=model,
        toolbox=toolbox,
        scribe=scribe,
        context=context,
        mint=mint,
        limits=limits,
    )
    error = await _failure_of(turn)
    if error is None:
        return TurnResult(outcome="answered")
    await turn.leave(error)
    return TurnResult(outcome="failed", error=error)


async def _failure_of(turn: "_Turn") -> Failure | None:
    """Run the turn; None when it answered. A bug is logged here and told without its cause."""
    limit_s = turn.limits.seconds
    clock = asyncio.timeout(limit_s)
    try:
        async with clock:
            await turn.run()
    except StudioError as error:
        return failure_from(error)
    except Exception as error:  # noqa: BLE001  # a bug ends the turn in words; it is logged below
        if isinstance(error, TimeoutError) and clock.expired():
            words = f"The answer took longer than {limit_s:g} seconds, so I stopped. Please retry."
            return failure_from(Interrupted(words))
        _log.exception("turn failed")
        return failure_from(Internal())
    return None


class _Turn:
    def __init__(
        self,
        *,
        request: ChatRequest,
        model: ChatModel,
        toolbox: Toolbox,
        scribe: Scribe,
        context: ToolContext,
        mint: MintId,
        limits: TurnLimits,
    ) -> None:
        self.limits = limits
        self._request = request
        self._model = model
        self._toolbox = toolbox
        self._scribe = scribe
        self._context = context
        self._mint = mint
        self._message_id: MessageId | None = None
        self._parts: list[str] = []
        self._open_call: ToolCall | None = None
        self._calls_run = 0
        self._has_spoken = False

    async def run(self) -> None:
        """Step by step until the model asks for nothing more. Raises StudioError."""
        for _ in range(self.limits.steps):
            calls = await self._ask()
            text = await self._say()
            if not calls:
                self._must_have_spoken()
                return
            self._calls_run += len(calls)
            if self._calls_run > self.limits.calls:
                raise Interrupted(
                    f"I stopped: this answer wanted more than {self.limits.calls} tool calls. "
                    "Please ask for less at once."
                )
            outputs = [await self._run(call) for call in calls]
            self._remember(AssistantSaid(text=text, calls=calls), *outputs)
        raise Interrupted(
            f"I stopped after {self.limits.steps} steps without getting to an answer. "
            "Please ask for less at once."
        )

    async def leave(self, error: Failure) -> None:
        """Write down what was begun: the text so far, and an end for the call that was running."""
        await self._say()
        call, self._open_call = self._open_call, None
        if call is not None:
            await self._scribe.tool_finished(call.call_id, call.tool, error=error)

    async def _ask(self) -> tuple[ToolCall, ...]:
        """One answer of the model, streamed on; the calls it asks for."""
        calls: list[ToolCall] = []
        message_id = self._message_id = MessageId(self._mint("message"))
        async with aclosing(self._model.answer(self._request)) as events:
            async for event in events:
                match event:
                    case TextDelta(text=text):
                        self._parts.append(text)
                        self._scribe.writes(message_id, text)
                    case CallRequested(call=call):
                        # Models repeat ids, within an answer and from one retry to the next; in
                        # the timeline an id must mean one call for ever.
                        call_id = CallId(self._mint("call"))
                        calls.append(replace(call, call_id=call_id))
                    case ModelSwitched(words=words):
                        calls.clear()
                        await self._say()
                        message_id = self._message_id = MessageId(self._mint("message"))
                        await self._scribe.told("model.switched", words)
        return tuple(calls)

    async def _say(self) -> str:
        """Make the text of this step durable. Forgotten first: a cut here must not say it twice."""
        text, self._parts = "".join(self._parts), []
        if text and self._message_id is not None:
            self._has_spoken = True
            await self._scribe.said(self._message_id, text)
        return text

    async def _run(self, call: ToolCall) -> ToolAnswered:
        """One call with its telling. In order, one by one: each tool returns at once, long work
        is a job, and the order in which things were bought is then the order they were asked for.
        """
        title, shown = self._toolbox.title(call), _shown(call)
        self._open_call = call
        await self._scribe.tool_started(call.call_id, call.tool, title, shown)
        result: Mapping[str, object] | None = None
        error: Failure | None = None
        try:
            result = await self._toolbox.call(self._context, call)
        except StudioError as refusal:
            error = failure_from(refusal)
        self._open_call = None
        await self._scribe.tool_finished(call.call_id, call.tool, result=result, error=error)
        output = output_of(result=result, error=error)
        return ToolAnswered(call_id=call.call_id, tool=call.tool, output=output)

    def _remember(self, *messages: ChatMessage) -> None:
        self._request = replace(self._request, messages=(*self._request.messages, *messages))

    def _must_have_spoken(self) -> None:
        if not self._has_spoken:
            raise ProviderUnavailable("The model gave no answer. Please try again.")


def _shown(call: ToolCall) -> Mapping[str, object]:
    try:
        return arguments_of(call)
    except InvalidPayload:
        return {}
