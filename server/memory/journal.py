"""A change and its telling, one transaction: the only way to write what anybody may see."""

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
    next: list[Callable[[], None]] = field(default_factory=list)

    def tell(self, session_id: SessionId, *events: SessionEvent) -> tuple[Entry, ...]:
        added = timeline.append(self.connection, session_id, events, self.now)
        self.told.extend(added)
        return added

    def then(self, call: Callable[[], None]) -> None:
        """Have this done on the loop when all is committed and announced, whoever waits for it."""
        self.next.append(call)


class Journal:
    """`announce` is called after each commit, in the order of the commits, on the event loop."""

    def __init__(self, database: Database, *, clock: Clock, announce: Announce) -> None:
        self._database = database
        self._clock = clock
        self._announce = announce

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Run `work`, commit, announce. A cancelled caller still gets both done."""
        made: list[Transaction] = []

        def transact(connection: sa.Connection) -> T:
            transaction = Transaction(connection=connection, now=self._clock())
            made.append(transaction)
            return work(transaction)

        def then() -> None:
            try:
                if made[0].told:
                    self._announce(made[0].told)
            finally:
                for call in made[0].next:
                    call()

        return await self._database.write(transact, then=then)

    async def read(self, work: Callable[[sa.Connection], T]) -> T:
        return await self._database.read(work)
