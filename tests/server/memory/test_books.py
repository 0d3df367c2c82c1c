"""Whatever is asked for, agreed to, tried in vain and settled: the books never hold more than the budget."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.memory.database import Database
from server.memory.journal import Journal
from server.memory.ledger import Balance, balance
from server.memory.migrate import migrate
from server.memory.records import Jobs
from tests.fakes.samples import (
    FAILURE,
    NOW,
    TENANT,
    a_chained_quote,
    a_job,
    clips_of,
    keep_session,
)
from tools.domain.clips import Outcome
from tools.domain.identity import CampaignId, JobId, PredictionId, UserId
from tools.domain.jobs import Change, OrderEnd, Stage, VideoJob
from tools.domain.money import Money, total
from tools.domain.transitions import (
    approved,
    bought,
    cancelled,
    collected,
    declined,
    failed,
    plan_after,
    proposed,
    proposed_anew,
    queued,
    switched,
)
from tools.errors import BudgetExceeded

BUDGET = Money.usd("1.00")
EXPIRES_AT = NOW + timedelta(hours=24)
NUMBERS = count()

PRICES = st.sampled_from(["0", "0.07", "0.20", "0.33", "0.50"])
STEPS = st.one_of(
    st.tuples(st.just("ask"), PRICES, st.integers(1, 3)),
    st.tuples(st.just("propose"), PRICES, st.integers(1, 3)),
    *(
        st.tuples(st.just(name), st.integers(0, 9), PRICES)
        for name in ("approve", "decline", "collect", "fall back", "ask again", "fail", "cancel")
    ),
)
"""What is done, to which film, at which price; asking: at which price for how many clips."""


class Studio:
    """Does to films what the real one does, as far as money goes: nothing is spent beyond a yes."""

    def __init__(self, journal: Journal, campaign_id: CampaignId) -> None:
        self._journal = journal
        self._records = Jobs(journal, budget=BUDGET, user_limit=Money.usd("0.80"))
        self._campaign_id = campaign_id
        self.jobs: list[VideoJob] = []
        self.settled: dict[JobId, Money] = {}

    async def ask(self, price: str, clips: int, *, is_proposal: bool) -> None:
        number = next(NUMBERS)
        job = a_job(
            f"job-{number}",
            quote=a_chained_quote(price, clips=clips),
            campaign_id=self._campaign_id,
            user_id=UserId(f"{self._campaign_id}-{number % 2}"),
        )
        change = proposed(job, "price", expires_at=EXPIRES_AT) if is_proposal else queued(job)
        with suppress(BudgetExceeded):
            self.jobs.append(await self._records.add(change))

    async def do(self, step: str, which: int, price: str) -> None:
        alive = [place for place, job in enumerate(self.jobs) if not job.stage.is_final]
        if not alive:
            return
        place = alive[which % len(alive)]
        change = _change(step, self.jobs[place], price)
        if change is None:
            return
        with suppress(BudgetExceeded):
            self.jobs[place] = await self._records.commit(change)
            if change.settles is not None:
                self.settled[change.job.id] = change.settles

    async def balance(self) -> Balance:
        return await self._journal.read(lambda each: balance(each, TENANT, self._campaign_id))


def _change(step: str, job: VideoJob, price: str) -> Change | None:
    change = None
    match step:
        case "approve" if job.stage is Stage.PROPOSED:
            change = approved(job)
        case "decline" if job.stage is Stage.PROPOSED:
            change = declined(job, at=NOW)
        case "cancel":
            change = cancelled(job, at=NOW)
        case "fail" if job.stage is not Stage.PROPOSED:
            change = failed(job, FAILURE, at=NOW)
        case "collect" if job.stage is not Stage.PROPOSED and job.clip is not None:
            change = collected(_ordered(job), cost=job.clip.price, took_s=None, at=NOW)
        case "fall back" | "ask again" if job.stage is not Stage.PROPOSED and job.clip is not None:
            change = _another_plan(step, job, job.clip.price, price)
    return change


def _another_plan(step: str, job: VideoJob, lost: Money, price: str) -> Change | None:
    """A model failed and charged `lost` for it; another makes the rest, for this price."""
    end = OrderEnd(outcome=Outcome.FAILED, charged="yes", cost=lost)
    rest = clips_of(a_chained_quote(price, clips=1))
    whole = job.spent + lost + rest[0].price
    quote = replace(job.quote, lines=(replace(job.quote.lines[0], amount=whole),))
    plan = plan_after(_ordered(job), end, at=NOW, quote=quote, clips=rest)
    if step == "ask again":
        return proposed_anew(job, "fallback", plan=plan, expires_at=EXPIRES_AT)
    return switched(job, plan, stage=Stage.SUBMITTING) if whole <= job.agreed else None


def _ordered(job: VideoJob) -> VideoJob:
    """As if its running clip had been ordered; that it was is not what is kept here."""
    ordered = bought(job, PredictionId(f"p-{next(NUMBERS)}"), at=NOW).job
    return replace(ordered, version=job.version)


@pytest.fixture(scope="module")
def loop_and_journal(tmp_path_factory) -> Iterator[tuple[asyncio.Runner, Journal]]:
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        database = Database(Path(tmp_path_factory.mktemp("books")) / "memory.sqlite3")
        runner.run(database.open(migrate))
        runner.run(database.write(keep_session))
        yield runner, Journal(database, clock=lambda: NOW, announce=lambda _told: None)
        runner.run(database.close())


async def _live_through(journal: Journal, steps) -> list[tuple[Balance, Money]]:
    """What the books hold after each step, beside what should have been settled by then."""
    studio = Studio(journal, CampaignId(f"campaign-{next(NUMBERS)}"))
    found = []
    for step, *how in steps:
        match step, how:
            case "ask" | "propose", (price, clips):
                await studio.ask(price, clips, is_proposal=step == "propose")
            case _, (which, price):
                await studio.do(step, which, price)
        found.append((await studio.balance(), total(tuple(studio.settled.values()))))
    return found


@settings(max_examples=100)
@given(steps=st.lists(STEPS, max_size=40))
def test_the_books_never_hold_more_than_the_budget_and_just_what_was_settled(
    loop_and_journal, steps
):
    runner, journal = loop_and_journal

    for held, settled in runner.run(_live_through(journal, steps)):
        assert held.spent + held.reserved <= BUDGET
        assert held.spent == settled
