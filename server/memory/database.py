"""One SQLite file and the one thread that may touch it.

Stores are plain functions of a `Connection`; a transaction is one hop to this thread. It is never
cut: a caller that is cancelled waits for its own commit, then goes (reference: 719 of 1,588
"cancelled" calls had in fact committed when they did not wait).
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import StaticPool

from tools.errors import StorageUnavailable

T = TypeVar("T")
BUSY_TIMEOUT_S = 10.0
RETRY_S = 0.02


class Database:
    """Opened once, closed last of all. Raises StorageUnavailable when the disk is full or gone."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._line: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: Thread | None = None
        self._is_closed = False
        self._connection: sa.Connection | None = None
        self._engine: sa.Engine | None = None

    async def open(self, prepare: Callable[[sa.Connection], None]) -> None:
        """Connect, and `prepare` (migrate) in one transaction. Raises StorageUnavailable."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            await self._hop(self._connect)
        except (OSError, DatabaseError) as error:
            raise StorageUnavailable(
                f"The database {self._file} cannot be opened. Is its folder there and writable?"
            ) from error
        await self.write(prepare)

    async def write(
        self, work: Callable[[sa.Connection], T], *, then: Callable[[], None] | None = None
    ) -> T:
        """Run `work` in one writing transaction: all of it takes effect, or none.

        `then` runs on the loop when it is committed, in the order of the commits, also for a caller
        who was cancelled meanwhile.
        """
        return await self._hop(lambda: self._transact(work, "BEGIN IMMEDIATE"), then)

    async def read(self, work: Callable[[sa.Connection], T]) -> T:
        """Run `work` on one consistent picture of the data."""
        return await self._hop(lambda: self._transact(work, "BEGIN"))

    async def close(self) -> None:
        await self._hop(self._disconnect)
        self._is_closed = True
        self._line.put(None)

    def _work(self) -> None:
        while (call := self._line.get()) is not None:
            # A loop that is gone hears nothing; others may still ask.
            with suppress(RuntimeError):
                call()

    async def _hop(self, call: Callable[[], T], then: Callable[[], None] | None = None) -> T:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def run() -> None:
            try:
                result = call()
            except BaseException as error:  # noqa: BLE001  the caller's, whatever it is
                loop.call_soon_threadsafe(done.set_exception, error)
            else:
                loop.call_soon_threadsafe(_arrive, done, result, then)

        if self._is_closed:
            message = "the database is closed"
            raise RuntimeError(message)
        self._line.put(run)
        if self._thread is None:
            # A daemon: a process that ends without closing it leaves nothing that was promised.
            self._thread = Thread(target=self._work, name="database", daemon=True)
            self._thread.start()
        try:
            return await asyncio.shield(done)
        except asyncio.CancelledError:
            await _to_the_end(done)
            raise

    def _connect(self) -> None:
        self._engine = engine_for(self._file)
        self._connection = self._engine.connect()

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
        if self._engine is not None:
            self._engine.dispose()

    def _transact(self, work: Callable[[sa.Connection], T], begin: str) -> T:
        if self._connection is None:
            message = "the database is not open"
            raise RuntimeError(message)
        self._connection.execution_options(sqlite_begin=begin)
        try:
            with self._connection.begin():
                return work(self._connection)
        except (OperationalError, sqlite3.OperationalError) as error:
            raise StorageUnavailable(
                "The studio cannot write to its memory just now (is the disk full?). "
                "Nothing was changed; please try again."
            ) from error


def _arrive(done: asyncio.Future[T], result: T, then: Callable[[], None] | None) -> None:
    try:
        if then is not None:
            then()
    except Exception as error:  # noqa: BLE001  raised where the result is waited for
        done.set_exception(error)
    else:
        done.set_result(result)


async def _to_the_end(done: asyncio.Future[Any]) -> None:
    """Wait for it whatever happens; its outcome belongs to nobody any more."""
    while not done.done():
        try:
            await asyncio.wait({done})
        except asyncio.CancelledError:
            continue
    if not done.cancelled():
        done.exception()


def engine_for(file: Path) -> sa.Engine:
    """WAL for readers beside a writer; FULL, so that a commit survives a power cut."""
    engine = sa.create_engine(
        f"sqlite+pysqlite:///{file}",
        # What people wrote would stand in every error's text, and with it in the logs.
        hide_parameters=True,
        poolclass=StaticPool,
        connect_args={
            "isolation_level": None,
            "timeout": BUSY_TIMEOUT_S,
            "check_same_thread": False,
        },
    )

    @sa.event.listens_for(engine, "connect")
    def _pragmas(raw: sqlite3.Connection, _record: object) -> None:
        _into_wal(raw)
        for pragma in ("synchronous=full", "foreign_keys=on"):
            raw.execute(f"pragma {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # pysqlite's own BEGIN would come after the first SELECT, outside the transaction.
        how = connection.get_execution_options().get("sqlite_begin", "BEGIN")
        connection.exec_driver_sql(how)

    return engine


def _into_wal(raw: sqlite3.Connection) -> None:
    """SQLite does not wait for a lock here as it does everywhere else: two first starts would collide."""
    give_up_at = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            raw.execute("pragma journal_mode=wal")
        except sqlite3.OperationalError:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(RETRY_S)
        else:
            return
