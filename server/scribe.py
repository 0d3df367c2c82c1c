"""Writes one turn down: live text as it comes, messages and tool calls as entries."""

from collections.abc import Mapping
from typing import Protocol

import sqlalchemy as sa

from server.memory import timeline
from server.memory.journal import Journal, Transaction
from tools.domain.events import MessageAdded, SessionEvent, ToolFinished, ToolStarted
from tools.domain.failures import Failure
from tools.domain.identity import CallId, MessageId, MintId, SessionId, TurnId
from tools.errors import Interrupted

_LOOKED_BACK = 50
"""Newest entries among which the last words of a turn are found: it ends with a few at most."""
STOPPED = Failure(code="interrupted", message="Stopped before it was done.", retryable=True)


class Live(Protocol):
    """Where text goes while it is written; it may be lost on the way."""

    def text(self, session_id: SessionId, message_id: MessageId, pos: int, text: str) -> None: ...


class TurnScribe:
    """`agent.ports.Scribe`. It knows what is half said, so that a stopped turn can be closed whole."""

    def __init__(
        self,
        *,
        journal: Journal,
        live: Live,
        session_id: SessionId,
        turn_id: TurnId,
        mint: MintId,
    ) -> None:
        self._journal = journal
        self._live = live
        self._session_id = session_id
        self._turn_id = turn_id
        self._mint = mint
        self._message_id: MessageId | None = None
        self._pieces: list[str] = []
        self._length = 0
        self._open_calls: dict[CallId, str] = {}
        self._last: MessageAdded | None = None
        self._is_closed = False

    def writes(self, message_id: MessageId, text: str) -> None:
        if self._is_closed:
            return
        if message_id != self._message_id:
            self._message_id, self._pieces, self._length = message_id, [], 0
        self._live.text(self._session_id, message_id, self._length, text)
        self._pieces.append(text)
        self._length += len(text)

    async def said(self, message_id: MessageId, text: str) -> None:
        await self._tell(self._message(message_id, text))
        self._forget_live()

    def ends(self, message_id: MessageId, text: str) -> None:
        """Kept by `close`: until then it is shown as text that is being written."""
        self._last = self._message(message_id, text)

    async def told(self, code: str, words: str) -> None:
        remark = MessageAdded(
            turn_id=self._turn_id,
            message_id=MessageId(self._mint("msg")),
            sender="system",
            code=code,
            text=words,
        )
        await self._tell(remark)

    async def tool_started(
        self, call_id: CallId, tool: str, title: str, arguments: Mapping[str, object]
    ) -> None:
        self._open_calls[call_id] = tool
        event = ToolStarted(
            turn_id=self._turn_id, call_id=call_id, tool=tool, title=title, arguments=arguments
        )
        await self._tell(event)

    async def tool_finished(
        self,
        call_id: CallId,
        tool: str,
        *,
        result: Mapping[str, object] | None = None,
        error: Failure | None = None,
    ) -> None:
        event = ToolFinished(
            turn_id=self._turn_id,
            call_id=call_id,
            tool=tool,
            ok=error is None,
            result=result,
            error=error,
        )
        await self._tell(event)
        self._open_calls.pop(call_id, None)

    @property
    def live(self) -> tuple[MessageId, str] | None:
        """The message that is being written, as far as it is."""
        if self._message_id is None:
            return None
        return self._message_id, "".join(self._pieces)

    def close(self, transaction: Transaction, *after: SessionEvent) -> None:
        """Tell the last words, or what was half done; then `after`.

        Nothing is told of this turn afterwards, whoever is still at work for it.
        """
        self._is_closed = True
        last = [self._last] if self._last is not None else self._half_done(transaction.connection)
        events = (*last, *after)
        if events:
            transaction.tell(self._session_id, *events)
        transaction.then(self._forget_live)

    def _forget_live(self) -> None:
        self._message_id, self._pieces, self._length = None, [], 0

    def _half_done(self, tables: sa.Connection) -> list[SessionEvent]:
        """The text so far, and an output for each call without one.

        A stop can cut the telling of something just after it was committed, so the record is asked
        what it has.
        """
        half = self.live
        if not self._open_calls and (half is None or not half[1]):
            return []
        newest = timeline.of_types(
            tables,
            self._session_id,
            (MessageAdded.name, ToolFinished.name),
            last=_LOOKED_BACK,
        )
        said = {event.message_id for event in newest if isinstance(event, MessageAdded)}
        over = {event.call_id for event in newest if isinstance(event, ToolFinished)}
        left: list[SessionEvent] = []
        if half is not None and half[1] and half[0] not in said:
            left.append(self._message(*half))
        left += [
            ToolFinished(turn_id=self._turn_id, call_id=call_id, tool=tool, ok=False, error=STOPPED)
            for call_id, tool in self._open_calls.items()
            if call_id not in over
        ]
        return left

    async def _tell(self, *events: SessionEvent) -> None:
        if self._is_closed:
            raise Interrupted("This turn is over.")
        await self._journal.write(lambda transaction: transaction.tell(self._session_id, *events))

    def _message(self, message_id: MessageId, text: str) -> MessageAdded:
        return MessageAdded(
            turn_id=self._turn_id, message_id=message_id, sender="assistant", text=text
        )
