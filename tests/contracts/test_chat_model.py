"""What every chat model keeps to, whoever is behind it. An adapter joins by a fixture parameter."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import replace

import pytest

from agent.models.offline import OfflineModel
from agent.models.poe.endpoint import base_url
from agent.models.poe.model import PoeModel
from agent.ports import (
    AssistantSaid,
    CallRequested,
    ChatMessage,
    ChatModel,
    ChatRequest,
    ModelEvent,
    SystemSaid,
    TextDelta,
    ToolAnswered,
    ToolCall,
    UserSaid,
)
from tests.fakes.dialogue import LOGO, question, studio_tools
from tests.fakes.poe import KEY, LEAD, SECOND, fake_poe


@asynccontextmanager
async def offline() -> AsyncIterator[ChatModel]:
    yield OfflineModel(pace_s=0)


@asynccontextmanager
async def poe() -> AsyncIterator[ChatModel]:
    """The real adapter over a fake wire; whatever it was asked, it asked by the API's rules."""
    async with fake_poe() as server:
        url = base_url(server.url)
        async with PoeModel(base_url=url, api_key=KEY, models=(LEAD, SECOND)) as model:
            yield model
        assert server.faults == []


MODELS: dict[str, Callable[[], AbstractAsyncContextManager[ChatModel]]] = {
    "offline": offline,
    "poe": poe,
}

TALKS: dict[str, tuple[ChatMessage, ...]] = {
    "a greeting": (UserSaid(text="hello"),),
    "a question": (UserSaid(text="What models can I use?"),),
    "a film": (UserSaid(text="Make a 6 second TikTok teaser for our oat drink"),),
    "a template": (UserSaid(text="Animate our logo"),),
    "an image": (UserSaid(text="", uploads=(LOGO.id,)),),
    "nothing": (),
    "only a system message": (SystemSaid(text="✅ Video generated and added to creatives!"),),
    "a second question": (
        UserSaid(text="hello"),
        AssistantSaid(text="Hi!"),
        SystemSaid(text="The person stopped this answer here."),
        UserSaid(text="Help me write a better prompt"),
    ),
}


@pytest.fixture(params=MODELS)
async def model(request) -> AsyncIterator[ChatModel]:
    async with MODELS[request.param]() as opened:
        yield opened


async def events_of(answer: AsyncGenerator[ModelEvent, None]) -> list[ModelEvent]:
    async with aclosing(answer) as events:
        return [event async for event in events]


def text_of(events: Sequence[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def calls_of(events: Sequence[ModelEvent]) -> list[ToolCall]:
    return [event.call for event in events if isinstance(event, CallRequested)]


async def played(model: ChatModel, request: ChatRequest, output: object) -> list[list[ModelEvent]]:
    """Ask until no tool is asked for, each call answered with `output`."""
    steps: list[list[ModelEvent]] = []
    for _ in range(10):
        events = await events_of(model.answer(request))
        steps.append(events)
        calls = calls_of(events)
        if not calls:
            return steps
        answers = [
            ToolAnswered(call_id=call.call_id, tool=call.tool, output=output)  # type: ignore[arg-type]
            for call in calls
        ]
        said = AssistantSaid(text=text_of(events), calls=tuple(calls))
        request = replace(request, messages=(*request.messages, said, *answers))
    pytest.fail("it never comes to an end")


class TestChatModel:
    def test_it_says_who_it_is(self, model):
        assert model.name
        assert "AI" in model.greeting

    @pytest.mark.parametrize("talk", TALKS.values(), ids=TALKS)
    async def test_an_answer_has_words_or_a_call(self, model, talk):
        events = await events_of(model.answer(question(*talk)))

        assert text_of(events).strip() or calls_of(events)

    async def test_text_comes_in_more_than_one_piece(self, model):
        events = await events_of(model.answer(question(UserSaid(text="hello"))))

        assert len([event for event in events if isinstance(event, TextDelta)]) > 1

    @pytest.mark.parametrize("talk", TALKS.values(), ids=TALKS)
    async def test_only_offered_tools_are_called_with_arguments_they_take(self, model, talk):
        tools = {tool.name: tool for tool in studio_tools([LOGO])}

        for call in calls_of(await events_of(model.answer(question(*talk)))):
            assert tools[call.tool].arguments.model_validate(json.loads(call.arguments))

    @pytest.mark.parametrize("talk", TALKS.values(), ids=TALKS)
    async def test_without_tools_it_answers_in_words(self, model, talk):
        events = await events_of(model.answer(question(*talk, tools=False)))

        assert text_of(events).strip()
        assert not calls_of(events)

    async def test_call_ids_are_unique_in_the_session(self, model):
        request = question(
            UserSaid(text="What models can I use?"),
            AssistantSaid(calls=(ToolCall(call_id="call-1", tool="list-models", arguments=""),)),  # type: ignore[arg-type]
            ToolAnswered(call_id="call-1", tool="list-models", output={"ok": True, "models": []}),  # type: ignore[arg-type]
            AssistantSaid(text="None."),
            UserSaid(text="Make a 6 second TikTok teaser for our oat drink"),
        )
        steps = await played(model, request, {"ok": True, "jobId": "job-1", "state": "queued"})

        ids = [call.call_id for events in steps for call in calls_of(events)]
        assert len({"call-1", *ids}) == len(ids) + 1

    async def test_closing_an_answer_early_ends_it(self, model):
        answer = model.answer(question(UserSaid(text="help")))
        await anext(answer)

        await answer.aclose()

        assert [event async for event in answer] == []

    async def test_an_answer_left_early_does_not_disturb_the_next(self, model):
        request = question(UserSaid(text="help"))
        answer = model.answer(request)
        await anext(answer)
        await answer.aclose()

        assert text_of(await events_of(model.answer(request)))

    @pytest.mark.parametrize("talk", TALKS.values(), ids=TALKS)
    async def test_a_failed_tool_leads_to_words(self, model, talk):
        error = {"code": "model_unavailable", "message": "No model can be used.", "retryable": True}

        steps = await played(model, question(*talk), {"ok": False, "error": error})

        assert text_of(steps[-1]).strip()

    @pytest.mark.parametrize("output", [{"ok": True}, {}, {"ok": True, "models": 7, "quote": []}])
    @pytest.mark.parametrize("talk", TALKS.values(), ids=TALKS)
    async def test_an_output_of_another_shape_still_leads_to_words(self, model, talk, output):
        steps = await played(model, question(*talk), output)

        assert text_of(steps[-1]).strip()

    async def test_an_upload_on_the_table_is_used_by_its_id(self, model):
        talk = UserSaid(text="Make a 6 second TikTok teaser for our oat drink, use our logo")
        refined = {"ok": True, "prompt": "oat", "refinedPrompt": "Oat drink, poured."}

        steps = await played(model, question(talk), refined)

        made = [
            json.loads(call.arguments)
            for events in steps
            for call in calls_of(events)
            if call.tool == "generate-video"
        ]
        assert made[0]["uploadIds"] == [LOGO.id]


class TestTheOfflineModel:
    """What a model without a mind of its own can promise beyond the port."""

    @pytest.mark.parametrize("talk", TALKS.values(), ids=TALKS)
    async def test_the_same_request_gives_the_same_answer(self, talk):
        first = await events_of(OfflineModel(pace_s=0).answer(question(*talk)))
        second = await events_of(OfflineModel(pace_s=0).answer(question(*talk)))

        assert first == second
