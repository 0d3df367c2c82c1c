import asyncio
import random

import pytest

from server.memory import timeline
from server.memory.journal import Journal, Transaction
from server.memory.timeline import Entry
from tests.fakes.samples import SESSION, keep_session, said
from tools.domain.identity import SessionId
from tools.errors import NotFound

SESSIONS = tuple(SessionId(f"session-{letter}") for letter in "abcd")


async def test_work_that_fails_is_not_told_of(journal, told):
    def half(transaction: Transaction) -> None:
        transaction.tell(SESSION, said("half"))
        raise LookupError

    with pytest.raises(LookupError):
        await journal.write(half)

    assert (told, await _numbers(journal, SESSION)) == ([], [])


async def test_nothing_is_told_before_it_can_be_read(database, clock):
    seen: list[int] = []
    journal = Journal(database, clock=clock, announce=lambda told: seen.append(told[-1].seq))

    await journal.write(lambda transaction: transaction.tell(SESSION, said("x")))

    assert seen == await _numbers(journal, SESSION) == [1]


async def test_a_change_in_several_sessions_is_one_transaction(journal, told):
    await journal.write(lambda transaction: keep_session(transaction.connection, SESSIONS[0]))

    def both(transaction: Transaction) -> None:
        transaction.tell(SESSIONS[0], said("here"))
        transaction.tell(SessionId("nowhere"), said("there"))

    with pytest.raises(NotFound):
        await journal.write(both)

    assert (told, await _numbers(journal, SESSIONS[0])) == ([], [])


async def test_an_entry_bears_the_moment_of_its_transaction(journal, told, clock):
    await journal.write(lambda transaction: transaction.tell(SESSION, said("x")))

    assert told[0].at == clock.now


async def test_a_cancelled_writer_is_announced_like_any_other(journal, told):
    writer = asyncio.create_task(journal.write(lambda each: each.tell(SESSION, said("x"))))
    await asyncio.sleep(0)
    writer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writer

    assert [entry.seq for entry in told] == await _numbers(journal, SESSION) == [1]


@pytest.mark.parametrize("seed", range(3))
async def test_numbers_have_no_holes_whoever_writes_and_whoever_is_cut(journal, told, seed):
    chance = random.Random(seed)
    for session_id in SESSIONS:
        await journal.write(lambda t, s=session_id: keep_session(t.connection, s))
    writers = [asyncio.create_task(_write_some(journal, chance)) for _ in range(120)]
    for writer in chance.sample(writers, 60):
        for _ in range(chance.randrange(6)):
            await asyncio.sleep(0)
        writer.cancel()
    await asyncio.wait(writers)

    for session_id in SESSIONS:
        kept = await _numbers(journal, session_id)
        assert kept == list(range(1, len(kept) + 1))
        assert [entry.seq for entry in told if entry.session_id == session_id] == kept


async def test_entries_are_announced_as_they_are_kept(journal, told):
    await asyncio.gather(
        *(journal.write(lambda t, n=n: t.tell(SESSION, said("x", number=n))) for n in range(50))
    )

    page = await journal.read(lambda tables: timeline.read(tables, SESSION))
    assert page.entries == tuple(told)


async def _write_some(journal: Journal, chance: random.Random) -> None:
    """Up to four transactions of one to three entries; some of them fail halfway."""
    for _ in range(chance.randint(1, 4)):
        session_id, count = chance.choice(SESSIONS), chance.randint(1, 3)
        is_failing = chance.random() < 0.2

        def work(transaction: Transaction, *, to=session_id, count=count, fails=is_failing) -> None:
            transaction.tell(to, *(said("x", number=n) for n in range(count)))
            if fails:
                raise LookupError

        try:
            await journal.write(work)
        except LookupError:
            continue


async def _numbers(journal: Journal, session_id: SessionId) -> list[int]:
    entries: tuple[Entry, ...] = (
        await journal.read(lambda tables: timeline.read(tables, session_id))
    ).entries
    return [entry.seq for entry in entries]
