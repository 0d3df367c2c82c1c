"""Everything at once, at random: kills, lost answers, webhooks, refusals, failures, cancellations, two
processes at the same job. What must hold all the same is checked at the end of each world.

A world is its seed: what fails once fails again.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from tests.fakes.dealer import GRACE_S, Dealer, NeverCame, Refuses, Sold, Taken, Unheard
from tests.fakes.mortal import Killed, Line, Moody, Mortal
from tests.fakes.samples import FAILURE, a_request
from tools.domain.clips import Outcome, Purchase
from tools.domain.jobs import Origin, Stage, VideoJob
from tools.domain.money import Money, total
from tools.errors import ProviderUnavailable, StorageUnavailable
from tools.rendering.advance import Advance
from tools.rendering.ports import Remedy, RenderFailed

WORLDS = 24
TICKS = 120
FILMS = (
    a_request(model_key="kling-v3", length_s=8),
    a_request(model_key="kling-v3", length_s=40),
    a_request(model_key="veo-3.1-fast", length_s=24),
    a_request(model_key="runway-gen4.5", length_s=20),
)


@dataclass
class Process:
    """One life of a process."""

    advance: Advance
    records: Moody


class World:
    def __init__(self, room, seed: int) -> None:
        self.room = room
        self.chance = random.Random(seed)
        self.jobs: list[VideoJob] = []
        self.is_hostile = True
        dealer = room.dealer
        self.film = self.chance.choice([None, *FILMS])
        """What all ask for; None: each something else."""
        dealer.list_lag_s = self.chance.choice([0, 10, GRACE_S - 1, GRACE_S - 1])
        dealer.charges = self.chance.choice(["yes", "no", "unknown"])
        dealer.knows_seeds = self.chance.random() < 0.5
        dealer.may = self._trouble
        self.processes = [self._born() for _ in range(self.chance.choice([1, 2]))]

    def _born(self) -> Process:
        breaths = self.chance.choice([3, 9, 30, 10_000]) if self.is_hostile else 10**9
        records = Moody(self.room.records)
        mortal = Mortal(records, breaths)
        line = Line(self.room.dealer, mortal.breathe)
        return Process(self.room.advance(records=mortal, replicate=line), records)

    def _trouble(self, call: str) -> None:
        if self.is_hostile and self.chance.random() < 0.03:
            raise ProviderUnavailable("It cannot be reached.")

    async def ask(self) -> None:
        film = self.film or self.chance.choice(FILMS)
        origin = self.chance.choice([Origin.PERSON, Origin.PROGRAM])
        self.jobs.append(await self.room.order(film, origin=origin))

    async def tick(self) -> None:
        job_id = self.chance.choice(self.jobs).id
        what = self.chance.random()
        if what < 0.02:
            await self.room.cancel(job_id)
        elif what < 0.05:
            await self.answer(job_id)
        elif what < 0.15:
            await self.webhook()
        elif what < 0.2:
            self.next_orders()
        elif what < 0.23:
            self.chance.choice(self.processes).records.refuse(
                self.chance.choice(["bought", "collected", "any"]), StorageUnavailable("Full.")
            )
        elif what < 0.4:
            self.room.clock.passes(seconds=self.chance.choice([1, 5, 70]))
        else:
            await self.steps()

    async def steps(self) -> None:
        """One step, or several at once: of other processes, or of other jobs."""
        steps = [
            (self.chance.choice(self.processes), self.chance.choice(self.jobs).id)
            for _ in range(self.chance.choice([1, 1, 2, 3]))
        ]
        # A process takes one step of a job at a time, as its driver sees to.
        steps = list(
            {(id(process), job_id): (process, job_id) for process, job_id in steps}.values()
        )
        done = await asyncio.gather(
            *(process.advance.step(job_id) for process, job_id in steps), return_exceptions=True
        )
        self._bury([process for process, _ in steps], done)
        waits = [each for each in done if isinstance(each, float) and each]
        if waits and self.chance.random() < 0.5:
            self.room.clock.passes(seconds=min(waits))

    async def webhook(self) -> None:
        if not self.room.dealer.sold:
            return
        sold = self.chance.choice(self.room.dealer.sold)
        process = self.chance.choice(self.processes)
        told = process.advance.heard(sold.order.job_id, sold.order.clip, sold.id)
        self._bury([process], await asyncio.gather(told, return_exceptions=True))

    def _bury(self, processes: list[Process], ends: Sequence[object]) -> None:
        for process, end in zip(list(processes), ends, strict=True):
            if isinstance(end, Killed):
                if process in self.processes:
                    self.processes[self.processes.index(process)] = self._born()
            elif isinstance(end, BaseException) and not isinstance(end, StorageUnavailable):
                raise end

    def next_orders(self) -> None:
        refusal = Refuses(FAILURE, self.chance.choice(list(Remedy)), retry_after_s=2)
        answer = self.chance.choice([Taken(), Unheard(), Unheard(), NeverCame(), refusal])
        self.room.dealer.answers(answer)
        fate = RenderFailed(
            failure=FAILURE,
            charged=self.chance.choice(["yes", "no", "unknown"]),
            remedy=self.chance.choice(list(Remedy)),
        )
        self.room.dealer.will(self.chance.choice([None, fate]))

    async def answer(self, job_id) -> None:
        await self.chance.choice([self.room.approve, self.room.decline])(job_id)

    async def calm(self) -> None:
        """No more trouble: everything that hangs comes to its end, every webhook is delivered."""
        self.is_hostile = False
        for process in self.processes:
            process.records.calm()
        self.processes = [self._born()]
        (last,) = self.processes
        for _ in range(2):
            for job in self.jobs:
                await self._end(job.id, last.advance)
            for sold in list(self.room.dealer.sold):
                await last.advance.heard(sold.order.job_id, sold.order.clip, sold.id)
        for job in self.jobs:
            await self._end(job.id, last.advance)

    async def _end(self, job_id, advance: Advance) -> None:
        for _ in range(600):
            wait_s = await advance.step(job_id)
            if wait_s is None:
                return
            self.room.clock.passes(seconds=wait_s)
            if (await self.room.records.load(job_id)).stage is Stage.PROPOSED:
                await self.answer(job_id)
        raise AssertionError(await self.room.records.load(job_id))

    async def purchases(self) -> dict[str, Purchase]:
        found = [await self.room.records.purchase(each.id) for each in self.room.dealer.sold]
        return {each.prediction_id: each for each in found if each is not None}


@pytest.mark.parametrize("seed", range(WORLDS))
async def test_in_a_hostile_world_nothing_is_bought_twice_lost_or_told_wrong(room, seed):
    world = World(room, seed)
    for _ in range(world.chance.choice([1, 2, 3])):
        await world.ask()
    for _ in range(TICKS):
        await world.tick()
        for job in world.jobs:
            now = await room.records.load(job.id)
            assert now.spent <= now.agreed, "nothing is spent without a yes"
    await world.calm()

    jobs = [await room.records.load(each.id) for each in world.jobs]
    bought = await world.purchases()
    assert all(each.stage.is_final for each in jobs)
    _nothing_is_bought_twice(bought)
    _every_order_is_in_the_books(jobs, bought, room.dealer.sold)
    for job in jobs:
        own = [each for each in bought.values() if each.job_id == job.id]
        _what_is_told_is_true(job, own, room.dealer)
    assert (await room.balance()).spent == total([each.spent for each in jobs])
    assert not (await room.balance()).reserved
    made = [each for each in jobs if each.stage is Stage.FINISHED]
    assert len(await room.creatives()) == len(await room.events("message.added")) == len(made)


def _nothing_is_bought_twice(bought: dict[str, Purchase]) -> None:
    """For each clip one order that gave a film; and none ever that nobody wanted."""
    films = Counter(
        (each.job_id, each.clip) for each in bought.values() if each.outcome is Outcome.RENDERED
    )
    assert not [clip for clip, count in films.items() if count > 1]
    assert not [each for each in bought.values() if each.outcome is Outcome.STRAY]


def _every_order_is_in_the_books(
    jobs: list[VideoJob], bought: dict[str, Purchase], sold: list[Sold]
) -> None:
    """With its end. Only a job that nobody could look after says that it does not know."""
    unknown = {each.id for each in jobs if each.charged == "unknown"}
    for each in sold:
        known = bought.get(each.id)
        if known is None or known.outcome is Outcome.RENDERING:
            assert each.order.job_id in unknown


def _what_is_told_is_true(job: VideoJob, own: list[Purchase], dealer: Dealer) -> None:
    """Against the dealer's own books."""
    costs = total([each.cost or Money() for each in own])
    by_id = {each.id: each for each in dealer.sold}
    truth = {by_id[each.prediction_id].charged(dealer.charges) for each in own}
    match job.charged:
        case "no":
            assert truth <= {"no"}
            assert not job.spent
        case "yes":
            assert "yes" in truth
            assert job.spent == costs
        case _:
            assert job.spent >= costs
