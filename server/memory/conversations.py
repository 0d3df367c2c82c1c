"""Sessions, their turns, and the commands that were already accepted."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from server.memory.journal import Transaction
from server.memory.prepared import Prepared, any_of
from server.memory.tables import commands, meta, sessions, turns
from tools.domain.identity import CampaignId, MessageId, SessionId, TenantId, TurnId, UserId
from tools.errors import IdempotencyMismatch

REMEMBERED_FOR = timedelta(hours=25)
TITLE_CHARS = 60

# What every turn asks stands here, prepared.
_FIND_SESSION = Prepared(
    sa.select(
        sessions.c.id,
        sessions.c.tenant_id,
        sessions.c.campaign_id,
        sessions.c.user_id,
        sessions.c.title,
        sessions.c.head,
        sessions.c.updated_at,
    ).where(sessions.c.id == sa.bindparam("session_id"))
)
_NAME_SESSION = Prepared(
    sa.update(sessions)
    .where(sessions.c.id == sa.bindparam("session_id"), sessions.c.title == "")
    .values(title=sa.bindparam("first_words"))
)
_TURN = sa.select(turns.c.id, turns.c.session_id, turns.c.message_id, turns.c.state)
_ADD_TURN = Prepared(
    sa.insert(turns).values(
        place=sa.select(sa.func.coalesce(sa.func.max(turns.c.place), 0) + 1)
        .where(turns.c.session_id == sa.bindparam("same_session"))
        .scalar_subquery()
    ),
    columns=("id", "session_id", "message_id", "state"),
)
_TURNS_OF_SESSION_IN = Prepared(
    _TURN.where(
        turns.c.state == sa.bindparam("state"), turns.c.session_id == sa.bindparam("session_id")
    ).order_by(turns.c.place)
)
_MOVE_TURN = Prepared(
    sa.update(turns)
    .where(turns.c.id == sa.bindparam("turn_id"), turns.c.state == sa.bindparam("expected"))
    .values(state=sa.bindparam("to"))
)
_RECALL = Prepared(
    sa.select(commands.c.fingerprint, commands.c.answer).where(
        commands.c.session_id == sa.bindparam("session_id"),
        commands.c.client_id == sa.bindparam("client_id"),
    )
)
_REMEMBER = Prepared(
    sa.insert(commands), columns=("session_id", "client_id", "fingerprint", "answer", "at")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    id: SessionId
    tenant_id: TenantId
    campaign_id: CampaignId
    user_id: UserId
    title: str
    head: int
    updated_at: datetime


class TurnState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnRow:
    id: TurnId
    session_id: SessionId
    message_id: MessageId
    state: TurnState


_OPEN_TURNS = Prepared(
    sa.select(turns.c.state).where(
        turns.c.session_id == sa.bindparam("session_id"),
        any_of(turns.c.state, (TurnState.QUEUED.value, TurnState.RUNNING.value)),
    )
)


def epoch(connection: sa.Connection) -> str:
    query = sa.select(meta.c.value).where(meta.c.key == "epoch")
    return str(connection.execute(query).scalar_one())


def add_session(transaction: Transaction, session: Session) -> None:
    transaction.connection.execute(
        sa.insert(sessions).values(
            id=session.id,
            tenant_id=session.tenant_id,
            campaign_id=session.campaign_id,
            user_id=session.user_id,
            title=session.title,
            head=0,
            created_at=transaction.now.isoformat(),
            updated_at=transaction.now.isoformat(),
        )
    )


def find_session(connection: sa.Connection, session_id: SessionId) -> Session | None:
    row = _FIND_SESSION.first(connection, {"session_id": session_id})
    if row is None:
        return None
    its_id, tenant_id, campaign_id, user_id, title, head, updated_at = row
    return Session(
        id=its_id,
        tenant_id=tenant_id,
        campaign_id=campaign_id,
        user_id=user_id,
        title=title,
        head=head,
        updated_at=datetime.fromisoformat(updated_at),
    )


def newest_session(
    connection: sa.Connection, tenant_id: TenantId, campaign_id: CampaignId, user_id: UserId
) -> Session | None:
    """The caller's own newest session of the campaign."""
    row = connection.execute(
        sa.select(sessions)
        .where(
            sessions.c.tenant_id == tenant_id,
            sessions.c.campaign_id == campaign_id,
            sessions.c.user_id == user_id,
        )
        .order_by(sessions.c.updated_at.desc(), sessions.c.id)
        .limit(1)
    ).first()
    return None if row is None else _session(row)


def list_sessions(
    connection: sa.Connection,
    tenant_id: TenantId,
    campaigns: Collection[CampaignId] | None,
    *,
    last: int,
) -> tuple[Session, ...]:
    """The tenant's newest sessions, of these campaigns or (None) of all."""
    query = sa.select(sessions).where(sessions.c.tenant_id == tenant_id)
    if campaigns is not None:
        query = query.where(sessions.c.campaign_id.in_(campaigns))
    rows = connection.execute(query.order_by(sessions.c.updated_at.desc()).limit(last))
    return tuple(_session(row) for row in rows)


def name_session(transaction: Transaction, session_id: SessionId, text: str) -> None:
    """The first message gives the session its title; later ones leave it."""
    title = " ".join(text.split())[:TITLE_CHARS]
    named = {"session_id": session_id, "first_words": title}
    _NAME_SESSION.change(transaction.connection, named)


def add_turn(transaction: Transaction, turn: TurnRow) -> None:
    _ADD_TURN.change(
        transaction.connection,
        {
            "id": turn.id,
            "session_id": turn.session_id,
            "message_id": turn.message_id,
            "state": turn.state.value,
            "same_session": turn.session_id,
        },
    )


def find_turn(connection: sa.Connection, session_id: SessionId, turn_id: TurnId) -> TurnRow | None:
    query = sa.select(turns).where(turns.c.id == turn_id, turns.c.session_id == session_id)
    row = connection.execute(query).first()
    return None if row is None else _turn(row)


def turn_of_message(
    connection: sa.Connection, session_id: SessionId, message_id: MessageId
) -> TurnRow | None:
    """The newest turn that answers this message."""
    row = connection.execute(
        sa.select(turns)
        .where(turns.c.session_id == session_id, turns.c.message_id == message_id)
        .order_by(turns.c.place.desc())
        .limit(1)
    ).first()
    return None if row is None else _turn(row)


def newest_turn(connection: sa.Connection, session_id: SessionId) -> TurnRow | None:
    row = connection.execute(
        sa.select(turns)
        .where(turns.c.session_id == session_id)
        .order_by(turns.c.place.desc())
        .limit(1)
    ).first()
    return None if row is None else _turn(row)


def turns_in(
    connection: sa.Connection, state: TurnState, session_id: SessionId | None = None
) -> tuple[TurnRow, ...]:
    """Turns in this state, in their order; of every session when none is named."""
    if session_id is None:
        query = sa.select(turns).where(turns.c.state == state.value).order_by(turns.c.place)
        return tuple(_turn(row) for row in connection.execute(query))
    asked = {"state": state.value, "session_id": session_id}
    return tuple(
        TurnRow(id=its_id, session_id=session_id, message_id=message_id, state=state)
        for its_id, session_id, message_id, _ in _TURNS_OF_SESSION_IN.rows(connection, asked)
    )


def open_turns(connection: sa.Connection, session_id: SessionId) -> tuple[int, int]:
    """How many of a session's turns are running, and how many wait."""
    found = _OPEN_TURNS.rows(connection, {"session_id": session_id})
    running = sum(state == TurnState.RUNNING for (state,) in found)
    return running, len(found) - running


def move_turn(
    transaction: Transaction, turn_id: TurnId, *, expected: TurnState, to: TurnState
) -> bool:
    """False when somebody moved it first."""
    move = {"turn_id": turn_id, "expected": expected.value, "to": to.value}
    return _MOVE_TURN.change(transaction.connection, move) == 1


def recall(
    transaction: Transaction, session_id: SessionId, client_id: str, payload: Mapping[str, Any]
) -> dict[str, Any] | None:
    """What this command was answered, if it was accepted before. Raises IdempotencyMismatch."""
    asked = {"session_id": session_id, "client_id": client_id}
    row = _RECALL.first(transaction.connection, asked)
    if row is None:
        return None
    fingerprint, given = row
    if fingerprint != _fingerprint(payload):
        raise IdempotencyMismatch
    answer: dict[str, Any] = json.loads(given)
    return answer


def remember(
    transaction: Transaction,
    session_id: SessionId,
    client_id: str,
    payload: Mapping[str, Any],
    answer: Mapping[str, Any],
) -> None:
    """An accepted command. A refused one is not remembered: it may be sent again."""
    _REMEMBER.change(
        transaction.connection,
        {
            "session_id": session_id,
            "client_id": client_id,
            "fingerprint": _fingerprint(payload),
            "answer": json.dumps(answer),
            "at": transaction.now.isoformat(),
        },
    )


def forget_old_commands(transaction: Transaction) -> None:
    oldest = (transaction.now - REMEMBERED_FOR).isoformat()
    transaction.connection.execute(sa.delete(commands).where(commands.c.at < oldest))


def _fingerprint(payload: Mapping[str, Any]) -> str:
    return sha256(json.dumps(payload, sort_keys=True, default=str).encode()).hexdigest()


def _session(row: sa.Row[Any]) -> Session:
    return Session(
        id=SessionId(row.id),
        tenant_id=TenantId(row.tenant_id),
        campaign_id=CampaignId(row.campaign_id),
        user_id=UserId(row.user_id),
        title=row.title,
        head=row.head,
        updated_at=datetime.fromisoformat(row.updated_at),
    )


def _turn(row: sa.Row[Any]) -> TurnRow:
    return TurnRow(
        id=TurnId(row.id),
        session_id=SessionId(row.session_id),
        message_id=MessageId(row.message_id),
        state=TurnState(row.state),
    )
