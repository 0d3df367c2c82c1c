import logging

import pytest

from agent.models.poe.lineup import UNKNOWN_CONTEXT_TOKENS, Lineup, read_offers
from tests.fakes.poe import LEAD, MODELS, SECOND, TOOLLESS, listed


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def lineup(*models: str, rows=MODELS, clock: Clock | None = None) -> Lineup:
    line = Lineup(models, now=clock or Clock())
    line.take_offers(read_offers({"data": list(rows)}))
    return line


def test_models_answer_in_the_order_they_were_set_up():
    assert lineup(LEAD, SECOND).order() == (LEAD, SECOND)


def test_a_name_is_found_whatever_its_case_and_sent_as_the_provider_writes_it():
    assert lineup("Claude-Sonnet-4.6", LEAD, SECOND).order() == (LEAD, SECOND)


@pytest.mark.parametrize("first", [TOOLLESS, "gpt-4o-gone"])
def test_a_model_that_cannot_answer_is_passed_over_with_a_warning(first, caplog):
    with caplog.at_level(logging.WARNING):
        assert lineup(first, SECOND).lead == SECOND

    assert first in caplog.text
    assert f"{SECOND} answers instead of {first}" in caplog.text


def test_a_warning_is_said_once_however_often_the_models_are_listed(caplog):
    line = lineup(TOOLLESS, SECOND)
    caplog.clear()

    line.take_offers(read_offers({"data": list(MODELS)}))

    assert caplog.text == ""


def test_when_none_can_answer_all_are_asked_and_the_log_names_some_that_could(caplog):
    assert lineup("a", "b").order() == ("a", "b")
    assert LEAD in caplog.text
    assert TOOLLESS not in caplog.text.split("for example")[-1]


def test_without_a_list_everything_is_taken_as_set_up():
    assert lineup("a", "b", rows=()).order() == ("a", "b")


def test_a_server_that_lists_only_names_is_taken_at_its_word():
    assert lineup("llama3", rows=[{"id": "llama3", "object": "model"}]).order() == ("llama3",)


@pytest.mark.parametrize(
    "document", [None, [], {}, {"data": None}, {"data": [1, {}, {"id": 7}]}, "x"]
)
def test_a_list_of_another_shape_is_an_empty_one(document):
    assert read_offers(document) == {}


def test_a_model_in_trouble_stands_back_until_it_has_rested():
    clock = Clock()
    line = lineup(LEAD, SECOND, clock=clock)
    line.rest(LEAD, 60)
    assert line.order() == (SECOND, LEAD)

    clock.seconds = 61
    assert line.order() == (LEAD, SECOND)


def test_when_all_rest_all_are_asked():
    line = lineup(LEAD, SECOND)
    line.rest(LEAD, 60)
    line.rest(SECOND, 60)

    assert line.order() == (LEAD, SECOND)


def test_who_began_a_turn_goes_on_with_it():
    assert lineup(LEAD, SECOND).order(SECOND) == (SECOND, LEAD)


def test_the_context_is_that_of_the_smallest_who_may_have_to_answer():
    assert lineup(LEAD, SECOND).context_tokens == 128_000
    assert lineup(LEAD).context_tokens == 200_000


@pytest.mark.parametrize("window", [None, "large", {"context_length": None}, True, -1])
def test_an_unknown_context_is_taken_as_an_ordinary_one(window):
    row = {**listed(LEAD), "context_window": window}

    assert lineup(LEAD, rows=[row]).context_tokens == UNKNOWN_CONTEXT_TOKENS
