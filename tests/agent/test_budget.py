import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.budget import (
    HISTORY_TOKENS,
    LEAST_TOKENS,
    fitted,
    newest_turns,
    room_for_history,
    tokens_in,
    tokens_of,
)
from agent.ports import (
    AssistantSaid,
    Briefing,
    ChatMessage,
    ChatRequest,
    SystemSaid,
    ToolAnswered,
    ToolCall,
    ToolSpec,
    UserSaid,
)
from tools.domain.identity import CallId

TODAY = date(2026, 11, 22)


def said(number: int, size: int = 400) -> list[ChatMessage]:
    """A turn with one call."""
    call = ToolCall(call_id=CallId(f"call-{number}"), tool="echo", arguments="{}")
    return [
        UserSaid(text=f"{number} " + "x" * size),
        AssistantSaid(text="one moment", calls=(call,)),
        ToolAnswered(call_id=call.call_id, tool="echo", output={"ok": True}),
        AssistantSaid(text="done"),
    ]


def request(*messages: ChatMessage, **more) -> ChatRequest:
    return ChatRequest(
        instructions="Be kind.", briefing=Briefing(today=TODAY), messages=messages, **more
    )


def test_four_letters_are_a_token_and_other_scripts_need_more():
    assert tokens_in("x" * 400) == 100
    assert tokens_in("я" * 400) == 200
    assert tokens_in("映" * 400) == 300


def test_a_short_talk_is_left_as_it_is():
    short = request(*said(1))

    assert fitted(short, 100_000) is short


def test_the_oldest_turns_go_first_and_whole():
    messages = [message for number in range(9) for message in said(number)]

    shown, hidden = newest_turns(messages, tokens_of(messages[-8:]) + 5)

    assert list(shown) == messages[-8:]
    assert hidden == 7 * 3  # their outputs are nobody's messages


def test_what_went_is_counted_in_the_briefing():
    long = request(*(message for number in range(50) for message in said(number)))

    shown = fitted(long, 4_000)

    gone = 50 - sum(isinstance(message, UserSaid) for message in shown.messages)
    assert shown.briefing.earlier_messages == gone * 3
    assert shown.instructions == long.instructions


def test_what_comes_before_the_first_person_is_not_shown():
    shown = fitted(request(SystemSaid(text="✅ ready"), UserSaid(text="hello")), 100_000)

    assert shown.messages == (UserSaid(text="hello"),)


def test_a_talk_without_a_person_is_left_alone():
    alone = request(SystemSaid(text="✅ ready"))

    assert fitted(alone, 100_000).messages == alone.messages


def test_the_newest_message_stays_however_long_it_is():
    long = UserSaid(text="x" * 100_000)

    shown, _ = newest_turns([*said(1), long], 100)

    assert shown == (long,)


def test_outputs_of_the_newest_turn_are_cut_when_it_alone_is_too_long():
    call = ToolCall(call_id=CallId("call-1"), tool="list-models", arguments="")
    output = ToolAnswered(
        call_id=call.call_id, tool="list-models", output={"ok": True, "models": ["m" * 90_000]}
    )

    shown, _ = newest_turns([UserSaid(text="hi"), AssistantSaid(calls=(call,)), output], 2_000)

    assert tokens_of(shown) <= 2_000
    cut = shown[-1]
    assert isinstance(cut, ToolAnswered)
    assert cut.output["ok"] is True
    assert str(cut.output["beginning"]).startswith('{"ok": true, "models"')


def test_instructions_facts_tools_and_an_answer_have_their_room():
    spec = ToolSpec(name="echo", description="x" * 4_000, parameters={})

    assert (
        room_for_history(request(), 20_000) - room_for_history(request(tools=(spec,)), 20_000) > 900
    )
    assert room_for_history(request(), 20_000) < 20_000 * 0.75 - 4_096


def test_a_large_model_is_not_sent_everything_and_a_tiny_one_is_sent_something():
    assert room_for_history(request(), 2_000_000) == HISTORY_TOKENS
    assert room_for_history(request(), 1) == LEAST_TOKENS


texts = st.text(max_size=300)


@st.composite
def histories(draw) -> list[ChatMessage]:
    """Any talk as `conversation` tells it, in any language; the last message is to be answered."""
    messages: list[ChatMessage] = []
    number = 0
    if draw(st.booleans()):
        messages.append(SystemSaid(text=draw(texts)))
    for _ in range(draw(st.integers(0, 8))):
        messages.append(UserSaid(text=draw(texts)))
        for _ in range(draw(st.integers(0, 3))):
            calls = [
                ToolCall(call_id=CallId(f"call-{number + n}"), tool="echo", arguments=draw(texts))
                for n in range(draw(st.integers(0, 3)))
            ]
            number += len(calls)
            messages.append(AssistantSaid(text=draw(texts), calls=tuple(calls)))
            messages += [
                ToolAnswered(
                    call_id=call.call_id, tool="echo", output={"ok": True, "t": draw(texts)}
                )
                for call in calls
            ]
        if draw(st.booleans()):
            messages.append(SystemSaid(text=draw(texts)))
    messages.append(UserSaid(text=draw(texts)))
    return messages


@given(histories(), st.integers(0, 2_000))
def test_whatever_was_said_what_is_sent_is_valid_and_fits(messages, room):
    shown, hidden = newest_turns(messages, room)

    assert isinstance(shown[0], UserSaid)
    assert shown[-1] == messages[-1]
    assert list(shown) == messages[len(messages) - len(shown) :]
    waiting: list[str] = []
    for message in shown:
        if isinstance(message, ToolAnswered):
            assert message.call_id == waiting.pop(0)
        else:
            assert not waiting
        if isinstance(message, AssistantSaid):
            waiting = [call.call_id for call in message.calls]
    assert not waiting
    assert tokens_of(shown) <= room or shown == (messages[-1],)
    assert hidden >= 0


@given(histories(), st.integers(100, 20_000))
def test_what_is_fitted_once_fits(messages, context_tokens):
    once = fitted(request(*messages), context_tokens)

    assert fitted(once, context_tokens).messages == once.messages


@pytest.mark.parametrize("size", [10, 1_000, 100_000])
def test_a_cut_output_is_still_json(size):
    call = ToolCall(call_id=CallId("call-1"), tool="echo", arguments="{}")
    output = ToolAnswered(
        call_id=call.call_id, tool="echo", output={"ok": False, "error": {"message": '"\\ä' * size}}
    )

    shown, _ = newest_turns([UserSaid(text="hi"), AssistantSaid(calls=(call,)), output], 600)

    cut = shown[-1]
    assert isinstance(cut, ToolAnswered)
    assert json.loads(json.dumps(dict(cut.output)))["ok"] is False
    assert tokens_of(shown) <= 600
