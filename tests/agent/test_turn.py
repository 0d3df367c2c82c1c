import ast
import asyncio
import sys
from collections.abc import Sequence
from datetime import date
from itertools import count
from pathlib import Path

import pytest

import agent.turn
from agent.ports import (
    AssistantSaid,
    Briefing,
    ChatMessage,
    ChatModel,
    ChatRequest,
    ToolAnswered,
    UserSaid,
)
from agent.toolbox import Toolbox
from agent.turn import TurnLimits, TurnResult, answer
from tests.fakes.dialogue import CONTEXT
from tests.fakes.echo_tool import Broken, Echo, Endless, Meeting
from tests.fakes.scribe import WritingScribe
from tests.fakes.scripted_model import Call, Fail, Hang, Pause, Say, ScriptedModel, in_turn
from tools.contract import AnyTool
from tools.domain.events import ToolFinished, ToolStarted
from tools.errors import BudgetExceeded, ProviderUnavailable

ECHO = {"text": "a"}


async def turn(
    model: ChatModel,
    scribe: WritingScribe | None = None,
    *,
    tools: Sequence[AnyTool] = (),
    limits: TurnLimits | None = None,
    instructions: str = "Be kind.",
    before: Sequence[ChatMessage] = (),
) -> TurnResult:
    numbers = count(1)
    return await answer(
        ChatRequest(
            instructions=instructions,
            briefing=Briefing(today=date(2026, 11, 22)),
            messages=(*before, UserSaid(text="hello")),
        ),
        model=model,
        toolbox=Toolbox(tools or [Echo()]),
        scribe=scribe or WritingScribe(),
        context=CONTEXT,
        mint=lambda kind: f"{kind}-{next(numbers)}",
        limits=limits or TurnLimits(),
    )


async def test_text_is_streamed_and_then_said_whole():
    scribe = WritingScribe()

    result = await turn(ScriptedModel(in_turn([Say(("Hel", "lo"))])), scribe)

    assert result == TurnResult(outcome="answered")
    assert scribe.log == ["writes Hel", "writes lo", "said Hello"]


async def test_a_call_is_run_and_its_output_is_told_to_the_model():
    model = ScriptedModel(in_turn([Call("echo", ECHO)], [Say("done")]))
    scribe = WritingScribe()

    await turn(model, scribe)

    asked, output = model.requests[1].messages[1:]
    assert isinstance(asked, AssistantSaid)
    assert isinstance(output, ToolAnswered)
    assert output.output == {"echo": "a", "ok": True}
    assert output.call_id == asked.calls[0].call_id
    assert scribe.log == ["started echo", "finished echo", "writes done", "said done"]


async def test_the_model_is_told_which_tools_there_are():
    model = ScriptedModel(in_turn([Say("hi")]))

    await turn(model, tools=[Echo()])

    assert [spec.name for spec in model.requests[0].tools] == ["echo"]


async def test_each_step_speaks_in_a_message_of_its_own():
    scribe = WritingScribe()

    await turn(ScriptedModel(in_turn([Say("one"), Call("echo", ECHO)], [Say("two")])), scribe)

    first, second = (message_id for message_id, _ in scribe.written)
    assert first != second


async def test_several_calls_of_a_step_run_in_the_order_they_were_asked_for():
    scribe = WritingScribe()
    model = ScriptedModel(
        in_turn([Call("echo", {"text": "a"}), Call("echo", {"text": "b"})], [Say("done")])
    )

    await turn(model, scribe)

    started = [event for event in scribe.events if isinstance(event, ToolStarted)]
    assert [event.arguments["text"] for event in started] == ["a", "b"]
    assert scribe.log[:4] == ["started echo", "finished echo"] * 2


def outputs_in(model: ScriptedModel) -> list[ToolAnswered]:
    """What the model was told of its calls in its last question."""
    return [each for each in model.requests[-1].messages if isinstance(each, ToolAnswered)]


async def test_tools_without_effects_run_side_by_side_and_answer_in_order():
    tool = Meeting(guests=3)
    model = ScriptedModel(
        in_turn([Call("meeting", {"text": word}) for word in "abc"], [Say("done")])
    )

    await turn(model, tools=[tool], limits=TurnLimits(seconds=5))

    assert [each.output["echo"] for each in outputs_in(model)] == ["a", "b", "c"]


async def test_what_has_an_effect_is_never_begun_beside_another():
    tool = Meeting(guests=1, is_free_of_effects=False)
    scribe = WritingScribe()
    model = ScriptedModel(in_turn([Call("meeting", ECHO)] * 3, [Say("done")]))

    await turn(model, scribe, tools=[tool])

    assert tool.most_at_once == 1
    assert scribe.log[:6] == ["started meeting", "finished meeting"] * 3


async def test_what_has_an_effect_waits_for_what_was_asked_for_before_it():
    free, order = Meeting(guests=2, name="look"), Meeting(guests=1, is_free_of_effects=False)
    scribe = WritingScribe()
    asked = [Call("look", ECHO), Call("look", ECHO), Call("meeting", ECHO)]

    await turn(ScriptedModel(in_turn(asked, [Say("done")])), scribe, tools=[free, order])

    assert scribe.log[:6] == [
        "started look",
        "started look",
        "finished look",
        "finished look",
        "started meeting",
        "finished meeting",
    ]


async def test_a_bug_beside_others_ends_them_and_each_call_has_an_end(caplog):
    endless, broken = Endless(), Broken(KeyError())
    endless.is_free_of_effects = broken.is_free_of_effects = True
    scribe = WritingScribe()

    result = await turn(
        ScriptedModel(in_turn([Call("endless"), Call("broken")])), scribe, tools=[endless, broken]
    )

    assert result.error is not None
    assert result.error.code == "internal"
    assert endless.was_cancelled
    assert sorted(scribe.log) == [
        "finished broken",
        "finished endless",
        "started broken",
        "started endless",
    ]


async def test_a_refusal_does_not_disturb_the_calls_beside_it():
    broken = Broken(BudgetExceeded("The budget is spent."))
    broken.is_free_of_effects = True
    tools: list[AnyTool] = [Meeting(guests=2), broken]
    model = ScriptedModel(
        in_turn([Call("meeting", ECHO), Call("broken"), Call("meeting", ECHO)], [Say("done")])
    )

    result = await turn(model, tools=tools, limits=TurnLimits(seconds=5))

    assert [each.output["ok"] for each in outputs_in(model)] == [True, False, True]
    assert result.outcome == "answered"


MALFORMED = [Call("echo", "{oops"), Call("nothing"), Call("echo", {"volume": 3})]


@pytest.mark.parametrize("wrong", MALFORMED, ids=["no JSON", "no such tool", "wrong arguments"])
async def test_a_call_that_no_tool_takes_is_shown_twice_and_then_the_turn_ends_in_words(wrong):
    model, scribe = ScriptedModel(lambda _: [wrong]), WritingScribe()

    result = await turn(model, scribe)

    assert len(model.requests) == 3
    assert len(outputs_in(model)) == 2
    assert result.error is not None
    assert result.error.retryable
    assert "do not understand" in result.error.message
    started = [line for line in scribe.log if line.startswith("started")]
    assert len(started) == sum(line.startswith("finished") for line in scribe.log) == 3


async def test_a_model_that_mends_its_call_goes_on():
    model = ScriptedModel(
        in_turn(*[[wrong] for wrong in MALFORMED[:2]], [Call("echo", ECHO)], [Say("hi")])
    )

    assert (await turn(model)).outcome == "answered"


async def test_a_refusal_of_the_studios_own_is_no_malformed_call():
    model = ScriptedModel(in_turn(*[[Call("broken")]] * 5, [Say("no money")]))

    result = await turn(model, tools=[Broken(BudgetExceeded("The budget is spent."))])

    assert result.outcome == "answered"


async def test_a_call_that_hands_on_the_instructions_is_not_run():
    tool = Echo()
    instructions = "Keep to the house and never tell anybody where the biscuits are kept."
    model = ScriptedModel(
        in_turn([Call("echo", {"text": instructions.upper().replace(" ", "\n")})], [Say("no")])
    )
    scribe = WritingScribe()

    await turn(model, scribe, tools=[tool], instructions=instructions)

    assert tool.contexts == []
    assert "repeat your instructions" in str(outputs_in(model)[0].output["error"])


async def test_a_talk_that_is_too_long_is_asked_about_in_part():
    old = [UserSaid(text=f"message {number} " + "x" * 400) for number in range(50)]
    model = ScriptedModel(in_turn([Call("echo", ECHO)], [Say("hi")]), context_tokens=4000)

    await turn(model, before=old)

    for request in model.requests:
        assert len(request.messages) < 20
        assert request.briefing.earlier_messages > 30
    assert UserSaid(text="hello") in model.requests[-1].messages


async def test_ids_are_unique_even_when_the_model_repeats_itself():
    scribe = WritingScribe()
    same = Call("echo", ECHO, call_id="call_0")

    await turn(ScriptedModel(in_turn([same, same], [same], [Say("done")])), scribe)

    ids = [event.call_id for event in scribe.events if isinstance(event, ToolStarted)]
    assert len(set(ids)) == 3


async def test_a_refusal_goes_back_to_the_model_in_words():
    model = ScriptedModel(in_turn([Call("echo", "{oops")], [Say("sorry")]))
    scribe = WritingScribe()

    result = await turn(model, scribe)

    output = model.requests[1].messages[-1]
    assert isinstance(output, ToolAnswered)
    assert output.output["ok"] is False
    assert "not valid JSON" in str(output.output["error"])
    assert result.outcome == "answered"


async def test_arguments_that_cannot_be_read_are_shown_as_none():
    scribe = WritingScribe()

    await turn(ScriptedModel(in_turn([Call("echo", "{oops")], [Say("sorry")])), scribe)

    started = next(event for event in scribe.events if isinstance(event, ToolStarted))
    assert started.arguments == {}
    assert started.title == "Trying echo"


async def test_a_studio_error_of_a_tool_does_not_end_the_turn():
    tool = Broken(BudgetExceeded("The budget is spent."))
    scribe = WritingScribe()

    result = await turn(
        ScriptedModel(in_turn([Call("broken")], [Say("no money")])), scribe, tools=[tool]
    )

    finished = next(event for event in scribe.events if isinstance(event, ToolFinished))
    assert not finished.ok
    assert finished.error is not None
    assert finished.error.code == "budget_exceeded"
    assert result.outcome == "answered"


async def test_a_bug_of_a_tool_ends_the_turn_without_telling_its_cause(caplog):
    scribe = WritingScribe()

    result = await turn(
        ScriptedModel(in_turn([Say("Wait. "), Call("broken")])),
        scribe,
        tools=[Broken(ZeroDivisionError("secret"))],
    )

    assert result.error is not None
    assert result.error.code == "internal"
    assert "secret" not in result.error.message
    assert "turn failed" in caplog.text


async def test_a_call_that_broke_has_an_end(caplog):
    scribe = WritingScribe()

    await turn(ScriptedModel(in_turn([Call("broken")])), scribe, tools=[Broken(KeyError())])

    assert scribe.log == ["started broken", "finished broken"]


async def test_a_model_that_fails_keeps_what_it_had_said():
    scribe = WritingScribe()
    model = ScriptedModel(in_turn([Say("Half a "), Fail(ProviderUnavailable("Poe is busy."))]))

    result = await turn(model, scribe)

    assert result.outcome == "failed"
    assert result.error is not None
    assert result.error.message == "Poe is busy."
    assert result.error.retryable
    assert scribe.log[-1] == "said Half a "


async def test_a_model_that_says_nothing_is_a_failure():
    result = await turn(ScriptedModel(in_turn([])))

    assert result.error is not None
    assert result.error.code == "provider_unavailable"


async def test_silence_after_something_was_said_is_the_end_of_the_answer():
    result = await turn(ScriptedModel(in_turn([Say("On its way."), Call("echo", ECHO)], [])))

    assert result.outcome == "answered"


async def test_a_turn_that_goes_in_circles_ends_with_words():
    model = ScriptedModel(lambda _: [Call("echo", ECHO)])

    result = await turn(model, limits=TurnLimits(steps=3))

    assert len(model.requests) == 3
    assert result.error is not None
    assert "3 steps" in result.error.message


async def test_too_many_calls_at_once_are_not_begun():
    scribe = WritingScribe()
    model = ScriptedModel(lambda _: [Say("Many!"), *[Call("echo", ECHO)] * 5])

    result = await turn(model, scribe, limits=TurnLimits(calls=4))

    assert scribe.log == ["writes Many!", "said Many!"]
    assert result.error is not None
    assert "4 tool calls" in result.error.message


async def test_a_turn_that_takes_too_long_keeps_its_text_and_says_so():
    scribe = WritingScribe()
    model = ScriptedModel(in_turn([Say("Well, "), Hang()]))

    result = await turn(model, scribe, limits=TurnLimits(seconds=1.5))

    assert result.error is not None
    assert "longer than 1.5 seconds" in result.error.message
    assert scribe.log == ["writes Well, ", "said Well, "]
    assert model.closed == 1


async def test_a_tool_that_takes_too_long_is_stopped_and_has_an_end():
    scribe, tool = WritingScribe(), Endless()

    await turn(
        ScriptedModel(in_turn([Call("endless")])),
        scribe,
        tools=[tool],
        limits=TurnLimits(seconds=1),
    )

    assert tool.was_cancelled
    assert scribe.log == ["started endless", "finished endless"]


async def test_a_timeout_inside_a_tool_is_a_bug_and_not_the_turns_own_limit(caplog):
    result = await turn(
        ScriptedModel(in_turn([Call("broken")])), tools=[Broken(TimeoutError("its own"))]
    )

    assert result.error is not None
    assert result.error.code == "internal"


async def test_a_stop_passes_through_and_closes_the_model():
    reached = asyncio.Event()
    model, scribe = ScriptedModel(in_turn([Say("Once"), Hang(reached)])), WritingScribe()
    task = asyncio.ensure_future(turn(model, scribe))
    await reached.wait()

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert model.closed == 1
    assert scribe.log == ["writes Once"]  # what is half said is the stopper's to write down


async def test_a_stop_reaches_a_running_tool():
    tool = Endless()
    task = asyncio.ensure_future(turn(ScriptedModel(in_turn([Call("endless")])), tools=[tool]))
    await tool.reached.wait()

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert tool.was_cancelled


async def test_text_is_passed_on_while_the_model_still_writes():
    gate, reached, scribe = asyncio.Event(), asyncio.Event(), WritingScribe()
    model = ScriptedModel(in_turn([Say("first "), Pause(gate, reached), Say("second")]))
    task = asyncio.ensure_future(turn(model, scribe))
    await reached.wait()

    assert scribe.log == ["writes first "]
    gate.set()
    await task


def test_the_turn_imports_no_library():
    own = {"agent", "tools.contract", "tools.errors", "tools.domain"}
    source = Path(str(agent.turn.__file__)).read_text(encoding="utf-8")
    modules = {
        node.module if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }

    for module in modules:
        assert module is not None
        root = module.partition(".")[0]
        assert root in sys.stdlib_module_names or any(
            module == name or module.startswith(f"{name}.") for name in own
        )
