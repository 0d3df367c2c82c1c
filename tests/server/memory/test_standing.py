"""How the studio stands: only films that are not over, and what is held back for them."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from server.memory import standing as store
from server.memory.database import Database
from server.memory.journal import Journal
from server.memory.records import Jobs
from server.memory.standing import Standing, standing
from tests.fakes.samples import NOW, a_creative, a_job
from tools.domain.failures import Failure
from tools.domain.identity import MessageId
from tools.domain.jobs import Stage
from tools.domain.money import Money
from tools.domain.transitions import approved, entered, failed, finished, proposed, queued


@pytest.fixture
def records(journal: Journal) -> Jobs:
    return Jobs(journal, budget=Money.usd("100"))


async def test_an_empty_studio_holds_nothing(journal: Journal):
    assert await journal.read(standing) == Standing(live={}, reserved=Money())


async def test_films_are_counted_by_stage_and_what_is_over_is_not(journal: Journal, records: Jobs):
    waiting = await records.add(proposed(a_job("job-1", price="0.60"), "price", expires_at=NOW))
    await records.add(queued(a_job("job-2", price="0.40")))
    begun = await records.add(queued(a_job("job-3", price="0.30")))
    await records.commit(entered(begun, Stage.RENDERING, at=NOW))
    over = await records.add(queued(a_job("job-4", price="0.20")))
    film = replace(a_creative(over), cost=Money.usd("0.20"))
    await records.commit(finished(over, film, announcement_id=MessageId("m"), at=NOW))
    broken = await records.add(queued(a_job("job-5", price="0.10")))
    no = Failure(code="internal", message="No.", retryable=True)
    await records.commit(failed(broken, no, at=NOW))

    stands = await journal.read(standing)
    assert stands.live == {Stage.PROPOSED: 1, Stage.QUEUED: 1, Stage.RENDERING: 1}
    assert stands.reserved == Money.usd("0.70")

    await records.commit(approved(waiting))
    stands = await journal.read(standing)
    assert stands.live == {Stage.QUEUED: 2, Stage.RENDERING: 1}
    assert stands.reserved == Money.usd("1.30")


async def test_what_is_over_is_never_walked(database: Database):
    def plan(connection: sa.Connection) -> str:
        asked = store._LIVE.compile(connection, compile_kwargs={"literal_binds": True})
        return " ".join(
            str(row) for row in connection.exec_driver_sql(f"explain query plan {asked}")
        )

    told = await database.read(plan)
    assert "jobs_by_stage" in told
    assert "SCAN" not in told
