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
from tests.fakes.samples import (
    NOW,
    REFERENCE,
    SESSION,
    a_chained_quote,
    a_creative,
    a_job,
    a_purchase,
    a_request,
    clips_of,
    keep_session,
)
from tools.domain.clips import Outcome
from tools.domain.identity import (
    JobId,
    MessageId,
    PredictionId,
    SessionId,
    TenantId,
    UploadId,
    UserId,
)
from tools.domain.jobs import Change, OrderEnd, Origin, Plan, Stage
from tools.domain.money import Money
from tools.domain.transitions import (
    approved,
    bought,
    cancelling,
    collected,
    declined,
    entered,
    fenced,
    finished,
    order_ended,
    plan_after,
    proposed,
    proposed_anew,
    queued,
    switched,
)
from tools.errors import BudgetExceeded, IdempotencyMismatch, NotFound
from tools.rendering.ports import JobMoved, JobRecords, Places, PredictionTaken, ProgramKey

OTHER_SESSION = SessionId("session-2")
ELSEWHERE = replace(REFERENCE, upload_id=None, path=None, given_url="https://a.example")
PROGRAM_KEY = ProgramKey(text="key", asked="a film of a kettle")
FAILED = OrderEnd(outcome=Outcome.FAILED, charged="no", cost=Money())


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

    @pytest.mark.parametrize(
        "other",
        [
            {"origin": Origin.PROGRAM},
            {"request": a_request(references=(REFERENCE,))},
            {"request": a_request(references=(replace(REFERENCE, upload_id=UploadId("u-2")),))},
            {"request": a_request(references=(ELSEWHERE,))},
            {"request": a_request(references=(replace(ELSEWHERE, given_url="https://b.example"),))},
        ],
    )
    async def test_who_asked_and_with_which_images_is_part_of_what_was_asked(self, kept, other):
        both = (a_request(), a_request(references=(REFERENCE, ELSEWHERE)))
        for number, request in enumerate(both):
            await kept.records.add(
                queued(a_job(f"job-{number}", request=request)), key=f"key-{number}"
            )

            with pytest.raises(IdempotencyMismatch):
                await kept.records.add(queued(a_job("job-9", **other)), key=f"key-{number}")

    async def test_the_same_image_under_a_newer_address_is_the_same_request(self, kept):
        newer = replace(REFERENCE, given_url="https://studio.example/newer")
        for number, reference in enumerate((REFERENCE, newer)):
            request = a_request(references=(reference,))
            job = queued(a_job(f"job-{number}", request=request))

            assert (await kept.records.add(job, key="key")).id == "job-0"

    async def test_a_key_counts_within_its_session_alone(self, kept):
        await kept.records.add(queued(a_job("job-1")), key="key")
        elsewhere = await kept.records.add(
            queued(a_job("job-2", session_id=OTHER_SESSION)), key="key"
        )

        assert elsewhere.id == "job-2"

    async def test_a_programs_key_counts_in_every_session_of_its_user(self, kept):
        first = await kept.records.add(queued(a_job("job-1")), key=PROGRAM_KEY)
        elsewhere = queued(a_job("job-2", session_id=OTHER_SESSION))

        assert await kept.records.add(elsewhere, key=PROGRAM_KEY) == first

    @pytest.mark.parametrize(
        "other", [{"user_id": UserId("bob")}, {"tenant_id": TenantId("tenant-2")}]
    )
    async def test_a_programs_key_counts_for_nobody_else(self, kept, other):
        await kept.records.add(queued(a_job("job-1")), key=PROGRAM_KEY)
        theirs = await kept.records.add(queued(a_job("job-2", **other)), key=PROGRAM_KEY)

        assert theirs.id == "job-2"

    async def test_something_else_under_a_programs_key_is_refused(self, kept):
        await kept.records.add(queued(a_job("job-1")), key=PROGRAM_KEY)

        with pytest.raises(IdempotencyMismatch) as refused:
            await kept.records.add(queued(a_job("job-2")), key=replace(PROGRAM_KEY, asked="other"))
        assert refused.value.field == "Idempotency-Key"

    async def test_two_at_once_under_a_programs_key_are_one_job(self, kept):
        jobs = (queued(a_job(f"job-{number}")) for number in range(5))
        added = await asyncio.gather(*(kept.records.add(each, key=PROGRAM_KEY) for each in jobs))

        assert len({each.id for each in added}) == 1
        assert await kept.told() == ["video.queued"]

    async def test_what_a_program_and_a_person_call_the_same_are_two(self, kept):
        await kept.records.add(queued(a_job("job-1")), key=PROGRAM_KEY)

        assert (await kept.records.add(queued(a_job("job-2")), key="key")).id == "job-2"

    async def test_a_programs_key_of_a_refused_request_is_free_again(self, kept):
        with pytest.raises(BudgetExceeded):
            await kept.records.add(queued(a_job("job-1", price="1.01")), key=PROGRAM_KEY)

        again = await kept.records.add(queued(a_job("job-2")), key=PROGRAM_KEY)
        assert again.id == "job-2"

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

    async def test_a_chained_film_comes_back_with_its_clips_in_order(self, kept):
        job = a_job(quote=a_chained_quote("0.10", clips=10))
        await kept.records.add(queued(job))

        loaded = await kept.records.load(job.id)
        assert loaded.clips == job.clips
        assert [clip.number for clip in loaded.clips] == list(range(1, 11))

    async def test_every_step_of_a_clip_is_there_after_it_was_committed(self, kept):
        job = await kept.records.add(queued(a_job(quote=a_chained_quote("0.10", clips=2))))
        for step in (
            lambda each: fenced(each, life="life-1", at=NOW),
            lambda each: bought(each, PredictionId("p-1"), at=NOW),
            lambda each: collected(each, cost=Money.usd("0.10"), took_s=41.5, at=NOW),
            lambda each: fenced(each, life="life-2", at=NOW),
        ):
            job = await kept.records.commit(step(job))

            assert await kept.records.load(job.id) == job

    async def test_another_plan_takes_the_place_of_the_clips_that_were_not_made(self, kept):
        job = await self._with_one_of_three_clips(kept)
        quote = a_chained_quote("0.05", clips=1)
        plan = plan_after(job, FAILED, at=NOW, quote=quote, clips=clips_of(quote, provider="other"))
        await kept.records.commit(switched(job, plan, stage=Stage.SUBMITTING))

        loaded = await kept.records.load(job.id)
        assert [(clip.number, clip.provider) for clip in loaded.clips] == [
            (1, "local"),
            (2, "other"),
        ]
        assert loaded.clips[0] == job.clips[0]

    async def test_a_clip_that_counts_anew_keeps_its_order(self, kept):
        job = await kept.records.add(queued(a_job(quote=a_chained_quote("0.10", clips=2))))
        first, second = job.clips
        clips = (first, replace(second, prediction_id=PredictionId("p-1")))
        job = await kept.records.commit(Change(job=replace(job, version=2, clips=clips)))
        clips = (replace(clips[1], number=1), replace(first, number=2))
        job = await kept.records.commit(Change(job=replace(job, version=3, clips=clips)))

        assert await kept.records.load(job.id) == job

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
        await kept.records.commit(bought(first, PredictionId("p-1"), at=NOW))

        with pytest.raises(PredictionTaken):
            await kept.records.commit(bought(second, PredictionId("p-1"), at=NOW))
        assert await kept.records.load(second.id) == second
        assert await kept.told() == ["video.queued", "video.queued", "video.changed"]

    async def test_two_clips_of_a_job_cannot_have_one_prediction(self, kept):
        job = await self._with_one_of_three_clips(kept)

        with pytest.raises(PredictionTaken):
            await kept.records.commit(bought(job, PredictionId("p-1"), at=NOW))
        assert await kept.records.load(job.id) == job

    async def test_a_prediction_stays_taken_when_its_order_came_to_nothing(self, kept):
        first = await kept.records.add(queued(a_job("job-1")))
        second = await kept.records.add(queued(a_job("job-2")))
        first = await kept.records.commit(bought(first, PredictionId("p-1"), at=NOW))
        await kept.records.commit(order_ended(first, FAILED, at=NOW))

        with pytest.raises(PredictionTaken):
            await kept.records.commit(bought(second, PredictionId("p-1"), at=NOW))

    async def test_a_clip_cannot_be_given_somebody_elses_prediction_without_an_order(self, kept):
        first = await kept.records.add(queued(a_job("job-1")))
        second = await kept.records.add(queued(a_job("job-2")))
        taken = bought(first, PredictionId("p-1"), at=NOW)
        await kept.records.commit(taken)

        stolen = Change(job=replace(taken.job, id=second.id))
        with pytest.raises(PredictionTaken):
            await kept.records.commit(stolen)
        assert await kept.records.load(second.id) == second

    async def test_an_order_is_known_from_its_purchase_to_its_end(self, kept):
        job = await kept.records.add(queued(a_job(price="0.60")))
        job = await kept.records.commit(bought(job, PredictionId("p-1"), at=NOW))
        before = await kept.records.purchase(PredictionId("p-1"))
        later = NOW + timedelta(seconds=42)
        spent = Money.usd("0.55")
        await kept.records.commit(collected(job, cost=spent, took_s=41.5, at=later))

        assert before == a_purchase("p-1")
        assert await kept.records.purchase(PredictionId("p-1")) == a_purchase(
            "p-1", outcome=Outcome.RENDERED, ended_at=later, cost=spent, took_s=41.5
        )

    async def test_an_order_that_came_to_nothing_is_known_beside_the_next_one(self, kept):
        job = await kept.records.add(queued(a_job()))
        job = await kept.records.commit(bought(job, PredictionId("p-1"), at=NOW))
        job = await kept.records.commit(order_ended(job, FAILED, at=NOW))
        await kept.records.commit(bought(job, PredictionId("p-2"), at=NOW))

        outcomes = [(await kept.records.purchase(PredictionId(f"p-{n}"))).outcome for n in (1, 2)]
        assert outcomes == [Outcome.FAILED, Outcome.RENDERING]

    async def test_nobodys_order_is_nobodys(self, kept):
        assert await kept.records.purchase(PredictionId("p-nowhere")) is None

    async def test_a_stray_order_is_kept_beside_its_job(self, kept):
        stray = a_purchase("p-9", outcome=Outcome.STRAY, job_id=JobId("job-nowhere"), clip=3)
        await kept.records.keep_purchase(stray)

        assert await kept.records.purchase(PredictionId("p-9")) == stray

    async def test_a_known_order_does_not_become_a_stray_one(self, kept):
        job = await kept.records.add(queued(a_job()))
        await kept.records.commit(bought(job, PredictionId("p-1"), at=NOW))
        await kept.records.keep_purchase(a_purchase("p-1", outcome=Outcome.STRAY, clip=7))

        assert await kept.records.purchase(PredictionId("p-1")) == a_purchase("p-1")

    async def test_a_stray_order_cannot_be_bought_for_another_clip(self, kept):
        job = await kept.records.add(queued(a_job()))
        await kept.records.keep_purchase(a_purchase("p-1", outcome=Outcome.STRAY, clip=7))

        with pytest.raises(PredictionTaken):
            await kept.records.commit(bought(job, PredictionId("p-1"), at=NOW))

    async def test_times_are_those_of_the_same_model_and_length_newest_first(self, kept):
        made = a_purchase(outcome=Outcome.RENDERED)
        orders = (
            made,
            replace(made, took_s=30.0),
            replace(made, took_s=40.0),
            replace(made, took_s=50.0, seconds=4),
            replace(made, took_s=60.0, model_key="veo-3.1"),
            replace(made, took_s=70.0, outcome=Outcome.FAILED),
        )
        for number, order in enumerate(orders):
            ended_at = NOW + timedelta(minutes=number)
            prediction_id = PredictionId(f"p-{number}")
            await kept.records.keep_purchase(
                replace(order, prediction_id=prediction_id, ended_at=ended_at)
            )

        assert await kept.records.times("draft", 6) == (40.0, 30.0)
        assert await kept.records.times("nothing", 6) == ()

    async def test_times_are_of_the_last_twenty(self, kept):
        for number in range(25):
            ended_at = NOW + timedelta(minutes=number)
            facts = {"ended_at": ended_at, "took_s": float(number), "outcome": Outcome.RENDERED}
            await kept.records.keep_purchase(a_purchase(f"p-{number}", **facts))

        assert await kept.records.times("draft", 6) == tuple(float(n) for n in range(24, 4, -1))

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

    async def test_a_proposal_holds_nothing_back(self, kept):
        await kept.records.add(_asked_first(a_job("job-1", price="0.90")))

        await kept.records.add(queued(a_job("job-2", price="0.90")))

    async def test_a_proposal_that_nobody_could_agree_to_is_refused(self, kept):
        await kept.records.add(queued(a_job("job-1", price="0.60")))

        with pytest.raises(BudgetExceeded):
            await kept.records.add(_asked_first(a_job("job-2", price="0.60")))
        with pytest.raises(NotFound):
            await kept.records.load(JobId("job-2"))

    async def test_a_yes_holds_the_price_back_or_comes_too_late(self, kept):
        first, second = [
            await kept.records.add(_asked_first(a_job(f"job-{n}", price="0.60"))) for n in (1, 2)
        ]
        await kept.records.commit(approved(first))

        with pytest.raises(BudgetExceeded):
            await kept.records.commit(approved(second))
        assert await kept.records.load(second.id) == second

    async def test_of_ten_yeses_at_once_only_what_is_left_is_held_back(self, kept):
        asked = [
            await kept.records.add(_asked_first(a_job(f"job-{n}", price="0.40"))) for n in range(10)
        ]
        outcomes = await asyncio.gather(
            *(kept.records.commit(approved(job)) for job in asked), return_exceptions=True
        )

        assert sum(isinstance(outcome, BudgetExceeded) for outcome in outcomes) == 8

    async def test_a_no_leaves_everything_to_spend(self, kept):
        asked = await kept.records.add(_asked_first(a_job("job-1", price="0.60")))
        await kept.records.commit(declined(asked, at=NOW))

        await kept.records.add(queued(a_job("job-2", price="1.00")))

    async def test_a_yes_in_the_middle_of_a_chain_counts_what_was_held_back_as_free(self, kept):
        job = await self._with_one_of_three_clips(kept)
        asked = await kept.records.commit(_dearer(job, "1.00"))

        await kept.records.commit(approved(asked))
        with pytest.raises(BudgetExceeded):
            await kept.records.add(queued(a_job("job-2", price="0.01")))

    async def test_a_yes_to_more_than_is_left_is_refused_and_changes_nothing(self, kept):
        job = await self._with_one_of_three_clips(kept)
        asked = await kept.records.commit(_dearer(job, "1.01"))

        with pytest.raises(BudgetExceeded):
            await kept.records.commit(approved(asked))
        assert await kept.records.load(job.id) == asked
        await kept.records.add(queued(a_job("job-2", price="0.70")))

    async def test_a_no_in_the_middle_of_a_chain_settles_what_was_spent(self, kept):
        job = await self._with_one_of_three_clips(kept)
        asked = await kept.records.commit(_dearer(job, "1.00"))
        await kept.records.commit(declined(asked, at=NOW))

        with pytest.raises(BudgetExceeded, match=r"\$0.90 left"):
            await kept.records.add(queued(a_job("job-2", price="0.91")))

    async def test_a_finished_film_settles_what_it_held_back(self, kept):
        await _finish(kept, a_job("job-1", price="0.60"))

        with pytest.raises(BudgetExceeded):
            await kept.records.add(queued(a_job("job-2", price="0.60")))
        await kept.records.add(queued(a_job("job-3", price="0.40")))

    async def _with_one_of_three_clips(self, kept):
        """A job that agreed to 0.30, of which 0.10 is spent on its first clip."""
        job = await kept.records.add(queued(a_job(quote=a_chained_quote("0.10", clips=3))))
        job = await kept.records.commit(bought(job, PredictionId("p-1"), at=NOW))
        return await kept.records.commit(
            collected(job, cost=Money.usd("0.10"), took_s=None, at=NOW)
        )

    async def test_a_film_takes_a_place_when_there_is_one(self, kept):
        first, second = await self._two_in_line(kept)

        assert await kept.records.admit(_begin(first), ONE_PLACE) == 0
        assert await kept.records.admit(_begin(second), ONE_PLACE) == 1
        assert (await kept.records.load(first.id)).stage is Stage.SUBMITTING
        assert await kept.records.load(second.id) == second
        assert await kept.told() == ["video.queued", "video.queued", "video.changed"]

    async def test_a_film_that_moved_is_not_let_in_nor_given_a_place_in_the_line(self, kept):
        first, second = await self._two_in_line(kept)
        await kept.records.admit(_begin(first), ONE_PLACE)
        for late in (first, second):
            await kept.records.commit(cancelling(await kept.records.load(late.id)))

            with pytest.raises(JobMoved):
                await kept.records.admit(_begin(late), ONE_PLACE)

    async def test_of_ten_that_ask_at_once_as_many_are_let_in_as_there_are_places(self, kept):
        waiting = [
            await kept.records.add(queued(a_job(f"job-{n}", user_id=UserId(f"user-{n}"))))
            for n in range(10)
        ]
        places = Places(of_provider=4, of_user=1)
        found = await asyncio.gather(*(kept.records.admit(_begin(job), places) for job in waiting))

        assert found == [0, 0, 0, 0, 1, 2, 3, 4, 5, 6]

    async def _two_in_line(self, kept):
        return [
            await kept.records.add(queued(a_job(f"job-{n}", created_at=NOW.replace(second=n))))
            for n in (1, 2)
        ]


ONE_PLACE = Places(of_provider=1, of_user=None)


def _begin(job):
    return entered(job, Stage.SUBMITTING, at=NOW)


def _asked_first(job):
    return proposed(job, "price", expires_at=NOW + timedelta(hours=24))


def _dearer(job, price):
    """The rest of the film by another model, at this price for the whole."""
    quote = a_chained_quote(price, clips=1)
    plan = Plan(
        request=job.request, quote=quote, provider="other", clips=job.clips, spent=job.spent
    )
    return proposed_anew(job, "fallback", plan=plan, expires_at=NOW + timedelta(hours=24))


async def _finish(kept: SqlJobs, job):
    added = await kept.records.add(queued(job))
    creative = a_creative(added, f"video-{added.id}")
    change = finished(added, creative, announcement_id=MessageId("msg-1"), at=NOW)
    return await kept.records.commit(change)
