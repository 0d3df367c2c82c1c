"""Stop: the model and its tools let go at once, what was said stays, and the talk goes on."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from time import monotonic

from agent.ports import AssistantSaid, ChatRequest, ModelEvent, TextDelta, ToolAnswered
from tests.fakes.house import OpenHouse, open_studio
from tests.fakes.scripted_model import Call, Hang, Say, ScriptedModel, in_turn
from tests.fakes.visitor import Visitor
from tests.patience import AT_ONCE_S
from tools.domain.prompts import Refinement


class StubbornRefiner:
    """A tool that never answers."""

    name = "stubborn"

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.was_cancelled = False

    async def refine(self, prompt: str, *, context: str, model_key: str) -> Refinement:
        self.reached.set()
        try:
            return await asyncio.Future()
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise


class Deaf:
    """A model that does not let go when it is asked to."""

    name = "deaf"
    greeting = "I am an AI."
    context_tokens = 10_000

    def __init__(self) -> None:
        self.reached, self.let_go = asyncio.Event(), asyncio.Event()

    async def answer(self, request: ChatRequest) -> AsyncGenerator[ModelEvent, None]:
        yield TextDelta(text="So ")
        try:
            self.reached.set()
            await asyncio.Event().wait()
        finally:
            await self.let_go.wait()
            yield TextDelta(text="far")


async def stopped(studio: OpenHouse, ada: Visitor, turn_id: str) -> float:
    """Press Stop; seconds until the turn is told as over."""
    pressed = monotonic()
    await ada.done("turn.stop", sessionId=ada.session_id, clientId=ada.client_id(), turnId=turn_id)
    finished = await ada.until_entry("turn.finished", turnId=turn_id)
    assert finished["data"]["outcome"] == "stopped"
    return monotonic() - pressed


async def test_a_hanging_model_is_let_go_and_its_words_stay(tmp_path):
    reached = asyncio.Event()
    model = ScriptedModel(in_turn([Say("Half a "), Hang(reached)], [Say("Hello again")]))
    async with (
        open_studio(tmp_path, adapters=lambda given: replace(given, chat_model=model)) as studio,
        studio.visitor() as ada,
    ):
        await ada.open()
        turn_id = (await ada.say("hello"))["turnId"]
        await reached.wait()

        assert await stopped(studio, ada, turn_id) < AT_ONCE_S
        said = [entry for entry in ada.of_turn(turn_id) if entry["type"] == "message.added"]
        assert [entry["data"]["text"] for entry in said] == ["hello", "Half a "]
        assert model.closed == 1
        assert (await ada.ask("and now?"))[-1]["data"]["outcome"] == "answered"


async def test_running_tools_are_let_go_and_each_has_an_output_next_time(tmp_path):
    refiner = StubbornRefiner()
    calls = [Call("refine-prompt", {"prompt": word}) for word in ("one", "two")]
    model = ScriptedModel(in_turn([Say("Wait."), *calls], [Say("Hello again")]))
    async with (
        open_studio(
            tmp_path, adapters=lambda given: replace(given, chat_model=model, refiner=refiner)
        ) as studio,
        studio.visitor() as ada,
    ):
        await ada.open()
        turn_id = (await ada.say("hello"))["turnId"]
        await refiner.reached.wait()

        assert await stopped(studio, ada, turn_id) < AT_ONCE_S
        assert refiner.was_cancelled
        assert (await ada.ask("and now?"))[-1]["data"]["outcome"] == "answered"
    asked = [
        call for m in model.requests[1].messages if isinstance(m, AssistantSaid) for call in m.calls
    ]
    outputs = [m for m in model.requests[1].messages if isinstance(m, ToolAnswered)]
    assert [output.call_id for output in outputs] == [call.call_id for call in asked]
    assert len(outputs) == 2
    assert not any(output.output["ok"] for output in outputs)


async def test_a_model_that_does_not_let_go_keeps_nobody_waiting(tmp_path, caplog):
    model = Deaf()
    async with (
        open_studio(tmp_path, adapters=lambda given: replace(given, chat_model=model)) as studio,
        studio.visitor() as ada,
    ):
        await ada.open()
        turn_id = (await ada.say("hello"))["turnId"]
        await model.reached.wait()

        assert await stopped(studio, ada, turn_id) < AT_ONCE_S
        model.let_go.set()
        second = (await ada.say("hello"))["turnId"]
        model.let_go.clear()
        await ada.until_entry("turn.started", turnId=second)
        assert [entry["type"] for entry in ada.of_turn(turn_id)][-1] == "turn.finished"
        assert len(ada.of_type("turn.finished")) == 1
        model.let_go.set()
        await stopped(studio, ada, second)
