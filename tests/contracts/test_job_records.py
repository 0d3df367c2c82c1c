"""What every memory of jobs promises the studio, whatever keeps it."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from server.memory import creatives, timeline
from server.memory.database import Database
from server.memory.journal import Journal
from server.memory.migrate import migrate
from server.memory.records import Jobs
from tests.fakes.samples import NOW, SESSION, a_creative, a_job, a_request, keep_session
from tools.domain.identity import JobId, MessageId, PredictionId, SessionId
from tools.domain.jobs import Change, Stage
from tools.domain.money import Money
from tools.domain.transitions import bought, cancelling, entered, finished, queued
from tools.errors import BudgetExceeded, IdempotencyMismatch, NotFound
from tools.rendering.ports import JobMoved, JobRecords

OTHER_SESSION = SessionId("session-2")


class SqlJobs:
    """The records under test, and a way to look at what they told and kept."""

    def __init__(self, journal: Journal) -> None:
        self.records: JobRecords = Jobs(journal, budget=Money.usd("1.00"))
        self._journal = journal

    async def told(self) -> list[str]:
        page = await self._journal.read(lambda tables: timeline.read(tables, SESSION))
        return [entry.event.name for entry in page.entries]

    async def creatives(self) -> int:
        return len(await self._journal.read(lambda tables: creatives.of_session(tables, SESSION)))


@pytest.fixture(params=["sqlite"])
async def kept(tmp_path):
    database = Database(tmp_path / "memory.sqlite3")
    await database.open(migrate)
    for session_id in (SESSION, OTHER_SESSION):
        await database.write(partial(keep_session, session_id=session_id))
    yield SqlJobs(Journal(database, clock=lambda: NOW, announce=lambda _told: None))
    await database.close()


class TestJobRecords:
    async def test_a_job_comes_back_as_it_was_added(self, kept):
        job = await kept.records.add(queued(a_job()))

        assert await kept.records.load(job.id) == job == a_job()
        assert await kept.told() == ["video.queued"]

    async def test_a_job_that_is_not_there_is_not_found(self, kept):
        with pytest.raises(NotFound):
            await kept.records.load(JobId("job-nowhere"))

    async def test_the_same_key_again_gives_the_first_job_and_adds_nothing(self, kept):
        first = await kept.records.add(queued(a_job("job-1")), key="key")
        again = await kept.records.add(queued(a_job("job-2")), key="key")

        assert again == first
        assert await kept.told() == ["video.queued"]

    async def test_the_same_key_gives_the_first_job_as_it_is_now(self, kept):
        first = await kept.records.add(queued(a_job("job-1")), key="key")
        moved = await kept.records.commit(entered(first, Stage.SUBMITTING, at=NOW))

        assert await kept.records.add(queued(a_job("job-2")), key="key") == moved

    async def test_another_request_under_the_same_key_is_refused(self, kept):
        await kept.records.add(queued(a_job("job-1")), key="key")
        other = a_job("job-2", request=a_request(prompt="something else"))

        with pytest.raises(IdempotencyMismatch):
            await kept.records.add(queued(other), key="key")

    async def test_a_key_counts_within_its_session_alone(self, kept):
        await kept.records.add(queued(a_job("job-1")), key="key")
        elsewhere = await kept.records.add(
            queued(a_job("job-2", session_id=OTHER_SESSION)), key="key"
        )

        assert elsewhere.id == "job-2"

    async def test_a_key_of_a_refused_request_is_free_again(self, kept):
        with pytest.raises(BudgetExceeded):
            await kept.records.add(queued(a_job("job-1", price="1.01")), key="key")

        assert (await kept.records.add(queued(a_job("job-2")), key="key")).id == "job-2"

    async def test_ten_at_once_under_one_key_are_one_job(self, kept):
        jobs = await asyncio.gather(
            *(kept.records.add(queued(a_job(f"job-{n}")), key="key") for n in range(10))
        )

        assert len({job.id for job in jobs}) == 1
        assert await kept.told() == ["video.queued"]

    async def test_a_change_and_its_telling_are_kept_together(self, kept):
        job = await kept.records.add(queued(a_job()))
        moved = await kept.records.commit(entered(job, Stage.SUBMITTING, at=NOW))

        assert await kept.records.load(job.id) == moved
        assert await kept.told() == ["video.queued", "video.changed"]

    async def test_a_change_without_words_is_kept_too(self, kept):
        job = await kept.records.add(queued(a_job()))
        await kept.records.commit(cancelling(job))

        assert (await kept.records.load(job.id)).cancel_requested
        assert await kept.told() == ["video.queued"]

    async def test_whoever_comes_second_is_told_and_changes_nothing(self, kept):
        job = await kept.records.add(queued(a_job()))
        first = await kept.records.commit(cancelling(job))

        with pytest.raises(JobMoved):
            await kept.records.commit(entered(job, Stage.SUBMITTING, at=NOW))
        assert await kept.records.load(job.id) == first
        assert await kept.told() == ["video.queued"]

    async def test_of_ten_changes_at_once_one_is_kept(self, kept):
        job = await kept.records.add(queued(a_job()))
        outcomes = await asyncio.gather(
            *(kept.records.commit(entered(job, Stage.SUBMITTING, at=NOW)) for _ in range(10)),
            return_exceptions=True,
        )

        assert sum(isinstance(outcome, JobMoved) for outcome in outcomes) == 9
        assert await kept.told() == ["video.queued", "video.changed"]

    async def test_a_job_that_is_not_there_cannot_be_moved(self, kept):
        with pytest.raises(JobMoved):
            await kept.records.commit(cancelling(a_job("job-nowhere")))

    async def test_the_end_of_a_film_is_one_change(self, kept):
        await _finish(kept, a_job())

        assert await kept.told() == ["video.queued", "creative.added", "message.added"]
        assert await kept.creatives() == 1

    async def test_a_second_creative_for_the_same_job_changes_nothing(self, kept):
        done = await _finish(kept, a_job())
        second = replace(done, version=done.version + 1, creative=a_creative(done, "video-2"))

        with pytest.raises(Exception, match="UNIQUE"):
            await kept.records.commit(Change(job=second))
        assert await kept.records.load(done.id) == done
        assert await kept.creatives() == 1

    async def test_two_jobs_cannot_have_one_prediction(self, kept):
        first = await kept.records.add(queued(a_job("job-1")))
        second = await kept.records.add(queued(a_job("job-2")))
        await kept.records.commit(bought(first, PredictionId("p-1")))

        with pytest.raises(Exception, match="UNIQUE"):
            await kept.records.commit(bought(second, PredictionId("p-1")))
        assert await kept.records.load(second.id) == second

    async def test_jobs_that_are_not_over_are_named_oldest_first(self, kept):
        for number, seconds in ((1, 30), (2, 10), (3, 20)):
            created_at = NOW.replace(second=seconds)
            await kept.records.add(queued(a_job(f"job-{number}", created_at=created_at)))
        await _finish(kept, a_job("job-4"))

        assert await kept.records.unfinished() == ("job-2", "job-3", "job-1")

    async def test_what_was_asked_for_since_a_moment_is_found_by_session(self, kept):
        for number, minutes in enumerate((0, 5, 9)):
            job = replace(a_job(f"job-{number}"), created_at=NOW + timedelta(minutes=minutes))
            await kept.records.add(queued(job))
        await kept.records.add(queued(replace(a_job("job-9"), session_id=OTHER_SESSION)))

        found = await kept.records.asked_since(SESSION, NOW + timedelta(minutes=5))

        assert [job.id for job in found] == ["job-1", "job-2"]

    async def test_a_finished_film_settles_what_it_held_back(self, kept):
        await _finish(kept, a_job("job-1", price="0.60"))

        with pytest.raises(BudgetExceeded):
            await kept.records.add(queued(a_job("job-2", price="0.60")))
        await kept.records.add(queued(a_job("job-3", price="0.40")))


async def _finish(kept: SqlJobs, job):
    added = await kept.records.add(queued(job))
    creative = a_creative(added, f"video-{added.id}")
    change = finished(added, creative, announcement_id=MessageId("msg-1"), at=NOW)
    return await kept.records.commit(change)
