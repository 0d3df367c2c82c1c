"""What a film costs in the books: held back when it is agreed to, settled when it is over."""

from dataclasses import replace

import pytest

from server.memory.records import Jobs
from tests.fakes.dealer import Refuses, Unheard
from tests.fakes.mortal import Moody
from tests.fakes.samples import FAILURE, a_request
from tools.domain.jobs import Origin, Stage
from tools.domain.money import Money
from tools.errors import BudgetExceeded, ProviderUnavailable, StorageUnavailable
from tools.rendering import patience
from tools.rendering.ports import Remedy, RenderFailed

FILM = a_request(model_key="kling-v3", length_s=10)
PRICE = Money.usd("3.36")
NOTHING = Money()


def unreachable(call):
    if call != "submit: before":
        raise ProviderUnavailable("It cannot be reached.")


async def test_a_film_that_is_agreed_to_is_held_back_whole(room):
    await room.order(FILM)

    assert (await room.balance()).reserved == PRICE
    assert (await room.balance()).spent == NOTHING


@pytest.mark.parametrize(
    ("billed_s", "cost"), [(None, "3.36"), (10.0, "3.36"), (9.5, "3.192"), (10.25, "3.444")]
)
async def test_it_is_settled_by_the_seconds_that_the_provider_bills(room, billed_s, cost):
    room.dealer.bills = billed_s
    done = await room.finish((await room.order(FILM)).id)

    assert done.creative.cost == (await room.balance()).spent == Money.usd(cost)
    assert (await room.balance()).reserved == NOTHING
    purchase = await room.records.purchase(room.dealer.sold[0].id)
    assert purchase.cost == Money.usd(cost)


async def test_a_model_that_is_sold_by_the_clip_is_settled_by_the_clip(room):
    room.dealer.bills = 9.5
    done = await room.finish((await room.order(replace(FILM, model_key="hailuo-2.3"))).id)

    assert done.creative.cost == (await room.balance()).spent == Money.usd("0.56")


async def test_a_free_film_leaves_the_books_alone(room):
    done = await room.finish((await room.order(replace(FILM, model_key="draft"))).id)

    assert (done.charged, done.creative.cost) == ("no", NOTHING)
    assert (await room.balance()).spent == NOTHING


# -- every end gives back what was held --------------------------------------------------------------


@pytest.mark.parametrize("charged", ["yes", "no", "unknown"])
async def test_a_failed_order_costs_what_is_known_and_is_held_where_it_is_not(room, charged):
    room.dealer.will(RenderFailed(failure=FAILURE, charged=charged))
    await room.finish((await room.order(FILM)).id)

    (told,) = await room.events("video.failed")
    spent = NOTHING if charged == "no" else PRICE
    assert (told.charged, told.cost) == (charged, PRICE if charged == "yes" else None)
    assert (await room.balance()).spent == spent
    assert (await room.balance()).reserved == NOTHING


async def test_a_refused_order_costs_nothing(room):
    room.dealer.answers(Refuses(FAILURE, Remedy.STOP))
    await room.finish((await room.order(FILM)).id)

    assert (await room.balance()).spent == (await room.balance()).reserved == NOTHING


async def test_an_order_in_doubt_that_nobody_can_look_for_is_held_as_spent_and_called_unknown(room):
    room.dealer.answers(Unheard())
    job = await room.order(FILM)
    advance = room.advance()
    await room.until(job.id, Stage.SUBMITTING, advance)
    await advance.step(job.id)
    room.dealer.may = unreachable
    failed = await room.finish(job.id, advance)

    assert (failed.stage, failed.charged) == (Stage.FAILED, "unknown")
    assert (await room.balance()).spent == PRICE
    assert (await room.balance()).reserved == NOTHING


async def test_also_when_it_was_being_cancelled_and_then_it_is_called_cancelled(room):
    room.dealer.answers(Unheard())
    job = await room.order(FILM)
    advance = room.advance()
    await room.until(job.id, Stage.SUBMITTING, advance)
    await advance.step(job.id)
    await room.cancel(job.id)
    room.dealer.may = unreachable
    cancelled = await room.finish(job.id, advance)

    assert (cancelled.stage, cancelled.charged) == (Stage.CANCELLED, "unknown")
    assert (await room.balance()).spent == PRICE


async def test_a_film_whose_clips_are_paid_for_and_cannot_be_stored_is_charged_for(
    room, monkeypatch
):
    # A day of tries is another test's.
    monkeypatch.setattr(patience, "PAID_STORE_ATTEMPTS", 20)
    room.storage.refusals = 10_000
    failed = await room.finish((await room.order(FILM)).id, steps=200)

    assert (failed.stage, failed.charged) == (Stage.FAILED, "yes")
    assert (await room.balance()).spent == PRICE
    assert (await room.balance()).reserved == NOTHING


async def test_a_stray_of_ours_is_on_nobody_s_bill(room):
    """It is kept beside its job, for whoever pays the provider."""
    job = await room.order(FILM)
    advance = room.advance()
    await room.until(job.id, Stage.RENDERING, advance)
    stray = replace(room.dealer.sold[0], id="p-stray")
    room.dealer.sold.append(stray)
    await advance.heard(job.id, 1, stray.id)
    done = await room.finish(job.id, advance)

    assert (await room.records.purchase(stray.id)).cost == PRICE
    assert (await room.balance()).spent == done.spent == PRICE


# -- limits ------------------------------------------------------------------------------------------


async def test_a_film_beyond_the_budget_is_refused_before_there_is_a_job(room):
    room.records = Jobs(room.journal, budget=Money.usd("3.35"))

    for origin in Origin:
        with pytest.raises(BudgetExceeded):
            await room.order(FILM, origin=origin, agreed="0")
    assert await room.told() == []


async def test_a_budget_that_is_used_up_meanwhile_leaves_the_proposal_standing(room):
    room.records = Jobs(room.journal, budget=Money.usd("5"))
    job = await room.order(FILM, agreed="0")
    other = await room.order(replace(FILM, prompt="Another"))

    with pytest.raises(BudgetExceeded):
        await room.approve(job.id)
    assert (await room.records.load(job.id)).stage is Stage.PROPOSED
    await room.cancel(other.id)
    await room.finish(other.id)
    assert (await room.approve(job.id)).stage is Stage.QUEUED


async def test_what_each_person_may_spend_in_a_day_is_a_limit_too(room):
    room.records = Jobs(room.journal, budget=Money.usd("100"), user_limit=Money.usd("5"))
    await room.finish((await room.order(FILM)).id)
    another = replace(FILM, prompt="Another")

    with pytest.raises(BudgetExceeded):
        await room.order(another)
    room.clock.passes(hours=25)
    assert (await room.order(another)).stage is Stage.QUEUED


async def test_a_fallback_that_is_dearer_than_the_budget_allows_cannot_be_agreed_to(room):
    room.records = Jobs(room.journal, budget=Money.usd("2"))
    room.dealer.answers(Refuses(FAILURE, Remedy.ANOTHER_MODEL))
    job = await room.order(replace(FILM, model_key="veo-3.1-fast", length_s=8))
    asked = await room.finish_or_ask(job.id, room.advance())

    with pytest.raises(BudgetExceeded):
        await room.approve(job.id)
    assert asked.stage is Stage.PROPOSED
    assert (await room.decline(job.id)).charged == "no"
    assert (await room.balance()).reserved == NOTHING


async def test_a_step_that_could_not_be_written_down_is_paid_once(room):
    records = Moody(room.records)
    records.refuse("collected", StorageUnavailable("Full."), times=3)
    done = await room.finish((await room.order(FILM)).id, room.advance(records=records))

    assert done.spent == (await room.balance()).spent == PRICE
