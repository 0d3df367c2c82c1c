"""The numbered record of a session. `seq` is given here, in the transaction of the change it tells."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa

from server.memory.codec import EVENTS
from server.memory.prepared import Prepared, any_of
from server.memory.tables import entries, sessions
from tools.domain.events import SessionEvent
from tools.domain.identity import SessionId
from tools.errors import NotFound

PAGE_ENTRIES = 1_000
PAGE_BYTES = 1_000_000

# Asked by every turn: prepared, or at least built once, which costs five times the running.
_TAKE_NUMBERS = Prepared(
    sa.update(sessions)
    .where(sessions.c.id == sa.bindparam("session_id"))
    .values(head=sessions.c.head + sa.bindparam("count"), updated_at=sa.bindparam("at"))
    .returning(sessions.c.head)
)
_KEEP = Prepared(sa.insert(entries), columns=("session_id", "seq", "at", "type", "data"))
_HEAD = sa.select(sessions.c.head).where(sessions.c.id == sa.bindparam("session_id"))
_PAGE = (
    sa.select(entries.c.seq, entries.c.at, entries.c.type, entries.c.data)
    .where(
        entries.c.session_id == sa.bindparam("session_id"), entries.c.seq > sa.bindparam("after")
    )
    .order_by(entries.c.seq)
    .limit(sa.bindparam("most"))
)
_HEADS = sa.select(sessions.c.id, sessions.c.head).where(
    sessions.c.id.in_(sa.bindparam("session_ids", expanding=True))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the timeline: durable, never changed."""

    session_id: SessionId
    seq: int
    at: datetime
    event: SessionEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Entries in order; `head` is the newest number there is, `more`: not all of them are here."""

    entries: tuple[Entry, ...]
    head: int
    more: bool


def append(
    connection: sa.Connection, session_id: SessionId, happened: Sequence[SessionEvent], at: datetime
) -> tuple[Entry, ...]:
    """Number and keep `happened`. The session's row is the lock: no number is given twice or skipped."""
    told_at = at.isoformat()
    taken = _TAKE_NUMBERS.first(
        connection, {"session_id": session_id, "count": len(happened), "at": told_at}
    )
    if taken is None:
        raise NotFound("That session")
    first = taken[0] - len(happened) + 1
    added = tuple(
        Entry(session_id=session_id, seq=first + offset, at=at, event=event)
        for offset, event in enumerate(happened)
    )
    _KEEP.add(
        connection,
        [
            {
                "session_id": session_id,
                "seq": entry.seq,
                "at": told_at,
                "type": entry.event.name,
                "data": EVENTS[entry.event.name].dump(entry.event),
            }
            for entry in added
        ],
    )
    return added


def read(
    connection: sa.Connection,
    session_id: SessionId,
    *,
    after: int = 0,
    limit: int = PAGE_ENTRIES,
    limit_bytes: int = PAGE_BYTES,
) -> Page:
    """Entries with a number above `after`, at most `limit` of them or `limit_bytes`, at least one."""
    head = connection.execute(_HEAD, {"session_id": session_id}).scalar()
    if head is None:
        raise NotFound("That session")
    rows = connection.execute(_PAGE, {"session_id": session_id, "after": after, "most": limit})
    page: list[Entry] = []
    size = 0
    for seq, at, kind, data in rows:
        size += len(data.encode())
        if page and size > limit_bytes:
            break
        page.append(_entry(session_id, seq, at, kind, data))
    last = page[-1].seq if page else after
    return Page(entries=tuple(page), head=head, more=last < head)


def of_types(
    connection: sa.Connection, session_id: SessionId, types: Iterable[str], *, last: int
) -> tuple[SessionEvent, ...]:
    """The newest `last` events of these types, oldest first."""
    return tuple(event for _, event in dated(connection, session_id, types, last=last))


def dated(
    connection: sa.Connection, session_id: SessionId, types: Iterable[str], *, last: int
) -> tuple[tuple[str, SessionEvent], ...]:
    """As `of_types`, each event beside the moment it was told, in ISO 8601."""
    asked = {"session_id": session_id, "last": last}
    rows = _newest_of(tuple(types)).rows(connection, asked)
    return tuple((at, EVENTS[kind].load(data)) for at, kind, data in reversed(rows))


@lru_cache(maxsize=16)
def _newest_of(types: tuple[str, ...]) -> Prepared:
    """A few sets of types are asked for, again and again."""
    return Prepared(
        sa.select(entries.c.at, entries.c.type, entries.c.data)
        .where(entries.c.session_id == sa.bindparam("session_id"), any_of(entries.c.type, types))
        .order_by(entries.c.seq.desc())
        .limit(sa.bindparam("last"))
    )


def count(connection: sa.Connection, session_id: SessionId, kind: str) -> int:
    """How many entries of this type there are."""
    query = sa.select(sa.func.count()).where(
        entries.c.session_id == session_id, entries.c.type == kind
    )
    return int(connection.execute(query).scalar_one())


def heads(connection: sa.Connection, session_ids: Iterable[SessionId]) -> Mapping[SessionId, int]:
    """The newest number of each, in one query."""
    rows = connection.execute(_HEADS, {"session_ids": list(session_ids)})
    return {SessionId(row.id): row.head for row in rows}


def _entry(session_id: SessionId, seq: int, at: str, kind: str, data: str) -> Entry:
    return Entry(
        session_id=session_id,
        seq=seq,
        at=datetime.fromisoformat(at),
        event=EVENTS[kind].load(data),
    )
