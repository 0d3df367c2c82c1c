"""Opens and closes everything, in one order. What was opened first is closed last; the database last of all."""

import asyncio
import gc
import logging
import shutil
import socket as sockets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import web

from server.compose import House
from server.memory import conversations
from server.memory.migrate import migrate
from server.settings import Settings, SettingsError
from tools.errors import StorageUnavailable

logger = logging.getLogger("reelroom.lifecycle")

FORGET_EVERY_S = 3600.0
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
        await house.turns.recover()
        async with AsyncExitStack() as parts:
            for part in house.adapters.opened_parts:
                await parts.enter_async_context(part)
            await parts.enter_async_context(_running(house, died))
            runner = web.AppRunner(house.app, access_log=None, shutdown_timeout=2)
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


@asynccontextmanager
async def _running(house: House, died: asyncio.Event) -> AsyncIterator[None]:
    """The tasks that live as long as the house."""

    def ended(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            facts = {"part": task.get_name()}
            logger.critical("a part of the server died", exc_info=error, extra=facts)
            died.set()

    tasks = [
        asyncio.create_task(house.announcer.run(), name="announcer"),
        asyncio.create_task(house.driver.run(), name="driver"),
        asyncio.create_task(house.turns.run(), name="turns"),
        asyncio.create_task(_forget(house), name="housekeeping"),
    ]
    for task in tasks:
        task.add_done_callback(ended)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=ENDING_S)


async def _forget(house: House) -> None:
    while True:
        try:
            await house.journal.write(conversations.forget_old_commands)
        except StorageUnavailable:
            logger.warning("old commands could not be forgotten; it is tried again in an hour")
        await asyncio.sleep(FORGET_EVERY_S)


async def _disconnect_everyone(house: House) -> None:
    """python-socketio closes no browser by itself: the end would wait for all of them."""
    transports = [house.socket.transport_of(eio_sid) for eio_sid in tuple(house.socket.eio.sockets)]
    for sid, _ in tuple(house.socket.manager.get_participants("/", None)):
        await house.socket.disconnect(sid)
    await asyncio.sleep(GOODBYE_S)
    for transport in transports:
        if transport is not None:
            transport.close()
