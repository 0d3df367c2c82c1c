from hypothesis import given
from hypothesis import strategies as st

from agent.conversation import conversation, output_of
from agent.ports import AssistantSaid, ChatMessage, SystemSaid, ToolAnswered, ToolCall, UserSaid
from tests.fakes.dialogue import LOGO
from tools.domain.events import (
    MessageAdded,
    SessionEvent,
    ToolFinished,
    ToolStarted,
    TurnFinished,
    TurnOutcome,
    TurnStarted,
)
from tools.domain.failures import Failure
from tools.domain.identity import CallId, MessageId, TurnId


def user(message: str, text: str = "", *, replaces: str | None = None) -> MessageAdded:
    return MessageAdded(
        message_id=MessageId(message),
        sender="user",
        text=text or message,
        replaces=MessageId(replaces) if replaces else None,
    )


def assistant(turn: str | None, text: str) -> MessageAdded:
    return MessageAdded(
        turn_id=TurnId(turn) if turn else None,
        message_id=MessageId(f"answer to {turn}: {text}"),
        sender="assistant",
        text=text,
    )


def system(text: str) -> MessageAdded:
    return MessageAdded(
        message_id=MessageId("system"), sender="system", text=text, code="video.ready"
    )


def started(turn: str, message: str) -> TurnStarted:
    return TurnStarted(turn_id=TurnId(turn), message_id=MessageId(message))


def finished(turn: str, outcome: TurnOutcome = TurnOutcome.ANSWERED) -> TurnFinished:
    return TurnFinished(turn_id=TurnId(turn), outcome=outcome)


def called(turn: str, call: str, **arguments: object) -> ToolStarted:
    return ToolStarted(
        turn_id=TurnId(turn), call_id=CallId(call), tool="echo", title="", arguments=arguments
    )


def answered(turn: str, call: str, **result: object) -> ToolFinished:
    return ToolFinished(
        turn_id=TurnId(turn), call_id=CallId(call), tool="echo", ok=True, result=result
    )


def asked(call: str, arguments: str = "{}") -> ToolCall:
    return ToolCall(call_id=CallId(call), tool="echo", arguments=arguments)


def told(call: str, **output: object) -> ToolAnswered:
    return ToolAnswered(call_id=CallId(call), tool="echo", output=output)


def test_a_turn_reads_as_it_was_talked():
    events: list[SessionEvent] = [
        user("m1", "hello"),
        started("t1", "m1"),
        assistant("t1", "hi"),
        finished("t1"),
    ]

    assert conversation(events) == (UserSaid(text="hello"), AssistantSaid(text="hi"))


def test_a_call_stands_beside_its_output():
    events: list[SessionEvent] = [
        user("m1"),
        started("t1", "m1"),
        assistant("t1", "one moment"),
        called("t1", "c1", text="ä"),
        answered("t1", "c1", echo="ä"),
        assistant("t1", "done"),
        finished("t1"),
    ]

    assert conversation(events)[1:] == (
        AssistantSaid(text="one moment"),
        AssistantSaid(calls=(asked("c1", '{"text": "ä"}'),)),
        told("c1", echo="ä", ok=True),
        AssistantSaid(text="done"),
    )


def test_calls_that_ran_together_belong_to_one_step():
    events: list[SessionEvent] = [
        user("m1"),
        started("t1", "m1"),
        called("t1", "c1"),
        called("t1", "c2"),
        answered("t1", "c2"),
        answered("t1", "c1"),
        called("t1", "c3"),
        answered("t1", "c3"),
        finished("t1"),
    ]

    assert conversation(events)[1:] == (
        AssistantSaid(calls=(asked("c1"), asked("c2"))),
        told("c1", ok=True),
        told("c2", ok=True),
        AssistantSaid(calls=(asked("c3"),)),
        told("c3", ok=True),
    )


def test_a_refused_call_is_told_with_its_error():
    failure = Failure(code="unknown_model", message="No such model.", field="model")
    refused = ToolFinished(
        turn_id=TurnId("t1"), call_id=CallId("c1"), tool="echo", ok=False, error=failure
    )
    events: list[SessionEvent] = [user("m1"), started("t1", "m1"), called("t1", "c1"), refused]

    output = conversation(events)[2]

    assert output == told(
        "c1",
        ok=False,
        error={
            "code": "unknown_model",
            "message": "No such model.",
            "retryable": False,
            "field": "model",
        },
    )


def test_every_call_has_an_output_even_when_the_process_died_in_it():
    events: list[SessionEvent] = [
        user("m1"),
        started("t1", "m1"),
        called("t1", "c1"),
        finished("t1", TurnOutcome.INTERRUPTED),
    ]

    output = conversation(events)[2]

    assert isinstance(output, ToolAnswered)
    assert output.output["ok"] is False
    assert "stopped before it answered" in str(output.output["error"])


def test_a_stopped_answer_is_kept_and_marked_so_that_nobody_resumes_it():
    events: list[SessionEvent] = [
        user("m1"),
        started("t1", "m1"),
        assistant("t1", "Once upon a"),
        finished("t1", TurnOutcome.STOPPED),
    ]

    said, mark = conversation(events)[1:]

    assert said == AssistantSaid(text="Once upon a")
    assert isinstance(mark, SystemSaid)
    assert "Do not resume" in mark.text


def test_an_edited_message_takes_its_whole_turn_with_it():
    events: list[SessionEvent] = [
        user("m1", "a film about tea"),
        started("t1", "m1"),
        called("t1", "c1"),
        answered("t1", "c1"),
        assistant("t1", "tea it is"),
        finished("t1"),
        user("m2", "a film about coffee", replaces="m1"),
        started("t2", "m2"),
    ]

    assert conversation(events, answering=MessageId("m2")) == (
        UserSaid(text="a film about coffee"),
    )


def test_of_several_tries_only_the_latest_counts():
    events: list[SessionEvent] = [
        user("m1"),
        started("t1", "m1"),
        assistant("t1", "no luck"),
        finished("t1", TurnOutcome.FAILED),
        started("t2", "m1"),
        assistant("t2", "luck"),
        finished("t2"),
    ]

    assert conversation(events) == (UserSaid(text="m1"), AssistantSaid(text="luck"))


def test_a_try_that_is_about_to_run_forgets_the_one_before():
    events: list[SessionEvent] = [
        user("m1"),
        started("t1", "m1"),
        assistant("t1", "no luck"),
        finished("t1", TurnOutcome.FAILED),
        started("t2", "m1"),
    ]

    assert conversation(events, answering=MessageId("m1")) == (UserSaid(text="m1"),)


def test_a_message_that_waited_comes_after_the_answer_it_waited_for():
    events: list[SessionEvent] = [
        user("m1"),
        started("t1", "m1"),
        user("m2"),
        assistant("t1", "first"),
        finished("t1"),
        started("t2", "m2"),
    ]

    assert conversation(events, answering=MessageId("m2")) == (
        UserSaid(text="m1"),
        AssistantSaid(text="first"),
        UserSaid(text="m2"),
    )


def test_a_message_that_still_waits_is_not_part_of_the_talk():
    events: list[SessionEvent] = [user("m1"), user("m2"), started("t1", "m1")]

    assert conversation(events, answering=MessageId("m1")) == (UserSaid(text="m1"),)


def test_the_message_to_answer_is_last_even_before_its_turn_has_started():
    assert conversation([user("m1")], answering=MessageId("m1")) == (UserSaid(text="m1"),)


def test_an_announcement_never_stands_between_a_call_and_its_output():
    events: list[SessionEvent] = [
        user("m1"),
        started("t1", "m1"),
        called("t1", "c1"),
        system("✅ ready"),
        answered("t1", "c1"),
        assistant("t1", "done"),
        finished("t1"),
    ]

    assert conversation(events)[2:] == (
        told("c1", ok=True),
        AssistantSaid(text="done"),
        SystemSaid(text="✅ ready"),
    )


def test_the_welcome_is_not_put_into_the_models_mouth():
    assert conversation([assistant(None, "Hi, I am an AI.")]) == ()


def test_images_of_a_message_are_told_by_id():
    events: list[SessionEvent] = [
        MessageAdded(message_id=MessageId("m1"), sender="user", text="", uploads=(LOGO,)),
        started("t1", "m1"),
    ]

    assert conversation(events, answering=MessageId("m1")) == (
        UserSaid(text="", uploads=(LOGO.id,)),
    )


def test_a_history_cut_off_in_the_middle_of_a_turn_is_read_from_the_next_one_on():
    events: list[SessionEvent] = [
        answered("t0", "c0"),
        assistant("t0", "the end of something"),
        finished("t0"),
        user("m1"),
        started("t1", "m1"),
        assistant("t1", "hi"),
        finished("t1"),
    ]

    assert conversation(events) == (UserSaid(text="m1"), AssistantSaid(text="hi"))


def test_an_output_cannot_pretend_that_a_failure_was_a_success():
    assert output_of(result={"ok": False, "echo": 1}) == {"echo": 1, "ok": True}


events_of_any_kind = st.lists(
    st.one_of(
        st.builds(user, st.sampled_from(["m1", "m2", "m3"])),
        st.builds(started, st.sampled_from(["t1", "t2", "t3"]), st.sampled_from(["m1", "m2"])),
        st.builds(assistant, st.sampled_from(["t1", "t2", None]), st.text(max_size=3)),
        st.builds(called, st.sampled_from(["t1", "t2"]), st.sampled_from(["c1", "c2", "c3"])),
        st.builds(answered, st.sampled_from(["t1", "t2"]), st.sampled_from(["c1", "c2", "c3"])),
        st.builds(finished, st.sampled_from(["t1", "t2"]), st.sampled_from(TurnOutcome)),
        st.builds(system, st.just("✅ ready")),
    ),
    max_size=30,
)


@given(events_of_any_kind)
def test_whatever_happened_each_call_is_followed_by_exactly_its_outputs(events):
    messages = list(conversation(events, answering=MessageId("m1")))

    waiting: list[str] = []
    for message in messages:
        if waiting:
            assert _output_id(message) == waiting.pop(0)
        elif isinstance(message, AssistantSaid):
            waiting = [call.call_id for call in message.calls]
        else:
            assert not isinstance(message, ToolAnswered)
    assert not waiting


def _output_id(message: ChatMessage) -> str | None:
    return message.call_id if isinstance(message, ToolAnswered) else None
