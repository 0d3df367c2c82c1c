"""Turns in awkward moments. The database has one thread: a test that holds it says what comes next."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from server.memory import conversations
from server.memory.conversations import Session
from server.wire.bodies import MessageSend
from tests.fakes.house import OpenHouse, open_studio
from tests.fakes.scripted_model import Hang, Say, ScriptedModel, in_turn
from tests.fakes.visitor import Visitor
from tests.patience import IN_THE_END_S
from tools.domain.identity import SessionId, TurnId


class Scene:
    """One visitor in one session, seen from within as well."""

    def __init__(self, studio: OpenHouse, ada: Visitor, session: Session) -> None:
        self.house, self.ada, self.session = studio.house, ada, session

    @contextmanager
    def database_held(self) -> Iterator[None]:
        """Whatever is asked of the database within waits, in its order, for the end of the block."""
        gate = threading.Event()
        held = asyncio.ensure_future(self.house.database.read(lambda _: gate.wait(IN_THE_END_S)))
        self.holding = held
        try:
            yield
        finally:
            gate.set()

    def writable(self, *, is_so: bool) -> asyncio.Future[None]:
        """From this place in the database's line on, writing works, or fails as on a full disk."""
        pragma = f"pragma query_only={'off' if is_so else 'on'}"
        return asyncio.ensure_future(
            self.house.database.read(lambda tables: tables.exec_driver_sql(pragma).close())
        )

    def sending(self, text: str) -> asyncio.Future[str]:
        async def send() -> str:
            command = MessageSend(session_id=self.session.id, client_id=text, text=text)
            return (await self.house.turns.send(lambda _: self.session, command)).turn_id

        return asyncio.ensure_future(send())


@pytest.fixture
def reached() -> asyncio.Event:
    return asyncio.Event()


class Ear(logging.Handler):
    """Hears a log's warnings."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.set()


@pytest.fixture
def warned() -> Iterator[asyncio.Event]:
    """Set when the turns' log warns of something."""
    ear = Ear()
    logging.getLogger("reelroom.turns").addHandler(ear)
    yield ear.heard
    logging.getLogger("reelroom.turns").removeHandler(ear)


@pytest.fixture
async def scene(tmp_path: Path, reached: asyncio.Event) -> AsyncIterator[Scene]:
    model = ScriptedModel(in_turn([Say("Half a "), Hang(reached)], [Say("Hello")]))
    async with (
        open_studio(tmp_path, adapters=lambda given: replace(given, chat_model=model)) as studio,
        studio.visitor() as ada,
    ):
        await ada.open()
        session_id = SessionId(ada.session_id)
        session = await studio.house.journal.read(
            lambda tables: conversations.find_session(tables, session_id)
        )
        assert session is not None
        yield Scene(studio, ada, session)


async def test_a_turn_begins_with_its_message(scene):
    turn_id = await scene.sending("hello")
    await scene.ada.until_entry("turn.started", turnId=turn_id)

    told = [(entry["type"], entry["seq"]) for entry in scene.ada.of_turn(turn_id)]
    (said, first), (began, second) = told[:2]
    assert (said, began, second) == ("message.added", "turn.started", first + 1)


async def test_a_turn_ends_and_the_next_begins_also_when_the_disk_was_full_just_then(
    scene, reached, warned
):
    first = await scene.sending("hello")
    await reached.wait()
    second = await scene.sending("again")
    await scene.writable(is_so=False)
    await scene.house.turns.stop(scene.session, TurnId(first))
    await asyncio.wait_for(warned.wait(), IN_THE_END_S)
    await scene.writable(is_so=True)

    await scene.ada.until_entry("turn.finished", turnId=first)
    finished = await scene.ada.until_entry("turn.finished", turnId=second)
    assert finished["data"]["outcome"] == "answered"


async def test_a_record_that_cannot_be_read_fails_the_turn_and_keeps_the_message(scene):
    def spoil(tables):
        tables.exec_driver_sql("update entries set data = '{}' where type = 'message.added'")

    await scene.house.database.write(spoil)

    turn_id = await scene.sending("hello")
    finished = await scene.ada.until_entry("turn.finished", turnId=turn_id)
    assert finished["data"]["outcome"] == "failed"
    assert next(each["type"] for each in scene.ada.of_turn(turn_id)) == "message.added"


async def test_a_message_whose_sender_was_cut_off_is_answered(scene, reached):
    with scene.database_held():
        sent = scene.sending("hello")
        await asyncio.sleep(0)
        sent.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sent

    await asyncio.wait_for(reached.wait(), IN_THE_END_S)


async def test_a_turn_that_is_just_beginning_can_be_stopped(scene):
    with scene.database_held():
        sent = scene.sending("hello")
        await asyncio.sleep(0)
        second = scene.database_held()
        second.__enter__()
        await asyncio.sleep(0)
    turn_id = TurnId(await sent)
    await asyncio.sleep(0)
    stop = asyncio.ensure_future(scene.house.turns.stop(scene.session, turn_id))
    await asyncio.sleep(0)
    second.__exit__(None, None, None)

    assert (await stop).state == "stopping"
    finished = await scene.ada.until_entry("turn.finished", turnId=turn_id)
    assert finished["data"]["outcome"] == "stopped"


async def test_a_stopped_turn_lets_go_also_while_the_disk_stalls(scene, reached):
    turn_id = await scene.sending("hello")
    await reached.wait()
    model, ada = scene.house.adapters.chat_model, scene.ada

    with scene.database_held():
        stopping = asyncio.ensure_future(
            ada.done("turn.stop", sessionId=ada.session_id, clientId="stop", turnId=turn_id)
        )
        async with asyncio.timeout(IN_THE_END_S):
            while not model.closed:  # noqa: ASYNC110  a script tells nobody that it was closed
                await asyncio.sleep(0.01)
        assert not scene.holding.done()

    assert (await stopping)["state"] == "stopping"
    finished = await ada.until_entry("turn.finished", turnId=turn_id)
    assert finished["data"]["outcome"] == "stopped"
