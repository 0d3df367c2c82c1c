"""Opens and closes everything, in one order. What was opened first is closed last; the database last of all."""

import asyncio
import gc
import logging
import shutil
import socket as sockets
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from aiohttp import web

from server.clocks import utc_now
from server.doctor import examine_models, examined_provider, recall_findings
from server.drivers.shift import hear, served
from server.house import House
from server.http.listening import Listening
from server.memory import conversations, deliveries, purchases, request_keys, uploads
from server.memory.migrate import migrate
from server.settings import Settings, SettingsError
from tools.errors import StudioError
from tools.rendering.pictures import HANDED

logger = logging.getLogger("reelroom.lifecycle")

CHORE_LIMIT_S = 600.0
AGAIN_S = 300.0
"""How soon a chore that failed is tried again."""
REFERENCES_LIVE = timedelta(days=30)
"""The seed's: reference images go 30 days after their last use."""
ENDING_S = 10.0
GOODBYE_S = 0.1
"""How long a disconnect packet may take to leave before its connection is closed."""


def bind(settings: Settings) -> sockets.socket:
    """The listening socket, before anything else: its port is part of every address. Raises SettingsError."""
    family = sockets.AF_INET6 if ":" in settings.host else sockets.AF_INET
    try:
        return sockets.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        message = (
            f"Cannot listen on {settings.host}:{settings.port} ({error.strerror}). "
            "Set PORT to another number, for example PORT=8090 make run."
        )
        raise SettingsError(message) from error


def address_of(settings: Settings, listener: sockets.socket) -> str:
    """Where people find it: PUBLIC_URL when it is set, else the socket's own address."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    port = listener.getsockname()[1]
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{port}"


@asynccontextmanager
async def open_house(house: House, listener: sockets.socket) -> AsyncIterator[asyncio.Event]:
    """Everything runs while the block does. The event: a part died of a bug, and all should end.

    A studio without its driver or its turns would look alive and do nothing; whoever restarts
    processes restarts this one, and it goes on where it was.
    """
    died = asyncio.Event()
    shutil.rmtree(house.work / "uploads", ignore_errors=True)
    await house.database.open(migrate)
    try:
        await recall_findings(house.journal, house.catalogue)
        await house.turns.recover()
        async with AsyncExitStack() as parts:
            await parts.enter_async_context(served(house.shift))
            for part in (*house.adapters.services, *house.adapters.makers):
                await parts.enter_async_context(part)
            await parts.enter_async_context(owned(_running(house), died))
            runner = Listening(house.app, shutdown_timeout=2)
            await runner.setup()
            try:
                await web.SockSite(runner, listener).start()
                yield died
            finally:
                await house.turns.drain()
                await _disconnect_everyone(house)
                await runner.cleanup()
    finally:
        await house.database.close()


def spare_the_collector() -> None:
    """Called once, when a process that serves is open: what was made until now lives until its end.

    Python's collector would walk all of it again and again, and the loop stands still for 75 ms each
    time. A thousand open browsers are as long a walk; what they leave behind is freed without it
    (tests/server/socket holds that), so the long walk may be rare and the short ones short.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(2_000, 5, 50)


def _running(house: House) -> dict[str, Coroutine[Any, Any, None]]:
    return {
        "announcer": house.announcer.run(),
        "driver": house.driver.run(),
        "hearing of jobs": hear(house.shift, house.driver.wake),
        "turns": house.turns.run(),
        "loop lag": house.metrics.watch_the_loop(),
        **{each.name: keep_doing(each) for each in chores(house)},
    }


@asynccontextmanager
async def owned(
    parts: Mapping[str, Coroutine[Any, Any, None]], died: asyncio.Event
) -> AsyncIterator[None]:
    """They run as long as the block. `died` is set when a bug ends one of them."""

    def ended(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            facts = {"part": task.get_name()}
            logger.critical("a part of the server died", exc_info=error, extra=facts)
            died.set()

    tasks = [asyncio.create_task(part, name=name) for name, part in parts.items()]
    for task in tasks:
        task.add_done_callback(ended)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=ENDING_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """Something that is done again and again while the house is open, the first time at once."""

    name: str
    every_s: float
    work: Callable[[], Awaitable[object]]


def chores(house: House) -> list[Chore]:
    return [*refreshing(house), *housekeeping(house)]


def refreshing(house: House) -> list[Chore]:
    """What keeps the catalogue true in every process that tells of it."""
    return [
        Chore(name="learning how long films take", every_s=600, work=lambda: learn_times(house)),
        Chore(
            name="asking for the doctor's findings",
            every_s=300,
            work=lambda: recall_findings(house.journal, house.catalogue),
        ),
    ]


def housekeeping(house: House) -> list[Chore]:
    """What one process of those that share a data folder does."""
    journal, catalogue = house.journal, house.catalogue
    provider = examined_provider(house.adapters)
    listed = [
        Chore(
            name="forgetting commands",
            every_s=3600,
            work=lambda: journal.write(conversations.forget_old_commands),
        ),
        Chore(
            name="forgetting requests' keys",
            every_s=3600,
            work=lambda: journal.write(request_keys.forget_old_keys),
        ),
        Chore(
            name="forgetting webhooks",
            every_s=3600,
            work=lambda: journal.write(deliveries.forget_old_deliveries),
        ),
        Chore(name="sweeping references", every_s=6 * 3600, work=lambda: sweep_references(house)),
    ]
    if provider is not None:
        listed.append(
            Chore(
                name="examining the models",
                every_s=24 * 3600,
                work=lambda: examine_models(provider, catalogue, journal),
            )
        )
    return listed


async def keep_doing(chore: Chore) -> None:
    """Until cancelled. A chore that fails, or takes too long, is tried again before its time."""
    while True:
        pause_s = chore.every_s
        try:
            async with asyncio.timeout(CHORE_LIMIT_S):
                await chore.work()
        except (StudioError, TimeoutError) as error:
            pause_s = min(AGAIN_S, chore.every_s)
            facts = {"chore": chore.name, "error": type(error).__name__, "again_s": pause_s}
            logger.warning("a chore was not done", extra=facts)
        except Exception:
            # A bug here must not end the making of films.
            pause_s = min(AGAIN_S, chore.every_s)
            logger.exception("a chore failed", extra={"chore": chore.name, "again_s": pause_s})
        await asyncio.sleep(pause_s)


async def sweep_references(house: House) -> None:
    """Images that no film used for a while, file and row. Raises StorageUnavailable."""
    found = await house.journal.write(
        lambda each: uploads.unused_since(each.connection, each.now - REFERENCES_LIVE)
    )
    for upload in found:
        # The file first: one whose row is gone would never be found again.
        await house.adapters.storage.remove(upload.path)
        await house.journal.write(partial(uploads.forget, upload_id=upload.id))
    # Copies that were made for a provider: each was used when it was made, and can be made again.
    handed = f"{house.settings.reference_image_storage_path}/{HANDED}"
    copies = await house.adapters.storage.forget_before(handed, utc_now() - REFERENCES_LIVE)
    if found or copies:
        facts = {"count": len(found), "copies": copies}
        logger.info("unused references were swept", extra=facts)


async def learn_times(house: House) -> None:
    house.catalogue.learn(await house.journal.read(purchases.typical_spans))


async def _disconnect_everyone(house: House) -> None:
    """python-socketio closes no browser by itself: the end would wait for all of them."""
    transports = [house.socket.transport_of(eio_sid) for eio_sid in tuple(house.socket.eio.sockets)]
    for sid, _ in tuple(house.socket.manager.get_participants("/", None)):
        await house.socket.disconnect(sid)
    await asyncio.sleep(GOODBYE_S)
    for transport in transports:
        if transport is not None:
            transport.close()
