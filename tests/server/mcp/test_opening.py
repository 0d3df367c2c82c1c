"""What a process that is ending leaves to another one. With real processes: flow/test_mcp.py."""

import asyncio
import threading

import pytest

from server.mcp import opening
from server.mcp.opening import may_be_made
from tests.fakes.house import OpenHouse
from tests.patience import IN_THE_END_S


async def test_while_the_disk_stalls_films_are_taken_to_be_made(studio: OpenHouse):
    gate = threading.Event()
    held = asyncio.ensure_future(studio.house.database.read(lambda _: gate.wait(IN_THE_END_S)))

    may_be = await may_be_made(studio.house)
    was_held = not held.done()
    gate.set()
    await held

    assert may_be
    assert was_held


async def test_where_nothing_is_made_and_that_is_known_nothing_is_left_to_anybody(
    studio: OpenHouse, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(opening, "KNOWN_WITHIN_S", IN_THE_END_S)

    assert not await may_be_made(studio.house)


async def test_a_memory_that_cannot_be_read_is_no_reason_to_leave_a_film_alone(studio: OpenHouse):
    await studio.house.journal.write(
        lambda each: each.connection.exec_driver_sql("alter table jobs rename to gone")
    )

    assert await may_be_made(studio.house)
