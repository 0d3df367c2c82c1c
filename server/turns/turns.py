"""Owns running turns: one at a time a session, the rest in line. A turn belongs to its session, not
to a socket: closing the browser stops nothing.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

import sqlalchemy as sa

from agent.ports import Briefing, ChatRequest, Scribe
from agent.turn import TurnResult
from server.memory import conversations
from server.memory.conversations import Session, TurnRow, TurnState
from server.memory.journal import Journal, Transaction
from server.scribe import Live, TurnScribe
from server.turns.asking import Said, add_message, start_next, stop_waiting, try_again
from server.turns.briefing import Begun, Facts
from server.turns.cut_off import interrupt_cut_off_turns
from server.turns.running import Running, outcome_of
from server.wire.answers import MessageSent, TurnRetried, TurnStopped
from server.wire.bodies import MessageSend, TurnRetry
from tools.contract import ToolContext
from tools.domain.events import SessionEvent, TurnFinished
from tools.domain.identity import MessageId, MintId, SessionId, TurnId
from tools.errors import InvalidPayload, StorageUnavailable

logger = logging.getLogger("reelroom.turns")

PAUSES_S = (0.5, 2.0, 8.0, 30.0)
Answer = Callable[[ChatRequest, Scribe, ToolContext, MintId], Awaitable[TurnResult]]
Allow = Callable[[], None]
FindSession = Callable[[sa.Connection], Session]
"""The session that is meant, looked up by whoever asks; raises NotFound when it is not theirs."""
PutTogether = Callable[[tuple[SessionEvent, ...], MessageId, Briefing], ChatRequest]
T = TypeVar("T")


def _anybody() -> None:
    """Asks nothing."""


class Turns:
    """`answer` is the agent with its model and tools; `request_for` puts its question together."""

    def __init__(
        self,
        *,
        journal: Journal,
        live: Live,
        answer: Answer,
        request_for: PutTogether,
        facts: Facts,
        mint: MintId,
    ) -> None:
        self._journal = journal
        self._live = live
        self._answer = answer
        self._request_for = request_for
        self._facts = facts
        self._mint = mint
        self._running: dict[SessionId, Running] = {}
        self._lines: dict[SessionId, asyncio.Task[None]] = {}
        self._due: set[SessionId] = set()
        """Somebody may wait in line there."""
        self._begun: dict[SessionId, Begun] = {}
        """Turns that are told as begun, until the session's task takes them."""
        self._is_closing = False
        self._group: asyncio.TaskGroup | None = None

    # -- its life -----------------------------------------------------------------------------

    async def recover(self) -> None:
        """Close what a killed process was answering. Before the first browser is let in."""
        self._due = await self._journal.write(interrupt_cut_off_turns)

    async def run(self) -> None:
        """Own every turn, beginning with those that still wait. Until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            try:
                for session_id in (*self._due, *self._begun):
                    self._have_worked_off(session_id)
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

    async def send(
        self, find: FindSession, command: MessageSend, *, allow: Allow = _anybody
    ) -> MessageSent:
        """Put the message on the record and begin its turn, or put it in line.

        One transaction, so that the model is asked as soon as the message is kept. Raises
        RefusedRequest, NotFound. `allow` is asked on the database's thread, last of all and only for
        what is new: it may refuse by raising, and then nothing was changed.
        """
        text = command.text.replace("\0", "").strip()
        if not text and not command.uploads:
            raise InvalidPayload("A message needs some words or an image.", field="text")
        said = Said(text=text, command=command)
        payload = command.model_dump(mode="json")

        def work(transaction: Transaction) -> MessageSent:
            session = find(transaction.connection)
            known = conversations.recall(transaction, session.id, command.client_id, payload)
            if known is not None:
                transaction.then(lambda: self._attend(session.id))
                return MessageSent.model_validate(known)
            asked = add_message(
                transaction, session, said, self._mint, may_start=not self._is_closing
            )
            answer = asked.sent.json_ready()
            conversations.remember(transaction, session.id, command.client_id, payload, answer)
            allow()
            self._go_on(transaction, session, asked.turn)
            return asked.sent

        return await self._journal.write(work)

    def _go_on(self, transaction: Transaction, session: Session, turn: TurnRow) -> None:
        """Once all is committed, also when the sender was cut off meanwhile: it is answered."""
        if turn.state is TurnState.QUEUED:
            transaction.then(lambda: self._attend(session.id))
            return
        begun = self._facts.begun(transaction.connection, session, turn)
        transaction.then(lambda: self._begin(begun))

    async def retry(
        self, session: Session, command: TurnRetry, *, allow: Allow = _anybody
    ) -> TurnRetried:
        """Answer the same message again. Raises RefusedRequest, NotFound. `allow`: as for `send`."""
        payload = command.model_dump(mode="json")

        def work(transaction: Transaction) -> TurnRetried:
            known = conversations.recall(transaction, session.id, command.client_id, payload)
            if known is not None:
                transaction.then(lambda: self._attend(session.id))
                return TurnRetried.model_validate(known)
            again = try_again(transaction, session.id, TurnId(command.turn_id), self._mint)
            retried = TurnRetried(turn_id=again.id)
            conversations.remember(
                transaction, session.id, command.client_id, payload, retried.json_ready()
            )
            allow()
            transaction.then(lambda: self._attend(session.id))
            return retried

        return await self._journal.write(work)

    async def stop(self, session: Session, turn_id: TurnId) -> TurnStopped:
        """Stop this turn, running or in line. One that is over stays as it ended."""
        if self.let_go(session.id, turn_id):
            return TurnStopped(state="stopping")

        ended = await self._journal.write(lambda each: stop_waiting(each, session.id, turn_id))
        # It may have begun while this stood in the database's line.
        return TurnStopped(state="stopping") if self.let_go(session.id, turn_id) else ended

    def let_go(self, session_id: SessionId, turn_id: TurnId) -> bool:
        """Stop it if it is running; whether it was. Without a look at the record: whose it is, the
        caller knows.
        """
        running = self._running.get(session_id)
        if running is None or running.turn_id != turn_id:
            return False
        running.stop()
        return True

    # -- what is going on ---------------------------------------------------------------------

    def active_turn(self, session_id: SessionId) -> str | None:
        running = self._running.get(session_id)
        return running.turn_id if running else None

    @property
    def running(self) -> int:
        """How many are answered right now."""
        return len(self._running)

    def live_text(self, session_id: SessionId) -> tuple[MessageId, str] | None:
        running = self._running.get(session_id)
        return running.scribe.live if running else None

    # -- within -------------------------------------------------------------------------------

    def _attend(self, session_id: SessionId) -> None:
        """Somebody must work off this session's line; one task at a time does."""
        self._due.add(session_id)
        self._have_worked_off(session_id)

    def _begin(self, begun: Begun) -> None:
        session_id = begun.turn.session_id
        self._begun[session_id] = begun
        self._have_worked_off(session_id)

    def _have_worked_off(self, session_id: SessionId) -> None:
        if session_id not in self._lines and self._group is not None:
            line = self._group.create_task(self._work_off(session_id), name=f"turns {session_id}")
            self._lines[session_id] = line

    async def _work_off(self, session_id: SessionId) -> None:
        begun: Begun | None = None
        try:
            while begun := begun or await self._next(session_id):
                begun = await self._run(begun)
        except Exception:
            logger.exception("a session's turns stopped")
        finally:
            del self._lines[session_id]

    async def _next(self, session_id: SessionId) -> Begun | None:
        """The turn that was begun with its message, else the one whose turn it is."""
        while session_id not in self._begun:
            if session_id not in self._due or self._is_closing:
                return None
            # A message that comes in while the line is looked at puts it back on the list.
            self._due.discard(session_id)
            begun = await self._surely(lambda each: self._start_next(each, session_id))
            if begun is not None:
                return begun
        return self._begun.pop(session_id)

    def _start_next(self, transaction: Transaction, session_id: SessionId) -> Begun | None:
        turn = start_next(transaction, session_id)
        session = conversations.find_session(transaction.connection, session_id) if turn else None
        if turn is None or session is None:
            return None
        return self._facts.begun(transaction.connection, session, turn)

    async def _run(self, begun: Begun) -> Begun | None:
        """Have it answered and closed; the next one in line, begun with its end."""
        turn = begun.turn
        scribe = TurnScribe(
            journal=self._journal,
            live=self._live,
            session_id=turn.session_id,
            turn_id=turn.id,
            mint=self._mint,
        )
        task = asyncio.ensure_future(self._talk(begun, scribe))
        running = Running(
            turn_id=turn.id,
            scribe=scribe,
            task=task,
            given_up=asyncio.get_running_loop().create_future(),
        )
        self._running[turn.session_id] = running
        if self._is_closing:
            task.cancel()  # it was begun in the last moment: told as interrupted, like the others
        outcome, error = await outcome_of(running)

        def close(transaction: Transaction) -> Begun | None:
            conversations.move_turn(
                transaction, turn.id, expected=TurnState.RUNNING, to=TurnState.FINISHED
            )
            finished = TurnFinished(turn_id=turn.id, outcome=outcome, error=error)
            scribe.close(transaction, finished)
            return None if self._is_closing else self._start_next(transaction, turn.session_id)

        try:
            return await self._surely(close)
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

    async def _talk(self, begun: Begun, scribe: TurnScribe) -> TurnResult:
        turn, known = begun.turn, begun.known
        if isinstance(known, Exception):
            raise known
        session = known.session
        context = ToolContext(
            tenant_id=session.tenant_id,
            user_id=session.user_id,
            campaign_id=session.campaign_id,
            session_id=session.id,
            turn_id=turn.id,
        )
        request = self._request_for(known.happened, turn.message_id, known.briefing)
        return await self._answer(request, scribe, context, self._mint)
