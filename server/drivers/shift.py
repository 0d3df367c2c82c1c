"""Who makes the films where several processes share one data folder.

Every server does. `reelroom mcp` asks for films like any other door, and makes them itself only while
nobody else is there to: a draft lives in the process that draws it, and of two that watch over the
same film one works for nothing.

    served     held by every server, shared
    at-work    held by the one process that stands in while no server is there
    asked/     a file for each job that has something to do, left by those who make no films

The locks are the kernel's: they end with their process, however that ends. A process that is stopped
(Ctrl-Z) keeps its lock, and is passed over when it has not shown itself for STALE_S. Waking up, it
finds itself replaced; until it looks it is what every overtaken process is, and buys nothing twice.
"""

import asyncio
import logging
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from secrets import token_hex

from tools.domain.identity import JobId

if sys.platform != "win32":
    import fcntl

logger = logging.getLogger("reelroom.driver")

LOOK_EVERY_S = 1.0
LET_GO_S = 5.0
"""How long a server that starts waits for a stand-in to lay its work down."""
STALE_S = 10.0
AGAIN_S = 5.0
SHIFT = "shift"
"""Its folder, in the data folder."""
_SERVED, _AT_WORK, _ASKED = "served", "at-work", "asked"


# -- asking ----------------------------------------------------------------------------------------


def leave_word(folder: Path, job_id: JobId) -> None:
    """Whoever makes the films looks at this job soon. Without it, within a minute."""
    try:
        asked = folder / _ASKED
        asked.mkdir(parents=True, exist_ok=True)
        (asked / job_id).touch()
    except OSError as error:
        logger.warning("no word could be left", extra={"job_id": job_id, "errno": error.errno})


async def hear(folder: Path, wake: Callable[[JobId], None]) -> None:
    """Wake each job that word was left of. Until cancelled."""
    while True:
        for job_id in _heard(folder / _ASKED):
            wake(job_id)
        await asyncio.sleep(LOOK_EVERY_S)


def _heard(asked: Path) -> list[JobId]:
    found = []
    # Not there, or not ours to read: the sweep finds what was asked for.
    with suppress(OSError):
        for word in asked.iterdir():
            word.unlink(missing_ok=True)
            found.append(JobId(word.name))
    return found


# -- a server --------------------------------------------------------------------------------------


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[None]:
    """A server makes the films of this folder as long as the block runs; nobody stands in for it."""
    held = _opened(folder / _SERVED)
    try:
        # A stand-in that looks whether anybody serves holds it for a moment.
        while not _lock(held, shared=True):  # noqa: ASYNC110  no event tells of another process
            await asyncio.sleep(0.01)
        await _laid_down(folder / _AT_WORK)
        yield
    finally:
        os.close(held)


async def _laid_down(at_work: Path) -> None:
    give_up_at = time.monotonic() + LET_GO_S
    while _is_held(at_work) and not _is_stale(at_work):
        if time.monotonic() > give_up_at:
            logger.warning("a stand-in does not lay its work down")
            return
        await asyncio.sleep(0.05)


# -- a stand-in ------------------------------------------------------------------------------------


class StandIn:
    """`at_work` makes the films while it is open; it is opened again whenever nobody else is there.

    The event it gives is set when it can no longer work.
    """

    def __init__(
        self, folder: Path, at_work: Callable[[], AbstractAsyncContextManager[asyncio.Event]]
    ) -> None:
        self._folder = folder
        self._at_work = at_work
        self.is_at_work = False

    async def run(self) -> None:
        """Until cancelled."""
        place = self._folder / _AT_WORK
        while True:
            held = _take(place)
            if held is not None:
                try:
                    await self._work(held, place)
                except Exception:
                    logger.exception("standing in failed; it is tried again")
                    await asyncio.sleep(AGAIN_S)
                finally:
                    self.is_at_work = False
                    os.close(held)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _work(self, held: int, place: Path) -> None:
        """As long as the place is ours and no server is there. Only who holds it looks for servers:
        two that looked at once would take each other for one.
        """
        if _is_held(self._folder / _SERVED):
            return
        async with self._at_work() as cannot:
            self.is_at_work = True
            while self._may_stay(held, place) and not cannot.is_set():
                os.utime(held)
                await asyncio.sleep(LOOK_EVERY_S)
            self.is_at_work = False

    def _may_stay(self, held: int, place: Path) -> bool:
        return _is_at(held, place) and not _is_held(self._folder / _SERVED)


def _take(place: Path) -> int | None:
    """The place, held, if nobody has it, or somebody who is stopped."""
    held = _opened(place)
    if _lock(held) and _is_at(held, place):
        os.utime(held)
        return held
    os.close(held)
    if not _is_stale(place):
        return None
    logger.warning("a stand-in that does not move is passed over")
    fresh = place.with_name(f"{place.name}.{token_hex(4)}")
    held = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    _lock(held)
    fresh.replace(place)
    return held


def _opened(file: Path) -> int:
    file.parent.mkdir(parents=True, exist_ok=True)
    return os.open(file, os.O_RDWR | os.O_CREAT, 0o600)


def _is_at(held: int, place: Path) -> bool:
    """Whether what we hold is still what everybody looks at."""
    try:
        return os.path.samestat(os.fstat(held), place.stat())
    except FileNotFoundError:
        return False


def _is_stale(place: Path) -> bool:
    try:
        return time.time() - place.stat().st_mtime > STALE_S
    except FileNotFoundError:
        return False


def _is_held(place: Path) -> bool:
    try:
        looking = os.open(place, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return not _lock(looking)
    finally:
        os.close(looking)


if sys.platform == "win32":

    def _lock(held: int, *, shared: bool = False) -> bool:  # noqa: ARG001
        """No such locks here: as if nobody else were there."""
        return True

else:

    def _lock(held: int, *, shared: bool = False) -> bool:
        """Held until it is closed. False: somebody else has it."""
        how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(held, how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
