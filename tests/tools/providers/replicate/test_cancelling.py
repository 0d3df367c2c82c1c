"""Stopping a prediction: it is the only way to stop the bill, and it has to be said what it was."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.fakes import replicate_words as words
from tests.fakes.clock import StillClock
from tests.fakes.replicate import FakeReplicate
from tests.fakes.replicate_acts import (
    Aborts,
    AnswersLate,
    Cancels,
    Download,
    Drops,
    Fails,
    Fate,
    NeverEnds,
    Refuses,
    Succeeds,
)
from tests.fakes.replicate_orders import an_order
from tests.patience import AT_ONCE_S, IN_THE_END_S
from tools.domain.identity import PredictionId
from tools.providers.replicate.provider import ReplicateProvider
from tools.rendering.ports import RenderFailed

Open = Callable[..., Awaitable[ReplicateProvider]]


async def test_in_the_queue_it_is_stopped_and_nothing_was_charged(
    provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    fake.will(NeverEnds(starts=False))
    prediction_id = await provider.submit(an_order())

    assert await provider.cancel(prediction_id) == "no"
    assert [made.id for made in fake.cancelled] == [prediction_id]


async def test_at_work_it_is_stopped_and_charged(
    provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    fake.will(NeverEnds())
    prediction_id = await provider.submit(an_order())
    await fake.until(lambda: fake.created[0].started_at)

    assert await provider.cancel(prediction_id) == "yes"
    assert fake.created[0].status == "canceled"
    assert isinstance(await provider.poll(prediction_id), RenderFailed)


OVER: dict[str, tuple[Fate, str]] = {
    "made": (Succeeds(), "yes"),
    "made without a film": (Succeeds(output="null"), "yes"),
    "failed at the start": (Fails(words.UPSTREAM_BILL), "no"),
    "rejected": (Fails(words.SENSITIVE), "unknown"),
    "aborted": (Aborts(), "no"),
    "canceled by its deadline": (Cancels(), "yes"),
}


@pytest.mark.parametrize("refuses", [True, False])
@pytest.mark.parametrize("case", OVER)
async def test_one_that_is_over_cannot_be_stopped_and_says_what_it_cost(
    case: str, refuses: bool, provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    fake.ways.refuses_late_cancel = refuses
    fate, charged = OVER[case]
    fake.will(fate)
    prediction_id = await provider.submit(an_order())
    await fake.until(lambda: fake.created[0].is_over)

    assert await provider.cancel(prediction_id) == charged
    assert fake.cancelled == []


async def test_a_cancellation_may_be_repeated(
    provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    fake.will(NeverEnds(starts=False))
    prediction_id = await provider.submit(an_order())

    assert [await provider.cancel(prediction_id) for _ in range(3)] == ["no", "no", "no"]


async def test_one_that_is_too_new_to_be_known_is_stopped_when_it_is(
    provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    fake.will(NeverEnds(starts=False))
    prediction_id = await provider.submit(an_order())
    fake.answer("cancel", words.not_found(), words.not_found())
    fake.answer("poll", words.not_found(), words.not_found())

    assert await provider.cancel(prediction_id) == "no"


async def test_one_that_nobody_knows_was_charged_for_or_not(
    opened: Open, fake: FakeReplicate
) -> None:
    clock = StillClock()
    provider = await opened(clock=clock, limits={"young_s": 0})

    assert await provider.cancel(PredictionId("a" * 26)) == "unknown"
    assert fake.counts["cancel"] == 1


NO_ANSWERS: dict[str, Download] = {
    "throttled": words.throttled(),
    "an edge's error": words.bad_gateway(),
    "dropped": Drops(),
    "late": AnswersLate(after_s=IN_THE_END_S),
}


@pytest.mark.parametrize("case", NO_ANSWERS)
async def test_an_unheard_cancellation_is_repeated_because_the_bill_goes_on(
    case: str, provider: ReplicateProvider, opened: Open, fake: FakeReplicate
) -> None:
    hasty = await opened(limits={"answer_s": 0.3} if case == "late" else {})
    fake.will(NeverEnds())
    prediction_id = await provider.submit(an_order())
    await fake.until(lambda: fake.created[0].started_at)
    fake.answer("cancel", NO_ANSWERS[case])

    assert await hasty.cancel(prediction_id) == "yes"


async def test_where_nobody_can_be_reached_nobody_knows_what_it_cost(
    provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    fake.will(NeverEnds())
    prediction_id = await provider.submit(an_order())
    fake.answer_always("cancel", words.bad_gateway())
    fake.answer_always("poll", words.bad_gateway())

    assert await provider.cancel(prediction_id) == "unknown"


async def test_it_is_not_tried_for_ever(opened: Open, fake: FakeReplicate) -> None:
    provider = await opened(limits={"stop_s": 0.3})
    prediction_id = await provider.submit(an_order())
    fake.answer_always("cancel", AnswersLate(after_s=IN_THE_END_S))

    async with asyncio.timeout(AT_ONCE_S):
        assert await provider.cancel(prediction_id) == "unknown"


async def test_one_that_goes_on_working_after_it_was_told_to_stop_is_asked_after_again(
    provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    fake.will(NeverEnds())
    prediction_id = await provider.submit(an_order())
    await fake.until(lambda: fake.created[0].started_at)
    as_before = fake.created[0].told(fake.url, fake.ways.now())
    fake.answer("poll", Refuses(status=200, body=as_before))

    assert await provider.cancel(prediction_id) == "yes"
    assert fake.counts["poll"] == 2
