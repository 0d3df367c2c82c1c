"""The process behind `reelroom mcp`: what is open in it, and what becomes of a film when it ends."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from mcp.server.stdio import stdio_server

from server.compose import compose
from server.doctor import recall_findings
from server.drivers.shift import StandIn, hear
from server.house import House
from server.lifecycle import housekeeping, keep_doing, owned, refreshing
from server.mcp.caller import Caller, Means
from server.mcp.door import Door
from server.memory import jobs
from server.memory.migrate import migrate
from server.settings import Settings
from tools.domain.jobs import Stage

FINISH_LIMIT_S = 3 * 3600.0
PATIENCE_S = 15.0
"""So long nobody may be at work before a process that wants to finish films believes that another is."""
LOOK_EVERY_S = 1.0
KNOWN_WITHIN_S = 0.5
"""A client gives us two seconds from the end of stdin, then SIGTERM."""


async def serve(settings: Settings, means: Means) -> None:
    """Until stdin ends. Raises Unauthenticated, Forbidden and SettingsError before it answers."""
    house = _compose(settings)
    async with _open(house) as stand_in:
        caller = Caller(house, means)
        await caller.check()
        server = Door(house, caller).server()
        async with stdio_server() as (reading, writing):
            await server.run(reading, writing, server.create_initialization_options())
        # First of all: our client ends us seconds from now, whatever is still to be closed.
        if stand_in.is_at_work and await may_be_made(house):
            _finish_elsewhere(settings)


async def finish(settings: Settings) -> None:
    """Make the films that were begun, unless somebody else does. For hours, at the most."""
    house = _compose(settings)
    give_up_at = time.monotonic() + FINISH_LIMIT_S
    async with _open(house) as stand_in:
        idle_since = time.monotonic()
        while time.monotonic() < give_up_at and await _are_being_made(house):
            if stand_in.is_at_work:
                idle_since = time.monotonic()
            elif time.monotonic() - idle_since > PATIENCE_S:
                return
            await asyncio.sleep(LOOK_EVERY_S)


def _compose(settings: Settings) -> House:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return compose(settings, public_url=settings.public_url or f"http://{host}:{settings.port}")


@asynccontextmanager
async def _open(house: House) -> AsyncIterator[StandIn]:
    """Everything but the doors. Turns are left alone: those that run are a server's."""
    stand_in = StandIn(house.shift, lambda: _at_work(house))
    await house.database.open(migrate)
    try:
        await recall_findings(house.journal, house.catalogue)
        async with AsyncExitStack() as parts:
            for part in house.adapters.services:
                await parts.enter_async_context(part)
            running = {
                "standing in": stand_in.run(),
                **{each.name: keep_doing(each) for each in refreshing(house)},
            }
            await parts.enter_async_context(owned(running, asyncio.Event()))
            yield stand_in
    finally:
        await house.database.close()


@asynccontextmanager
async def _at_work(house: House) -> AsyncIterator[asyncio.Event]:
    """Films are made here while the block runs. The event: a bug ended a part of that."""
    died = asyncio.Event()
    async with AsyncExitStack() as parts:
        for part in house.adapters.makers:
            await parts.enter_async_context(part)
        running = {
            "driver": house.driver.run(),
            "hearing of jobs": hear(house.shift, house.driver.wake),
            **{each.name: keep_doing(each) for each in housekeeping(house)},
        }
        await parts.enter_async_context(owned(running, died))
        yield died


async def _are_being_made(house: House) -> bool:
    """What waits for a person can wait for the next start as well."""
    unfinished = await house.journal.read(jobs.unfinished)
    return any(job.stage is not Stage.PROPOSED for job in unfinished)


async def may_be_made(house: House) -> bool:
    """As `_are_being_made`; also where the disk stalls, and that is not known soon enough: a process
    that finds nothing to finish ends by itself, a paid film that nobody brings home is lost.
    """
    asking = asyncio.ensure_future(_are_being_made(house))
    done, _ = await asyncio.wait({asking}, timeout=KNOWN_WITHIN_S)
    if not done:
        asking.cancel()
        return True
    return asking.exception() is not None or asking.result()


def _finish_elsewhere(settings: Settings) -> None:
    """A film that was paid for takes minutes, and its provider keeps it for an hour: we do not have
    that long. A process of its own, in nobody's group, brings it home; it waits for our place.
    """
    with (settings.data_dir / "finish.log").open("wb") as log:
        subprocess.Popen(
            # -P: we may have been started in a folder with a `server` of its own.
            [sys.executable, "-P", "-m", "server", "finish"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,
        )
