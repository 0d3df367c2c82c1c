"""`Idempotency-Key`: a program that asks again gets the film it asked for, not another one."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.fakes.house import OpenHouse, StudioProcess, open_studio, studio_process
from tests.fakes.replicate import FakeReplicate
from tests.fakes.replicate_acts import Fails
from tests.fakes.replicate_words import SENSITIVE
from tests.fakes.selling import selling
from tests.fakes.visitor import Visitor
from tests.patience import FILM_S

FILM = {
    "prompt": "A kettle comes to the boil on a gas stove",
    "duration": 4,
    "aspectRatio": "1:1",
    "model": "draft",
}
LONG = {**FILM, "duration": 60, "aspectRatio": "16:9"}
EXAMPLES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "generate": (LONG, {**LONG, "duration": 59}),
    "examples/brand-animation": ({"productName": "Havra"}, {"productName": "Havra oat"}),
    "examples/product-showcase": (
        {"productName": "Havra", "productDescription": "An oat drink"},
        {"productName": "Havra", "productDescription": "Oats to drink"},
    ),
    "examples/social-media": (
        {"concept": "Unboxing", "platform": "tiktok"},
        {"concept": "Unboxing", "platform": "youtube"},
    ),
}
"""By door: a body, and another one."""
AT_ONCE = {"Prefer": "respond-async"}


async def ask(
    http: aiohttp.ClientSession,
    body: Mapping[str, Any],
    key: str | None = "order-7",
    *,
    door: str = "generate",
    at_once: bool = True,
) -> tuple[int, dict[str, Any]]:
    headers = {**(AT_ONCE if at_once else {}), **({"Idempotency-Key": key} if key else {})}
    async with http.post(f"/api/video/{door}", json=body, headers=headers) as reply:
        return reply.status, await reply.json()


async def sessions(http: aiohttp.ClientSession, campaign: str | None = None) -> list[str]:
    query = {"campaignId": campaign} if campaign else {}
    async with http.get("/api/sessions", params=query) as reply:
        return [each["sessionId"] for each in (await reply.json())["sessions"]]


async def jobs_told(http: aiohttp.ClientSession) -> list[str]:
    """Of every job that was begun, in all the caller's sessions."""
    found = []
    for session_id in await sessions(http):
        async with http.get(f"/api/sessions/{session_id}/entries") as reply:
            entries = (await reply.json())["entries"]
        found += [each["jobId"] for each in entries if each["type"] == "video.queued"]
    return found


@pytest.mark.parametrize("door", EXAMPLES)
async def test_the_same_key_and_body_are_the_same_job(studio: OpenHouse, door: str):
    body, _ = EXAMPLES[door]
    async with studio.http() as http:
        _, first = await ask(http, body, door=door)
        status, again = await ask(http, body, door=door)
        assert status == 202
        assert again["jobId"] == first["jobId"]
        assert await jobs_told(http) == [first["jobId"]]


@pytest.mark.parametrize("door", EXAMPLES)
async def test_another_body_under_the_same_key_is_refused(studio: OpenHouse, door: str):
    body, other = EXAMPLES[door]
    async with studio.http() as http:
        _, first = await ask(http, body, door=door)
        status, refused = await ask(http, other, door=door)
        assert status == 422
        assert refused["error"]["code"] == "idempotency_mismatch"
        assert refused["error"]["field"] == "Idempotency-Key"
        assert await jobs_told(http) == [first["jobId"]]


async def test_a_key_that_was_used_at_another_door_is_refused(studio: OpenHouse):
    async with studio.http() as http:
        await ask(http, LONG)
        status, _ = await ask(http, {"productName": "x"}, door="examples/brand-animation")
        assert status == 422


async def test_another_key_or_none_is_another_job(studio: OpenHouse):
    async with studio.http() as http:
        asked = [await ask(http, LONG, key) for key in ("one", "two", None, None)]
    assert len({told["jobId"] for _, told in asked}) == 4


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, 'a"b'])
async def test_what_is_no_key_is_refused_and_nothing_is_made(studio: OpenHouse, key: str):
    async with studio.http() as http:
        headers = {"Idempotency-Key": key}
        async with http.post("/api/video/generate", json=LONG, headers=headers) as reply:
            assert reply.status == 400
            assert (await reply.json())["error"]["field"] == "Idempotency-Key"
        assert await sessions(http) == []


async def test_a_repeat_waits_for_the_first_ones_film_and_is_answered_the_same(studio: OpenHouse):
    async with studio.http() as http:
        first, again = await asyncio.gather(
            ask(http, FILM, at_once=False), ask(http, FILM, at_once=False)
        )
        later = await ask(http, FILM, at_once=False)
    assert first[0] == 202
    assert first[1]["videoPath"].startswith("videos/generated/video-")
    assert again == later == first


async def test_a_repeat_at_once_says_what_became_of_it(studio: OpenHouse):
    async with studio.http() as http:
        _, film = await ask(http, FILM, at_once=False)
        status, short = await ask(http, FILM)
    assert status == 202
    assert (short["jobId"], short["state"]) == (film["jobId"], "finished")


async def test_ten_at_once_under_one_key_are_one_job_in_one_session(studio: OpenHouse):
    body = {**LONG, "campaignId": "spring"}
    async with studio.http() as http:
        told = await asyncio.gather(*(ask(http, body) for _ in range(10)))
        assert {status for status, _ in told} == {202}
        assert len({answer["jobId"] for _, answer in told}) == 1
        assert len(await jobs_told(http)) == 1
        assert len(await sessions(http)) == 1


async def test_two_bodies_at_once_under_one_key_are_one_job_and_one_refusal(studio: OpenHouse):
    async with studio.http() as http:
        bodies = (LONG, {**LONG, "duration": 59})
        told = await asyncio.gather(*(ask(http, body) for body in bodies))
        assert sorted(status for status, _ in told) == [202, 422]
        assert len(await jobs_told(http)) == 1


async def test_a_repeat_joins_no_session_that_was_opened_since(studio: OpenHouse):
    body = {**LONG, "campaignId": "spring"}
    async with studio.http() as http, studio.visitor() as ada:
        _, first = await ask(http, body)
        await ada.open(campaignId="spring", new=True)
        _, again = await ask(http, body)
        assert again["jobId"] == first["jobId"]
        assert len(await sessions(http, "spring")) == 2
        assert await jobs_told(http) == [first["jobId"]]


@pytest.mark.parametrize(
    "other",
    [
        {"user": "bob", "tenant": "bob"},
        {"user": "ada", "tenant": "elsewhere"},
        {"user": "bob", "tenant": "house"},
    ],
)
async def test_somebody_elses_same_key_is_their_own(studio: OpenHouse, other: dict[str, str]):
    async with studio.http("ada", tenant="house") as ada, studio.http(**other) as them:
        _, mine = await ask(ada, LONG)
        status, theirs = await ask(them, {**LONG, "duration": 30})
    assert status == 202
    assert theirs["jobId"] != mine["jobId"]


async def test_a_job_of_a_campaign_that_the_token_lost_is_not_shown_again(studio: OpenHouse):
    body = {**LONG, "campaignId": "spring"}
    async with (
        studio.http(tenant="house") as ada,
        studio.http(tenant="house", campaigns=["autumn"]) as narrowed,
    ):
        await ask(ada, body)
        status, told = await ask(narrowed, body)
    assert (status, told["error"]["code"]) == (404, "not_found")


async def test_a_film_that_was_cancelled_is_answered_as_it_ended(studio: OpenHouse):
    async with studio.http() as http:
        _, first = await ask(http, LONG)
        async with http.post(f"/api/video/jobs/{first['jobId']}/cancel"):
            pass
        status, told = await ask(http, LONG, at_once=False)
        again = await ask(http, LONG, at_once=False)
    assert (status, told["error"]["code"]) == (409, "already_final")
    assert again == (status, told)


async def test_a_film_that_failed_is_answered_as_it_ended_and_not_bought_again(tmp_path: Path):
    asked = {**FILM, "model": "veo-3.1", "aspectRatio": "16:9"}
    async with FakeReplicate.running() as fake:
        fake.will(Fails(SENSITIVE))
        async with open_studio(tmp_path, **selling(fake)) as shop, shop.http() as http:
            first = await ask(http, asked, at_once=False)
            orders = len(fake.created)
            again = await ask(http, asked, at_once=False)
        assert first[0] == 422
        assert first[1]["error"]["code"] == "content_rejected"
        assert again == first
        assert len(fake.created) == orders


async def test_a_request_that_was_refused_leaves_its_key_free(studio: OpenHouse):
    async with studio.http() as http:
        status, _ = await ask(http, {**FILM, "duration": 3})
        assert status == 422
        status, _ = await ask(http, LONG)
    assert status == 202


async def test_the_answer_is_lost_and_the_repeat_gets_the_film(studio: OpenHouse):
    async with studio.visitor() as ada, studio.http() as http:
        await ada.open()
        lost = asyncio.create_task(ask(http, FILM, at_once=False))
        queued = await ada.until_entry("video.queued")
        lost.cancel()
        await asyncio.wait({lost})
        status, film = await ask(http, FILM, at_once=False)
        assert status == 202
        # The answer may overtake what the socket tells.
        await ada.until_entry("creative.added")
    assert film["jobId"] == queued["jobId"]
    assert len(ada.of_type("creative.added")) == 1


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[StudioProcess]:
    async with studio_process(tmp_path) as running:
        yield running


def door(process: StudioProcess) -> aiohttp.ClientSession:
    headers = {"Authorization": f"Bearer {process.token()}"}
    return aiohttp.ClientSession(process.url, headers=headers)


async def test_the_server_is_killed_and_the_repeat_gets_the_film(process: StudioProcess):
    async with (
        Visitor.connected(process.url, process.token()) as ada,
        door(process) as http,
    ):
        await ada.open()
        lost = asyncio.create_task(ask(http, FILM, at_once=False))
        queued = await ada.until_entry("video.queued")
        await process.kill()
        await asyncio.wait({lost}, timeout=FILM_S)
        # None: the film was there before the kill.
        assert isinstance(lost.exception(), aiohttp.ClientError | None)
    await process.start()
    async with door(process) as http, asyncio.timeout(FILM_S):
        status, film = await ask(http, FILM, at_once=False)
        told = await jobs_told(http)
    assert status == 202
    assert film["jobId"] == queued["jobId"]
    assert told == [film["jobId"]]


async def test_the_server_is_stopped_and_still_knows_the_key(process: StudioProcess):
    async with door(process) as http:
        _, film = await ask(http, FILM, at_once=False)
    assert await process.stop() == 0
    await process.start()
    async with door(process) as http:
        _, again = await ask(http, FILM, at_once=False)
        status, _ = await ask(http, {**FILM, "duration": 5})
    # Its address is signed anew; the film is the same.
    assert {**again, "videoUrl": ""} == {**film, "videoUrl": ""}
    assert status == 422
