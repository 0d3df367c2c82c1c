import asyncio

import pytest

from server.memory import jobs, ledger
from server.memory.ledger import Balance
from server.memory.records import Jobs
from tests.fakes.samples import CAMPAIGN, SESSION, TENANT, a_job
from tools.domain.identity import CampaignId
from tools.domain.money import Money
from tools.domain.transitions import queued
from tools.errors import BudgetExceeded

BUDGET = Money.usd("1.00")


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
    other = a_job("job-2", price="1.00", campaign_id=CampaignId("autumn"))
    await journal.write(lambda each: _take(each, other))

    assert await _balance(journal) == Balance(spent=Money(), reserved=Money.usd("1.00"))


async def test_two_at_once_cannot_both_have_the_last_of_a_budget(journal, told):
    records = Jobs(journal, budget=BUDGET)
    asked = [queued(a_job(f"job-{number}", price="0.60")) for number in range(2)]

    outcomes = await asyncio.gather(
        *(records.add(change) for change in asked), return_exceptions=True
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["BudgetExceeded", "VideoJob"]
    assert [entry.session_id for entry in told] == [SESSION]


async def _reserve(journal, job_id, price):
    job = a_job(job_id, price=price)
    await journal.write(lambda each: _take(each, job))


def _take(transaction, job):
    jobs.add(transaction, job)
    ledger.reserve(transaction, job, budget=BUDGET)


async def _settle(journal, job_id, price):
    await journal.write(lambda each: ledger.settle(each, a_job(job_id).id, Money.usd(price)))


async def _balance(journal):
    return await journal.read(lambda tables: ledger.balance(tables, TENANT, CAMPAIGN))
