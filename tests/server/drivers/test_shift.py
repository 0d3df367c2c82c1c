"""Who makes the films of a folder: a server, else one that stands in, else nobody."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from server.drivers import shift
from server.drivers.shift import StandIn, hear, leave_word, served
from tests.patience import AT_ONCE_S, IN_THE_END_S
from tools.domain.identity import JobId

HOLDER = """
import fcntl, sys
place = open(sys.argv[1], "w")
fcntl.flock(place, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shift, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(shift, "AGAIN_S", 0.02)


class Hand:
    """Somebody who would make films, and how often they began to."""

    def __init__(self, folder: Path) -> None:
        self.begun = 0
        self.cannot = asyncio.Event()
        self.stand_in = StandIn(folder, self._at_work)

    @asynccontextmanager
    async def _at_work(self) -> AsyncIterator[asyncio.Event]:
        self.begun += 1
        self.cannot = asyncio.Event()
        yield self.cannot

    @property
    def is_at_work(self) -> bool:
        return self.stand_in.is_at_work

    @asynccontextmanager
    async def there(self) -> AsyncIterator["Hand"]:
        task = asyncio.create_task(self.stand_in.run())
        try:
            yield self
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(IN_THE_END_S):
        while not holds():  # noqa: ASYNC110  what another process does sets no event
            await asyncio.sleep(0.01)


async def looked(folder: Path, times: int = 5) -> None:
    """Whoever has the place shows itself at each look, also when a server is there."""
    seen: set[int] = set()

    def shown() -> bool:
        with suppress(FileNotFoundError):
            seen.add((folder / "at-work").stat().st_mtime_ns)
        return len(seen) > times

    await until(shown)


async def test_where_nobody_serves_one_stands_in(tmp_path):
    async with Hand(tmp_path).there() as hand:
        await until(lambda: hand.is_at_work)


async def test_beside_a_server_nobody_does(tmp_path):
    async with served(tmp_path), Hand(tmp_path).there() as hand:
        await looked(tmp_path)
        assert hand.begun == 0


async def test_of_two_only_one_does(tmp_path):
    async with Hand(tmp_path).there() as one, Hand(tmp_path).there() as other:
        await until(lambda: one.is_at_work or other.is_at_work)
        await looked(tmp_path)
        assert one.begun + other.begun == 1


async def test_the_other_takes_over_when_the_one_is_gone(tmp_path):
    async with Hand(tmp_path).there() as other:
        async with Hand(tmp_path).there() as one:
            await until(lambda: one.is_at_work or other.is_at_work)
        await until(lambda: other.is_at_work)


async def test_a_server_that_starts_waits_until_the_work_is_laid_down(tmp_path):
    async with Hand(tmp_path).there() as hand:
        await until(lambda: hand.is_at_work)
        async with served(tmp_path):
            assert not hand.is_at_work


async def test_when_the_server_ends_somebody_stands_in_again(tmp_path):
    async with Hand(tmp_path).there() as hand:
        async with served(tmp_path):
            await looked(tmp_path)
        await until(lambda: hand.is_at_work)


async def test_two_servers_do_not_wait_for_each_other(tmp_path, monkeypatch):
    monkeypatch.setattr(shift, "LET_GO_S", IN_THE_END_S)
    async with asyncio.timeout(AT_ONCE_S), served(tmp_path), served(tmp_path):
        pass


async def test_a_hand_that_cannot_work_begins_anew(tmp_path):
    async with Hand(tmp_path).there() as hand:
        await until(lambda: hand.is_at_work)
        hand.cannot.set()
        await until(lambda: hand.begun == 2)


@pytest.mark.skipif(sys.platform == "win32", reason="the locks are those of POSIX")
async def test_one_that_does_not_move_is_passed_over(tmp_path):
    async with _held(tmp_path / "at-work"), Hand(tmp_path).there() as hand:
        _grow_old(tmp_path / "at-work")
        await until(lambda: hand.is_at_work)


@pytest.mark.skipif(sys.platform == "win32", reason="the locks are those of POSIX")
async def test_a_server_does_not_wait_for_one_that_does_not_move(tmp_path, monkeypatch):
    monkeypatch.setattr(shift, "LET_GO_S", IN_THE_END_S)
    async with _held(tmp_path / "at-work"):
        _grow_old(tmp_path / "at-work")
        async with asyncio.timeout(AT_ONCE_S), served(tmp_path):
            pass


async def test_one_that_was_passed_over_finds_that_out(tmp_path):
    async with Hand(tmp_path).there() as hand:
        await until(lambda: hand.is_at_work)
        other = tmp_path / "another-place"
        async with _held(other):
            other.replace(tmp_path / "at-work")
            await until(lambda: not hand.is_at_work)
            assert hand.begun == 1


async def test_a_process_that_is_killed_holds_nothing(tmp_path):
    async with _held(tmp_path / "at-work"):
        pass
    async with Hand(tmp_path).there() as hand:
        await until(lambda: hand.is_at_work)


async def test_word_of_a_job_is_heard_once(tmp_path):
    heard: list[JobId] = []
    leave_word(tmp_path, JobId("job-1"))
    leave_word(tmp_path, JobId("job-1"))
    listening = asyncio.create_task(hear(tmp_path, heard.append))
    await until(lambda: heard)
    leave_word(tmp_path, JobId("job-2"))
    await until(lambda: len(heard) > 1)
    listening.cancel()
    assert heard == ["job-1", "job-2"]


async def test_word_that_cannot_be_left_stops_nobody(tmp_path):
    (tmp_path / "asked").touch()  # A file where the folder should be.
    leave_word(tmp_path, JobId("job-1"))


def _grow_old(place: Path) -> None:
    os.utime(place, (0, 0))


@asynccontextmanager
async def _held(place: Path) -> AsyncIterator[None]:
    """By another process, until it is killed."""
    holder = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        HOLDER,
        str(place),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert holder.stdout is not None
    await holder.stdout.readline()
    try:
        yield
    finally:
        holder.kill()
        await holder.wait()
