import asyncio
from collections.abc import Awaitable

import pytest

from server.memory.journal import Journal
from server.scribe import TurnScribe
from tests.fakes.samples import SESSION
from tools.domain.events import MessageAdded, ToolFinished
from tools.domain.identity import CallId, MessageId, SessionId, TurnId

MESSAGE, CALL = MessageId("msg-1"), CallId("call-1")


class Silence:
    """Nobody listens."""

    def text(self, session_id: SessionId, message_id: MessageId, pos: int, text: str) -> None:
        pass


@pytest.fixture
def scribe(journal: Journal) -> TurnScribe:
    return TurnScribe(
        journal=journal,
        live=Silence(),
        session_id=SESSION,
        turn_id=TurnId("turn-1"),
        mint=lambda kind: f"{kind}-new",
    )


async def stopped_during(writing: Awaitable[None]) -> None:
    """A stop that comes while the commit is on its way: the commit is done all the same."""
    task = asyncio.ensure_future(writing)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def events(told, kind):
    return [entry.event for entry in told if isinstance(entry.event, kind)]


async def test_a_message_that_was_being_kept_when_the_stop_came_is_told_once(scribe, journal, told):
    scribe.writes(MESSAGE, "All of it")
    await stopped_during(scribe.said(MESSAGE, "All of it"))
    await journal.write(scribe.close)

    assert [each.text for each in events(told, MessageAdded)] == ["All of it"]


async def test_an_output_that_was_being_kept_when_the_stop_came_is_told_once(scribe, journal, told):
    await scribe.tool_started(CALL, "list-models", "Models", {})
    await stopped_during(scribe.tool_finished(CALL, "list-models", result={}))
    await journal.write(scribe.close)

    assert [each.ok for each in events(told, ToolFinished)] == [True]


async def test_what_was_half_said_and_half_done_is_told_at_the_end(scribe, journal, told):
    await scribe.tool_started(CALL, "list-models", "Models", {})
    scribe.writes(MESSAGE, "Half a ")
    await journal.write(scribe.close)

    assert [each.text for each in events(told, MessageAdded)] == ["Half a "]
    assert [each.ok for each in events(told, ToolFinished)] == [False]
