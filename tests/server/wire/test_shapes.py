import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic.alias_generators import to_camel

from server.wire import answers, bodies, entries
from server.wire.answers import ACKS, SessionRow
from server.wire.base import MoneyOut, WireModel, iso_utc
from server.wire.bodies import COMMANDS
from server.wire.entries import creative_out, entry_json, quote_out, reference_out, request_out
from tests.fakes.samples import (
    NOW,
    REFERENCE,
    SESSION,
    a_creative,
    a_job,
    a_quote,
    a_request,
    said,
)
from tools.domain.events import TurnStarted, VideoChanged
from tools.domain.identity import JobId, MessageId, TurnId
from tools.domain.money import Money

CAMEL = re.compile(r"^_id$|^[a-z][a-zA-Z0-9]*$")


def _shapes() -> Iterator[type[WireModel]]:
    for room in (answers, bodies, entries):
        for value in vars(room).values():
            if isinstance(value, type) and issubclass(value, WireModel):
                yield value


SHAPES = sorted(set(_shapes()), key=str)


def _names(shape: type[WireModel]) -> set[str]:
    return {
        field.serialization_alias or field.alias or name
        for name, field in shape.model_fields.items()
    }


@pytest.mark.parametrize("shape", SHAPES)
def test_every_field_of_every_shape_is_camel_case(shape):
    assert [name for name in _names(shape) if not CAMEL.match(name)] == []


@pytest.mark.parametrize("shape", SHAPES)
def test_no_shape_takes_what_it_does_not_know(shape):
    assert shape.model_config["extra"] == "forbid"


def test_every_command_has_an_answer():
    assert set(COMMANDS) == set(ACKS)


def test_the_names_the_seed_gave_a_creative_are_kept():
    out = creative_out(a_creative(a_job()), lambda path: f"https://here/{path}").json_ready()

    assert out["_id"] == "video-1"
    assert set(out) == {
        "_id",
        "type",
        "campaignId",
        "status",
        "visual",
        "metadata",
        "createdAt",
        "updatedAt",
    }
    assert out["visual"]["url"] == "https://here/videos/generated/video-1.mp4"
    assert out["metadata"]["resolution"] == "1080x1920"


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (datetime(2026, 11, 22, 15, 4, 5, 123999, UTC), "2026-11-22T15:04:05.123Z"),
        (datetime(2026, 11, 22, 15, 4, 5, 0, UTC), "2026-11-22T15:04:05.000Z"),
        (
            datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=2))),
            "2025-12-31T22:30:00.000Z",
        ),
    ],
)
def test_times_are_utc_with_milliseconds(moment, told):
    row = SessionRow(session_id="s", title="", updated_at=moment, head=0)

    assert iso_utc(moment) == told
    assert row.json_ready()["updatedAt"] == told


def test_money_is_whole_micro_units_and_its_currency():
    assert MoneyOut.of(Money.usd("0.48")).json_ready() == {"amount": 480_000, "currency": "USD"}


def test_a_quote_tells_its_lines_and_their_sum():
    assert quote_out(a_quote("0.48")).json_ready() == {
        "model": "draft",
        "requestedModel": "sora-2-pro",
        "total": {"amount": 480_000, "currency": "USD"},
        "lines": [
            {
                "description": "6 s with Draft",
                "seconds": 6,
                "amount": {"amount": 480_000, "currency": "USD"},
            }
        ],
        "warnings": [],
    }


def test_an_entry_names_its_turn_and_its_job_only_when_it_has_one():
    plain = entry_json(SESSION, 3, NOW, said("hello"), str)
    of_turn = TurnStarted(turn_id=TurnId("turn-1"), message_id=MessageId("msg-1"))
    of_job = VideoChanged(job_id=JobId("job-1"), stage="storing")

    assert set(plain) == {"sessionId", "seq", "at", "type", "data"}
    assert entry_json(SESSION, 3, NOW, of_turn, str)["turnId"] == "turn-1"
    assert entry_json(SESSION, 3, NOW, of_job, str)["jobId"] == "job-1"


def test_what_is_absent_is_not_sent_as_null():
    whole = json.dumps(entry_json(SESSION, 1, NOW, said("hello"), str))

    assert "null" not in whole


def test_a_reference_keeps_the_address_it_was_given_with():
    given = reference_out(REFERENCE, lambda path: f"made/{path}")
    uploaded = request_out(
        a_request(references=(replace(REFERENCE, given_url=None),)), lambda path: f"made/{path}"
    )

    assert given.url == REFERENCE.given_url
    assert uploaded.reference_images[0].url == f"made/{REFERENCE.path}"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_commands_are_written_in_camel_case_alone_by_the_world(name):
    """`populate_by_name` is for us: what the protocol promises is the alias."""
    schema = COMMANDS[name].model_json_schema(by_alias=True)

    assert all(field == to_camel(field) for field in schema["properties"])
