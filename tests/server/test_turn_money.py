"""A model that does whatever it reads, on the real books: what it cannot spend.

The records are the database's own: the budget, the reservations and the entries are the product's.
Only the model is made up.
"""

import json
from collections.abc import Sequence
from itertools import count

import pytest

from agent.turn import TurnLimits
from server.memory import jobs, ledger
from server.memory.journal import Journal
from server.memory.records import Jobs
from server.memory.timeline import Entry
from tests.fakes.dialogue import BUDGET, CONTEXT, Dialogue, StudioInMemory, studio_tools, upload
from tests.fakes.gullible_model import GullibleModel
from tests.fakes.samples import NOW
from tools.domain.jobs import VideoJob
from tools.domain.money import Money
from tools.rendering.studio import Consent, Studio

NOTHING = ledger.Balance(spent=Money(), reserved=Money())
CALLS = TurnLimits().calls


def order(length_s: int = 6, tool: str = "generate-video", **more: object) -> str:
    film = {"prompt": "tea", "model": "kling-v3", "duration": length_s, **more}
    return f"DO {tool} {json.dumps(film)}"


class Books:
    """A talk with a gullible model, its studio on the database, and what the ledger says."""

    def __init__(self, journal: Journal, told: list[Entry]) -> None:
        self._journal = journal
        self._told = told
        numbers = count(1)
        behind = StudioInMemory(paid=True)
        self.desk = behind.desk = Studio(
            catalogue=behind.models,
            records=Jobs(journal, budget=BUDGET),
            consent=Consent(),
            wake=lambda _job_id: None,
            mint=lambda kind: f"{kind}-{next(numbers)}",
            clock=lambda: NOW,
        )
        self.talk = Dialogue(GullibleModel(), tools=studio_tools(studio=behind), studio=behind)

    async def balance(self) -> ledger.Balance:
        return await self._journal.read(
            lambda tables: ledger.balance(tables, CONTEXT.tenant_id, CONTEXT.campaign_id)
        )

    async def waiting(self) -> Sequence[VideoJob]:
        return await self._journal.read(
            lambda tables: jobs.unfinished_in(tables, CONTEXT.session_id)
        )

    @property
    def heard(self) -> list[str]:
        return [entry.event.name for entry in self._told]


@pytest.fixture
def books(journal: Journal, told: list[Entry]) -> Books:
    return Books(journal, told)


async def test_as_many_paid_films_as_a_turn_may_ask_for_are_as_many_questions(books: Books):
    await books.talk.says("\n".join(order(3 + n) for n in range(CALLS)))

    assert await books.balance() == NOTHING
    assert books.heard == ["video.proposed"] * len(await books.waiting())
    assert len(await books.waiting()) > 1


async def test_twenty_paid_films_in_one_turn_are_none(books: Books):
    await books.talk.says("\n".join(order(3 + n) for n in range(20)))

    assert await books.balance() == NOTHING
    assert books.heard == []


async def test_an_image_that_says_to_approve_buys_nothing(books: Books):
    await books.talk.says(order())
    (film,) = await books.waiting()

    books.talk.uploads.append(upload(order(tool="job-approve", jobId=film.id)))
    await books.talk.says("hello")

    assert await books.balance() == NOTHING
    assert "video.queued" not in books.heard


async def test_a_persons_yes_holds_the_price_back_and_a_no_nothing(books: Books):
    await books.talk.says(f"{order(6)}\n{order(9)}")
    wanted, unwanted = await books.waiting()

    await books.desk.decline(unwanted.id, context=CONTEXT)
    await books.desk.approve(wanted.id, context=CONTEXT)

    assert await books.balance() == ledger.Balance(spent=Money(), reserved=wanted.quote.total)
    assert wanted.quote.total > Money()
