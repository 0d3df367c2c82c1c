import asyncio
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.memory.line import Person, Waiting, place_of
from server.memory.records import Jobs
from tests.fakes.samples import NOW, a_job, keep_session
from tests.patience import IN_THE_END_S
from tools.domain.identity import JobId, SessionId, TenantId, UserId
from tools.domain.jobs import Stage
from tools.domain.money import Money
from tools.domain.transitions import cancelling, entered, proposed, queued
from tools.rendering.ports import Places


def person(name: str) -> Person:
    return Person(TenantId("acme"), UserId(name))


def line_of(names: str) -> list[Waiting]:
    """`"aab"`: two films of a, then one of b. Their ids are their places in the line, from 0."""
    return [Waiting(JobId(str(place)), person(name)) for place, name in enumerate(names)]


NOBODY: dict[str, int] = {}


@pytest.mark.parametrize(
    ("line", "running", "free", "of_user", "answers"),
    [
        ("abc", NOBODY, 3, None, [0, 0, 0]),
        ("abc", NOBODY, 1, None, [0, 2, 3]),
        ("abc", NOBODY, 0, None, [1, 2, 3]),
        ("abc", NOBODY, -2, None, [1, 2, 3]),
        ("aaaa", NOBODY, None, None, [0, 0, 0, 0]),
        ("aaab", NOBODY, None, 1, [0, 2, 3, 0]),
        ("aaab", NOBODY, 2, 1, [0, 2, 3, 0]),
        ("aaab", NOBODY, 1, 1, [0, 2, 3, 2]),
        ("aaab", {"a": 1}, 1, 1, [1, 2, 3, 0]),
        ("aabb", {"a": 1, "b": 1}, 5, 1, [1, 2, 1, 2]),
        ("aabb", {"a": 1}, 5, 2, [0, 2, 0, 0]),
        ("abab", {"a": 2}, 1, 2, [1, 0, 3, 2]),
    ],
)
def test_first_come_first_served_and_whoever_has_all_their_places_is_passed_over(
    line, running, free, of_user, answers
):
    waiting = line_of(line)
    taken = {person(name): films for name, films in running.items()}

    found = [
        place_of(each.job_id, waiting, running=taken, free=free, of_user=of_user)
        for each in waiting
    ]

    assert found == answers


LINES = st.text("abc", min_size=1, max_size=12)
RUNNING = st.dictionaries(st.sampled_from("abc"), st.integers(0, 3))
FREE = st.none() | st.integers(0, 6)
OF_USER = st.none() | st.integers(0, 3)


@given(line=LINES, running=RUNNING, free=FREE, of_user=OF_USER, turns=st.randoms())
def test_whoever_asks_when_and_how_often_the_same_films_begin(line, running, free, of_user, turns):
    begun = set()
    for begins in (range(len(line)), turns.sample(range(len(line)), len(line)) * len(line)):
        begun.add(frozenset(_let_in(line_of(line), begins, running, free, of_user)))

    assert len(begun) == 1
    (films,) = begun
    assert free is None or len(films) <= free
    for name in "abc":
        of_one = [place for place in films if line[int(place)] == name]
        assert of_user is None or not of_one or len(of_one) + running.get(name, 0) <= of_user


@given(line=LINES, running=RUNNING, free=FREE, of_user=OF_USER)
def test_a_place_stays_empty_only_when_nobody_may_take_it(line, running, free, of_user):
    films = _let_in(line_of(line), range(len(line)), running, free, of_user)
    if free is not None and len(films) == free:
        return

    left_out = {line[place] for place in range(len(line)) if str(place) not in films}
    for name in left_out:
        of_one = sum(line[int(place)] == name for place in films)
        assert of_user is not None
        assert of_one + running.get(name, 0) >= of_user


def _let_in(line, begins, running, free, of_user):
    """Who has begun after all have asked, in the order `begins`, each film that is let in beginning."""
    taken = {person(name): films for name, films in running.items()}
    begun: list[str] = []
    for place in begins:
        waiting = [each for each in line if each.job_id not in begun]
        if all(each.job_id != str(place) for each in waiting):
            continue
        left = None if free is None else free - len(begun)
        if place_of(JobId(str(place)), waiting, running=taken, free=left, of_user=of_user) == 0:
            begun.append(str(place))
            taken[line[place].person] = taken.get(line[place].person, 0) + 1
    return begun


@pytest.fixture
def records(journal):
    return Jobs(journal, budget=Money.usd("100"))


async def _wait(records, number, *, user="ada", **facts):
    created_at = NOW + timedelta(seconds=number)
    job = a_job(f"job-{number}", user_id=UserId(user), created_at=created_at, **facts)
    return await records.add(queued(job))


def _begin(job):
    return entered(job, Stage.SUBMITTING, at=NOW)


async def _run(records, number, **facts):
    job = await _wait(records, number, **facts)
    return await records.commit(_begin(job))


async def test_films_of_another_provider_take_no_place_here(records):
    await _run(records, 1, provider="other", user="bob")
    await _wait(records, 2, provider="other", user="bob")
    job = await _wait(records, 3)

    assert await records.admit(_begin(job), Places(of_provider=1, of_user=None)) == 0


async def test_a_person_has_so_many_places_at_all_providers_together(records):
    await _run(records, 1, provider="other")
    job = await _wait(records, 2)

    assert await records.admit(_begin(job), Places(of_provider=None, of_user=1)) == 1


async def test_the_same_name_in_another_tenant_is_another_person(records):
    await _run(records, 1, tenant_id=TenantId("globex"))
    job = await _wait(records, 2)

    assert await records.admit(_begin(job), Places(of_provider=None, of_user=1)) == 0


async def test_a_film_that_waits_for_an_answer_or_is_over_takes_no_place(records):
    expires_at = NOW + timedelta(hours=1)
    await records.add(proposed(a_job("job-1"), "price", expires_at=expires_at))
    begun = await _run(records, 2)
    await records.commit(entered(begun, Stage.FINISHED, at=NOW))
    job = await _wait(records, 3)

    assert await records.admit(_begin(job), Places(of_provider=1, of_user=1)) == 0


async def test_who_is_leaving_keeps_nobody_waiting(records):
    first = await _wait(records, 1)
    job = await _wait(records, 2, user="bob")
    places = Places(of_provider=1, of_user=1)
    before = await records.admit(_begin(job), places)
    await records.commit(cancelling(first))

    assert [before, await records.admit(_begin(job), places)] == [2, 0]


async def test_who_is_leaving_still_has_a_place_in_the_line(records):
    await _run(records, 1)
    leaving = await records.commit(cancelling(await _wait(records, 2)))

    assert await records.admit(_begin(leaving), Places(of_provider=1, of_user=1)) == 1


async def test_films_that_came_at_the_same_moment_wait_in_the_order_of_their_ids(records):
    jobs = [await records.add(queued(a_job(name))) for name in ("job-b", "job-a")]

    found = [await records.admit(_begin(job), Places(of_provider=0, of_user=None)) for job in jobs]
    assert found == [2, 1]


ASKING = """
import asyncio, sys
from pathlib import Path
from server.memory.database import Database
from server.memory.journal import Journal
from server.memory.migrate import migrate
from server.memory.records import Jobs
from tests.fakes.samples import NOW
from tools.domain.jobs import Stage
from tools.domain.money import Money
from tools.domain.transitions import entered
from tools.rendering.ports import JobMoved, Places

async def main():
    database = Database(Path(sys.argv[1]))
    await database.open(migrate)
    records = Jobs(Journal(database, clock=lambda: NOW, announce=lambda told: None), budget=Money())
    print("ready", flush=True)
    sys.stdin.readline()
    begun = 0
    for _ in range(3):
        for job_id in await records.unfinished():
            job = await records.load(job_id)
            if job.stage is Stage.QUEUED:
                try:
                    change = entered(job, Stage.SUBMITTING, at=NOW)
                    begun += await records.admit(change, Places(of_provider=7, of_user=2)) == 0
                except JobMoved:
                    pass
    await database.close()
    print(begun)

asyncio.run(main())
"""


async def test_two_processes_together_let_in_as_many_as_there_are_places(database, file, records):
    session = SessionId("session-2")
    await database.write(lambda tables: keep_session(tables, session))
    for number in range(30):
        await _wait(records, number, user=f"user-{number % 5}", session_id=session)
    askers = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            ASKING,
            str(file),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[3],
        )
        for _ in range(2)
    ]
    async with asyncio.timeout(IN_THE_END_S):
        for asker in askers:
            assert asker.stdout is not None
            await asker.stdout.readline()
        answers = await asyncio.gather(*(asker.communicate(b"go\n") for asker in askers))

    jobs = [await records.load(job_id) for job_id in await records.unfinished()]
    begun = [job for job in jobs if job.stage.is_running]
    assert sum(int(answer) for answer, _ in answers) == len(begun) == 7
    assert [job.id for job in begun] == [job.id for job in jobs[:7]]
