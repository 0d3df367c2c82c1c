from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.samples import FAILURE, NOW, a_chained_quote, a_job
from tools.domain.clips import Clip, Fence, Outcome
from tools.domain.identity import PredictionId
from tools.domain.jobs import Change, OrderEnd, Origin, Stage, VideoJob
from tools.domain.money import Money
from tools.domain.transitions import (
    approved,
    bought,
    cancelled,
    collected,
    declined,
    expired,
    failed,
    fenced,
    order_ended,
    proposed,
    queued,
    unfenced,
)

LATER = NOW + timedelta(seconds=90)
FOUR_CENTS = Money.usd("0.04")


def chained(clips: int = 2, price: str = "0.04") -> VideoJob:
    quote = a_chained_quote(price, clips=clips)
    return replace(a_job(price=price, quote=quote), stage=Stage.SUBMITTING)


def told(change: Change) -> Any:
    """The one event of a change; which one it is, is a test's to know."""
    (event,) = change.events
    return event


def running(job: VideoJob) -> Clip:
    assert job.clip is not None
    return job.clip


def ordered(job: VideoJob, name: str = "p-1") -> VideoJob:
    return bought(fenced(job, life="one", at=NOW).job, PredictionId(name), at=NOW).job


# -- asking ----------------------------------------------------------------------------------------


def test_a_proposal_holds_no_money_back_and_says_until_when_it_waits():
    change = proposed(a_job(price="3.20"), "price", expires_at=LATER)

    assert (change.job.stage, change.reserves, change.settles) == (Stage.PROPOSED, None, None)
    assert told(change).expires_at == LATER


def test_a_yes_holds_the_price_back_and_is_a_yes_up_to_it():
    change = approved(proposed(a_job(price="3.20"), "price", expires_at=LATER).job)

    assert (change.job.stage, change.reserves) == (Stage.QUEUED, Money.usd("3.20"))
    assert change.job.agreed == Money.usd("3.20")
    assert change.job.expires_at is None


def test_a_job_that_goes_by_itself_is_agreed_to_up_to_its_price():
    change = queued(a_job(price="0.40"))

    assert change.job.agreed == change.reserves == Money.usd("0.40")


def test_a_no_costs_nothing_and_ends_the_job():
    change = declined(proposed(a_job(price="3.20"), "price", expires_at=LATER).job, at=NOW)

    assert (change.job.stage, change.job.stage.state) == (Stage.DECLINED, "declined")
    assert (told(change).reason, told(change).charged) == ("declined", "no")
    assert change.settles == Money()


def test_a_proposal_that_nobody_answers_is_cancelled_as_expired():
    change = expired(proposed(a_job(price="3.20"), "price", expires_at=LATER).job, at=LATER)

    assert (change.job.stage, told(change).reason) == (Stage.CANCELLED, "expired")


def test_a_no_to_going_on_tells_what_was_spent_before_it():
    begun = replace(proposed(chained(), "fallback", expires_at=LATER).job, spent=FOUR_CENTS)
    change = declined(begun, at=NOW)

    assert (told(change).charged, told(change).cost) == ("yes", FOUR_CENTS)
    assert change.settles == FOUR_CENTS


# -- one clip --------------------------------------------------------------------------------------


def test_a_fence_remembers_since_when_an_unknown_order_may_exist():
    first = fenced(chained(), life="one", at=NOW).job
    second = fenced(first, life="two", at=LATER).job

    assert running(second).fence == Fence(life="two", first_at=NOW, last_at=LATER)


def test_an_order_that_was_certainly_refused_leaves_no_fence():
    marked = fenced(chained(), life="one", at=NOW).job

    assert running(unfenced(marked).job).fence is None


def test_a_bought_clip_is_a_purchase_from_then_on():
    change = bought(fenced(chained(), life="one", at=NOW).job, PredictionId("p-1"), at=NOW)

    (purchase,) = change.purchases
    assert (purchase.prediction_id, purchase.clip, purchase.outcome) == (
        "p-1",
        1,
        Outcome.RENDERING,
    )
    assert (change.job.stage, running(change.job).fence) == (Stage.RENDERING, None)


def test_of_a_chained_film_every_change_says_which_clip_it_is_about():
    change = bought(fenced(chained(clips=3), life="one", at=NOW).job, PredictionId("p"), at=NOW)

    assert (told(change).clip, told(change).clips) == (1, 3)


def test_of_a_film_in_one_piece_no_clip_is_spoken_of():
    change = bought(chained(clips=1), PredictionId("p"), at=NOW)

    assert (told(change).clip, told(change).clips) == (None, None)


def test_after_a_collected_clip_the_next_one_is_ordered():
    change = collected(ordered(chained()), cost=FOUR_CENTS, took_s=40.0, at=LATER)

    assert (change.job.stage, running(change.job).number) == (Stage.SUBMITTING, 2)
    assert change.job.spent == FOUR_CENTS
    assert (change.purchases[0].outcome, change.purchases[0].took_s) == (Outcome.RENDERED, 40.0)


def test_after_the_last_clip_the_film_is_stored():
    first = collected(ordered(chained()), cost=FOUR_CENTS, took_s=None, at=LATER).job
    change = collected(ordered(first, "p-2"), cost=FOUR_CENTS, took_s=None, at=LATER)

    assert (change.job.stage, change.job.clip) == (Stage.STORING, None)
    assert change.job.spent == FOUR_CENTS * 2


# -- orders that come to nothing --------------------------------------------------------------------


def test_an_order_that_failed_free_of_charge_costs_nothing_and_may_be_placed_again():
    end = OrderEnd(outcome=Outcome.FAILED, charged="no", cost=FOUR_CENTS)
    change = order_ended(ordered(chained()), end, at=LATER)

    assert (change.job.stage, change.job.spent) == (Stage.SUBMITTING, Money())
    assert (running(change.job).prediction_id, running(change.job).tries) == (None, 1)
    assert (change.purchases[0].outcome, change.purchases[0].cost) == (Outcome.FAILED, Money())


def test_what_may_have_been_charged_is_held_as_spent_and_called_unknown():
    end = OrderEnd(outcome=Outcome.FAILED, charged="unknown", cost=FOUR_CENTS)
    change = failed(ordered(chained()), FAILURE, at=LATER, order=end)

    assert (told(change).charged, told(change).cost) == ("unknown", None)
    assert change.settles == FOUR_CENTS


def test_an_order_that_the_provider_forgot_is_no_try_of_the_clip():
    end = OrderEnd(outcome=Outcome.LOST, charged="no", cost=Money())

    assert running(order_ended(ordered(chained()), end, at=LATER).job).tries == 0


def test_a_refused_sound_is_asked_for_once_more_and_then_left_out():
    end = OrderEnd(outcome=Outcome.FAILED, charged="no", cost=FOUR_CENTS)
    loud = replace(chained(), clips=tuple(replace(each, sound=True) for each in chained().clips))
    once = order_ended(ordered(loud), end, at=NOW, sound_was_refused=True).job
    twice = order_ended(ordered(once, "p-2"), end, at=NOW, sound_was_refused=True).job

    assert (running(once).sound, running(twice).sound) == (True, False)


def test_a_cancelled_job_tells_what_its_running_order_cost():
    end = OrderEnd(outcome=Outcome.CANCELLED, charged="yes", cost=FOUR_CENTS)
    change = cancelled(ordered(chained()), at=LATER, order=end)

    assert (told(change).charged, told(change).cost) == ("yes", FOUR_CENTS)
    assert (change.purchases[0].outcome, change.settles) == (Outcome.CANCELLED, FOUR_CENTS)


def test_a_program_that_asked_is_known_from_a_person():
    assert a_job(origin=Origin.PROGRAM).origin is not Origin.PERSON


# -- whatever happens ------------------------------------------------------------------------------

ENDS = st.sampled_from(
    [
        OrderEnd(outcome=Outcome.FAILED, charged="no", cost=FOUR_CENTS),
        OrderEnd(outcome=Outcome.FAILED, charged="yes", cost=FOUR_CENTS),
        OrderEnd(outcome=Outcome.CANCELLED, charged="unknown", cost=FOUR_CENTS),
    ]
)


@given(clips=st.integers(1, 4), story=st.lists(st.one_of(st.none(), ENDS), max_size=12))
def test_whatever_becomes_of_its_orders_a_job_spends_what_its_purchases_cost(clips, story):
    job = chained(clips=clips)
    kept: dict[PredictionId, Money] = {}
    for number, end in enumerate(story):
        if job.clip is None:
            break
        job = ordered(job, f"p-{number}")
        change = (
            collected(job, cost=FOUR_CENTS, took_s=1.0, at=LATER)
            if end is None
            else order_ended(job, end, at=LATER)
        )
        job = change.job
        kept.update({each.prediction_id: each.cost or Money() for each in change.purchases})

    assert job.spent == Money(sum(cost.micros for cost in kept.values()))
    assert job.was_charged in {"yes", "no", "unknown"}
    assert (job.was_charged == "no") is (job.spent == Money() and not job.is_in_doubt)


@given(clips=st.integers(1, 4), moves=st.integers(0, 8))
def test_every_transition_moves_the_version_by_one(clips, moves):
    job = chained(clips=clips)
    for number in range(moves):
        if job.clip is None:
            break
        before = job.version
        job = fenced(job, life="one", at=NOW).job
        job = bought(job, PredictionId(f"p-{number}"), at=NOW).job
        job = collected(job, cost=FOUR_CENTS, took_s=1.0, at=LATER).job
        assert job.version == before + 3
