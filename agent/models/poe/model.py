"""The chat model that is a language model behind an OpenAI-compatible API.

An answer is asked for as a stream. When a model does not come to an end of it, it is asked once more
(without streaming, where the stream was the trouble), then the next model is; the person is told of
each change. Calls are handed on only from an answer that is whole.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from time import monotonic
from typing import Self
from uuid import uuid4

from agent.models.poe.accumulator import Accumulator, Slot, clean
from agent.models.poe.lineup import Lineup, read_offers
from agent.models.poe.messages import Json, api_messages, api_tools
from agent.models.poe.patience import Patience
from agent.models.poe.reactions import (
    ECHO,
    STREAM_OPTIONS,
    Again,
    Drop,
    GiveUp,
    Next,
    Tried,
    Trim,
    nobody_answered,
    reaction_to,
)
from agent.models.poe.steps import answering, echoed, halved, has_spoken
from agent.models.poe.troubles import Kind, Trouble
from agent.models.poe.wire import DONE, Wire
from agent.ports import (
    CallRequested,
    ChatRequest,
    ModelEvent,
    ModelSwitched,
    TextDelta,
    ToolCall,
)
from tools.domain.identity import CallId
from tools.errors import ProviderUnavailable

logger = logging.getLogger("reelroom.chat")

LIST_AGAIN_S, LIST_SOON_S = 600.0, 30.0
RED_S = 60.0
"""How long a refused account shows as down by itself: without traffic nothing else would clear it."""
_DEFAULT_PATIENCE = Patience()


@dataclass(slots=True)
class _Asking:
    """One answer of one model, over its tries."""

    model: str
    request: ChatRequest
    tried: Tried
    has_shown: bool = False
    """Text of a try that came to nothing is on the screen."""


class _Left(Exception):
    """How one model hands over to the next."""

    def __init__(self, trouble: Trouble, why: str) -> None:
        super().__init__(why)
        self.trouble = trouble
        self.why = why


class PoeModel:
    """`agent.ports.ChatModel`. Open it (`async with`) before it answers; it lists the models then.

    `models`: who answers first, then who stands in. `base_url` as `endpoint.base_url` gives it.
    """

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        models: Sequence[str],
        patience: Patience = _DEFAULT_PATIENCE,
    ) -> None:
        self._wire = Wire(base_url=base_url, api_key=api_key, patience=patience)
        self._lineup = Lineup(models, now=monotonic)
        self._dropped: dict[str, frozenset[str]] = {}
        """Optional fields that a model has refused before."""
        self._is_reachable = True
        self._red_until = 0.0
        self._watching: asyncio.Task[None] | None = None

    # -- who it is ----------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return self._lineup.lead

    @property
    def greeting(self) -> str:
        return (
            f"Hi! I am an AI film assistant, running on {self._lineup.lead}. Tell me about your "
            "campaign, or drop a logo here, and I make a film of it."
        )

    @property
    def context_tokens(self) -> int:
        return self._lineup.context_tokens

    @property
    def objections(self) -> tuple[str, ...]:
        """Why models that were set up will not be asked, a sentence each; by the provider's own list."""
        return self._lineup.objections

    def is_offered(self, name: str) -> bool:
        return self._lineup.is_offered(name)

    async def check(self) -> None:
        """Raises ProviderUnavailable while nobody would answer. Asks nobody: it looks at what is known."""
        if not self._is_reachable or self._red_until > monotonic():
            raise ProviderUnavailable("The language model cannot be used at the moment.")

    # -- its life -----------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        await self._list_models()
        self._watching = asyncio.create_task(self._watch(), name="chat models")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait({self._watching})
        await self._wire.close()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LIST_AGAIN_S if self._is_reachable else LIST_SOON_S)
            await self._list_models()

    async def _list_models(self) -> None:
        """Never raises: a provider that does not list its models may answer all the same."""
        try:
            offers = read_offers(await self._wire.models())
        except Trouble as trouble:
            self._is_reachable = trouble.kind not in {
                Kind.UNREACHABLE,
                Kind.STALLED,
                Kind.DROPPED,
                Kind.UNAUTHENTICATED,
            }
            logger.warning("The language models could not be listed: %s.", trouble.kind.value)
        else:
            self._is_reachable = True
            self._lineup.take_offers(offers)

    # -- an answer ----------------------------------------------------------------------------

    async def answer(self, request: ChatRequest) -> AsyncGenerator[ModelEvent, None]:
        """Raises ProviderUnavailable, ProviderRefused, ContentRejected, TooLarge."""
        current = answering(request)
        order = self._lineup.order(current)
        left: list[_Left] = []
        if order[0] != (current or self._lineup.lead):
            words = f"{current or self._lineup.lead} is not answering. {order[0]} goes on."
            yield ModelSwitched(model=order[0], words=words)
        for model in order:
            if left:
                before = order[len(left) - 1]
                words = f"{before} {left[-1].why}. {model} goes on."
                yield ModelSwitched(model=model, words=words)
            try:
                async with aclosing(self._by(model, request)) as events:
                    async for event in events:
                        yield event
            except _Left as over:
                left.append(over)
            else:
                return
        raise nobody_answered([each.trouble for each in left], order)

    async def _by(self, model: str, request: ChatRequest) -> AsyncGenerator[ModelEvent, None]:
        """This model's answer, tried again where that may help. Raises _Left, StudioError."""
        asking = _Asking(
            model=model,
            request=request,
            tried=Tried(
                dropped=self._dropped.get(model, frozenset()),
                echoed=echoed(request, model),
            ),
        )
        while True:
            if asking.has_shown:
                asking.has_shown = False
                words = f"The answer broke off. {model} begins it again."
                yield ModelSwitched(model=model, words=words)
            try:
                async with aclosing(self._try(asking)) as events:
                    async for event in events:
                        yield event
            except Trouble as trouble:
                logger.warning("chat model: %s: %s", model, trouble.kind.value)
                await self._recover(asking, trouble)
            else:
                self._red_until, self._is_reachable = 0.0, True
                return

    async def _recover(self, asking: _Asking, trouble: Trouble) -> None:
        """Make the next try possible, or leave this model. Raises _Left, StudioError."""
        reaction = reaction_to(trouble, asking.tried)
        match reaction:
            case Drop(field=field):
                dropped = asking.tried.dropped | {field}
                asking.tried = replace(asking.tried, dropped=dropped)
                self._dropped[asking.model] = dropped
            case Trim():
                asking.tried = replace(asking.tried, trimmed=True)
                asking.request = halved(asking.request)
            case Again(after_s=after_s, whole=whole):
                asking.tried = replace(asking.tried, again=True, whole=whole)
                await asyncio.sleep(after_s)
            case Next(why=why, rest_s=rest_s):
                self._lineup.rest(asking.model, rest_s)
                raise _Left(trouble, why) from None
            case GiveUp(error=error, is_ours=is_ours):
                if is_ours:
                    self._red_until = monotonic() + RED_S
                raise error from None

    async def _try(self, asking: _Asking) -> AsyncGenerator[ModelEvent, None]:
        """One request. Calls come last, and only of a whole answer. Raises Trouble."""
        answer = Accumulator([tool.name for tool in asking.request.tools])
        chunks = self._wire.chunks(_body(asking), is_complete=lambda: answer.finish is not None)
        async with aclosing(chunks) as batches:
            async for batch in batches:
                text = ""
                for chunk in batch:
                    if chunk is DONE:
                        answer.is_done = True
                    else:
                        text += answer.take(chunk)
                if text:
                    asking.has_shown = True
                    yield TextDelta(text=text)
        _must_be_an_answer(answer, asking.request)
        for slot in answer.calls():
            yield CallRequested(call=_call(slot, answer, asking.model))


def _body(asking: _Asking) -> Json:
    """The least that makes an answer: servers refuse what they do not know, each something else."""
    dropped, request = asking.tried.dropped, asking.request
    body: Json = {
        "model": asking.model,
        "messages": api_messages(request, model=asking.model, with_extras=ECHO not in dropped),
        "stream": not asking.tried.whole,
    }
    if not asking.tried.whole and STREAM_OPTIONS not in dropped:
        body[STREAM_OPTIONS] = {"include_usage": True}
    if request.tools:
        body["tools"] = api_tools(request.tools)
    return body


def _must_be_an_answer(answer: Accumulator, request: ChatRequest) -> None:
    """Raises Trouble."""
    if answer.finish == "content_filter":
        raise Trouble(Kind.MODERATED)
    if not answer.is_whole:
        raise Trouble(Kind.CUT_OFF)
    if answer.has_text or answer.calls() or (answer.finish == "stop" and has_spoken(request)):
        return
    raise Trouble(Kind.EMPTY)


def _call(slot: Slot, answer: Accumulator, model: str) -> ToolCall:
    """Under an id of ours: theirs is "getWeather:0" every time. It goes back to them as it was."""
    extras: dict[str, object] = {"model": model, "id": slot.id}
    for place, unknown in (
        ("call", slot.unknown),
        ("function", slot.unknown_of_function),
        ("message", answer.unknown),
    ):
        if unknown:
            extras[place] = dict(unknown)
    return ToolCall(
        call_id=CallId(f"call-{uuid4().hex}"),
        tool=clean(slot.name),
        arguments=clean(slot.arguments),
        extras=extras,
    )
