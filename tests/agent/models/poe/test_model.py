"""The language model over a wire that misbehaves: each misdeed a sentence."""

import asyncio
import json
import logging
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace

import pytest

from agent.models.poe.model import PoeModel
from agent.ports import (
    AssistantSaid,
    CallRequested,
    ModelEvent,
    ModelSwitched,
    TextDelta,
    ToolAnswered,
    ToolCall,
    UserSaid,
)
from tests.agent.models.poe.conftest import IMPATIENT, PATIENT
from tests.fakes.dialogue import question
from tests.fakes.poe import (
    DONE,
    KEEP_ALIVE,
    KEY,
    LEAD,
    NO_TOOLS,
    SECOND,
    TOOLLESS,
    Cut,
    FakePoe,
    Pause,
    Reply,
    Silence,
    Stall,
    Status,
    Stream,
    Whole,
    called,
    entry,
    finished,
    listed,
    refused,
    said,
    usage,
    whole,
)
from tests.patience import AT_ONCE_S, IN_THE_END_S
from tools.errors import (
    ContentRejected,
    ProviderRefused,
    ProviderUnavailable,
    StudioError,
    TooLarge,
)

ASKED = question(UserSaid(text="a film about my secret oat drink"))
HELLO = question(UserSaid(text="hello"))
GOOD = Stream(said("Hello"), said(" there"), finished(), usage(), DONE)
LIST = entry("list-models", "", call_id="call_31618866")


async def heard(model: PoeModel, request=ASKED) -> list[ModelEvent]:
    async with aclosing(model.answer(request)) as events:
        return [event async for event in events]


def text_of(events: Sequence[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def calls_of(events: Sequence[ModelEvent]) -> list[ToolCall]:
    return [event.call for event in events if isinstance(event, CallRequested)]


def switches_of(events: Sequence[ModelEvent]) -> list[ModelSwitched]:
    return [event for event in events if isinstance(event, ModelSwitched)]


async def failed(model: PoeModel, request=ASKED) -> tuple[list[ModelEvent], StudioError]:
    """What came before the error, and the error."""
    events: list[ModelEvent] = []
    async with aclosing(model.answer(request)) as answer:
        try:
            async for event in answer:
                events.append(event)  # noqa: PERF401  a comprehension would lose them at the error
        except StudioError as error:
            return events, error
    pytest.fail("it answered")


def after(events: Sequence[ModelEvent]):
    """The next step of the turn: each call answered."""
    calls = calls_of(events)
    outputs = [ToolAnswered(call_id=c.call_id, tool=c.tool, output={"ok": True}) for c in calls]
    answered = AssistantSaid(text=text_of(events), calls=tuple(calls))
    return replace(ASKED, messages=(*ASKED.messages, answered, *outputs))


class TestAGoodAnswer:
    async def test_it_streams_as_it_comes(self, model, poe):
        pause = Pause()
        poe.will(Stream(said("Hello"), pause, said(" there"), finished(), DONE))
        async with aclosing(model.answer(ASKED)) as events:
            assert await anext(events) == TextDelta(text="Hello")
            pause.gate.set()
            assert text_of([event async for event in events]) == " there"

    async def test_no_more_is_asked_for_than_every_server_takes(self, model, poe):
        await heard(model)

        (body,) = poe.requests
        assert body.keys() == {"model", "messages", "stream", "stream_options", "tools"}

    async def test_without_tools_there_is_no_word_of_tools(self, model, poe):
        await heard(model, question(UserSaid(text="hello"), tools=False))

        assert "tools" not in poe.requests[0]

    async def test_text_and_calls_in_one_answer_both_come_out(self, model, poe):
        poe.will(Stream(said("I look. "), called(LIST), finished("tool_calls"), DONE))
        events = await heard(model)

        assert text_of(events) == "I look. "
        assert [call.tool for call in calls_of(events)] == ["list-models"]

    async def test_calls_have_ids_of_ours_however_theirs_repeat(self, model, poe):
        both = (LIST, {**LIST, "index": 1})
        poe.will(Stream(called(*both), finished("stop"), DONE))
        poe.will(Stream(called(*both), finished("stop"), DONE))
        calls = calls_of(await heard(model)) + calls_of(await heard(model))

        assert len({call.call_id for call in calls}) == 4

    async def test_what_gemini_signs_goes_back_unchanged_within_the_turn(self, model, poe):
        signed = {"google": {"thought_signature": "AbC+/="}}
        poe.will(Stream(called({**LIST, "extra_content": signed}), finished("tool_calls"), DONE))
        await heard(model, after(await heard(model)))

        (call,) = poe.talk[2]["tool_calls"]
        assert call["extra_content"] == signed
        assert call["id"] == poe.talk[3]["tool_call_id"] == "call_31618866"

    async def test_a_connection_is_used_again(self, model, poe):
        for _ in range(3):
            await heard(model)

        assert len(poe.peers) == 1

    @pytest.mark.parametrize("ending", ["\r\n", "\n"])
    async def test_bytes_cut_anywhere_are_one_answer(self, model, poe, ending):
        lines = f"data: {json.dumps(said('Grüße 🌱'), ensure_ascii=False)}{ending}{ending}".encode()
        poe.will(Stream(*(bytes([byte]) for byte in lines), finished(), DONE))

        assert text_of(await heard(model)) == "Grüße 🌱"

    async def test_after_calls_it_may_have_nothing_to_add(self, model, poe):
        poe.will(Stream(said("I look. "), called(LIST), finished("tool_calls"), DONE))
        step = after(await heard(model))
        poe.will(Stream(finished("stop"), DONE))

        assert await heard(model, step) == []
        assert len(poe.requests) == 2


class TestOddEndings:
    async def test_a_reason_without_done_is_an_end(self, model, poe):
        poe.will(Stream(said("Hello"), finished()))

        assert text_of(await heard(model)) == "Hello"
        assert len(poe.requests) == 1

    async def test_a_server_that_never_closes_is_not_waited_for_once_the_answer_is_whole(
        self, hasty, poe
    ):
        poe.will(Stream(said("Hello"), finished(), Stall()))

        assert text_of(await heard(hasty)) == "Hello"
        assert len(poe.requests) == 1

    async def test_a_connection_cut_after_the_end_is_no_trouble(self, model, poe):
        poe.will(Stream(said("Hello"), finished(), Cut()))

        assert text_of(await heard(model)) == "Hello"

    async def test_done_without_a_reason_is_an_end(self, model, poe):
        poe.will(Stream(said("Hello"), DONE))

        assert text_of(await heard(model)) == "Hello"
        assert len(poe.requests) == 1

    async def test_length_keeps_the_text(self, model, poe):
        poe.will(Stream(said("Hel"), finished("length"), DONE))

        assert text_of(await heard(model)) == "Hel"

    async def test_a_document_instead_of_a_stream_is_an_answer(self, model, poe):
        poe.will(whole("Hello", LIST))
        events = await heard(model)

        assert text_of(events) == "Hello"
        assert len(calls_of(events)) == 1


BROKEN_STREAMS = {
    "it stops without a word": Stream(said("Hel")),
    "it stops in the middle of a call": Stream(
        called(entry("generate-video", '{"prom', call_id="a"))
    ),
    "it stops in a call and says done": Stream(
        called(entry("generate-video", '{"prom', call_id="a")), DONE
    ),
    "it is cut": Stream(said("Hel"), Cut()),
    "it sends what is no JSON": Stream(said("Hel"), "data: {oops\n\n", finished(), DONE),
    "it is empty": Stream(finished(), DONE),
    "it is empty for want of room": Stream(finished("length"), DONE),
    "it is nothing": Stream(),
    "its call has no name": Stream(called(entry(None, "{}", call_id="a")), finished("tool_calls")),
    "it ends in an error": Stream(said("Hel"), finished("error"), DONE),
}
STILL_STREAMS = {
    "it stalls": Stream(said("Hel"), Stall()),
    "it stalls and keeps the connection alive": Stream(said("Hel"), Stall(with_keep_alives=True)),
    "it never begins": Silence(),
    "it begins and never says anything": Stream(KEEP_ALIVE, Stall()),
}


async def asks_again_without_streaming(model: PoeModel, poe: FakePoe, broken: Reply) -> None:
    poe.will(broken, whole("Hello there"))
    events = await heard(model)

    assert text_of(events).endswith("Hello there")
    assert [request["stream"] for request in poe.requests] == [True, False]
    assert poe.asked == [LEAD, LEAD]


class TestABrokenStream:
    @pytest.mark.parametrize("broken", BROKEN_STREAMS.values(), ids=BROKEN_STREAMS)
    async def test_the_answer_is_asked_for_once_more_without_streaming(self, model, poe, broken):
        await asks_again_without_streaming(model, poe, broken)

    @pytest.mark.parametrize("still", STILL_STREAMS.values(), ids=STILL_STREAMS)
    async def test_so_it_is_when_it_stands_still(self, hasty, poe, still):
        await asks_again_without_streaming(hasty, poe, still)

    @pytest.mark.parametrize("broken", BROKEN_STREAMS.values(), ids=BROKEN_STREAMS)
    async def test_the_next_model_answers_when_that_fails_too(self, model, poe, broken):
        poe.will(broken, Whole({"choices": []}), GOOD)
        events = await heard(model)

        assert text_of(events).endswith("Hello there")
        assert poe.asked == [LEAD, LEAD, SECOND]
        switch = switches_of(events)[-1]
        assert switch.model == SECOND
        assert LEAD in switch.words
        assert SECOND in switch.words

    async def test_half_an_answer_on_the_screen_is_told_to_begin_again(self, model, poe):
        poe.will(Stream(said("Hel")), whole("Hello"))
        first, switch, again = await heard(model)

        assert (text_of([first]), text_of([again])) == ("Hel", "Hello")
        assert isinstance(switch, ModelSwitched)
        assert switch.model == LEAD

    async def test_nothing_on_the_screen_is_no_news(self, model, poe):
        poe.will(Stream(), whole("Hello"))

        assert switches_of(await heard(model)) == []

    async def test_no_call_of_a_broken_answer_is_run(self, model, poe):
        poe.will(Stream(called(LIST), said("x"), Cut()), whole("Hello"))

        assert calls_of(await heard(model)) == []

    async def test_the_text_so_far_is_kept_and_the_end_is_honest_when_nobody_answers(
        self, open_model, poe
    ):
        for _ in range(2):
            poe.will(Stream(said("Hel"), Stall()), Silence())
        async with open_model(patience=replace(IMPATIENT, whole_s=0.5)) as model:
            events, error = await failed(model)

        assert text_of(events) == "HelHel"
        assert isinstance(error, ProviderUnavailable)
        assert error.retryable
        assert LEAD in error.message


class TestAnErrorInTheStream:
    @pytest.mark.parametrize("kind", ["overloaded_error", "upstream_error", "provider_error", "?"])
    async def test_one_that_may_pass_is_tried_again(self, model, poe, kind):
        poe.will(Stream(said("Hel"), {"error": refused(kind)}), GOOD)

        assert text_of(await heard(model)) == "HelHello there"

    async def test_points_used_up_in_the_middle_end_the_answer(self, model, poe):
        poe.will(Stream(said("Hel"), {"error": refused("insufficient_credits", code=402)}))
        events, error = await failed(model)

        assert text_of(events) == "Hel"
        assert isinstance(error, ProviderRefused)

    @pytest.mark.parametrize("between", ["\n\n", "\n"])
    async def test_what_was_said_before_it_is_kept_also_when_both_come_in_one_packet(
        self, model, poe, between
    ):
        chunks = (said("Hel"), {"error": refused("insufficient_credits", code=402)})
        packet = between.join(f"data: {json.dumps(each)}" for each in chunks)
        poe.will(Stream(f"{packet}\n\n"))
        events, error = await failed(model)

        assert text_of(events) == "Hel"
        assert isinstance(error, ProviderRefused)

    async def test_moderation_in_the_middle_is_said_politely(self, model, poe):
        poe.will(Stream(said("Hel"), finished("content_filter"), DONE))
        _, error = await failed(model)

        assert isinstance(error, ContentRejected)


class TestStatuses:
    @pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 529])
    async def test_a_server_in_trouble_gets_a_second_try(self, model, poe, status):
        poe.will(Status(status, "<html>oops</html>"), GOOD)

        assert text_of(await heard(model)) == "Hello there"
        assert poe.asked == [LEAD, LEAD]
        assert poe.requests[1]["stream"] is True

    @pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 529])
    async def test_the_next_model_answers_for_one_that_stays_in_trouble(self, model, poe, status):
        poe.will(*[Status(status, refused("overloaded_error"))] * 2, GOOD)
        events = await heard(model)

        assert text_of(events) == "Hello there"
        assert poe.asked == [LEAD, LEAD, SECOND]
        assert len(switches_of(events)) == 1

    async def test_a_short_retry_after_is_waited_for(self, model, poe):
        poe.will(Status(429, refused("rate_limit_error"), {"Retry-After": "0.4"}), GOOD)
        begun = asyncio.get_running_loop().time()

        assert text_of(await heard(model)) == "Hello there"
        assert asyncio.get_running_loop().time() - begun >= 0.4
        assert poe.asked == [LEAD, LEAD]

    async def test_a_long_retry_after_is_not(self, model, poe):
        poe.will(Status(429, refused("rate_limit_error"), {"Retry-After": "120"}), GOOD)

        assert text_of(await heard(model)) == "Hello there"
        assert poe.asked == [LEAD, SECOND]

    @pytest.mark.parametrize(
        ("status", "kind"), [(401, "authentication_error"), (402, "insufficient_credits")]
    )
    async def test_a_refused_account_ends_the_answer_and_shows_red(self, model, poe, status, kind):
        await model.check()
        poe.will(Status(status, refused(kind)))
        _, error = await failed(model)

        assert isinstance(error, ProviderRefused)
        assert poe.asked == [LEAD]
        with pytest.raises(ProviderUnavailable):
            await model.check()

    async def test_it_shows_green_again_once_it_answers(self, model, poe):
        poe.will(Status(402, refused("insufficient_credits")))
        await failed(model)
        await heard(model)

        await model.check()

    async def test_moderation_is_said_politely_and_nobody_else_is_asked(self, model, poe):
        poe.will(Status(403, refused("moderation_error")))
        _, error = await failed(model)

        assert isinstance(error, ContentRejected)
        assert poe.asked == [LEAD]

    async def test_a_model_that_is_gone_is_stood_in_for(self, model, poe):
        poe.will(Status(404, refused("not_found_error")), GOOD)

        assert text_of(await heard(model)) == "Hello there"
        assert poe.asked == [LEAD, SECOND]

    async def test_when_all_are_gone_the_settings_are_named(self, model, poe):
        poe.will(*[Status(404, refused("not_found_error"))] * 2)
        _, error = await failed(model)

        assert isinstance(error, ProviderRefused)
        assert "POE_API_URL" in error.message

    async def test_a_model_without_tools_is_stood_in_for(self, model, poe):
        poe.will(NO_TOOLS, GOOD)

        assert text_of(await heard(model)) == "Hello there"
        assert poe.asked == [LEAD, SECOND]

    async def test_an_optional_field_is_dropped_and_not_sent_again(self, model, poe):
        poe.will(Status(400, refused("invalid_request_error", "Unknown field: stream_options")))
        await heard(model)
        await heard(model)

        assert ["stream_options" in request for request in poe.requests] == [True, False, False]

    async def test_a_server_that_refuses_what_it_sent_itself_does_not_get_it_back(self, model, poe):
        poe.will(Stream(called({**LIST, "reasoning_content": "Hm."}), finished(), DONE))
        step = after(await heard(model))
        poe.will(
            Status(400, refused("invalid_request_error", param="messages.2.reasoning_content"))
        )
        await heard(model, step)

        assert ["Hm." in json.dumps(request) for request in poe.requests] == [False, True, False]

    async def test_a_talk_that_is_too_large_is_cut_and_asked_again(self, model, poe):
        talk = [
            message
            for number in range(20)
            for message in (UserSaid(text=f"{number} " + "x" * 400), AssistantSaid(text="ok"))
        ]
        poe.will(Status(413, refused("request_too_large")), GOOD)
        await heard(model, question(*talk, UserSaid(text="the last words")))

        first, second = (len(request["messages"]) for request in poe.requests)
        assert second < first
        assert poe.talk[-1]["content"] == "the last words"

    async def test_a_message_nobody_can_read_is_said_to_be_too_long(self, model, poe):
        poe.will(*[Status(413, refused("request_too_large"))] * 4)
        _, error = await failed(model)

        assert isinstance(error, TooLarge)

    @pytest.mark.parametrize(
        "reply",
        [
            Status(200, "<html>welcome</html>"),
            Status(307, "moved", {"Location": "https://elsewhere.example/v1"}),
        ],
    )
    async def test_an_address_that_is_no_api_is_named_to_the_operator(self, model, poe, reply):
        poe.will(reply, reply)
        _, error = await failed(model)

        assert "POE_API_URL" in error.message

    async def test_a_server_that_is_not_there_is_said_to_be(self, open_model):
        async with open_model(url="http://127.0.0.1:9") as model:
            _, error = await failed(model)
            assert isinstance(error, ProviderUnavailable)
            with pytest.raises(ProviderUnavailable):
                await model.check()


class TestWhoAnswers:
    async def test_a_model_in_trouble_is_not_tried_at_every_step_and_the_person_is_told(
        self, model, poe
    ):
        poe.will(*[Status(529, refused("overloaded_error"))] * 2, GOOD)
        await heard(model)
        events = await heard(model)

        assert poe.asked == [LEAD, LEAD, SECOND, SECOND]
        assert switches_of(events)[0].model == SECOND

    async def test_who_began_a_turn_goes_on_with_it_without_another_word(self, model, poe):
        call = Stream(called(LIST), finished("tool_calls"), DONE)
        poe.will(*[Status(529, refused("overloaded_error"))] * 2, call)
        step = after(await heard(model))

        assert switches_of(await heard(model, step)) == []
        assert poe.asked == [LEAD, LEAD, SECOND, SECOND]

    async def test_extras_of_one_model_are_not_sent_to_another(self, model, poe):
        signed = Stream(called({**LIST, "extra_content": {"x": 1}}), finished(), DONE)
        poe.will(signed)
        step = after(await heard(model))
        poe.will(Status(404, refused("not_found_error")), GOOD)
        await heard(model, step)

        assert "extra_content" in poe.requests[1]["messages"][2]["tool_calls"][0]
        assert "extra_content" not in poe.requests[2]["messages"][2]["tool_calls"][0]


class TestTheStart:
    async def test_the_models_are_listed_once_and_no_answer_is_bought(self, model, poe):
        assert (poe.listings, poe.requests) == (1, [])

    async def test_its_greeting_says_that_it_is_an_ai_and_which(self, model):
        assert "AI" in model.greeting
        assert LEAD in model.greeting
        assert "\n" not in model.greeting

    async def test_a_model_without_tools_is_warned_of_and_stood_in_for(
        self, open_model, poe, caplog
    ):
        async with open_model((TOOLLESS, SECOND)) as model:
            assert model.name == SECOND
            assert SECOND in model.greeting
            events = await heard(model)

        assert TOOLLESS in caplog.text
        assert switches_of(events) == []
        assert poe.asked == [SECOND]

    async def test_its_context_is_read_from_the_list(self, open_model, poe):
        poe.models = Whole({"data": [listed(LEAD, context=64_000)]})
        async with open_model((LEAD,)) as model:
            assert model.context_tokens == 64_000

    @pytest.mark.parametrize(
        "models",
        [
            Silence(),
            Status(404, "no such page"),
            Status(500, "<html>"),
            Status(200, "<html>"),
            Whole({}),
            Stream("garbage"),
        ],
    )
    async def test_a_list_that_cannot_be_had_stops_nothing(self, open_model, poe, models):
        poe.models = models
        async with open_model(patience=replace(PATIENT, list_s=0.5)) as model:
            assert text_of(await heard(model, HELLO)) == "Hello! What shall we film?"

    async def test_a_refused_key_shows_red_from_the_start(self, open_model, poe, caplog):
        poe.models = Status(401, refused("authentication_error"))
        async with open_model(key="another-key") as model:
            with pytest.raises(ProviderUnavailable):
                await model.check()

        assert "another-key" not in caplog.text


class TestStopping:
    @pytest.mark.parametrize("reply", [Stream(said("Hel"), Stall()), Stream(said("Hel"), Pause())])
    async def test_closing_an_answer_closes_the_connection_at_once(self, model, poe, reply):
        poe.will(reply)
        answer = model.answer(ASKED)
        await anext(answer)
        await answer.aclose()

        async with asyncio.timeout(AT_ONCE_S):
            await poe.is_left.wait()

    @pytest.mark.parametrize("reply", [Silence(), Stream(KEEP_ALIVE, Stall())])
    async def test_a_stop_before_the_first_word_closes_it_too(self, model, poe, reply):
        poe.will(reply)
        waiting = asyncio.create_task(heard(model))
        async with asyncio.timeout(IN_THE_END_S):
            await poe.is_asked.wait()
        waiting.cancel()

        async with asyncio.timeout(AT_ONCE_S):
            await poe.is_left.wait()
        with pytest.raises(asyncio.CancelledError):
            await waiting


class TestWhatNobodySees:
    async def test_no_key_no_prompt_and_no_word_of_the_provider_is_logged_or_told(
        self, model, poe, caplog
    ):
        words = "the provider's own words"
        with caplog.at_level(logging.DEBUG):
            poe.will(*[Status(500, refused("provider_error", words))] * 4)
            events, error = await failed(model)

        ours = [record for record in caplog.records if record.name.startswith("reelroom")]
        assert ours
        logged = " ".join(f"{record.getMessage()} {record.exc_text or ''}" for record in ours)
        for secret in (KEY, "secret oat drink", words, poe.url):
            assert secret not in f"{logged} {events} {error.message} {error.details}"

    async def test_the_key_goes_nowhere_but_into_its_header(self, model, poe):
        await heard(model)

        assert poe.headers[0]["Authorization"] == f"Bearer {KEY}"
        assert KEY not in json.dumps(poe.requests)
        assert KEY not in repr(vars(model))

    async def test_what_the_sdk_finds_in_the_environment_stays_here(
        self, monkeypatch, open_model, poe: FakePoe
    ):
        monkeypatch.setenv("OPENAI_ORG_ID", "org-of-this-machine")
        monkeypatch.setenv("OPENAI_PROJECT_ID", "project-of-this-machine")
        async with open_model() as model:
            await heard(model)

        assert "of-this-machine" not in str(dict(poe.headers[0]))
