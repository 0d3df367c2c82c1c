from pathlib import Path

import pytest

from server.wire.bodies import COMMANDS
from server.wire.entries import ENTRY_DATA
from server.wire.typescript import _type, protocol

FILE = Path(__file__).parents[3] / "web" / "src" / "protocol.ts"


def test_the_widgets_protocol_is_the_servers():
    assert FILE.read_text("utf-8") == protocol(), "run: reelroom protocol > web/src/protocol.ts"


def test_the_protocol_is_written_the_same_every_time():
    assert protocol() == protocol()


@pytest.mark.parametrize("name", [*COMMANDS, *ENTRY_DATA])
def test_the_protocol_knows_every_command_and_every_entry(name):
    assert f'"{name}"' in protocol()


def test_nothing_in_the_protocol_is_any_or_may_be_null():
    whole = protocol()

    assert ": any" not in whole
    assert "null" not in whole


def test_a_shape_typescript_has_no_words_for_is_an_error_not_a_guess():
    with pytest.raises(ValueError, match="no TypeScript"):
        _type({"type": "string-or-so", "pattern": "x"})


@pytest.mark.parametrize(
    ("schema", "written"),
    [
        ({"type": "array", "items": {"type": "string"}}, "readonly string[]"),
        (
            {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}},
            "readonly (string | number)[]",
        ),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string"),
        ({"anyOf": [{"type": "integer"}, {"type": "number"}]}, "number"),
        ({"enum": ["a", "b"]}, '"a" | "b"'),
        ({"const": True}, "true"),
        ({"$ref": "#/$defs/Money"}, "Money"),
        ({"type": "object", "additionalProperties": True}, "Readonly<Record<string, unknown>>"),
        ({}, "unknown"),
    ],
)
def test_each_kind_of_schema_has_its_type(schema, written):
    assert _type(schema) == written


def test_a_field_with_a_default_may_be_left_out_by_the_asker():
    asked = protocol().split("export interface SessionOpen {")[1].split("}")[0]

    assert "readonly after?: number;" in asked


def test_a_field_that_is_always_sent_is_not_optional():
    answered = protocol().split("export interface SessionOpened {")[1].split("}")[0]

    assert "readonly head: number;" in answered
    assert "readonly activeTurnId?: string;" in answered
