"""How a film is ordered over HTTP: preferences, headers about models that are gone, sessions it joins."""

from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.fakes.house import OpenHouse, open_studio
from tests.fakes.replicate import FakeReplicate
from tests.fakes.selling import selling
from tests.patience import FILM_S

LONG = {"prompt": "A kettle comes to the boil", "duration": 60, "model": "draft"}
SHORT = {**LONG, "duration": 4, "aspectRatio": "1:1"}
DOORS: list[tuple[str, dict[str, Any]]] = [
    ("generate", LONG),
    ("examples/brand-animation", {"productName": "Havra"}),
    ("examples/product-showcase", {"productName": "Havra", "productDescription": "Oats"}),
    ("examples/social-media", {"concept": "Unboxing", "platform": "tiktok"}),
]


async def asked(
    http: aiohttp.ClientSession, door: str, body: dict[str, Any], prefer: str = "respond-async"
) -> tuple[Any, dict[str, Any]]:
    headers = {"Prefer": prefer}
    async with http.post(f"/api/video/{door}", json=body, headers=headers) as reply:
        assert reply.status == 202
        return reply.headers, await reply.json()


@pytest.mark.parametrize(("door", "body"), DOORS)
async def test_every_door_answers_at_once_when_it_is_asked_to(
    studio: OpenHouse, door: str, body: dict[str, Any]
):
    async with studio.http() as http:
        headers, told = await asked(http, door, body, "return=minimal, Respond-Async")
        assert set(told) == {"jobId", "state", "statusUrl"}
        assert headers["Location"] == told["statusUrl"]
        assert headers["Preference-Applied"] == "respond-async"
        async with http.get(told["statusUrl"].removeprefix(studio.url)) as reply:
            assert reply.status == 200
            assert (await reply.json())["jobId"] == told["jobId"]


async def test_a_film_that_is_there_in_time_is_answered_whole(studio: OpenHouse):
    async with studio.http() as http:
        headers, film = await asked(http, "generate", SHORT, "respond-async, wait=600")
    assert film["videoPath"].startswith("videos/generated/video-")
    assert headers["Preference-Applied"] == "respond-async, wait=600"
    assert headers["Location"].endswith(film["jobId"])


GONE = {
    "sora-2-pro": ("@1790208000", "Thu, 24 Sep 2026 00:00:00 GMT", "veo-3.1"),
    "runway-gen3": ("@1785369600", "Thu, 30 Jul 2026 00:00:00 GMT", "runway-gen4.5"),
    "runway-gen2": ("@1785369600", "Thu, 30 Jul 2026 00:00:00 GMT", "runway-gen4.5"),
}


@pytest.mark.parametrize("model", GONE)
@pytest.mark.parametrize("door", ["generate", "quote"])
async def test_who_asks_for_a_model_that_is_gone_is_told_since_when_and_who_takes_over(
    studio: OpenHouse, door: str, model: str
):
    deprecated, sunset, successor = GONE[model]
    async with studio.http() as http:
        body = {**LONG, "model": model}
        async with http.post(
            f"/api/video/{door}", json=body, headers={"Prefer": "respond-async"}
        ) as reply:
            assert reply.headers["Deprecation"] == deprecated
            assert reply.headers["Sunset"] == sunset
            models = f"{studio.url}/api/video/models"
            assert f'<{models}>; rel="deprecation"' in reply.headers["Link"]
            assert f'<{models}#{successor}>; rel="successor-version"' in reply.headers["Link"]


@pytest.mark.parametrize("model", ["veo-3.1", "draft"])
async def test_who_asks_for_a_living_model_is_told_nothing_of_the_kind(
    studio: OpenHouse, model: str
):
    async with studio.http() as http:
        headers, _ = await asked(http, "generate", {**LONG, "duration": 8, "model": model})
    assert {"Deprecation", "Sunset", "Link"} & set(headers) == set()


async def test_a_film_that_failed_says_too_that_its_model_is_gone_and_where_its_job_is(
    tmp_path: Path,
):
    async with FakeReplicate.running() as fake:
        wrong = {**selling(fake), "replicate_api_key": "r8_wrong"}
        async with open_studio(tmp_path, **wrong) as shop, shop.http() as http:
            body = {**LONG, "model": "sora-2-pro", "duration": 6}
            async with http.post("/api/video/generate", json=body) as reply:
                assert reply.status == 502
                assert reply.headers["Deprecation"] == GONE["sora-2-pro"][0]
                assert "/api/video/jobs/" in reply.headers["Location"]


@pytest.mark.parametrize(("door", "body"), DOORS)
async def test_a_film_for_a_campaign_joins_the_callers_newest_session_there(
    studio: OpenHouse, door: str, body: dict[str, Any]
):
    async with studio.visitor() as ada, studio.http() as http:
        await ada.open(campaignId="spring")
        await ada.open(campaignId="spring", new=True)
        _, told = await asked(http, door, {**body, "campaignId": "spring"})
        queued = await ada.until_entry("video.queued", jobId=told["jobId"])
    assert queued["sessionId"] == ada.session_id


async def test_a_film_for_a_campaign_without_a_session_makes_one(studio: OpenHouse):
    async with studio.http() as http:
        _, told = await asked(http, "generate", {**LONG, "campaignId": "spring"})
        async with http.get("/api/sessions", params={"campaignId": "spring"}) as reply:
            (session,) = (await reply.json())["sessions"]
        async with http.get(f"/api/sessions/{session['sessionId']}/entries") as reply:
            entries = (await reply.json())["entries"]
    assert told["jobId"] in [each.get("jobId") for each in entries]


async def test_a_film_for_a_session_is_announced_there_and_joins_its_list(studio: OpenHouse):
    async with studio.visitor() as ada, studio.http() as http:
        await ada.open(campaignId="spring")
        body = {**SHORT, "sessionId": ada.session_id}
        async with http.post("/api/video/generate", json=body) as reply:
            film = await reply.json()
        added = await ada.until_entry("creative.added", FILM_S, jobId=film["jobId"])
        said = await ada.until_entry("message.added", jobId=film["jobId"])
        async with http.get(f"/api/sessions/{ada.session_id}/creatives") as reply:
            (listed,) = (await reply.json())["creatives"]
    assert listed == added["data"]["creative"]
    assert listed["_id"] == film["creativeId"]
    assert listed["visual"]["url"].split("?")[0] == film["videoUrl"].split("?")[0]
    assert said["data"]["code"] == "video.ready"
    assert said["data"]["text"] == (
        "✅ Video generated and added to creatives! Model: draft, Duration: 4s"
    )
    assert [each["type"] for each in ada.story() if each.get("jobId") == film["jobId"]] == [
        "video.queued",
        "video.changed",
        "video.changed",
        "video.changed",
        "creative.added",
        "message.added",
    ]


async def test_a_session_of_another_campaign_than_was_named_is_refused(studio: OpenHouse):
    async with studio.visitor() as ada, studio.http() as http:
        await ada.open(campaignId="spring")
        body = {**LONG, "campaignId": "autumn", "sessionId": ada.session_id}
        async with http.post("/api/video/generate", json=body) as reply:
            assert reply.status == 400
            assert (await reply.json())["error"]["field"] == "campaignId"
        assert ada.of_type("video.queued") == []


BODIES = {
    "a key that is there twice": (b'{"prompt": "x", "prompt": "y"}', 400),
    "a number without end": (b'{"prompt": "x", "duration": 1e999}', 400),
    "no number": (b'{"prompt": "x", "duration": NaN}', 400),
    "a huge number": (b'{"prompt": "x", "duration": ' + b"9" * 5000 + b"}", 400),
    "the largest integer": (b'{"prompt": "x", "duration": 9223372036854775807}', 422),
    "a negative length": (b'{"prompt": "x", "duration": -6}', 422),
    "a truth as length": (b'{"prompt": "x", "duration": true}', 400),
    "a deep nest": (b'{"prompt": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", 400),
    "broken UTF-8": (b'{"prompt": "\xc3\x28"}', 400),
    "half a character": (b'{"prompt": "\\ud83d"}', 400),
    "nothing to see": (b'{"prompt": "\\u0000 \\u0000"}', 400),
    "ninety thousand fields": (
        b"{" + b",".join(b'"k%d":1' % number for number in range(90_000)) + b"}",
        400,
    ),
    "too much": (b'{"prompt": "' + b"x" * 1_100_000 + b'"}', 413),
    "a model nobody has": (b'{"prompt": "x", "model": "sora-3"}', 422),
    "a shape nobody makes": (b'{"prompt": "x", "aspectRatio": "4:3"}', 400),
    "a list of one text": (b'{"prompt": "x", "referenceImageUrls": "https://a.example/x"}', 400),
    "a long wish": (b'{"prompt": "x", "refinementPrompt": "' + b"x" * 2001 + b'"}', 400),
}


@pytest.mark.parametrize("door", ["generate", "quote"])
@pytest.mark.parametrize(("body", "status"), BODIES.values(), ids=BODIES)
async def test_a_strange_body_gets_a_typed_answer_and_starts_nothing(
    studio: OpenHouse, door: str, body: bytes, status: int
):
    async with studio.http() as http:
        headers = {"Content-Type": "application/json"}
        async with http.post(f"/api/video/{door}", data=BytesIO(body), headers=headers) as reply:
            assert reply.status == status
            assert set(await reply.json()) == {"error"}
        async with http.get("/api/sessions") as reply:
            assert (await reply.json())["sessions"] == []


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml"]
)
async def test_a_body_that_is_not_called_json_is_not_read(studio: OpenHouse, kind: str):
    async with studio.http() as http:
        headers = {"Content-Type": kind}
        body = b'{"prompt": "x", "duration": 6}'
        async with http.post("/api/video/generate", data=body, headers=headers) as reply:
            assert reply.status == 415
            assert (await reply.json())["error"]["code"] == "unsupported_media"
