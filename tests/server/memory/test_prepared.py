"""What goes straight to the driver says the same as what SQLAlchemy executes."""

import sqlalchemy as sa

from server.memory.prepared import Prepared, any_of
from server.memory.tables import commands, sessions
from tests.fakes.samples import SESSION

AT = "2026-11-22T10:00:00+00:00"
KEEP = Prepared(
    sa.insert(commands), columns=("session_id", "client_id", "fingerprint", "answer", "at")
)


def command(client_id: str) -> dict[str, str]:
    return {
        "session_id": SESSION,
        "client_id": client_id,
        "fingerprint": "f",
        "answer": "{}",
        "at": AT,
    }


async def test_rows_that_are_added_can_be_found(database):
    await database.write(lambda tables: KEEP.add(tables, [command("a"), command("b")]))

    everything = sa.select(commands.c.client_id).order_by(commands.c.client_id)
    found = await database.read(lambda tables: tables.execute(everything).scalars().all())
    assert found == ["a", "b"]


async def test_a_statement_with_few_fixed_values_finds_those(database):
    await database.write(lambda tables: KEEP.add(tables, [command(each) for each in "abc"]))
    named = Prepared(sa.select(commands.c.client_id).where(any_of(commands.c.client_id, "ac")))

    assert await database.read(lambda tables: named.rows(tables, {})) == [("a",), ("c",)]


async def test_what_a_change_returns_is_read_to_its_end_so_that_it_can_be_committed(database):
    advance = Prepared(
        sa.update(sessions)
        .where(sessions.c.id == sa.bindparam("session_id"))
        .values(head=sessions.c.head + 1)
        .returning(sessions.c.head)
    )

    for expected in (1, 2):
        row = await database.write(lambda tables: advance.first(tables, {"session_id": SESSION}))
        assert row == (expected,)


async def test_nothing_found_is_nothing(database):
    gone = Prepared(sa.select(sessions.c.id).where(sessions.c.id == sa.bindparam("session_id")))

    assert await database.read(lambda tables: gone.first(tables, {"session_id": "no"})) is None


async def test_how_many_rows_were_changed_is_told(database):
    await database.write(lambda tables: KEEP.add(tables, [command(each) for each in "ab"]))
    spoil = Prepared(sa.update(commands).values(answer=sa.bindparam("given")))

    assert await database.write(lambda tables: spoil.change(tables, {"given": "[]"})) == 2
