"""One run of the torture: studios live and die on one folder until every film that was ordered is made."""

import asyncio
import random
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.fakes.replicate_acts import WaitsFor
from tests.torture.books import (
    Books,
    doubles,
    ending_faults,
    file_faults,
    left_over,
    log_faults,
    manners_faults,
    money_faults,
    parts_left,
    purchase_faults,
    read_books,
    unfinished,
)
from tests.torture.customers import Customers, Wish, wishes
from tests.torture.front import HOOKS, Front
from tests.torture.life import DidNotStart, Life
from tests.torture.moods import MoodyReplicate, ways
from tests.torture.plans import Death, Plan
from tests.torture.steps import ORDER_SENT

PATIENCE_S = 60.0
"""A step that is not reached by then is not waited for: the studio is killed where it is."""
ASLEEP_S = 6.0
"""Longer than the grace: whoever took over has looked, and may have ordered."""
TOGETHER_S = 6.0
"""As long: a sleeper may have ordered, and looks for what it did not hear of."""
LOOK_S = 0.1
TIDY_LIMIT_S = 15.0
FOUND, HEARD = "an order was found again", "an order was heard of"


@dataclass(kw_only=True)
class Result:
    plan: Plan
    jobs: int = 0
    clips: int = 0
    predictions: int = 0
    finished: int = 0
    kills: int = 0
    stops: int = 0
    freezes: int = 0
    by_list: int = 0
    by_webhook: int = 0
    strays: int = 0
    doubles: int = 0
    seconds: float = 0.0
    struck: list[str] = field(default_factory=list)
    """Each death, as it came about, and what else is worth knowing."""
    faults: list[str] = field(default_factory=list)


class Run:
    def __init__(self, plan: Plan, folder: Path, fake: MoodyReplicate, front: Front) -> None:
        self._plan = plan
        self._folder = folder
        self._fake = fake
        self._front = front
        self._life: Life | None = None
        self._lives: list[Life] = []
        self.customers = Customers(studio=lambda: self._front.studio)
        self.result = Result(plan=plan)

    async def play(self) -> Result:
        """Raises TimeoutError."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._plan.limit_s):
                await self._play()
        except TimeoutError:
            self.result.faults.append(
                f"not over after {self._plan.limit_s:.0f} s: {unfinished(self._folder)} jobs left"
            )
        finally:
            for life in self._lives:
                await life.kill()
        self.result.seconds = time.monotonic() - began
        return self.result

    async def _play(self) -> None:
        chance = random.Random(self._plan.seed)
        wanted = wishes(self._plan.jobs, chance)
        deaths = list(self._plan.deaths)
        life = await self._begin(deaths[0] if deaths else None)
        ordering = asyncio.create_task(self._order(wanted))
        try:
            while deaths:
                death = deaths.pop(0)
                following = deaths[0] if deaths else None
                life = await self._strike(life, death, following, ordering)
            await ordering
        finally:
            ordering.cancel()
        await self._until_all_is_over()
        await self._judge(life)

    async def _order(self, wanted: list[Wish]) -> None:
        """Some at once, the others one after the other: there is always one to be bought."""
        async with asyncio.TaskGroup() as group:
            for wish in wanted:
                if wish.number >= self._plan.at_once:
                    await asyncio.sleep(self._plan.every_s)
                group.create_task(self.customers.order(wish))

    # -- lives and deaths --------------------------------------------------------------------------

    async def _begin(self, death: Death | None) -> Life:
        """The next life on the same data, to which everybody turns now."""
        settings = {
            "REPLICATE_API_KEY": self._fake.token,
            "REPLICATE_BASE_URL": self._fake.url,
            "REPLICATE_OUTPUT_HOSTS": f"127.0.0.1:{self._fake.port}",
            "CAMPAIGN_BUDGET_USD": "100000",
            "PROVIDER_CONCURRENCY": "6",
            "USER_CONCURRENCY": "6",
            "TORTURE_STEPS": death.told if death else "",
            "TORTURE_NOTE": str(self._folder / "struck.txt"),
            "TORTURE_WEBHOOK": f"{self._front.url}{HOOKS}" if self._plan.webhooks else "",
            "TORTURE_CONTROL": "0" if self._plan.reconciles else "1",
        }
        life = await Life.begin(self._folder, settings)
        self._lives.append(life)
        self._front.studio = life.url
        return life

    async def _strike(
        self, life: Life, death: Death, following: Death | None, ordering: asyncio.Task[None]
    ) -> Life:
        """This life ends as it is to; the next one, which is to end by `following`."""
        how = str(death)
        if not await self._reached(life, death, ordering):
            if ordering.done() and unfinished(self._folder) == 0:
                self.result.struck.append(f"{how}: all was over")
                return await self._restarted(life, following)
            how += ", not reached: killed"
        self.result.struck.append(how)
        if death.blow == "freeze" and life.is_frozen:
            self.result.freezes += 1
            return await self._taken_over(life, following)
        if death.blow == "term":
            self.result.stops += 1
        else:
            self.result.kills += 1
        return await self._restarted(life, following)

    async def _restarted(self, life: Life, following: Death | None) -> Life:
        await life.kill()
        return await self._begin(following)

    async def _reached(self, life: Life, death: Death, ordering: asyncio.Task[None]) -> bool:
        """Whether it was struck where it was to be."""
        if death.step is None:
            await asyncio.sleep(death.after_s)
            await self._struck_now(life, death)
            return True
        reaching = asyncio.create_task(
            life.until_struck() if death.is_inside else self._struck_at_provider(life, death)
        )
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not reaching.done():
                    await asyncio.wait({reaching}, timeout=LOOK_S)
                    if ordering.done() and unfinished(self._folder) == 0:
                        break
        except TimeoutError:
            pass
        finally:
            reaching.cancel()
            with suppress(asyncio.CancelledError):
                await reaching
        self._fake.forget_orders()
        return life.is_over or life.is_frozen

    async def _struck_now(self, life: Life, death: Death) -> None:
        match death.blow:
            case "kill":
                await life.kill()
            case "term":
                await self._stopped(life)
            case "freeze":
                life.freeze()
                await life.until_struck()

    async def _struck_at_provider(self, life: Life, death: Death) -> None:
        """The order is at the provider, taken or not yet; its answer finds nobody."""
        held = WaitsFor(commits="after" if death.step == ORDER_SENT else "first")
        self._fake.answer_create(held)
        try:
            await held.reached.wait()
            await life.kill()
        finally:
            held.gate.set()

    async def _taken_over(self, sleeper: Life, following: Death | None) -> Life:
        """Another studio goes on with everything; then the sleeper wakes, and knows nothing of it."""
        try:
            successor = await self._begin(None)
        except DidNotStart:
            # It fell asleep with the database's lock in its hand.
            sleeper.thaw()
            return await self._restarted(sleeper, following)
        await asyncio.sleep(ASLEEP_S)
        sleeper.thaw()
        await asyncio.sleep(TOGETHER_S)
        await self._stopped(sleeper)
        if following is None:
            return successor
        await self._stopped(successor)
        return await self._begin(following)

    async def _stopped(self, life: Life) -> None:
        if (code := await life.stop()) != 0:
            self.result.faults.append(f"a studio that was asked to stop ended with {code}")

    # -- the end -----------------------------------------------------------------------------------

    async def _until_all_is_over(self) -> None:
        await _until(lambda: unfinished(self._folder) == 0)
        with suppress(TimeoutError):
            async with asyncio.timeout(TIDY_LIMIT_S):
                await _until(lambda: not left_over(self._folder) and not self._fake.unfinished)

    async def _judge(self, life: Life) -> None:
        result, fake = self.result, self._fake
        books = await read_books(self._folder, life.url)
        result.jobs, result.clips = len(books.jobs), len(books.clips)
        result.predictions = len(fake.created)
        result.finished = len(books.creatives)
        result.strays = len(books.strays)
        result.doubles = doubles(fake, books)
        log = (self._folder / "stderr.log").read_text()
        result.by_list, result.by_webhook = log.count(FOUND), log.count(HEARD)
        result.faults += ending_faults(books, self.customers.accepted.values())
        result.faults += await file_faults(self._folder, books)
        result.faults += manners_faults(fake)
        result.faults += log_faults(log)
        if (parts := parts_left(self._folder)) > 0:
            result.struck.append(f"{parts} beginnings of files stay in the storage")
        result.faults += self._bought(books)
        await self._stopped(life)

    def _bought(self, books: Books) -> list[str]:
        if self._plan.reconciles:
            return [
                *purchase_faults(self._fake, books, may_stray=self._plan.may_stray),
                *money_faults(self._fake, books),
            ]
        if self.result.doubles > 0:
            return []
        return ["nothing was bought twice without reconciliation: this torture would not notice"]


async def _until(holds: Callable[[], bool]) -> None:
    """Of what other processes do nobody tells: it is looked at."""
    while not holds():  # noqa: ASYNC110  there is no event to wait for
        await asyncio.sleep(LOOK_S)


async def played(plan: Plan, folder: Path | None = None) -> Result:
    """`folder`: a new one, kept for whoever wants to see; None: gone afterwards."""
    async with _open(plan, folder) as run:
        return await run.play()


@asynccontextmanager
async def _open(plan: Plan, folder: Path | None) -> AsyncIterator[Run]:
    chance = random.Random(plan.seed)
    with tempfile.TemporaryDirectory(prefix="torture-") as temporary:
        place = folder or Path(temporary) / "run"
        # What an earlier run left would be laid beside the books of another provider.
        place.mkdir(parents=True)
        async with (
            MoodyReplicate.running(
                **ways(chance), shows_webhook_in_list=plan.shows_webhook
            ) as fake,
            Front.open() as front,
        ):
            assert isinstance(fake, MoodyReplicate)
            fake.moods, fake.chance = plan.moods, chance
            yield Run(plan, place, fake, front)
