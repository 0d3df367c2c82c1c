import asyncio
import sqlite3
import threading
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from server.memory import conversations, timeline
from server.memory.database import Database
from server.memory.migrate import migrate
from server.memory.timeline import append, read
from tests.fakes.samples import NOW, SESSION, keep_session, said, waits_for_locks
from tests.patience import IN_THE_END_S
from tools.errors import StorageUnavailable


def test_nothing_is_asked_of_a_database_that_is_not_open(file):
    async def ask() -> None:
        await Database(file).read(conversations.epoch)

    with pytest.raises(RuntimeError, match="not open"):
        asyncio.run(ask())


async def test_nothing_is_asked_of_a_database_that_was_closed(file):
    closed = Database(file)
    await closed.open(migrate)
    await closed.close()

    with pytest.raises(RuntimeError, match="closed"):
        await closed.read(conversations.epoch)


def test_a_loop_that_went_away_while_it_waited_leaves_the_database_at_work(file):
    """Its answer finds nobody; the next one is heard."""
    shared = Database(file)
    gate = threading.Event()

    async def leave() -> None:
        await shared.open(migrate)
        asking = asyncio.ensure_future(shared.read(lambda _: gate.wait(10)))
        await asyncio.sleep(0)
        asking.get_loop().stop()

    loop = asyncio.new_event_loop()
    left = loop.create_task(leave())
    loop.run_forever()
    loop.close()
    gate.set()

    assert asyncio.run(shared.read(conversations.epoch))
    asyncio.run(shared.close())
    del left


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)]
)
async def test_a_commit_survives_a_power_cut_and_references_hold(database, pragma, value):
    found = await database.read(lambda tables: tables.exec_driver_sql(f"pragma {pragma}").scalar())

    assert found == value


async def test_work_that_fails_changes_nothing(database):
    def half(connection: sa.Connection) -> None:
        append(connection, SESSION, [said("half")], NOW)
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(half)

    page = await database.read(lambda tables: read(tables, SESSION))
    assert (page.head, page.entries) == (0, ())


async def test_a_cancelled_writer_leaves_no_lock_behind(database, file):
    for turn in range(60):
        writer = asyncio.create_task(
            database.write(lambda tables: append(tables, SESSION, [said("x")], NOW))
        )
        for _ in range(turn % 7):
            await asyncio.sleep(0)
        writer.cancel()
        await asyncio.wait({writer})

        assert _can_write_at_once(file)


async def test_a_cancelled_writer_is_told_of_it_only_when_its_transaction_is_over(database):
    began, gate = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(connection: sa.Connection) -> None:
        append(connection, SESSION, [said("kept")], NOW)
        loop.call_soon_threadsafe(began.set)
        asyncio.run_coroutine_threadsafe(gate.wait(), loop).result(timeout=IN_THE_END_S)

    writer = asyncio.create_task(database.write(slow))
    await began.wait()
    writer.cancel()
    writer.cancel()
    await asyncio.sleep(0)
    was_over = writer.done()
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await writer

    page = await database.read(lambda tables: read(tables, SESSION))
    assert (was_over, page.head) == (False, 1)


async def test_two_processes_never_give_a_number_twice(database, file):
    other = Database(file)
    await other.open(migrate)
    for each in (database, other):
        await each.read(waits_for_locks)
    try:
        async with asyncio.TaskGroup() as group:
            for number in range(40):
                store = (database, other)[number % 2]
                group.create_task(store.write(partial(_append_one, number=number)))
        page = await database.read(lambda tables: read(tables, SESSION))
    finally:
        await other.close()

    assert [entry.seq for entry in page.entries] == list(range(1, 41))
    assert len({_id(entry) for entry in page.entries}) == 40


async def test_a_new_file_that_somebody_else_is_making_is_waited_for(file):
    file.parent.mkdir(parents=True)
    maker = sqlite3.connect(file, isolation_level=None)
    maker.execute("begin immediate")
    asyncio.get_running_loop().call_later(0.1, maker.close)

    opened = Database(file)
    await opened.open(migrate)
    await opened.close()


async def test_the_epoch_is_the_same_after_a_restart_and_another_one_for_another_file(tmp_path):
    found = []
    for name in ("one", "one", "two"):
        opened = Database(tmp_path / name)
        await opened.open(migrate)
        found.append(await opened.read(conversations.epoch))
        await opened.close()

    assert found[0] == found[1] != found[2]


async def test_what_was_committed_is_there_after_a_restart(file):
    before = Database(file)
    await before.open(migrate)
    await before.write(keep_session)
    await before.write(lambda tables: append(tables, SESSION, [said("still here")], NOW))
    await before.close()

    after = Database(file)
    await after.open(migrate)
    page = await after.read(lambda tables: read(tables, SESSION))
    await after.close()

    assert [entry.event for entry in page.entries] == [said("still here")]


async def test_a_full_disk_is_told_in_words_and_changes_nothing(full_database):
    with pytest.raises(StorageUnavailable, match="disk full"):
        await full_database.write(_much)

    page = await full_database.read(lambda tables: read(tables, SESSION))
    assert (page.head, page.entries) == (0, ())


async def test_writing_works_again_when_the_disk_has_room_again(full_database):
    with pytest.raises(StorageUnavailable):
        await full_database.write(_much)
    await _limit_pages(full_database, 100_000)

    await full_database.write(_much)

    page = await full_database.read(lambda tables: read(tables, SESSION, limit=1))
    assert page.head == timeline.PAGE_ENTRIES


async def test_a_database_locked_by_somebody_else_is_told_as_unavailable(database, file):
    await database.read(lambda tables: tables.exec_driver_sql("pragma busy_timeout=1"))
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("begin immediate")
    try:
        with pytest.raises(StorageUnavailable):
            await database.write(lambda tables: append(tables, SESSION, [said("x")], NOW))
    finally:
        holder.close()

    await database.write(lambda tables: append(tables, SESSION, [said("x")], NOW))


@pytest.fixture
async def full_database(database):
    """Not a page more than it already has: what a full disk is to SQLite."""
    await _limit_pages(database, 1)
    return database


async def _limit_pages(database: Database, pages: int) -> None:
    await database.read(
        lambda tables: tables.exec_driver_sql(f"pragma max_page_count={pages}").scalar()
    )


def _append_one(connection: sa.Connection, number: int) -> None:
    append(connection, SESSION, [said("x", number=number)], NOW)


def _much(connection: sa.Connection) -> None:
    events = [said("x" * 400, number=number) for number in range(timeline.PAGE_ENTRIES)]
    append(connection, SESSION, events, NOW)


def _can_write_at_once(file: Path) -> bool:
    connection = sqlite3.connect(file, timeout=0, isolation_level=None)
    try:
        connection.execute("begin immediate")
    finally:
        connection.close()
    return True


def _id(entry: timeline.Entry) -> str:
    return str(getattr(entry.event, "message_id", ""))


async def test_a_folder_that_cannot_hold_a_database_is_told_in_words(tmp_path: Path):
    in_the_way = tmp_path / "a file, not a folder"
    in_the_way.write_text("")
    with pytest.raises(StorageUnavailable, match="cannot be opened"):
        await Database(in_the_way / "reelroom.sqlite3").open(migrate)


async def test_an_error_does_not_repeat_what_people_wrote(database):
    def wrong(connection: sa.Connection) -> None:
        words = {"words": "a secret launch"}
        connection.execute(sa.text("insert into nowhere values (:words)"), words)

    with pytest.raises(StorageUnavailable) as told:
        await database.write(wrong)

    assert told.value.__cause__ is not None
    assert "a secret launch" not in f"{told.value} {told.value.__cause__}"
