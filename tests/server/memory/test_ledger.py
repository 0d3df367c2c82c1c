import asyncio
from contextlib import nullcontext

import pytest

from server.memory import jobs, ledger
from server.memory.ledger import Balance, Limits
from server.memory.records import Jobs
from tests.fakes.samples import CAMPAIGN, SESSION, TENANT, a_job
from tools.domain.identity import CampaignId, TenantId, UserId
from tools.domain.money import Money
from tools.domain.transitions import queued
from tools.errors import AlreadyFinal, BudgetExceeded

BUDGET = Money.usd("1.00")
LIMITS = Limits(budget=BUDGET)
FOR_EACH = Limits(budget=Money.usd("100"), user=BUDGET)
AUTUMN = CampaignId("autumn")


async def test_a_quote_is_held_back_when_it_is_agreed_to(journal):
    await _reserve(journal, "job-1", "0.60")

    assert await _balance(journal) == Balance(spent=Money(), reserved=Money.usd("0.60"))


async def test_what_was_not_spent_is_free_again(journal):
    await _reserve(journal, "job-1", "0.60")
    await _settle(journal, "job-1", "0.10")

    assert await _balance(journal) == Balance(spent=Money.usd("0.10"), reserved=Money())
    await _reserve(journal, "job-2", "0.90")


async def test_settling_again_changes_nothing(journal):
    await _reserve(journal, "job-1", "0.60")
    await _settle(journal, "job-1", "0.10")
    await _settle(journal, "job-1", "0.60")

    assert await _balance(journal) == Balance(spent=Money.usd("0.10"), reserved=Money())


async def test_the_whole_budget_may_be_spent_and_no_cent_more(journal):
    await _reserve(journal, "job-1", "1.00")

    with pytest.raises(BudgetExceeded, match=r"would cost \$0.01; the campaign has \$0.00 left"):
        await _reserve(journal, "job-2", "0.01")


async def test_a_refusal_holds_nothing_back_and_keeps_no_job(journal):
    with pytest.raises(BudgetExceeded):
        await _reserve(journal, "job-1", "1.01")

    assert await _balance(journal) == Balance(spent=Money(), reserved=Money())
    assert await journal.read(lambda tables: jobs.find(tables, a_job().id)) is None


async def test_a_free_film_is_made_also_when_nothing_is_left(journal):
    await _reserve(journal, "job-1", "1.00")
    await _reserve(journal, "job-2", "0")

    assert await journal.read(lambda tables: jobs.find(tables, a_job("job-2").id)) is not None


async def test_each_campaign_has_a_budget_of_its_own(journal):
    await _reserve(journal, "job-1", "1.00")
    other = a_job("job-2", price="1.00", campaign_id=AUTUMN)
    await journal.write(lambda each: _take(each, other))

    assert await _balance(journal) == Balance(spent=Money(), reserved=Money.usd("1.00"))


async def test_another_price_takes_the_place_of_the_one_before(journal):
    await _reserve(journal, "job-1", "0.60")
    await _reserve_anew(journal, "job-1", "1.00")

    assert await _balance(journal) == Balance(spent=Money(), reserved=Money.usd("1.00"))


async def test_another_price_that_is_too_high_leaves_the_one_before(journal):
    await _reserve(journal, "job-1", "0.60")
    await _reserve(journal, "job-2", "0.30")

    with pytest.raises(BudgetExceeded, match=r"would cost \$0.71; the campaign has \$0.70 left"):
        await _reserve_anew(journal, "job-1", "0.71")
    assert await _balance(journal) == Balance(spent=Money(), reserved=Money.usd("0.90"))


async def test_nothing_is_held_back_for_what_is_settled(journal):
    await _reserve(journal, "job-1", "0.60")
    await _settle(journal, "job-1", "0.10")

    with pytest.raises(AlreadyFinal):
        await _reserve_anew(journal, "job-1", "0.60")
    assert await _balance(journal) == Balance(spent=Money.usd("0.10"), reserved=Money())


async def test_money_that_was_spent_without_being_held_back_is_in_the_books(journal):
    await journal.write(lambda each: jobs.add(each, a_job("job-1")))
    await _settle(journal, "job-1", "0.10")
    await _settle(journal, "job-1", "0.20")

    assert await _balance(journal) == Balance(spent=Money.usd("0.10"), reserved=Money())


async def test_a_refusal_says_for_a_program_which_limit_it_was(journal):
    await _reserve(journal, "job-1", "0.60")

    with pytest.raises(BudgetExceeded) as told:
        await _reserve(journal, "job-2", "0.60")
    assert told.value.details == {
        "price": 600_000,
        "left": 400_000,
        "limit": 1_000_000,
        "scope": "campaign",
    }


async def test_a_limit_that_was_lowered_leaves_nothing_not_less(journal):
    await _reserve(journal, "job-1", "1.00")

    with pytest.raises(BudgetExceeded, match=r"\$0.00 left of \$0.50"):
        await journal.write(
            lambda each: ledger.afford(
                each, a_job("job-2"), Money.usd("0.01"), limits=Limits(budget=Money.usd("0.50"))
            )
        )


async def test_a_person_has_one_limit_in_all_campaigns(journal):
    await _agree(journal, "job-1", "0.60")

    with pytest.raises(BudgetExceeded, match=r"you have \$0.40 left of the \$1.00") as told:
        await _agree(journal, "job-2", "0.60", campaign_id=AUTUMN)
    assert told.value.details == {
        "price": 600_000,
        "left": 400_000,
        "limit": 1_000_000,
        "scope": "user",
    }


@pytest.mark.parametrize("other", [{"user_id": UserId("bob")}, {"tenant_id": TenantId("globex")}])
async def test_each_person_has_a_limit_of_their_own(journal, other):
    await _agree(journal, "job-1", "1.00")

    await _agree(journal, "job-2", "1.00", **other)


@pytest.mark.parametrize(("hours", "is_free"), [(23.9, False), (24.1, True)])
async def test_what_a_person_spent_counts_for_24_hours(journal, clock, hours, is_free):
    await _agree(journal, "job-1", "1.00")
    clock.passes(hours=5)
    await _settle(journal, "job-1", "1.00")
    clock.passes(hours=hours)

    with nullcontext() if is_free else pytest.raises(BudgetExceeded):
        await _agree(journal, "job-2", "0.01")


async def test_what_is_held_back_for_a_person_counts_until_it_is_settled(journal, clock):
    await _agree(journal, "job-1", "1.00")
    clock.passes(hours=30)

    with pytest.raises(BudgetExceeded):
        await _agree(journal, "job-2", "0.01")


async def test_a_persons_own_reservation_is_free_for_the_same_film(journal):
    await _agree(journal, "job-1", "0.60")

    await journal.write(
        lambda each: ledger.reserve(each, a_job("job-1"), Money.usd("1.00"), limits=FOR_EACH)
    )


async def test_two_at_once_cannot_both_have_the_last_of_a_budget(journal, told):
    records = Jobs(journal, budget=BUDGET)
    asked = [queued(a_job(f"job-{number}", price="0.60")) for number in range(2)]

    outcomes = await asyncio.gather(
        *(records.add(change) for change in asked), return_exceptions=True
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["BudgetExceeded", "VideoJob"]
    assert [entry.session_id for entry in told] == [SESSION]


async def _agree(journal, job_id, price, **facts):
    job = a_job(job_id, price=price, **facts)

    def work(transaction):
        jobs.add(transaction, job)
        ledger.reserve(transaction, job, job.quote.total, limits=FOR_EACH)

    await journal.write(work)


async def _reserve(journal, job_id, price):
    job = a_job(job_id, price=price)
    await journal.write(lambda each: _take(each, job))


def _take(transaction, job):
    jobs.add(transaction, job)
    ledger.reserve(transaction, job, job.quote.total, limits=LIMITS)


async def _reserve_anew(journal, job_id, price):
    await journal.write(
        lambda each: ledger.reserve(each, a_job(job_id), Money.usd(price), limits=LIMITS)
    )


async def _settle(journal, job_id, price):
    await journal.write(lambda each: ledger.settle(each, a_job(job_id), Money.usd(price)))


async def _balance(journal):
    return await journal.read(lambda tables: ledger.balance(tables, TENANT, CAMPAIGN))
