"""What a provider says by itself: an order is adopted where one is awaited, else it is stopped."""

from dataclasses import replace

import pytest

from tests.fakes.dealer import Unheard
from tests.fakes.samples import a_request
from tools.domain.clips import Outcome
from tools.domain.identity import JobId, PredictionId
from tools.domain.jobs import Stage
from tools.errors import NotFound, ProviderUnavailable

ONE_CLIP = a_request(model_key="kling-v3", length_s=8)
CHAIN = a_request(model_key="kling-v3", length_s=40)
THEIRS = PredictionId("theirs")


def unreachable(call):
    if call != "submit: before":
        raise ProviderUnavailable("It cannot be reached.")


async def test_a_webhook_that_beats_the_answer_is_the_order(room):
    room.dealer.answers(Unheard())
    job = await room.order(ONE_CLIP)
    advance = room.advance()
    await room.until(job.id, Stage.SUBMITTING, advance)
    await advance.step(job.id)
    (sold,) = room.dealer.sold

    assert await advance.heard(job.id, 1, sold.id)
    assert (await room.records.load(job.id)).stage is Stage.RENDERING
    assert (await room.finish(job.id, advance)).stage is Stage.FINISHED
    assert (len(room.dealer.sold), room.dealer.looked) == (1, 0)


async def test_a_webhook_of_an_order_that_nobody_waits_for_cancels_it(room):
    job = await room.order(ONE_CLIP)
    done = await room.finish(job.id)
    (sold,) = room.dealer.sold
    room.dealer.sold.append(replace(sold, id=PredictionId("p-stray")))

    advance = room.advance()
    assert await advance.heard(job.id, 1, PredictionId("p-stray"))
    assert await advance.step(job.id) is None
    assert room.dealer.sold[1].is_cancelled
    assert not room.dealer.sold[0].is_cancelled
    assert done.stage is Stage.FINISHED


async def test_a_webhook_about_a_known_order_only_wakes_its_job(room):
    job = await room.order(ONE_CLIP)
    advance = room.advance()
    await room.until(job.id, Stage.RENDERING, advance)

    assert await advance.heard(job.id, 1, room.dealer.sold[0].id)
    assert not room.dealer.sold[0].is_cancelled


async def test_a_webhook_for_a_clip_that_there_is_no_more_stops_its_order_too(room):
    """Another model's plan has fewer clips."""
    job = await room.order(ONE_CLIP)
    advance = room.advance()
    await room.until(job.id, Stage.RENDERING, advance)
    room.dealer.sold.append(replace(room.dealer.sold[0], id=THEIRS))
    await advance.heard(job.id, 7, THEIRS)
    done = await room.finish(job.id, advance)

    assert room.dealer.sold[1].is_cancelled
    assert (done.stage, (await room.records.purchase(THEIRS)).clip) == (Stage.FINISHED, 7)


async def test_a_webhook_of_a_later_clip_is_no_order_of_the_running_one(room):
    room.dealer.answers(Unheard())
    job = await room.order(CHAIN)
    advance = room.advance()
    await room.until(job.id, Stage.SUBMITTING, advance)
    await advance.step(job.id)
    room.dealer.sold.append(replace(room.dealer.sold[0], id=THEIRS))
    await advance.heard(job.id, 2, THEIRS)
    done = await room.finish(job.id, advance)

    assert room.dealer.sold[1].is_cancelled
    assert THEIRS not in {each.prediction_id for each in done.clips}


async def test_a_webhook_of_nobody_s_job_is_not_found(room):
    with pytest.raises(NotFound):
        await room.advance().heard(JobId("job-nowhere"), 1, THEIRS)


async def test_a_webhook_of_another_job_s_order_changes_nothing(room):
    job, other = await room.order(ONE_CLIP), await room.order(CHAIN)
    advance = room.advance()
    await room.until(job.id, Stage.RENDERING, advance)
    await room.until(other.id, Stage.SUBMITTING, advance)
    await advance.heard(other.id, 1, room.dealer.sold[0].id)
    await room.finish(other.id, advance)

    assert (await room.finish(job.id, advance)).stage is Stage.FINISHED
    assert not [each for each in room.dealer.sold if each.is_cancelled]


async def test_a_stray_that_cannot_be_stopped_now_is_stopped_later(room):
    job = await room.order(ONE_CLIP)
    advance = room.advance()
    await room.finish(job.id, advance)
    room.dealer.sold.append(replace(room.dealer.sold[0], id=THEIRS))
    refusals = 3

    def may(call):
        nonlocal refusals
        if call == "cancel" and refusals:
            refusals -= 1
            raise ProviderUnavailable("It cannot be reached.")

    room.dealer.may = may
    await advance.heard(job.id, 1, THEIRS)
    await room.finish(job.id, advance)

    assert room.dealer.sold[1].is_cancelled
    assert (await room.records.purchase(THEIRS)).outcome is Outcome.STRAY


async def test_a_stray_that_can_never_be_stopped_keeps_nobody_for_ever(room):
    job = await room.order(ONE_CLIP)
    advance = room.advance()
    await room.finish(job.id, advance)
    room.dealer.sold.append(replace(room.dealer.sold[0], id=THEIRS))
    room.dealer.may = unreachable
    await advance.heard(job.id, 1, THEIRS)

    assert (await room.finish(job.id, advance)).stage is Stage.FINISHED


async def test_a_webhook_while_an_order_in_doubt_is_cancelled_is_told_as_what_it_cost(room):
    """The order exists: it is no stray, and whoever cancelled it pays for it."""
    room.dealer.answers(Unheard())
    job = await room.order(ONE_CLIP)
    advance = room.advance()
    await room.until(job.id, Stage.SUBMITTING, advance)
    await advance.step(job.id)
    await room.cancel(job.id)
    await advance.heard(job.id, 1, room.dealer.sold[0].id)
    done = await room.finish(job.id, advance)

    assert (done.stage, done.charged, done.spent) == (Stage.CANCELLED, "yes", done.quote.total)
    assert room.dealer.sold[0].is_cancelled
    assert (await room.records.purchase(room.dealer.sold[0].id)).outcome is Outcome.CANCELLED


async def test_a_webhook_after_the_end_of_a_cancelled_film_stops_what_came_late(room):
    """The list knew nothing of it for longer than it should."""
    room.dealer.list_lag_s = 10_000
    room.dealer.answers(Unheard())
    job = await room.order(ONE_CLIP)
    advance = room.advance()
    await room.until(job.id, Stage.SUBMITTING, advance)
    await advance.step(job.id)
    await room.cancel(job.id)
    assert (await room.finish(job.id, advance)).charged == "no"
    await advance.heard(job.id, 1, room.dealer.sold[0].id)
    await room.finish(job.id, advance)

    assert room.dealer.sold[0].is_cancelled
    assert (await room.records.purchase(room.dealer.sold[0].id)).outcome is Outcome.STRAY


async def test_a_webhook_between_an_order_and_its_answer_is_no_second_order(room):
    job = await room.order(ONE_CLIP)
    advance, other = room.advance(), room.advance()
    await room.until(job.id, Stage.SUBMITTING, advance)
    submit = room.dealer.submit

    async def told_before_it_is_answered(order):
        prediction_id = await submit(order)
        await other.heard(job.id, 1, prediction_id)
        return prediction_id

    room.dealer.submit = told_before_it_is_answered

    assert (await room.finish(job.id, advance)).stage is Stage.FINISHED
    assert (len(room.dealer.sold), room.dealer.sold[0].is_cancelled) == (1, False)
