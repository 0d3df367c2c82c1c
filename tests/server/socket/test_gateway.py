"""What one socket may cost: who leaves is forgotten, who asks without reading is stopped."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import aiohttp
import pytest

from server.memory import conversations
from tests.fakes.house import OpenHouse
from tests.patience import IN_THE_END_S


@asynccontextmanager
async def plain_socket(studio: OpenHouse) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """An introduced WebSocket, frame by frame: what no well-behaved client can do."""
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{studio.url}/socket.io/?EIO=4&transport=websocket") as socket,
    ):
        await socket.receive()
        await socket.send_str(f'40{{"token":"{studio.token()}","protocol":1}}')
        await socket.receive()
        yield socket


def transport_of(socket: aiohttp.ClientWebSocketResponse) -> asyncio.Transport:
    # uvloop's is no subclass of asyncio's: nothing to check.
    connection = socket._response.connection
    assert connection is not None
    return cast("asyncio.Transport", connection.transport)


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(IN_THE_END_S):
        while not happened():  # noqa: ASYNC110  sockets come and go in a library that tells nobody
            await asyncio.sleep(0.01)


async def test_who_leaves_while_a_session_is_opened_for_him_leaves_no_room_behind(
    studio: OpenHouse,
):
    gone = threading.Event()
    house = studio.house
    async with plain_socket(studio) as socket:
        # The one thread of the database is busy until the visitor has left.
        busy = asyncio.ensure_future(house.database.read(lambda _: gone.wait(IN_THE_END_S)))
        await socket.send_str('420["session.open",{"new":true}]')
        transport_of(socket).abort()
        await until(lambda: not house.socket.eio.sockets)
        gone.set()
        assert await busy
    # Behind the opening in the database's line: when this is read, the session is there.
    await house.journal.read(conversations.epoch)
    await asyncio.sleep(0)

    assert house.announcer.open_sessions == 0


async def test_who_asks_and_asks_and_never_reads_is_cut(studio: OpenHouse):
    async with studio.visitor() as ada:
        await ada.open()
        for _ in range(3):
            await ada.ask("x" * 7_900)
        async with plain_socket(studio) as socket:
            transport_of(socket).pause_reading()
            frame = f'["session.open",{{"sessionId":"{ada.session_id}"}}]'
            most = [0]
            with pytest.raises((aiohttp.ClientError, ConnectionError)):
                await ask_and_ask(socket, frame, lambda: most.append(queued_bytes(studio)))
        assert max(most) < 20_000_000
        assert (await ada.ask("still here?"))[-1]["data"]["outcome"] == "answered"


async def ask_and_ask(
    socket: aiohttp.ClientWebSocketResponse, frame: str, look: Callable[[], None]
) -> None:
    async with asyncio.timeout(IN_THE_END_S):
        for number in range(100_000):
            await socket.send_str(f"42{number}{frame}")
            await asyncio.sleep(0)
            look()


def queued_bytes(studio: OpenHouse) -> int:
    """What waits to be read, of all sockets together."""
    queues: list[Any] = [each.queue for each in studio.house.socket.eio.sockets.values()]
    return sum(len(packet.data or "") for queue in queues for packet in queue._queue if packet)


async def test_a_reader_who_asks_for_much_at_once_is_answered_each_time(studio: OpenHouse):
    async with studio.visitor() as ada:
        await ada.open()
        opens = [ada.command("session.open", sessionId=ada.session_id) for _ in range(300)]
        answers = await asyncio.gather(*opens)
        refused = {each["error"]["code"] for each in answers if not each["ok"]}
        assert refused <= {"busy"}
        assert sum(each["ok"] for each in answers) >= 50
        assert (await ada.command("session.open", sessionId=ada.session_id))["ok"]


@pytest.mark.parametrize("after", [-1, 10**30, 1.5, "one"])
async def test_a_number_that_no_timeline_has_is_refused_in_words(studio: OpenHouse, after: object):
    async with studio.visitor() as ada:
        await ada.open()
        answer = await ada.command("session.open", sessionId=ada.session_id, after=after)
        assert answer["error"]["code"] == "invalid_payload"
        assert answer["error"]["field"] == "after"
