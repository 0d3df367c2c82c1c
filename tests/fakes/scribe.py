"""A scribe that keeps what it was told: as events, and in the order it was told."""

from collections.abc import Mapping

from tools.domain.events import MessageAdded, SessionEvent, ToolFinished, ToolStarted
from tools.domain.failures import Failure
from tools.domain.identity import CallId, MessageId, TurnId


class WritingScribe:
    def __init__(self, turn_id: TurnId = TurnId("turn-1")) -> None:  # noqa: B008  # immutable
        self._turn_id = turn_id
        self.events: list[SessionEvent] = []
        self.written: list[tuple[MessageId, str]] = []
        self.log: list[str] = []
        """A word for each thing told: "writes Hello", "said Hello", "started echo" …"""

    def writes(self, message_id: MessageId, text: str) -> None:
        self.written.append((message_id, text))
        self.log.append(f"writes {text}")

    async def said(self, message_id: MessageId, text: str) -> None:
        self.ends(message_id, text)

    def ends(self, message_id: MessageId, text: str) -> None:
        self.log.append(f"said {text}")
        self.events.append(
            MessageAdded(
                turn_id=self._turn_id, message_id=message_id, sender="assistant", text=text
            )
        )

    async def told(self, code: str, words: str) -> None:
        self.log.append(f"told {code}")
        self.events.append(
            MessageAdded(
                turn_id=self._turn_id,
                message_id=MessageId(f"remark-{len(self.events)}"),
                sender="system",
                code=code,
                text=words,
            )
        )

    async def tool_started(
        self, call_id: CallId, tool: str, title: str, arguments: Mapping[str, object]
    ) -> None:
        self.log.append(f"started {tool}")
        self.events.append(
            ToolStarted(
                turn_id=self._turn_id, call_id=call_id, tool=tool, title=title, arguments=arguments
            )
        )

    async def tool_finished(
        self,
        call_id: CallId,
        tool: str,
        *,
        result: Mapping[str, object] | None = None,
        error: Failure | None = None,
    ) -> None:
        self.log.append(f"finished {tool}")
        self.events.append(
            ToolFinished(
                turn_id=self._turn_id,
                call_id=call_id,
                tool=tool,
                ok=error is None,
                result=result,
                error=error,
            )
        )
