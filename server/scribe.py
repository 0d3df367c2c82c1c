"""Writes one turn down: live text as it comes, messages and tool calls as entries."""

from collections.abc import Mapping
from typing import Protocol

from server.memory.journal import Journal, Transaction
from tools.domain.events import MessageAdded, ToolFinished, ToolStarted
from tools.domain.failures import Failure
from tools.domain.identity import CallId, MessageId, MintId, SessionId, TurnId

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

    def writes(self, message_id: MessageId, text: str) -> None:
        if message_id != self._message_id:
            self._message_id, self._pieces, self._length = message_id, [], 0
        self._live.text(self._session_id, message_id, self._length, text)
        self._pieces.append(text)
        self._length += len(text)

    async def said(self, message_id: MessageId, text: str) -> None:
        await self._journal.write(lambda transaction: self._say(transaction, message_id, text))
        self._message_id, self._pieces, self._length = None, [], 0

    async def told(self, code: str, words: str) -> None:
        remark = MessageAdded(
            turn_id=self._turn_id,
            message_id=MessageId(self._mint("msg")),
            sender="system",
            code=code,
            text=words,
        )
        await self._journal.write(lambda transaction: transaction.tell(self._session_id, remark))

    async def tool_started(
        self, call_id: CallId, tool: str, title: str, arguments: Mapping[str, object]
    ) -> None:
        self._open_calls[call_id] = tool
        event = ToolStarted(
            turn_id=self._turn_id, call_id=call_id, tool=tool, title=title, arguments=arguments
        )
        await self._journal.write(lambda transaction: transaction.tell(self._session_id, event))

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
        await self._journal.write(lambda transaction: transaction.tell(self._session_id, event))
        self._open_calls.pop(call_id, None)

    @property
    def live(self) -> tuple[MessageId, str] | None:
        """The message that is being written, as far as it is."""
        if self._message_id is None:
            return None
        return self._message_id, "".join(self._pieces)

    def close(self, transaction: Transaction) -> None:
        """Tell what was half done: the text so far, and an output for each call without one."""
        half = self.live
        if half is not None and half[1]:
            self._say(transaction, *half)
        for call_id, tool in self._open_calls.items():
            finished = ToolFinished(
                turn_id=self._turn_id, call_id=call_id, tool=tool, ok=False, error=STOPPED
            )
            transaction.tell(self._session_id, finished)

    def _say(self, transaction: Transaction, message_id: MessageId, text: str) -> None:
        message = MessageAdded(
            turn_id=self._turn_id, message_id=message_id, sender="assistant", text=text
        )
        transaction.tell(self._session_id, message)
