"""What can be asked of a session's turns, each a step inside one transaction."""

from dataclasses import dataclass

import sqlalchemy as sa

from server.memory import conversations, uploads
from server.memory.conversations import Session, TurnRow, TurnState
from server.memory.journal import Transaction
from server.wire.answers import MessageSent, TurnStopped
from server.wire.bodies import MessageSend
from tools.domain.events import MessageAdded, TurnFinished, TurnOutcome, TurnStarted
from tools.domain.identity import MessageId, MintId, SessionId, TurnId, UploadId
from tools.domain.uploads import Upload
from tools.errors import Busy, InvalidPayload, NotFound

QUEUE_PLACES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a person said, ready to be put on the record."""

    text: str
    command: MessageSend


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A message that is on the record; its turn is running already where nobody was before it."""

    sent: MessageSent
    turn: TurnRow


def add_message(
    transaction: Transaction, session: Session, said: Said, mint: MintId, *, may_start: bool
) -> Asked:
    """The message on the record and its turn begun, or in line. Raises Busy, InvalidPayload, NotFound."""
    tables, command = transaction.connection, said.command
    running, queued = conversations.open_turns(tables, session.id)
    if queued >= QUEUE_PLACES + (not running):
        raise Busy(f"{QUEUE_PLACES} messages are already waiting. Let some be answered first.")
    if command.replaces is not None:
        check_replaceable(tables, session.id, MessageId(command.replaces))
    turn = TurnRow(
        id=TurnId(mint("turn")),
        session_id=session.id,
        message_id=MessageId(mint("msg")),
        state=TurnState.RUNNING if may_start and not running + queued else TurnState.QUEUED,
    )
    conversations.add_turn(transaction, turn)
    added = MessageAdded(
        turn_id=turn.id,
        message_id=turn.message_id,
        sender="user",
        text=said.text,
        uploads=uploads_of(tables, session.id, command.uploads),
        client_id=command.client_id,
        replaces=MessageId(command.replaces) if command.replaces else None,
    )
    if turn.state is TurnState.RUNNING:
        entry, _ = transaction.tell(session.id, added, _started(turn))
    else:
        (entry,) = transaction.tell(session.id, added)
    if not session.title:
        conversations.name_session(transaction, session.id, said.text)
    sent = MessageSent(seq=entry.seq, turn_id=turn.id, queued=running + queued or None)
    return Asked(sent=sent, turn=turn)


def try_again(
    transaction: Transaction, session_id: SessionId, turn_id: TurnId, mint: MintId
) -> TurnRow:
    """Another turn for the message of this one, the last. Raises NotFound, Busy, InvalidPayload."""
    tables = transaction.connection
    turn = conversations.find_turn(tables, session_id, turn_id)
    if turn is None:
        raise NotFound("That turn")
    newest = conversations.newest_turn(tables, session_id)
    if newest is None or newest.message_id != turn.message_id:
        raise InvalidPayload("Only the last answer can be tried again.", field="turnId")
    if newest.state is not TurnState.FINISHED:
        raise Busy("An answer is still being written. Stop it first, or wait.")
    return line_up(transaction, session_id, turn.message_id, mint)


def stop_waiting(transaction: Transaction, session_id: SessionId, turn_id: TurnId) -> TurnStopped:
    """Take it out of the line. Raises NotFound."""
    turn = conversations.find_turn(transaction.connection, session_id, turn_id)
    if turn is None:
        raise NotFound("That turn")
    was_waiting = conversations.move_turn(
        transaction, turn_id, expected=TurnState.QUEUED, to=TurnState.FINISHED
    )
    if was_waiting:
        transaction.tell(
            session_id,
            _started(turn),
            TurnFinished(turn_id=turn_id, outcome=TurnOutcome.STOPPED),
        )
    return TurnStopped(state="stopping" if was_waiting else "already_final")


def line_up(
    transaction: Transaction, session_id: SessionId, message_id: MessageId, mint: MintId
) -> TurnRow:
    turn = TurnRow(
        id=TurnId(mint("turn")),
        session_id=session_id,
        message_id=message_id,
        state=TurnState.QUEUED,
    )
    conversations.add_turn(transaction, turn)
    return turn


def start_next(transaction: Transaction, session_id: SessionId) -> TurnRow | None:
    """The turn whose turn it is, moved to running and told; None when nobody waits."""
    waiting = conversations.turns_in(transaction.connection, TurnState.QUEUED, session_id)
    if not waiting:
        return None
    turn = waiting[0]
    conversations.move_turn(transaction, turn.id, expected=TurnState.QUEUED, to=TurnState.RUNNING)
    transaction.tell(session_id, _started(turn))
    return turn


def _started(turn: TurnRow) -> TurnStarted:
    return TurnStarted(turn_id=turn.id, message_id=turn.message_id)


def check_replaceable(tables: sa.Connection, session_id: SessionId, message_id: MessageId) -> None:
    """Only the last message can be edited, and only when its answer is over."""
    turn = conversations.turn_of_message(tables, session_id, message_id)
    if turn is None:
        raise NotFound("The message to replace")
    newest = conversations.newest_turn(tables, session_id)
    if newest is None or newest.message_id != message_id:
        raise InvalidPayload("Only the last message can be edited.", field="replaces")
    if newest.state is not TurnState.FINISHED:
        raise Busy("It is being answered. Stop the answer first, then edit the message.")


def uploads_of(
    tables: sa.Connection, session_id: SessionId, asked: list[str]
) -> tuple[Upload, ...]:
    if not asked:
        return ()
    known = {upload.id: upload for upload in uploads.of_session(tables, session_id)}
    try:
        return tuple(known[UploadId(upload_id)] for upload_id in dict.fromkeys(asked))
    except KeyError:
        raise NotFound("One of the images") from None
