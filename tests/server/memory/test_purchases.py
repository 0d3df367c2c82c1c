from datetime import timedelta

import pytest

from server.memory import purchases
from tests.fakes.samples import NOW, a_purchase
from tools.domain.clips import Outcome
from tools.domain.models import Span


async def _made(journal, model_key, took, *, outcome=Outcome.RENDERED):
    """Clips of this model that took so many seconds, one after the other."""

    def work(transaction):
        for number, took_s in enumerate(took):
            made = a_purchase(
                f"{model_key}-{number}-{outcome}",
                model_key=model_key,
                outcome=outcome,
                took_s=took_s,
                ended_at=NOW + timedelta(minutes=number),
            )
            purchases.keep(transaction, made)

    await journal.write(work)


@pytest.mark.parametrize(
    ("took", "span"),
    [
        ([50.0, 50.0, 50.0], Span(low_s=50, high_s=50)),
        ([float(each) for each in range(11)], Span(low_s=1, high_s=9)),
        ([30.2, 40.0, 55.5], Span(low_s=32, high_s=53)),
        # Of thirty, the last twenty.
        ([1000.0] * 10 + [60.0] * 20, Span(low_s=60, high_s=60)),
    ],
)
async def test_how_long_a_model_takes_is_what_most_of_its_last_clips_took(journal, took, span):
    await _made(journal, "veo-3.1", took)

    assert await journal.read(purchases.typical_spans) == {"veo-3.1": span}


async def test_two_clips_are_too_few_to_say_how_long_a_model_takes(journal):
    await _made(journal, "veo-3.1", [40.0, 50.0])

    assert await journal.read(purchases.typical_spans) == {}


async def test_what_came_to_nothing_or_was_not_timed_says_nothing(journal):
    await _made(journal, "veo-3.1", [40.0] * 3)
    await _made(journal, "veo-3.1", [900.0] * 3, outcome=Outcome.FAILED)
    await _made(journal, "kling-v3", [None] * 3)

    spans = await journal.read(purchases.typical_spans)
    assert spans == {"veo-3.1": Span(low_s=40, high_s=40)}


async def test_each_model_has_its_own_times(journal):
    await _made(journal, "veo-3.1", [40.0] * 3)
    await _made(journal, "draft", [3.5] * 3)

    spans = await journal.read(purchases.typical_spans)
    assert spans == {"veo-3.1": Span(low_s=40, high_s=40), "draft": Span(low_s=3, high_s=4)}
