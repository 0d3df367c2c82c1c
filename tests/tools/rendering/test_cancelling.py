import asyncio

import pytest

from tests.fakes.dealer import Unheard
from tests.fakes.painter import Gate
from tests.fakes.samples import a_job, a_request
from tools.domain.clips import Outcome
from tools.domain.jobs import Stage
from tools.domain.transitions import cancelling

ONE_CLIP = a_request(model_key="kling-v3", length_s=8)
CHAIN = a_request(model_key="kling-v3", length_s=40)


async def test_a_film_cancelled_before_it_was_ordered_costs_nothing(room):
    job = await room.begin(a_job(price="0.48"))
    await room.records.commit(cancelling(job))

    cancelled = await room.finish(job.id)

    assert (cancelled.stage, cancelled.charged) == (Stage.CANCELLED, "no")
    assert room.painter.orders == room.painter.cancelled == []
    assert await room.told() == ["video.queued", "video.cancelled"]


@pytest.mark.parametrize("charged", ["yes", "no", "unknown"])
async def test_a_film_cancelled_while_it_renders_is_stopped_at_the_provider(room, charged):
    room.painter.charges = charged
    job = await room.begin(a_job(price="0.48"))
    moving = room.advance()
    rendering = await room.until(job.id, Stage.RENDERING, moving)
    await room.records.commit(cancelling(rendering))

    cancelled = await room.finish(job.id, moving)

    assert (cancelled.stage, cancelled.charged) == (Stage.CANCELLED, charged)
    assert room.painter.cancelled == ["painting-1"]
    assert await room.creatives() == ()


async def test_a_film_cancelled_while_it_is_being_ordered_is_stopped_at_the_provider(room):
    room.painter.submit_gate = Gate()
    job = await room.begin(a_job(price="0.48"))
    moving = room.advance()
    driving = asyncio.create_task(room.finish(job.id, moving))
    await room.painter.submit_gate.reached.wait()
    await room.records.commit(cancelling(await room.records.load(job.id)))
    room.painter.submit_gate.open.set()

    cancelled = await driving

    assert cancelled.stage is Stage.CANCELLED
    assert room.painter.cancelled == ["painting-1"]
    assert room.painter.at_work == set()


# -- what costs ------------------------------------------------------------------------------------


async def test_before_the_purchase_a_cancelled_film_costs_nothing(room):
    job = await room.order(ONE_CLIP)
    await room.cancel(job.id)
    done = await room.finish(job.id)

    assert (done.stage, done.charged, room.dealer.sold) == (Stage.CANCELLED, "no", [])


async def test_a_film_that_is_being_made_is_cancelled_at_the_provider_and_its_cost_told(room):
    job = await room.order(ONE_CLIP)
    advance = room.advance()
    await room.until(job.id, Stage.RENDERING, advance)
    _, charged = await room.cancel(job.id)
    done = await room.finish(job.id, advance)

    assert charged == "unknown"
    assert room.dealer.sold[0].is_cancelled
    (told,) = await room.events("video.cancelled")
    assert (told.charged, told.cost) == ("yes", done.quote.total)
    assert (await room.balance()).spent == done.quote.total


async def test_a_cancelled_order_in_doubt_is_looked_for_before_it_is_let_go(room):
    room.dealer.answers(Unheard())
    job = await room.order(ONE_CLIP)
    advance = room.advance()
    await room.until(job.id, Stage.SUBMITTING, advance)
    await advance.step(job.id)
    await room.cancel(job.id)
    done = await room.finish(job.id, advance)

    assert done.stage is Stage.CANCELLED
    assert room.dealer.sold[0].is_cancelled
    assert (await room.records.purchase(room.dealer.sold[0].id)).outcome is Outcome.CANCELLED


async def test_a_chain_that_is_cancelled_midway_tells_what_it_cost_so_far(room):
    job = await room.order(CHAIN)
    advance = room.advance()
    await room.until_sold(2, job.id, advance)
    await room.cancel(job.id)
    done = await room.finish(job.id, advance)

    assert done.charged == "yes"
    assert (await room.balance()).spent == done.clips[0].price + done.clips[1].price
    assert (await room.balance()).reserved.micros == 0
