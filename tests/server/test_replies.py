import ast
import importlib
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from server.replies import STATUS, error_json, failure_of
from server.wire.bodies import COMMANDS, GenerateVideoBody, MessageSend
from tools import errors
from tools.errors import Internal, NotFound, ProviderUnavailable, StudioError

ROOT = Path(__file__).parents[2]
SECRET_WORDS = "password hunter2 at 10.0.0.7"


def _kinds(kind: type[StudioError] = StudioError) -> Iterator[type[StudioError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _kinds(each)


def _import_every_module_that_draws_an_error() -> None:
    for file in (
        file for room in ("server", "agent", "tools") for file in (ROOT / room).rglob("*.py")
    ):
        classes = (
            n for n in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(n, ast.ClassDef)
        )
        bases = {getattr(base, "id", "") for each in classes for base in each.bases}
        if bases & set(vars(errors)):
            importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))


def test_every_error_of_the_tree_has_a_status():
    _import_every_module_that_draws_an_error()

    assert {kind.code for kind in _kinds()} <= set(STATUS)


def test_every_status_is_the_one_of_the_contract():
    by_status: dict[int, set[str]] = {}
    for code, status in STATUS.items():
        by_status.setdefault(status, set()).add(code)

    assert by_status == {
        400: {"invalid_payload", "unknown_command", "unsupported_protocol"},
        401: {"unauthenticated", "token_expired"},
        402: {"budget_exceeded"},
        403: {"forbidden", "origin_denied"},
        404: {"not_found"},
        409: {"already_final", "approval_required", "busy"},
        413: {"too_large"},
        415: {"unsupported_media"},
        422: {
            "duration_out_of_range",
            "unknown_model",
            "unknown_template",
            "missing_placeholder",
            "content_rejected",
            "idempotency_mismatch",
            "reference_unreachable",
        },
        429: {"rate_limited"},
        500: {"internal"},
        502: {"provider_refused", "output_lost"},
        503: {"model_unavailable", "provider_unavailable", "storage_unavailable", "interrupted"},
    }


def test_an_error_is_told_with_its_code_its_words_and_what_helps():
    error = ProviderUnavailable(
        "Please wait.", field="model", retry_after_ms=1500, details={"queue": 3}
    )

    assert error_json(error) == {
        "code": "provider_unavailable",
        "message": "Please wait.",
        "retryable": True,
        "field": "model",
        "retryAfterMs": 1500,
        "details": {"queue": 3},
    }


def test_what_an_error_does_not_say_is_absent_not_null():
    assert error_json(NotFound("That film")) == {
        "code": "not_found",
        "message": "That film was not found.",
        "retryable": False,
    }


@pytest.mark.parametrize(
    "bug",
    [
        RuntimeError(SECRET_WORDS),
        KeyError(SECRET_WORDS),
        AssertionError(),
        ExceptionGroup(SECRET_WORDS, [ValueError(SECRET_WORDS)]),
    ],
    ids=lambda bug: type(bug).__name__,
)
def test_a_bug_is_told_as_internal_and_its_text_goes_to_the_log_alone(bug, caplog):
    with caplog.at_level(logging.ERROR):
        told = error_json(bug)

    assert told["code"] == "internal"
    assert told["message"] == Internal().message
    assert SECRET_WORDS not in repr(told)
    assert caplog.records[-1].exc_info is not None


def test_an_expected_error_is_not_logged_as_a_bug(caplog):
    with caplog.at_level(logging.ERROR):
        failure_of(NotFound())

    assert caplog.records == []


GOOD = {"sessionId": "session-1", "clientId": "client-1", "text": "hello"}


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"text": 7}, "text", "must be text"),
        ({"text": "x" * 8001}, "text", "at most 8000 characters"),
        ({"text": "\ud800"}, "text", "unicode"),
        ({"sessionId": "../etc"}, "sessionId", "do not belong"),
        ({"sessionId": "x" * 129}, "sessionId", "at most 128 characters"),
        ({"clientId": ""}, "clientId", "must not be empty"),
        ({"uploads": ["a"] * 11}, "uploads", "at most 10 entries"),
        ({"uploads": ["a", None]}, "uploads.1", "must be text"),
        ({"colour": "red"}, "colour", "is not a field of this request"),
        ({"x" * 500: 1}, "x" * 40, "is not a field of this request"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_wrong_field_is_named_in_words(change, field, words):
    told = error_json(_refusal(MessageSend, {**GOOD, **change}))

    assert (told["code"], told["field"]) == ("invalid_payload", field)
    assert told["message"].startswith(f"{field} ")
    assert words in told["message"]


def test_a_missing_field_is_named():
    told = error_json(_refusal(MessageSend, {"sessionId": "session-1", "clientId": "client-1"}))

    assert told["message"] == "text is missing."


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_key_that_is_no_text_is_refused_in_words_too(name):
    told = error_json(_refusal(COMMANDS[name], {"\ud800": SECRET_WORDS}))

    assert told["code"] == "invalid_payload"
    assert SECRET_WORDS not in told["message"]


@pytest.mark.parametrize("prompt", ["", "   ", "x" * 4001, None, ["a"]])
def test_a_prompt_has_one_to_four_thousand_characters(prompt):
    assert error_json(_refusal(GenerateVideoBody, {"prompt": prompt}))["field"] == "prompt"


@pytest.mark.parametrize("duration", ["6", 6.5, True, float("inf")])
def test_a_duration_is_a_whole_number(duration):
    body = {"prompt": "a film", "duration": duration}

    assert error_json(_refusal(GenerateVideoBody, body))["field"] == "duration"


def _refusal(shape, payload) -> ValidationError:
    with pytest.raises(ValidationError) as refused:
        shape.model_validate(payload)
    return refused.value
