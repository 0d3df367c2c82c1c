"""The whole product with a language model behind it: a fake Poe on a port, everything else real."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.house import OpenHouse, open_studio, studio_process
from tests.fakes.poe import (
    DONE,
    KEY,
    LEAD,
    SECOND,
    TOOLLESS,
    FakePoe,
    Stall,
    Status,
    Stream,
    called,
    entry,
    fake_poe,
    finished,
    refused,
    said,
)
from tests.fakes.visitor import Entry, Visitor
from tests.patience import AT_ONCE_S, FILM_S, IN_THE_END_S

TEASER = "Make a 6 second TikTok teaser for our oat drink"


@pytest.fixture
async def poe() -> AsyncIterator[FakePoe]:
    async with fake_poe() as server:
        yield server
        assert server.faults == []


def keyed(poe: FakePoe, **more: Any) -> dict[str, Any]:
    return {
        "poe_api_key": KEY,
        "poe_api_url": poe.url,
        "poe_model": LEAD,
        "poe_fallback_models": (SECOND,),
        "poe_stall_s": IN_THE_END_S,
        **more,
    }


@asynccontextmanager
async def studio_with(poe: FakePoe, folder: Path, **more: Any) -> AsyncIterator[OpenHouse]:
    async with open_studio(folder / "data", **keyed(poe, **more)) as house:
        yield house


@pytest.fixture
async def studio(poe: FakePoe, tmp_path: Path) -> AsyncIterator[OpenHouse]:
    async with studio_with(poe, tmp_path) as house:
        yield house


def texts(entries: list[Entry], sender: str) -> list[str]:
    return [
        each["data"]["text"]
        for each in entries
        if each["type"] == "message.added" and each["data"]["sender"] == sender
    ]


async def test_it_says_in_one_line_that_it_is_an_ai_and_which(studio: OpenHouse):
    async with studio.visitor() as ada:
        await ada.open()
        welcome = ada.story()[0]["data"]["text"]

    assert "AI" in welcome
    assert LEAD in welcome
    assert "offline" not in welcome


async def test_a_sentence_becomes_a_film(studio: OpenHouse, poe: FakePoe):
    async with studio.visitor() as ada:
        await ada.open()
        turn = await ada.ask(TEASER)
        job_id = next(each for each in turn if each["type"] == "video.queued")["jobId"]
        creative = await ada.until_entry("creative.added", FILM_S, jobId=job_id)

    tools = [each["data"]["tool"] for each in turn if each["type"] == "tool.started"]
    assert tools == ["refine-prompt", "generate-video"]
    assert turn[-1]["data"]["outcome"] == "answered"
    assert texts(turn, "assistant") == ["That is under way."]
    assert creative["data"]["creative"]["visual"]["prompt"] == TEASER


async def test_the_talk_goes_on_with_all_that_was_said_and_done(studio: OpenHouse, poe: FakePoe):
    async with studio.visitor() as ada:
        await ada.open()
        await ada.ask("What models can I use?")
        await ada.ask("thanks")

    roles = [message["role"] for message in poe.talk]
    assert roles == ["system", "user", "assistant", "tool", "assistant", "user"]


async def test_an_answer_is_seen_while_it_is_written(studio: OpenHouse, poe: FakePoe):
    poe.will(Stream(said("Hello there"), Stall()))
    async with studio.visitor() as ada:
        await ada.open()
        turn_id = (await ada.say("hello"))["turnId"]
        frame = await ada.until_live("text")
        await ada.done(
            "turn.stop", sessionId=ada.session_id, clientId=ada.client_id(), turnId=turn_id
        )
        await ada.until_entry("turn.finished", turnId=turn_id)

    assert frame["text"] == "Hello there"


async def test_stop_ends_the_models_request_at_once_and_keeps_the_text(
    studio: OpenHouse, poe: FakePoe
):
    poe.will(Stream(said("Half an answer"), Stall()))
    async with studio.visitor() as ada:
        await ada.open()
        turn_id = (await ada.say("hello"))["turnId"]
        await ada.until_live("text")
        async with asyncio.timeout(AT_ONCE_S):
            await ada.done(
                "turn.stop", sessionId=ada.session_id, clientId=ada.client_id(), turnId=turn_id
            )
            await poe.is_left.wait()
        ended = await ada.until_entry("turn.finished", turnId=turn_id)
        assert ended["data"]["outcome"] == "stopped"
        assert texts(ada.of_turn(turn_id), "assistant") == ["Half an answer"]

        after = await ada.ask("go on")
        assert after[-1]["data"]["outcome"] == "answered"


async def test_a_model_that_stands_in_is_told_of_in_the_timeline(studio: OpenHouse, poe: FakePoe):
    poe.will(*[Status(529, refused("overloaded_error"))] * 2)
    async with studio.visitor() as ada:
        await ada.open()
        turn = await ada.ask("hello")

    (remark,) = texts(turn, "system")
    assert LEAD in remark
    assert SECOND in remark
    assert texts(turn, "assistant") == ["Hello! What shall we film?"]


async def test_when_nobody_answers_the_turn_fails_in_words_with_its_text_and_can_be_tried_again(
    poe: FakePoe, tmp_path: Path
):
    broken = Stream(said("Half an answer"), Stall())
    poe.will(broken, Status(500, "<html>"), broken, Status(500, "<html>"))
    async with studio_with(poe, tmp_path, poe_stall_s=1) as studio, studio.visitor() as ada:
        await ada.open()
        turn = await ada.ask("hello")
        assert turn[-1]["data"]["outcome"] == "failed"
        error = turn[-1]["data"]["error"]
        assert (error["code"], error["retryable"]) == ("provider_unavailable", True)
        assert "Half an answer" in texts(turn, "assistant")

        again = await ada.done(
            "turn.retry",
            sessionId=ada.session_id,
            clientId=ada.client_id(),
            turnId=turn[0]["turnId"],
        )
        ended = await ada.until_entry("turn.finished", turnId=again["turnId"])
        assert ended["data"]["outcome"] == "answered"


async def test_points_used_up_are_said_and_readyz_shows_it(studio: OpenHouse, poe: FakePoe):
    poe.will(Status(402, refused("insufficient_credits", "Go to poe.example/billing")))
    async with studio.visitor() as ada, studio.http(user=None) as http:
        async with http.get("/readyz") as reply:
            assert (await reply.json())["parts"]["chat"] == "up"
        await ada.open()
        turn = await ada.ask("hello")
        async with http.get("/readyz") as reply:
            assert (reply.status, (await reply.json())["parts"]["chat"]) == (503, "down")

    error = turn[-1]["data"]["error"]
    assert error["code"] == "provider_refused"
    assert "points" in error["message"]
    assert "billing" not in json.dumps(turn)


async def test_a_call_that_no_tool_takes_is_shown_to_the_model_and_put_right(
    studio: OpenHouse, poe: FakePoe
):
    wrong = entry("generate-video", '{"prompt": "oat', call_id="a")
    poe.will(Stream(called(wrong), finished("length"), DONE))
    async with studio.visitor() as ada:
        await ada.open()
        turn = await ada.ask("hello")

    assert turn[-1]["data"]["outcome"] == "answered"
    assert "not valid JSON" in poe.talk[-1]["content"]


async def test_a_model_that_cannot_use_tools_is_warned_of_at_the_start(
    poe: FakePoe, tmp_path: Path, caplog
):
    async with studio_with(poe, tmp_path, poe_model=TOOLLESS) as house, house.visitor() as ada:
        await ada.open()
        assert SECOND in ada.story()[0]["data"]["text"]
        await ada.ask("hello")

    assert TOOLLESS in caplog.text
    assert set(poe.asked) == {SECOND}


@pytest.mark.parametrize("suffix", ["", "/", "/v1", "/v1/"])
async def test_the_address_works_with_and_without_its_version(
    poe: FakePoe, tmp_path: Path, suffix: str
):
    settings = {"poe_api_url": poe.url + suffix}
    async with studio_with(poe, tmp_path, **settings) as house, house.visitor() as ada:
        await ada.open()
        turn = await ada.ask("hello")

    assert turn[-1]["data"]["outcome"] == "answered"


async def test_a_provider_that_is_not_there_does_not_stop_the_start(poe: FakePoe, tmp_path: Path):
    settings = {"poe_api_url": "http://127.0.0.1:9"}
    async with studio_with(poe, tmp_path, **settings) as house, house.visitor() as ada:
        await ada.open()
        turn = await ada.ask("hello")

    assert turn[-1]["data"]["error"]["code"] == "provider_unavailable"


async def test_the_key_and_the_words_of_a_person_are_in_no_log_and_the_key_on_no_wire(
    poe: FakePoe, tmp_path: Path
):
    poe.will(Status(500, "<html>"), Stream(said("Hel"), Stall()))
    async with studio_process(
        tmp_path,
        POE_API_KEY=KEY,
        POE_API_URL=poe.url,
        POE_MODEL=LEAD,
        POE_FALLBACK_MODELS=SECOND,
        POE_STALL_S="1",
    ) as studio:
        async with Visitor.connected(studio.url, studio.token()) as ada:
            await ada.open()
            turn = await ada.ask("our secret oat drink")
            assert turn[-1]["data"]["outcome"] == "answered"
            seen = json.dumps([ada.opened, ada.story(), ada.live])
        await studio.stop()

    logged = logged_in(tmp_path)
    assert "reelroom.chat" in logged
    for secret in (KEY, "secret oat drink"):
        assert secret not in logged
    assert KEY not in seen
    assert poe.url not in logged + seen


def logged_in(folder: Path) -> str:
    return "".join(file.read_text() for file in folder.rglob("*.log"))


def test_without_a_key_the_sdk_is_not_even_imported(tmp_path: Path):
    """It takes a quarter of a second and twenty megabytes."""
    start = (
        "import sys; from pathlib import Path; from server.compose import compose; "
        "from server.settings import Settings; import server.lifecycle; "
        f"compose(Settings(_env_file=None, data_dir=Path({str(tmp_path)!r})), public_url='http://x'); "
        "sys.exit('openai' in sys.modules or 'httpx2' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", start], capture_output=True, text=True, timeout=60, check=False
    )

    assert ran.returncode == 0, ran.stderr
