"""Reconnects, restarts and kills: nothing is lost, nothing is told twice."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import psutil
import pytest

from tests.fakes import poe as poes
from tests.fakes.house import OpenHouse, StudioProcess, open_studio, studio_process
from tests.fakes.poe import KEY, LEAD, FakePoe, Stream, fake_poe, said
from tests.fakes.scripted_model import Act, Call, Hang, Pause, Say, ScriptedModel, in_turn
from tests.fakes.visitor import Visitor
from tests.patience import FILM_S, IN_THE_END_S

FILM = {"prompt": "A kettle comes to the boil", "model": "draft", "duration": 4}


async def hears(visitor: Visitor, count: int) -> None:
    """Listen for a moment, or until it has `count` entries."""
    await visitor.until(lambda: len(visitor.entries) >= count, wait_s=0.4)


async def ask_for_film(visitor: Visitor, **wishes: Any) -> str:
    answer = await visitor.done(
        "video.request",
        sessionId=visitor.session_id,
        clientId=visitor.client_id(),
        request={**FILM, **wishes},
    )
    return str(answer["jobId"])


@asynccontextmanager
async def studio_saying(folder: Path, *answers: Iterable[Act]) -> AsyncIterator[OpenHouse]:
    """Its language model gives these answers, and is in the middle of one as long as a test wants."""
    model = ScriptedModel(in_turn(*answers))
    async with open_studio(
        folder, adapters=lambda given: replace(given, chat_model=model)
    ) as house:
        yield house


async def test_a_browser_that_comes_back_mid_answer_reads_on_where_it_was(tmp_path: Path):
    gate = asyncio.Event()
    answer: list[Act] = [Say("Half a "), Pause(gate), Say("story")]
    async with studio_saying(tmp_path, answer) as studio:
        async with studio.visitor() as first:
            await first.open()
            turn_id = (await first.say("Tell me a story"))["turnId"]
            await first.until_live("text")
            seen = max(first.entries)
            session_id, epoch = first.session_id, first.epoch
        async with studio.visitor() as second:
            opened = await second.open(sessionId=session_id, after=seen, epoch=epoch)
            assert opened["activeTurnId"] == turn_id
            (live,) = opened["live"]["texts"]
            assert live["text"]
            gate.set()
            await second.until_entry("turn.finished", turnId=turn_id)
            said = [
                each["data"]
                for each in second.of_type("message.added")
                if each["data"]["messageId"] == live["messageId"]
            ]
    assert said[0]["text"].startswith(live["text"])
    frames = [each for each in second.live if each.get("messageId") == live["messageId"]]
    assert frames[0]["pos"] == len(live["text"])
    rebuilt = live["text"] + "".join(each["text"] for each in frames)
    assert rebuilt == said[0]["text"]


async def test_live_frames_say_where_they_belong_in_code_points(studio: OpenHouse):
    async with studio.visitor() as ada:
        await ada.open()
        await ada.ask("What models can I use? 👋🏽")
        texts: dict[str, str] = {}
        for frame in (each for each in ada.live if each["type"] == "text"):
            before = texts.get(frame["messageId"], "")
            assert frame["pos"] == len(before)
            texts[frame["messageId"]] = before + frame["text"]
        said = {
            each["data"]["messageId"]: each["data"]["text"] for each in ada.of_type("message.added")
        }
    assert texts
    assert all(said[message_id] == text for message_id, text in texts.items())


async def test_browsers_that_come_and_go_all_end_with_the_servers_story(studio: OpenHouse):
    random = Random(7)
    async with studio.visitor() as speaker:
        await speaker.open()
        session_id = speaker.session_id
        over = asyncio.Event()

        async def come_and_go(seed: int) -> list[dict[str, object]]:
            """Opens, listens a moment, is cut off, opens again from what it has."""
            moods = Random(seed)
            kept: dict[int, dict[str, object]] = {}
            while not over.is_set():
                async with studio.visitor() as guest:
                    await guest.open(sessionId=session_id, after=max(kept, default=0))
                    with suppress(TimeoutError):
                        await hears(guest, len(guest.entries) + moods.randint(1, 5))
                    kept.update(guest.entries)
            async with studio.visitor() as last:
                await last.open(sessionId=session_id, after=max(kept, default=0))
                kept.update(last.entries)
            return [kept[seq] for seq in sorted(kept)]

        guests = [asyncio.ensure_future(come_and_go(random.randint(0, 999))) for _ in range(4)]
        for words in ("hello", "What models can I use?", "thanks", "help"):
            await speaker.ask(words)
        over.set()
        stories = await asyncio.gather(*guests)
        await speaker.open(sessionId=session_id)
    for story in stories:
        assert story == speaker.story()
    assert [each["seq"] for each in speaker.story()] == list(range(1, len(speaker.story()) + 1))


async def test_stop_keeps_what_was_said_and_the_next_message_is_answered(tmp_path: Path):
    half: list[Act] = [Say("Half a "), Hang()]
    async with (
        studio_saying(tmp_path, [Call("list-models")], half, [Say("Welcome")]) as studio,
        studio.visitor() as ada,
    ):
        await ada.open()
        turn_id = (await ada.say("What models can I use?"))["turnId"]
        await ada.until_live("text")
        fields = {"sessionId": ada.session_id, "turnId": turn_id}
        stopped = await ada.done("turn.stop", clientId=ada.client_id(), **fields)
        assert stopped["state"] == "stopping"
        finished = await ada.until_entry("turn.finished", turnId=turn_id)
        assert finished["data"]["outcome"] == "stopped"
        again = await ada.done("turn.stop", clientId=ada.client_id(), **fields)
        assert again["state"] == "already_final"
        started = [each for each in ada.of_turn(turn_id) if each["type"] == "tool.started"]
        ended = [each for each in ada.of_turn(turn_id) if each["type"] == "tool.finished"]
        assert len(started) == len(ended) == 1
        said = [each["data"] for each in ada.of_turn(turn_id) if each["type"] == "message.added"]
        assert said[-1]["text"] == "Half a "
        assert (await ada.ask("thanks"))[-1]["data"]["outcome"] == "answered"


async def test_a_message_during_a_turn_waits_its_turn_and_is_told_its_place(tmp_path: Path):
    gate = asyncio.Event()
    held: list[Act] = [Pause(gate), Say("These")]
    async with studio_saying(tmp_path, held, [Say("Hello")]) as studio, studio.visitor() as ada:
        await ada.open()
        first = await ada.say("What models can I use?")
        second = await ada.say("hello")
        assert "queued" not in first
        assert second["queued"] == 1
        gate.set()
        await ada.until_entry("turn.finished", turnId=second["turnId"])
        ends = [each["turnId"] for each in ada.of_type("turn.finished")]
    assert ends == [first["turnId"], second["turnId"]]


async def test_the_last_message_can_be_edited_and_answered_anew(studio: OpenHouse):
    async with studio.visitor() as ada:
        await ada.open()
        await ada.ask("hello")
        message = ada.of_type("message.added")[1]["data"]["messageId"]
        entries = await ada.ask("What models can I use?", replaces=message)
        assert entries[0]["data"]["replaces"] == message
        refused = await ada.command(
            "message.send",
            sessionId=ada.session_id,
            clientId=ada.client_id(),
            text="too late",
            replaces=message,
        )
    assert refused["error"]["field"] == "replaces"


async def test_an_answer_can_be_tried_again(studio: OpenHouse):
    async with studio.visitor() as ada:
        await ada.open()
        first = await ada.ask("hello")
        fields = {"sessionId": ada.session_id, "clientId": ada.client_id()}
        retried = await ada.done("turn.retry", turnId=first[0]["turnId"], **fields)
        assert await ada.done("turn.retry", turnId=first[0]["turnId"], **fields) == retried
        finished = await ada.until_entry("turn.finished", turnId=retried["turnId"])
    assert finished["data"]["outcome"] == "answered"


async def test_a_client_that_never_reads_is_cut_and_others_do_not_notice(studio: OpenHouse):
    async with studio.visitor() as ada, aiohttp.ClientSession() as http:
        await ada.open()
        address = f"{studio.url}/socket.io/?EIO=4&transport=websocket"
        lazy = await http.ws_connect(address, max_msg_size=0)
        await lazy.receive()
        await lazy.send_str(f'40{{"token":"{studio.token()}","protocol":1}}')
        await lazy.receive()
        await lazy.send_str(f'420["session.open",{{"sessionId":"{ada.session_id}"}}]')
        await lazy.receive()
        lazy._conn.protocol.pause_reading()  # type: ignore[union-attr]
        before = psutil.Process().memory_info().rss
        words = "x" * 20_000
        for n in range(1, 4000):
            studio.house.announcer.text(ada.session_id, f"msg-{n}", 0, words)  # type: ignore[arg-type]
            if n % 20 == 0:
                await asyncio.wait_for(ada.command("session.list"), IN_THE_END_S)
            if len(studio.house.socket.eio.sockets) == 1:
                break
        grown = psutil.Process().memory_info().rss - before
        assert len(studio.house.socket.eio.sockets) == 1
        assert grown < 200_000_000
        assert (await ada.ask("hello"))[-1]["data"]["outcome"] == "answered"
        await lazy.close()


@pytest.fixture
async def process(tmp_path: Path):
    async with studio_process(tmp_path) as running:
        yield running


@pytest.fixture
async def poe() -> AsyncIterator[FakePoe]:
    async with fake_poe() as server:
        # It never comes to an end of its own.
        server.will(Stream(said("Half an answer"), poes.Pause()))
        yield server


@pytest.fixture
async def answering(tmp_path: Path, poe: FakePoe) -> AsyncIterator[StudioProcess]:
    """Its language model stops in the middle of its first answer."""
    model = {"POE_API_KEY": KEY, "POE_API_URL": poe.url, "POE_MODEL": LEAD, "POE_STALL_S": "110"}
    async with studio_process(tmp_path, **model) as running:
        yield running


async def test_a_server_killed_in_mid_render_finishes_the_film_after_its_restart(
    process: StudioProcess,
):
    async with Visitor.connected(process.url, process.token()) as ada:
        await ada.open()
        job_id = await ask_for_film(ada)
        await ada.until(lambda: any(each.get("fraction", 0) > 0.1 for each in ada.live))
        session_id = ada.session_id
        await process.kill()
    await process.start()
    async with Visitor.connected(process.url, process.token()) as ada:
        await ada.open(sessionId=session_id)
        await ada.until_entry("message.added", FILM_S, jobId=job_id)
    assert len(ada.of_type("creative.added")) == 1
    assert len([each for each in ada.of_type("message.added") if each.get("jobId")]) == 1
    assert [each["seq"] for each in ada.story()] == list(range(1, len(ada.story()) + 1))


async def test_a_server_killed_in_mid_answer_closes_the_turn_and_it_can_be_tried_again(
    answering: StudioProcess,
):
    process = answering
    async with Visitor.connected(process.url, process.token()) as ada:
        await ada.open()
        turn_id = (await ada.say("What models can I use?"))["turnId"]
        await ada.until_live("text")
        await process.kill()
    await process.start()
    async with Visitor.connected(process.url, process.token()) as ada:
        await ada.open()
        finished = await ada.until_entry("turn.finished", turnId=turn_id)
        assert finished["data"]["outcome"] == "interrupted"
        assert finished["data"]["error"]["retryable"]
        retried = await ada.done(
            "turn.retry", sessionId=ada.session_id, clientId=ada.client_id(), turnId=turn_id
        )
        again = await ada.until_entry("turn.finished", turnId=retried["turnId"])
    assert again["data"]["outcome"] == "answered"


async def hears_news(visitor: Visitor, count: int) -> None:
    """Wait for `count` more live frames, or until all three films are there."""
    wanted = len(visitor.live) + count
    await visitor.until(
        lambda: len(visitor.live) >= wanted or len(visitor.of_type("creative.added")) == 3
    )


async def test_a_server_killed_again_and_again_makes_each_film_once(process: StudioProcess):
    """Kills at moments of a seeded dice, three films at once."""
    dice = Random(11)
    async with Visitor.connected(process.url, process.token()) as ada:
        await ada.open()
        jobs = [await ask_for_film(ada) for _ in range(3)]
        session_id = ada.session_id
    for _ in range(4):
        async with Visitor.connected(process.url, process.token()) as ada:
            await ada.open(sessionId=session_id)
            await hears_news(ada, dice.randint(1, 12))
        await process.kill()
        await process.start()
    async with Visitor.connected(process.url, process.token()) as ada:
        await ada.open(sessionId=session_id)
        for job_id in jobs:
            await ada.until_entry("message.added", FILM_S, jobId=job_id)
        films = [each["jobId"] for each in ada.of_type("creative.added")]
        told = [each["jobId"] for each in ada.of_type("message.added") if each.get("jobId")]
    assert sorted(films) == sorted(jobs)
    assert sorted(told) == sorted(jobs)


async def test_a_killed_server_leaves_no_child_rendering(process: StudioProcess):
    async with Visitor.connected(process.url, process.token()) as ada:
        await ada.open()
        await ask_for_film(ada, duration=60)
        await ada.until(lambda: any(each.get("fraction", 0) > 0 for each in ada.live), FILM_S)
        children = psutil.Process(process.pid).children(recursive=True)
        assert children
        await process.kill()
    _, alive = await asyncio.to_thread(psutil.wait_procs, children, timeout=IN_THE_END_S)
    assert not alive


async def test_a_server_that_is_asked_to_stop_ends_soon_and_says_goodbye(answering: StudioProcess):
    process = answering
    async with Visitor.connected(process.url, process.token()) as ada:
        await ada.open()
        turn_id = (await ada.say("What models can I use?"))["turnId"]
        await ada.until_live("text")
        # Its own limit is below that of the model that says nothing.
        assert await process.stop() == 0
    await process.start()
    async with Visitor.connected(process.url, process.token()) as ada:
        await ada.open()
        finished = await ada.until_entry("turn.finished", turnId=turn_id)
        half = [each for each in ada.of_turn(turn_id) if each["type"] == "message.added"][-1]
    assert finished["data"]["outcome"] == "interrupted"
    assert half["data"]["sender"] == "assistant"


async def test_what_a_kill_left_of_a_job_that_was_over_is_tidied_at_the_next_start(
    process: StudioProcess, tmp_path: Path
):
    async with Visitor.connected(process.url, process.token()) as ada:
        await ada.open()
        job_id = await ask_for_film(ada)
        await ada.until_entry("creative.added", FILM_S, jobId=job_id)
    await process.kill()
    work = tmp_path / "data" / "work" / "jobs"
    (work / job_id).mkdir(parents=True, exist_ok=True)
    (work / job_id / "film.mp4").write_bytes(b"left behind")
    await process.start()
    async with Visitor.connected(process.url, process.token()) as ada:
        await ada.open()
        assert (await ada.ask("hello"))[-1]["data"]["outcome"] == "answered"
        async with asyncio.timeout(IN_THE_END_S):
            while any(work.iterdir()):  # noqa: ASYNC110  its process tells nobody
                await asyncio.sleep(0.05)
    assert await process.stop() == 0
