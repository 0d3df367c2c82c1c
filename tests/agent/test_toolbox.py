import json

import pytest

from agent.ports import ToolCall
from agent.toolbox import Toolbox, arguments_of
from tests.fakes.dialogue import CONTEXT, studio_tools
from tests.fakes.echo_tool import Broken, Echo
from tools.domain.identity import CallId
from tools.errors import BudgetExceeded, InvalidPayload


def call(tool: str, arguments: str = "{}") -> ToolCall:
    return ToolCall(call_id=CallId("call-1"), tool=tool, arguments=arguments)


def test_a_tool_is_told_with_its_json_schema_in_camel_case():
    (spec,) = Toolbox([Echo()]).specs()

    assert spec.name == "echo"
    assert spec.description == "Says it back."
    assert set(spec.parameters["properties"]) == {"text", "timesSaid"}  # type: ignore[call-overload]
    assert spec.parameters["required"] == ["text"]
    assert spec.parameters["additionalProperties"] is False


def test_the_schemas_are_plain_json():
    assert json.loads(
        json.dumps([dict(spec.parameters) for spec in Toolbox(studio_tools()).specs()])
    )


async def test_a_call_gives_the_tools_result():
    result = await Toolbox([Echo()]).call(CONTEXT, call("echo", '{"text": "a", "timesSaid": 3}'))

    assert result == {"echo": "aaa"}


async def test_a_tool_knows_which_call_it_works_for():
    echo = Echo()
    await Toolbox([echo]).call(CONTEXT, call("echo", '{"text": "a"}'))

    assert echo.contexts[0].call_id == "call-1"
    assert echo.contexts[0].session_id == CONTEXT.session_id


async def test_no_arguments_at_all_are_an_empty_object():
    box = Toolbox([Broken(BudgetExceeded("The budget is spent."))])

    with pytest.raises(BudgetExceeded):
        await box.call(CONTEXT, call("broken", ""))


REFUSED = [
    ("nonsense", "{}", "There is no tool called 'nonsense'. There is: echo."),
    ("echo", "{text:", "The arguments of echo are not valid JSON. Send one JSON object."),
    ("echo", "[1]", "The arguments of echo must be one JSON object."),
    ("echo", "{}", "echo was not called. text is required."),
    ("echo", '{"text": "a", "volume": 3}', "echo was not called. volume is not an argument of it."),
    ("echo", '{"text": ""}', "text: String should have at least 1 character."),
    ("echo", '{"text": "a", "timesSaid": "many"}', "timesSaid: Input should be a valid integer"),
    ("echo", '{"text": NaN}', "not valid JSON"),
    ("echo", '{"text": "\\ud800"}', "not valid JSON"),
    ("echo", '{"timesSaid": 99999999999999999999}', "not valid JSON"),
    ("echo", "[" * 100_000, "not valid JSON"),
]


@pytest.mark.parametrize(("tool", "arguments", "words"), REFUSED)
async def test_a_refusal_says_how_to_put_it_right(tool, arguments, words):
    with pytest.raises(InvalidPayload) as refused:
        await Toolbox([Echo()]).call(CONTEXT, call(tool, arguments))

    assert words in refused.value.message
    assert "pydantic" not in refused.value.message
    assert "http" not in refused.value.message


async def test_a_refusal_names_the_field():
    with pytest.raises(InvalidPayload) as refused:
        await Toolbox([Echo()]).call(CONTEXT, call("echo", "{}"))

    assert refused.value.field == "text"


async def test_a_refusal_of_many_faults_stays_readable():
    wrong = json.dumps({f"unknown{number}": 1 for number in range(500)})

    with pytest.raises(InvalidPayload) as refused:
        await Toolbox([Echo()]).call(CONTEXT, call("echo", wrong))

    assert "And 496 more." in refused.value.message
    assert len(refused.value.message) < 500


async def test_a_bug_of_a_tool_is_not_made_a_refusal():
    with pytest.raises(ZeroDivisionError):
        await Toolbox([Broken(ZeroDivisionError())]).call(CONTEXT, call("broken"))


def test_a_call_has_a_title_for_people():
    assert Toolbox([Echo()]).title(call("echo", '{"text": "a"}')) == "Echoing a"


def test_a_call_that_will_be_refused_has_a_title_too():
    assert Toolbox([Echo()]).title(call("nonsense", "{")) == "Trying nonsense"


def test_arguments_are_read_once_for_all():
    assert arguments_of(call("echo", '{"text": "ä 🎬"}')) == {"text": "ä 🎬"}
