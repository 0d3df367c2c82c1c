"""Real memory in a folder of the test's own."""

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest

from server.memory.database import Database
from server.memory.journal import Journal
from server.memory.migrate import migrate
from server.memory.timeline import Entry
from tests.fakes.clock import StillClock
from tests.fakes.samples import NOW, keep_session


@pytest.fixture
def clock() -> StillClock:
    return StillClock(NOW)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "reelroom.sqlite3"


@pytest.fixture
async def database(file: Path) -> AsyncIterator[Database]:
    """Open, migrated, with one session in it."""
    opened = Database(file)
    await opened.open(migrate)
    await opened.write(keep_session)
    yield opened
    await opened.close()


@pytest.fixture
def told() -> list[Entry]:
    """Everything that was announced, in the order it was."""
    return []


@pytest.fixture
def journal(database: Database, clock: StillClock, told: list[Entry]) -> Journal:
    return Journal(database, clock=clock, announce=_into(told))


def _into(told: list[Entry]) -> Callable[[Sequence[Entry]], None]:
    return told.extend
