"""Owns running turns: one at a time a session, the rest in line. A turn belongs to its session, not
to a socket: closing the browser stops nothing.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa

from agent.ports import Briefing, ChatRequest, Scribe
from agent.turn import TurnResult
from server.memory import conversations, creatives, ledger, timeline, uploads
from server.memory.conversations import Session, TurnRow, TurnState
from server.memory.journal import Clock, Journal, Transaction
from server.scribe import STOPPED, Live, TurnScribe
from server.wire.answers import MessageSent, TurnRetried, TurnStopped
from server.wire.bodies import MessageSend, TurnRetry
from tools.contract import ToolContext
from tools.domain.events import (
    MessageAdded,
    SessionEvent,
    ToolFinished,
    ToolStarted,
    TurnFinished,
    TurnOutcome,
    TurnStarted,
)
from tools.domain.failures import Failure, failure_from
from tools.domain.identity import MessageId, MintId, SessionId, TurnId, UploadId
from tools.domain.models import ModelOffer
from tools.domain.money import Money
from tools.domain.uploads import Upload
from tools.errors import (
    Busy,
    Internal,
    Interrupted,
    InvalidPayload,
    NotFound,
    StorageUnavailable,
)

logger = logging.getLogger("reelroom.turns")

QUEUE_PLACES = 5
STOP_LIMIT_S = 0.8
"""What a model and its tools get to let go; a person who pressed Stop sees the end within a second."""
HISTORY_EVENTS = 600
PAUSES_S = (0.5, 2.0, 8.0, 30.0)
TALK = tuple(
    kind.name for kind in (MessageAdded, TurnStarted, TurnFinished, ToolStarted, ToolFinished)
)
INTERRUPTED = failure_from(Interrupted("The server stopped in the middle of this answer."))

Answer = Callable[[ChatRequest, Scribe, ToolContext, MintId], Awaitable[TurnResult]]
PutTogether = Callable[[tuple[SessionEvent, ...], MessageId, Briefing], ChatRequest]
Offers = Callable[[], tuple[ModelOffer, ...]]
T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class _Running:
    turn_id: TurnId
    scribe: TurnScribe
    task: asyncio.Task[TurnResult]
    given_up: asyncio.Future[TurnResult]
    """Cancelled when a stopped turn has not ended in time: it is told as stopped all the same."""
    stop_asked: bool = False

    def stop(self) -> None:
        self.stop_asked = True
        self.task.cancel()
        asyncio.get_running_loop().call_later(STOP_LIMIT_S, self.given_up.cancel)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is on the record when a turn begins. `asked_at`: when its message was sent."""

    session: Session
    happened: tuple[SessionEvent, ...]
    briefing: Briefing
    asked_at: datetime | None


class Turns:
    """`answer` is the agent with its model and tools; `request_for` puts its question together.

    `offers`: the video models as they can be had now. `budget`: of a campaign.
    """

    def __init__(
        self,
        *,
        journal: Journal,
        live: Live,
        answer: Answer,
        request_for: PutTogether,
        offers: Offers,
        budget: Money,
        mint: MintId,
        clock: Clock,
    ) -> None:
        self._offers = offers
        self._budget = budget
        self._journal = journal
        self._live = live
        self._answer = answer
        self._request_for = request_for
        self._mint = mint
        self._clock = clock
        self._running: dict[SessionId, _Running] = {}
        self._lines: dict[SessionId, asyncio.Task[None]] = {}
        self._due: set[SessionId] = set()
        self._is_closing = False
        self._group: asyncio.TaskGroup | None = None

    # -- its life -----------------------------------------------------------------------------

    async def recover(self) -> None:
        """Close what a killed process was answering. Before the first browser is let in."""
        self._due = await self._journal.write(_interrupt_cut_off_turns)

    async def run(self) -> None:
        """Own every turn, beginning with those that still wait. Until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            try:
                for session_id in tuple(self._due):
                    self._attend(session_id)
                await asyncio.Event().wait()
            finally:
                self._group = None

    async def drain(self) -> None:
        """Before the process ends: what is half said is kept, and the turn told as interrupted."""
        self._is_closing = True
        for running in tuple(self._running.values()):
            running.task.cancel()
        lines = tuple(self._lines.values())
        if lines:
            await asyncio.wait(lines, timeout=5)

    # -- what can be asked --------------------------------------------------------------------

    async def send(self, session: Session, command: MessageSend) -> MessageSent:
        """Put the message on the record and its turn in line. Raises RefusedRequest, NotFound."""
        text = command.text.replace("\0", "").strip()
        if not text and not command.uploads:
            raise InvalidPayload("A message needs some words or an image.", field="text")
        payload = command.model_dump(mode="json")

        def work(transaction: Transaction) -> MessageSent:
            known = conversations.recall(transaction, session.id, command.client_id, payload)
            if known is not None:
                return MessageSent.model_validate(known)
            sent = self._add_message(transaction, session, text, command)
            answer = sent.json_ready()
            conversations.remember(transaction, session.id, command.client_id, payload, answer)
            return sent

        try:
            return await self._journal.write(work)
        finally:
            # Also when the sender was cut off meanwhile: what was committed is answered.
            self._attend(session.id)

    async def retry(self, session: Session, command: TurnRetry) -> TurnRetried:
        """Answer the same message again. Raises NotFound, Busy, InvalidPayload."""
        payload = command.model_dump(mode="json")

        def work(transaction: Transaction) -> TurnRetried:
            known = conversations.recall(transaction, session.id, command.client_id, payload)
            if known is not None:
                return TurnRetried.model_validate(known)
            tables = transaction.connection
            turn = conversations.find_turn(tables, session.id, TurnId(command.turn_id))
            if turn is None:
                raise NotFound("That turn")
            newest = conversations.newest_turn(tables, session.id)
            if newest is None or newest.message_id != turn.message_id:
                raise InvalidPayload("Only the last answer can be tried again.", field="turnId")
            if newest.state is not TurnState.FINISHED:
                raise Busy("An answer is still being written. Stop it first, or wait.")
            again = self._line_up(transaction, session.id, turn.message_id)
            retried = TurnRetried(turn_id=again.id)
            conversations.remember(
                transaction, session.id, command.client_id, payload, retried.json_ready()
            )
            return retried

        try:
            return await self._journal.write(work)
        finally:
            self._attend(session.id)

    async def stop(self, session: Session, turn_id: TurnId) -> TurnStopped:
        """Stop this turn, running or in line. One that is over stays as it ended."""
        if self._stopped(session.id, turn_id):
            return TurnStopped(state="stopping")

        def work(transaction: Transaction) -> TurnStopped:
            turn = conversations.find_turn(transaction.connection, session.id, turn_id)
            if turn is None:
                raise NotFound("That turn")
            was_waiting = conversations.move_turn(
                transaction, turn_id, expected=TurnState.QUEUED, to=TurnState.FINISHED
            )
            if was_waiting:
                transaction.tell(
                    session.id,
                    TurnStarted(turn_id=turn_id, message_id=turn.message_id),
                    TurnFinished(turn_id=turn_id, outcome=TurnOutcome.STOPPED),
                )
            return TurnStopped(state="stopping" if was_waiting else "already_final")

        ended = await self._journal.write(work)
        # It may have begun while this stood in the database's line.
        return TurnStopped(state="stopping") if self._stopped(session.id, turn_id) else ended

    def _stopped(self, session_id: SessionId, turn_id: TurnId) -> bool:
        """Whether it was running, and now is not."""
        running = self._running.get(session_id)
        if running is None or running.turn_id != turn_id:
            return False
        running.stop()
        return True

    # -- what is going on ---------------------------------------------------------------------

    def active_turn(self, session_id: SessionId) -> str | None:
        running = self._running.get(session_id)
        return running.turn_id if running else None

    def live_text(self, session_id: SessionId) -> tuple[MessageId, str] | None:
        running = self._running.get(session_id)
        return running.scribe.live if running else None

    # -- within -------------------------------------------------------------------------------

    def _add_message(
        self, transaction: Transaction, session: Session, text: str, command: MessageSend
    ) -> MessageSent:
        tables = transaction.connection
        running = conversations.turns_in(tables, TurnState.RUNNING, session.id)
        queued = conversations.turns_in(tables, TurnState.QUEUED, session.id)
        if len(queued) >= QUEUE_PLACES + (not running):
            raise Busy(f"{QUEUE_PLACES} messages are already waiting. Let some be answered first.")
        if command.replaces is not None:
            _check_replaceable(tables, session.id, MessageId(command.replaces))
        message_id = MessageId(self._mint("msg"))
        turn = self._line_up(transaction, session.id, message_id)
        (entry,) = transaction.tell(
            session.id,
            MessageAdded(
                turn_id=turn.id,
                message_id=message_id,
                sender="user",
                text=text,
                uploads=_uploads_of(tables, session.id, command.uploads),
                client_id=command.client_id,
                replaces=MessageId(command.replaces) if command.replaces else None,
            ),
        )
        conversations.name_session(transaction, session.id, text)
        place = len(queued) + (1 if running else 0)
        return MessageSent(seq=entry.seq, turn_id=turn.id, queued=place or None)

    def _line_up(
        self, transaction: Transaction, session_id: SessionId, message_id: MessageId
    ) -> TurnRow:
        turn = TurnRow(
            id=TurnId(self._mint("turn")),
            session_id=session_id,
            message_id=message_id,
            state=TurnState.QUEUED,
        )
        conversations.add_turn(transaction, turn)
        return turn

    def _attend(self, session_id: SessionId) -> None:
        """Somebody must work off this session's line; one task at a time does."""
        self._due.add(session_id)
        if session_id not in self._lines and self._group is not None:
            line = self._group.create_task(self._work_off(session_id), name=f"turns {session_id}")
            self._lines[session_id] = line

    async def _work_off(self, session_id: SessionId) -> None:
        try:
            while session_id in self._due and not self._is_closing:
                # A message that comes in while the line is looked at puts it back on the list.
                self._due.discard(session_id)
                turn = await self._surely(lambda each: _start_next(each, session_id))
                if turn is not None:
                    self._due.add(session_id)
                    await self._run(turn)
        except Exception:
            logger.exception("a session's turns stopped")
        finally:
            del self._lines[session_id]

    async def _run(self, turn: TurnRow) -> None:
        scribe = TurnScribe(
            journal=self._journal,
            live=self._live,
            session_id=turn.session_id,
            turn_id=turn.id,
            mint=self._mint,
        )
        task = asyncio.ensure_future(self._talk(turn, scribe))
        running = _Running(
            turn_id=turn.id,
            scribe=scribe,
            task=task,
            given_up=asyncio.get_running_loop().create_future(),
        )
        self._running[turn.session_id] = running
        outcome, error = await _outcome_of(running)

        def close(transaction: Transaction) -> None:
            scribe.close(transaction)
            conversations.move_turn(
                transaction, turn.id, expected=TurnState.RUNNING, to=TurnState.FINISHED
            )
            finished = TurnFinished(turn_id=turn.id, outcome=outcome, error=error)
            transaction.tell(turn.session_id, finished)

        try:
            await self._surely(close)
        finally:
            del self._running[turn.session_id]

    async def _surely(self, work: Callable[[Transaction], T]) -> T:
        """A turn begins and ends also when the disk was full for a moment."""
        for pause_s in PAUSES_S:
            try:
                return await self._journal.write(work)
            except StorageUnavailable:
                logger.warning("a turn's beginning or end could not be written yet")
                await asyncio.sleep(pause_s)
        return await self._journal.write(work)

    async def _talk(self, turn: TurnRow, scribe: TurnScribe) -> TurnResult:
        known = await self._journal.read(lambda tables: self._facts(tables, turn))
        session = known.session
        context = ToolContext(
            tenant_id=session.tenant_id,
            user_id=session.user_id,
            campaign_id=session.campaign_id,
            session_id=session.id,
            turn_id=turn.id,
            asked_at=known.asked_at,
        )
        request = self._request_for(known.happened, turn.message_id, known.briefing)
        return await self._answer(request, scribe, context, self._mint)

    def _facts(self, tables: sa.Connection, turn: TurnRow) -> _Known:
        session = conversations.find_session(tables, turn.session_id)
        if session is None:
            raise NotFound("That session")
        told = timeline.dated(tables, session.id, TALK, last=HISTORY_EVENTS)
        happened = tuple(event for _, event in told)
        money = ledger.balance(tables, session.tenant_id, session.campaign_id)
        left = self._budget - money.spent - money.reserved
        briefing = Briefing(
            today=self._clock().date(),
            uploads=uploads.of_session(tables, session.id),
            creatives=creatives.of_session(tables, session.id),
            models=self._offers(),
            budget_left=max(left, Money()),
            earlier_messages=_unread_messages(tables, session.id, happened),
        )
        asked_at = _moment_of(turn.message_id, told)
        return _Known(session=session, happened=happened, briefing=briefing, asked_at=asked_at)


def _unread_messages(
    tables: sa.Connection, session_id: SessionId, happened: tuple[SessionEvent, ...]
) -> int:
    """Messages that are further back than a turn reads."""
    if len(happened) < HISTORY_EVENTS:
        return 0
    read = sum(isinstance(event, MessageAdded) for event in happened)
    return timeline.count(tables, session_id, MessageAdded.name) - read


def _moment_of(
    message_id: MessageId, told: tuple[tuple[str, SessionEvent], ...]
) -> datetime | None:
    for at, event in reversed(told):
        if isinstance(event, MessageAdded) and event.message_id == message_id:
            return datetime.fromisoformat(at)
    return None


async def _outcome_of(running: _Running) -> tuple[TurnOutcome, Failure | None]:
    """Wait for the turn, whatever becomes of it: a stop, the end of the process, a bug."""
    try:
        result = await _first_of(running)
    except asyncio.CancelledError:
        if running.stop_asked:
            return TurnOutcome.STOPPED, None
        running.task.cancel()
        await asyncio.wait({running.task}, timeout=5)
        return TurnOutcome.INTERRUPTED, INTERRUPTED
    except Exception:
        logger.exception("a turn broke")
        return TurnOutcome.FAILED, failure_from(Internal())
    return TurnOutcome(result.outcome), result.error


async def _first_of(running: _Running) -> TurnResult:
    """The turn's own end, or CancelledError when it was stopped and does not let go."""
    await asyncio.wait({running.task, running.given_up}, return_when=asyncio.FIRST_COMPLETED)
    if running.task.done():
        return running.task.result()
    # Cancelled already, and its scribe is closed with the turn: it can do nothing more here.
    logger.warning("a stopped turn did not let go in time")
    running.task.add_done_callback(_forget)
    raise asyncio.CancelledError


def _forget(task: asyncio.Task[TurnResult]) -> None:
    if not task.cancelled() and task.exception() is not None:
        logger.warning("a stopped turn broke afterwards", exc_info=task.exception())


def _start_next(transaction: Transaction, session_id: SessionId) -> TurnRow | None:
    """The turn whose turn it is, moved to running and told; None when nobody waits."""
    waiting = conversations.turns_in(transaction.connection, TurnState.QUEUED, session_id)
    if not waiting:
        return None
    turn = waiting[0]
    conversations.move_turn(transaction, turn.id, expected=TurnState.QUEUED, to=TurnState.RUNNING)
    transaction.tell(session_id, TurnStarted(turn_id=turn.id, message_id=turn.message_id))
    return turn


def _interrupt_cut_off_turns(transaction: Transaction) -> set[SessionId]:
    """Close the turns that a killed process was running; the sessions where others still wait."""
    for turn in conversations.turns_in(transaction.connection, TurnState.RUNNING):
        started = timeline.of_types(
            transaction.connection,
            turn.session_id,
            (ToolStarted.name, ToolFinished.name),
            last=HISTORY_EVENTS,
        )
        for call in _open_calls(started, turn.id):
            transaction.tell(
                turn.session_id,
                ToolFinished(
                    turn_id=turn.id, call_id=call.call_id, tool=call.tool, ok=False, error=STOPPED
                ),
            )
        conversations.move_turn(
            transaction, turn.id, expected=TurnState.RUNNING, to=TurnState.FINISHED
        )
        finished = TurnFinished(turn_id=turn.id, outcome=TurnOutcome.INTERRUPTED, error=INTERRUPTED)
        transaction.tell(turn.session_id, finished)
    waiting = conversations.turns_in(transaction.connection, TurnState.QUEUED)
    return {turn.session_id for turn in waiting}


def _open_calls(happened: tuple[SessionEvent, ...], turn_id: TurnId) -> tuple[ToolStarted, ...]:
    over = {event.call_id for event in happened if isinstance(event, ToolFinished)}
    return tuple(
        event
        for event in happened
        if isinstance(event, ToolStarted) and event.turn_id == turn_id and event.call_id not in over
    )


def _check_replaceable(tables: sa.Connection, session_id: SessionId, message_id: MessageId) -> None:
    """Only the last message can be edited, and only when its answer is over."""
    turn = conversations.turn_of_message(tables, session_id, message_id)
    if turn is None:
        raise NotFound("The message to replace")
    newest = conversations.newest_turn(tables, session_id)
    if newest is None or newest.message_id != message_id:
        raise InvalidPayload("Only the last message can be edited.", field="replaces")
    if newest.state is not TurnState.FINISHED:
        raise Busy("It is being answered. Stop the answer first, then edit the message.")


def _uploads_of(
    tables: sa.Connection, session_id: SessionId, asked: list[str]
) -> tuple[Upload, ...]:
    if not asked:
        return ()
    known = {upload.id: upload for upload in uploads.of_session(tables, session_id)}
    try:
        return tuple(known[UploadId(upload_id)] for upload_id in dict.fromkeys(asked))
    except KeyError:
        raise NotFound("One of the images") from None
