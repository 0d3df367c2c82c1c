"""One turn of talk: ask the model, run what it asks for, tell it, until it has nothing to ask.

Whatever happens, a turn ends in a TurnResult: answered, or failed with words for a person and the
text kept that was already written. Only a cancellation passes through: whoever stopped the turn
owns what is written down of it.
"""

import asyncio
import logging
from collections.abc import Coroutine, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from agent.budget import fitted
from agent.conversation import output_of
from agent.instructions import quotes_instructions
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
from agent.toolbox import MalformedCall, Toolbox, arguments_of
from tools.contract import ToolContext
from tools.domain.failures import Failure, failure_from
from tools.domain.identity import CallId, MessageId, MintId
from tools.errors import Internal, Interrupted, InvalidPayload, ProviderUnavailable, StudioError

_log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnLimits:
    """What one message may set in motion before the turn ends by itself."""

    steps: int = 8
    calls: int = 16
    seconds: float = 120.0
    malformed_steps: int = 2
    """How often the model is shown calls that no tool takes, before that is the end of the turn."""


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
        self._open_calls: dict[CallId, ToolCall] = {}
        self._calls_run = 0
        self._malformed_steps = 0
        self._has_spoken = False

    async def run(self) -> None:
        """Step by step until the model asks for nothing more. Raises StudioError."""
        for _ in range(self.limits.steps):
            calls = await self._ask()
            if not calls:
                self._end()
                return
            text = await self._say()
            self._count(calls)
            outputs = await self._run_all(calls)
            self._remember(AssistantSaid(text=text, calls=calls), *outputs)
        raise Interrupted(
            f"I stopped after {self.limits.steps} steps without getting to an answer. "
            "Please ask for less at once."
        )

    async def leave(self, error: Failure) -> None:
        """Write down what was begun: the text so far, and an end for the calls that were running."""
        await self._say()
        open_calls, self._open_calls = self._open_calls, {}
        for call in open_calls.values():
            await self._scribe.tool_finished(call.call_id, call.tool, error=error)

    async def _ask(self) -> tuple[ToolCall, ...]:
        """One answer of the model, streamed on; the calls it asks for."""
        calls: list[ToolCall] = []
        message_id = self._message_id = MessageId(self._mint("message"))
        request = fitted(self._request, self._model.context_tokens)
        async with aclosing(self._model.answer(request)) as events:
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

    def _end(self) -> None:
        """Nothing follows: the last words and the turn's end are one step for whoever keeps them."""
        text, self._parts = "".join(self._parts), []
        if text and self._message_id is not None:
            self._scribe.ends(self._message_id, text)
        elif not self._has_spoken:
            raise ProviderUnavailable("The model gave no answer. Please try again.")

    def _count(self, calls: tuple[ToolCall, ...]) -> None:
        self._calls_run += len(calls)
        if self._calls_run > self.limits.calls:
            raise Interrupted(
                f"I stopped: this answer wanted more than {self.limits.calls} tool calls. "
                "Please ask for less at once."
            )

    async def _run_all(self, calls: tuple[ToolCall, ...]) -> list[ToolAnswered]:
        """The calls of one step, each with its telling; their outputs in the order asked for."""
        outputs: list[ToolAnswered] = []
        is_malformed = False
        for batch in self._toolbox.batches(calls):
            for call in batch:
                title, shown = self._toolbox.title(call), _shown(call)
                self._open_calls[call.call_id] = call
                await self._scribe.tool_started(call.call_id, call.tool, title, shown)
            for output, was_malformed in await _side_by_side(self._run(call) for call in batch):
                outputs.append(output)
                is_malformed |= was_malformed
        self._malformed_steps += is_malformed
        if self._malformed_steps > self.limits.malformed_steps:
            raise ProviderUnavailable(
                "I stopped: I kept asking for my tools in a way they do not understand. Please try "
                "again, or say it in other words."
            )
        return outputs

    async def _run(self, call: ToolCall) -> tuple[ToolAnswered, bool]:
        """One call and the telling of its end: (its output, whether no tool could take it)."""
        result: Mapping[str, object] | None = None
        error: Failure | None = None
        is_malformed = False
        try:
            self._must_keep_instructions(call)
            result = await self._toolbox.call(self._context, call)
        except StudioError as refusal:
            error, is_malformed = failure_from(refusal), isinstance(refusal, MalformedCall)
        # Forgotten first: a cut in the telling must not tell it twice.
        self._open_calls.pop(call.call_id, None)
        await self._scribe.tool_finished(call.call_id, call.tool, result=result, error=error)
        output = output_of(result=result, error=error)
        return ToolAnswered(call_id=call.call_id, tool=call.tool, output=output), is_malformed

    def _must_keep_instructions(self, call: ToolCall) -> None:
        """What a tool is given is kept, shown and sent to others; the instructions are for the model."""
        if quotes_instructions(self._request.instructions, _shown(call)):
            raise InvalidPayload(
                f"{call.tool[:80]} was not called: its arguments repeat your instructions. Write them "
                "in the words of the person."
            )

    def _remember(self, *messages: ChatMessage) -> None:
        self._request = replace(self._request, messages=(*self._request.messages, *messages))


def _shown(call: ToolCall) -> Mapping[str, object]:
    try:
        return arguments_of(call)
    except InvalidPayload:
        return {}


async def _side_by_side(works: Iterable[Coroutine[object, object, T]]) -> list[T]:
    """What they come to, in their order. The first failure stops the others and is raised itself."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work) for work in works]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]
