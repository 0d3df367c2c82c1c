"""A change and its telling, one transaction: the only way to write what anybody may see."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa

from server.memory import timeline
from server.memory.database import Database
from server.memory.timeline import Entry
from tools.domain.events import SessionEvent
from tools.domain.identity import SessionId

T = TypeVar("T")
Clock = Callable[[], datetime]
Announce = Callable[[Sequence[Entry]], None]


@dataclass(slots=True, kw_only=True)
class Transaction:
    """What a store function works in: the connection, the moment, and the way to tell of it."""

    connection: sa.Connection
    now: datetime
    told: list[Entry] = field(default_factory=list)

    def tell(self, session_id: SessionId, *events: SessionEvent) -> tuple[Entry, ...]:
        added = timeline.append(self.connection, session_id, events, self.now)
        self.told.extend(added)
        return added


class Journal:
    """`announce` is called after each commit, in the order of the commits, on the event loop."""

    def __init__(self, database: Database, *, clock: Clock, announce: Announce) -> None:
        self._database = database
        self._clock = clock
        self._announce = announce

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Run `work`, commit, announce. A cancelled caller still gets both done."""
        commit = asyncio.ensure_future(self._commit(work))
        try:
            return await asyncio.shield(commit)
        except asyncio.CancelledError:
            while not commit.done():
                try:
                    await asyncio.wait({commit})
                except asyncio.CancelledError:
                    continue
            if not commit.cancelled():
                commit.exception()
            raise

    async def read(self, work: Callable[[sa.Connection], T]) -> T:
        return await self._database.read(work)

    async def _commit(self, work: Callable[[Transaction], T]) -> T:
        told: list[Entry] = []

        def transact(connection: sa.Connection) -> T:
            transaction = Transaction(connection=connection, now=self._clock())
            result = work(transaction)
            told.extend(transaction.told)
            return result

        result = await self._database.write(transact)
        if told:
            self._announce(told)
        return result
