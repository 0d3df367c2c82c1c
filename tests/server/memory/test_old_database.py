"""A studio of the first revision, stopped in the middle of everything, comes up with this one.

`studio-0001.sql` was written by that revision's own code: films at every stage, some that were over.
"""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from server.memory import creatives, jobs, ledger, purchases, timeline, uploads
from server.memory.database import Database
from server.memory.journal import Transaction
from server.memory.ledger import Balance
from server.memory.migrate import HEAD, current_revision, migrate
from server.memory.usage import Usage, usage
from tests.fakes.samples import CAMPAIGN, NOW, SESSION, TENANT, UPLOAD, clips_of
from tools.domain.clips import Outcome
from tools.domain.identity import JobId, PredictionId
from tools.domain.jobs import Stage
from tools.domain.money import Money

OVER = {"finished": Stage.FINISHED, "failed": Stage.FAILED, "cancelled": Stage.CANCELLED}
ALIVE = {
    "queued": Stage.QUEUED,
    "leaving": Stage.QUEUED,
    "submitting": Stage.SUBMITTING,
    "rendering": Stage.RENDERING,
    # Its film was only about to be fetched: it is watched, and then fetched, once more.
    "storing": Stage.RENDERING,
}
BOUGHT = {
    "finished": Outcome.RENDERED,
    "failed": Outcome.FAILED,
    "rendering": Outcome.RENDERING,
    "storing": Outcome.RENDERING,
}


@pytest.fixture
def old_file(tmp_path):
    file = tmp_path / "reelroom.sqlite3"
    before = sqlite3.connect(file)
    before.executescript((Path(__file__).parent / "studio-0001.sql").read_text("utf-8"))
    before.close()
    return file


@pytest.fixture
async def old(old_file):
    """The old studio's database, opened by this one."""
    database = Database(old_file)
    await database.open(migrate)
    yield database
    await database.close()


async def _job(old, name):
    return await old.read(lambda tables: jobs.find(tables, JobId(f"job-{name}")))


async def _ask(old, question: str):
    return await old.read(lambda tables: tables.execute(sa.text(question)).all())


async def test_it_is_of_this_revision_now_and_every_reference_holds(old):
    assert await old.read(current_revision) == HEAD
    assert await _ask(old, "pragma foreign_key_check") == []
    assert await _ask(old, "pragma integrity_check") == [("ok",)]


async def test_nothing_that_was_kept_is_lost(old):
    for table, count in {
        "jobs": 8,
        "creatives": 1,
        "ledger": 8,
        "commands": 8,
        "uploads": 1,
    }.items():
        assert await _ask(old, f"select count(*) from {table}") == [(count,)], table


async def test_the_timeline_reads_as_before(old):
    page = await old.read(lambda tables: timeline.read(tables, SESSION))

    assert [entry.seq for entry in page.entries] == list(range(1, page.head + 1))


@pytest.mark.parametrize(("name", "stage"), OVER.items())
async def test_a_film_that_was_over_stays_readable_and_has_nothing_left_to_make(old, name, stage):
    job = await _job(old, name)

    assert (job.stage, job.clips, job.clip) == (stage, (), None)


async def test_a_finished_film_is_in_the_list_as_before(old):
    job = await _job(old, "finished")

    listed = await old.read(lambda tables: creatives.of_campaign(tables, TENANT, CAMPAIGN))
    assert listed == (job.creative,)


@pytest.mark.parametrize(("name", "stage"), ALIVE.items())
async def test_a_film_that_was_being_made_is_one_clip_of_its_quote(old, name, stage):
    job = await _job(old, name)
    prediction_id = PredictionId(f"draft-{name}") if name in BOUGHT else None

    (clip,) = job.clips
    (planned,) = clips_of(job.quote)
    assert job.stage is stage
    assert clip.prediction_id == prediction_id
    assert (clip.number, clip.seconds, clip.price) == (1, planned.seconds, planned.price)
    assert (clip.model_key, clip.provider) == (job.quote.model_key, job.provider)
    assert (clip.bought_at is not None) == (prediction_id is not None)
    assert not clip.is_collected


@pytest.mark.parametrize(("name", "stage"), ALIVE.items())
async def test_a_film_that_was_being_made_can_be_moved_on(old, name, stage):
    job = await _job(old, name)
    await old.write(lambda each: _commit_as_it_is(each, job))

    assert (await _job(old, name)).version == job.version + 1


@pytest.mark.parametrize(("name", "outcome"), BOUGHT.items())
async def test_every_order_has_its_owner_for_ever(old, name, outcome):
    found = await old.read(lambda tables: purchases.find(tables, PredictionId(f"draft-{name}")))

    assert (found.job_id, found.clip, found.outcome) == (f"job-{name}", 1, outcome)
    assert (found.ended_at is not None) == (name in OVER)
    assert found.took_s is None


async def test_only_those_that_were_being_made_are_driven_on(old):
    found = await old.read(jobs.unfinished_ids)

    assert set(found) == {f"job-{name}" for name in ALIVE}


async def test_who_asked_and_who_makes_it_can_be_counted(old):
    rows = await _ask(old, "select id, user_id, provider, cancel_requested from jobs")

    assert {row.id: row.user_id for row in rows if row.user_id != "ada"} == {"job-queued": "bob"}
    assert {row.provider for row in rows} == {"local"}
    assert {row.id for row in rows if row.cancel_requested} == {"job-leaving", "job-cancelled"}


async def test_the_books_know_their_users(old):
    rows = await _ask(old, "select user_id, count(*) from ledger group by user_id")

    assert dict(tuple(row) for row in rows) == {"ada": 7, "bob": 1}


async def test_what_is_stored_is_counted(old):
    used = await old.read(lambda tables: usage(tables, TENANT, CAMPAIGN))
    balance = await old.read(lambda tables: ledger.balance(tables, TENANT, CAMPAIGN))

    assert used == Usage(
        spent=Money(), reserved=Money(), bytes_stored=1_000_000 + UPLOAD.size_bytes
    )
    assert balance == Balance(spent=Money(), reserved=Money())


async def test_an_image_was_used_when_a_film_was_last_asked_for_with_it(old):
    (row,) = await _ask(old, "select used_at from uploads")
    (last,) = await _ask(old, "select max(created_at) from jobs")
    unused = await old.read(lambda tables: uploads.unused_since(tables, NOW + timedelta(days=31)))

    assert tuple(row) == tuple(last)
    assert unused == ()


async def test_a_database_that_cannot_be_brought_up_stays_as_it_was(old_file):
    _run_in(old_file, "update uploads set data = 'no json'")
    before = _run_in(old_file, "select sql from sqlite_master order by name")
    database = Database(old_file)
    with pytest.raises(ValueError, match="Expecting value"):
        await database.open(migrate)
    await database.close()

    assert _run_in(old_file, "select sql from sqlite_master order by name") == before
    assert _run_in(old_file, "select version_num from alembic_version") == [("0001",)]


def _run_in(file, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection, connection:
        return connection.execute(statement).fetchall()


def _commit_as_it_is(connection, job):
    jobs.move(Transaction(connection=connection, now=NOW), replace(job, version=job.version + 1))
