"""How often is too often, through both doors: told in words and in milliseconds, and nothing changed."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from server.settings import Settings
from tests.fakes.house import AS_OFTEN_AS_THEY_LIKE, OpenHouse, open_studio
from tests.fakes.pictures import logo_png, upload_form
from tests.fakes.visitor import Visitor

FILM: dict[str, Any] = {"prompt": "A kettle", "duration": 4, "aspectRatio": "1:1", "model": "draft"}
AT_ONCE = {"Prefer": "respond-async"}
DEFAULTS = {
    name: Settings.model_fields[name].default
    for name in (*AS_OFTEN_AS_THEY_LIKE, "rate_tenant_times")
}


@pytest.fixture
async def strict(tmp_path: Path) -> AsyncIterator[OpenHouse]:
    """Two of each within a minute, for a person; three for a tenant would be too few."""
    async with open_studio(
        tmp_path / "data",
        rate_messages_per_min=2,
        rate_uploads_per_min=2,
        rate_generations_per_min=2,
    ) as house:
        yield house


@asynccontextmanager
async def opened(studio: OpenHouse, user: str = "ada", **claims: Any) -> AsyncIterator[Visitor]:
    async with studio.visitor(user, **claims) as visitor:
        await visitor.open()
        yield visitor


def message(visitor: Visitor, text: str = "hello") -> dict[str, Any]:
    return {"sessionId": visitor.session_id, "clientId": visitor.client_id(), "text": text}


async def head(visitor: Visitor) -> int:
    number: int = (await visitor.open(sessionId=visitor.session_id))["head"]
    return number


async def film(
    http: aiohttp.ClientSession, *, door: str = "generate", key: str = "", **body: Any
) -> tuple[int, Mapping[str, str], dict[str, Any]]:
    headers = {**AT_ONCE, **({"Idempotency-Key": key} if key else {})}
    async with http.post(f"/api/video/{door}", json=body or FILM, headers=headers) as reply:
        return reply.status, reply.headers, await reply.json()


def check_refusal(error: Mapping[str, Any]) -> None:
    assert error["code"] == "rate_limited"
    assert error["retryable"]
    assert 0 < error["retryAfterMs"] <= 60_001
    assert error["message"].startswith("Too many ")


# -- messages -----------------------------------------------------------------------------------


async def test_a_message_too_many_is_acked_as_one_and_leaves_no_trace(strict: OpenHouse):
    async with opened(strict) as ada:
        await ada.ask("hello")
        await ada.ask("hello again")
        before = await head(ada)
        answer = await ada.command("message.send", **message(ada))
        check_refusal(answer["error"])
        assert await head(ada) == before


async def test_a_message_that_was_taken_is_answered_again_and_counts_once(strict: OpenHouse):
    async with opened(strict) as ada:
        first = message(ada)
        answers = [await ada.done("message.send", **first) for _ in range(5)]
        assert len({each["turnId"] for each in answers}) == 1
        await ada.done("message.send", **message(ada))
        refused = await ada.command("message.send", **message(ada))
        check_refusal(refused["error"])
        assert (await ada.done("message.send", **first))["turnId"] == answers[0]["turnId"]


async def test_a_refused_message_may_be_sent_again_under_its_own_id(tmp_path: Path):
    async with (
        open_studio(tmp_path / "data", rate_messages_per_min=1) as studio,
        opened(studio) as ada,
    ):
        await ada.ask("hello")
        again = message(ada)
        for _ in range(3):
            answer = await ada.command("message.send", **again)
            check_refusal(answer["error"])


async def test_what_is_refused_for_another_reason_does_not_count(strict: OpenHouse):
    async with opened(strict) as ada:
        for _ in range(5):
            answer = await ada.command("message.send", **message(ada, "  "))
            assert answer["error"]["code"] == "invalid_payload"
        await ada.ask("hello")


async def test_trying_again_has_the_model_work_and_counts_as_a_message(strict: OpenHouse):
    async with opened(strict) as ada:
        turn_id = (await ada.ask("hello"))[-1]["turnId"]
        turn_id = (
            await ada.done("turn.retry", sessionId=ada.session_id, clientId="again", turnId=turn_id)
        )["turnId"]
        await ada.until_entry("turn.finished", turnId=turn_id)
        answer = await ada.command(
            "turn.retry", sessionId=ada.session_id, clientId="and-again", turnId=turn_id
        )
        check_refusal(answer["error"])


async def test_two_people_of_one_tenant_share_the_tenants_limit(tmp_path: Path):
    async with (
        open_studio(tmp_path / "data", rate_messages_per_min=1, rate_tenant_times=2) as studio,
        opened(studio, "ada", tenant="acme") as ada,
        opened(studio, "bob", tenant="acme") as bob,
        opened(studio, "cid", tenant="acme") as cid,
        opened(studio, "ada", tenant="globex") as stranger,
    ):
        await ada.ask("hello")
        await bob.ask("hello")
        answer = await cid.command("message.send", **message(cid))
        check_refusal(answer["error"])
        assert answer["error"]["details"] == {"limit": 2, "scope": "tenant"}
        await stranger.ask("hello")


async def test_with_the_limits_as_they_come_a_full_line_is_still_told_as_busy(tmp_path: Path):
    async with open_studio(tmp_path / "data", **DEFAULTS) as studio, opened(studio) as ada:
        sends = [ada.command("message.send", **message(ada, f"{n}")) for n in range(100)]
        answers = await asyncio.gather(*sends)
    assert {each["error"]["code"] for each in answers if not each["ok"]} == {"busy"}


# -- films --------------------------------------------------------------------------------------


async def test_a_film_too_many_is_429_with_the_seconds_to_wait(strict: OpenHouse):
    async with strict.http() as http:
        assert [(await film(http))[0] for _ in range(2)] == [202, 202]
        status, headers, body = await film(http)
    assert status == 429
    check_refusal(body["error"])
    assert int(headers["Retry-After"]) == -(-body["error"]["retryAfterMs"] // 1000)


async def test_a_film_too_many_makes_neither_a_job_nor_a_session(strict: OpenHouse):
    async with strict.http() as http:
        for _ in range(2):
            await film(http)
        status, _, _ = await film(http, **FILM, campaignId="autumn")
        assert status == 429
        async with http.get("/api/sessions?campaignId=autumn") as reply:
            assert (await reply.json())["sessions"] == []


async def test_a_film_asked_for_again_under_its_key_counts_once(strict: OpenHouse):
    async with strict.http() as http:
        jobs = {(await film(http, key="order-1"))[2]["jobId"] for _ in range(5)}
        assert len(jobs) == 1
        assert (await film(http, key="order-2"))[0] == 202
        assert (await film(http, key="order-3"))[0] == 429
        status, _, body = await film(http, key="order-1")
    assert (status, {body["jobId"]}) == (202, jobs)


async def test_the_same_film_ten_times_at_once_under_one_key_counts_once(strict: OpenHouse):
    async with strict.http() as http:
        answers = await asyncio.gather(*(film(http, key="order-1") for _ in range(10)))
        assert {status for status, _, _ in answers} == {202}
        assert (await film(http))[0] == 202
        assert (await film(http))[0] == 429


async def test_films_of_the_examples_count_like_any_other(strict: OpenHouse):
    social = {"concept": "Unboxing", "platform": "tiktok"}
    async with strict.http() as http:
        for _ in range(2):
            assert (await film(http, door="examples/social-media", **social))[0] == 202
        status, _, body = await film(http, door="examples/social-media", **social)
        assert (status, body["error"]["code"]) == (429, "rate_limited")
        assert (await film(http))[0] == 429


async def test_a_price_may_be_asked_for_as_often_as_one_likes(strict: OpenHouse):
    async with strict.http() as http:
        for _ in range(5):
            async with http.post("/api/video/quote", json=FILM) as reply:
                assert reply.status == 200


async def test_a_film_of_the_composer_counts_once_and_is_refused_without_a_trace(
    strict: OpenHouse,
):
    async with opened(strict) as ada:
        first = {"sessionId": ada.session_id, "clientId": "film-1", "request": FILM}
        for _ in range(4):
            await ada.done("video.request", **first)
        await ada.done("video.request", **{**first, "clientId": "film-2"})
        answer = await ada.command("video.request", **{**first, "clientId": "film-3"})
        check_refusal(answer["error"])
        await ada.open(sessionId=ada.session_id)
        assert len(ada.of_type("video.queued")) == 2


async def test_films_that_the_assistant_asks_for_count_too(tmp_path: Path):
    async with (
        open_studio(tmp_path / "data", rate_generations_per_min=1) as studio,
        opened(studio) as ada,
        studio.http() as http,
    ):
        assert (await film(http, **FILM, campaignId="default"))[0] == 202
        told = await ada.ask("Make a 6 second film of a cat on a sofa with the draft model")
        ended = [
            each["data"]
            for each in told
            if each["type"] == "tool.finished" and each["data"]["tool"] == "generate-video"
        ]
        assert [each["error"]["code"] for each in ended] == ["rate_limited"]
        assert told[-1]["data"]["outcome"] == "answered"


# -- uploads ------------------------------------------------------------------------------------


async def test_an_image_too_many_is_429_before_it_is_looked_at(strict: OpenHouse):
    async with strict.http() as http:
        for _ in range(2):
            async with http.post("/api/storage/upload", data=upload_form(logo_png(64))) as reply:
                assert reply.status == 201
        async with http.post("/api/storage/upload", data=upload_form(logo_png(64))) as reply:
            assert reply.status == 429
            check_refusal((await reply.json())["error"])
            assert 1 <= int(reply.headers["Retry-After"]) <= 61


async def test_without_a_limit_there_is_none(studio: OpenHouse):
    async with studio.http() as http:
        for _ in range(70):
            async with http.post("/api/storage/upload", json={}) as reply:
                assert reply.status == 400
