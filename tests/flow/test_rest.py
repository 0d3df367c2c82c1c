"""The REST door of this version, as a program uses it."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.fakes.house import OpenHouse, open_studio
from tests.patience import IN_THE_END_S

FILM = {"prompt": "A kettle comes to the boil on a gas stove", "duration": 4, "aspectRatio": "1:1"}


async def test_models_lists_the_seeds_four_first_and_says_why_each_cannot_be_used(
    studio: OpenHouse,
):
    async with studio.http() as http, http.get("/api/video/models") as reply:
        rows = await reply.json()
    assert [row["key"] for row in rows][:4] == [
        "sora-2-pro",
        "veo-3.1",
        "runway-gen3",
        "runway-gen2",
    ]
    assert rows[0]["name"] == "OpenAI Sora 2 Pro"
    assert rows[0]["durationRange"] == {"min": 5, "max": 60}
    assert rows[0]["lifecycle"]["state"] == "retired"
    veo = rows[1]
    assert not veo["available"]
    assert "REPLICATE_API_KEY" in veo["unavailableReason"]
    (draft,) = [row for row in rows if row.get("draft")]
    assert draft["available"]


async def test_a_quote_names_who_would_make_it_and_does_nothing(studio: OpenHouse):
    async with (
        studio.http() as http,
        http.post("/api/video/quote", json={**FILM, "duration": 5}) as reply,
    ):
        quote = await reply.json()
        assert reply.status == 200
    assert quote["model"] == "draft"
    assert quote["requestedModel"] == "sora-2-pro"
    assert quote["total"] == {"amount": 0, "currency": "USD"}
    assert quote["lines"][0]["seconds"] == 5


async def test_a_length_outside_the_asked_models_range_is_refused_with_the_range(studio: OpenHouse):
    async with studio.http() as http:
        wanted = {**FILM, "model": "veo-3.1", "duration": 12}
        async with http.post("/api/video/generate", json=wanted) as reply:
            assert reply.status == 422
            error = (await reply.json())["error"]
    assert error["code"] == "duration_out_of_range"
    assert error["message"].startswith("Duration out of range for model")
    assert "4 to 8" in error["message"]


async def test_generate_waits_for_the_film_and_answers_with_the_seeds_fields(studio: OpenHouse):
    async with studio.http() as http:
        asked = {**FILM, "model": "draft", "refinementPrompt": "Make it cinematic"}
        async with http.post("/api/video/generate", json=asked) as reply:
            assert reply.status == 202
            film = await reply.json()
        assert film["prompt"] == FILM["prompt"]
        assert film["refinedPrompt"] != FILM["prompt"]
        assert film["model"] == "draft"
        assert film["duration"] == 4
        assert film["referenceImages"] == []
        assert film["metadata"]["provider"] == "local"
        assert film["metadata"]["resolution"] == "1080x1080"
        assert film["videoPath"].startswith("videos/generated/video-")
        assert film["cost"] == {"amount": 0, "currency": "USD"}
        async with http.get(f"/api/video/jobs/{film['jobId']}") as reply:
            job = await reply.json()
    assert job["state"] == "finished"
    assert job["result"] == film
    assert job["charged"] == "no"


async def test_a_film_is_served_in_ranges_to_whoever_holds_its_address(studio: OpenHouse):
    asked = {**FILM, "model": "draft"}
    async with studio.http() as http, http.post("/api/video/generate", json=asked) as reply:
        film = await reply.json()
    async with studio.http(user=None) as nobody:
        address = film["videoUrl"].removeprefix(studio.url)
        async with nobody.get(address, headers={"Range": "bytes=0-99"}) as reply:
            assert reply.status == 206
            assert len(await reply.read()) == 100
            assert reply.headers["Content-Type"] == "video/mp4"
            assert reply.headers["X-Content-Type-Options"] == "nosniff"
        async with nobody.get(address.split("?")[0]) as reply:
            assert reply.status == 404
        async with nobody.get(address + "&download=1") as reply:
            assert reply.headers["Content-Disposition"].startswith("attachment")
    async with studio.http() as owner, owner.get(address.split("?")[0]) as reply:
        assert reply.status == 200
    async with studio.http("mallory") as other, other.get(address.split("?")[0]) as reply:
        assert reply.status == 404


async def test_respond_async_answers_at_once_with_where_to_look(studio: OpenHouse):
    async with studio.http() as http:
        asking = http.post(
            "/api/video/generate",
            json={**FILM, "model": "draft"},
            headers={"Prefer": "respond-async"},
        )
        async with asking as reply:
            assert reply.status == 202
            accepted = await reply.json()
            assert set(accepted) == {"jobId", "state", "statusUrl"}
            assert reply.headers["Location"] == accepted["statusUrl"]
        cancel = f"/api/video/jobs/{accepted['jobId']}/cancel"
        async with http.post(cancel) as reply:
            assert reply.status == 200
        status = accepted["statusUrl"].removeprefix(studio.url)
        async with asyncio.timeout(IN_THE_END_S):
            while True:
                async with http.get(status) as reply:
                    job = await reply.json()
                if job["state"] not in {"queued", "running"}:
                    break
    assert job["state"] == "cancelled"
    assert job["charged"] == "no"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/logo.png",
        "http://169.254.169.254/x",
        "https://[::1]/logo.png",
        "http://10.0.0.8/logo.png",
        "http://user:pass@company.example/logo.png",
    ],
)
async def test_an_address_that_cannot_be_meant_for_images_is_refused_at_the_door(
    studio: OpenHouse, url: str
):
    async with studio.http() as http:
        wanted = {**FILM, "model": "draft", "referenceImageUrls": [url]}
        async with http.post("/api/video/generate", json=wanted) as reply:
            assert reply.status == 422
            error = (await reply.json())["error"]
    assert error["code"] == "reference_unreachable"
    assert error["message"].startswith("Reference images failed to upload")


async def test_an_image_elsewhere_is_taken_by_its_address_each_one_once(studio: OpenHouse):
    url = "https://company.example/logo.png"
    asked = {**FILM, "model": "draft", "referenceImageUrls": [url, url]}
    async with studio.http() as http:
        async with http.post(
            "/api/video/generate", json=asked, headers={"Prefer": "respond-async"}
        ) as reply:
            assert reply.status == 202
            job_id = (await reply.json())["jobId"]
        async with http.post(f"/api/video/jobs/{job_id}/cancel") as reply:
            assert reply.status == 200
        (queued,) = await entries(http, "video.queued")
    assert [each["url"] for each in queued["data"]["request"]["referenceImages"]] == [url]


async def test_an_image_of_ours_that_is_not_there_is_refused(studio: OpenHouse):
    wanted = {
        **FILM,
        "referenceImageUrls": [f"{studio.url}/media/videos/references/upload-0.png"],
    }
    async with studio.http() as http, http.post("/api/video/quote", json=wanted) as reply:
        assert reply.status == 422
        assert (await reply.json())["error"]["code"] == "reference_unreachable"


async def entries(http: aiohttp.ClientSession, kind: str) -> list[dict[str, Any]]:
    """Of this type, in the caller's newest session."""
    async with http.get("/api/sessions") as reply:
        session_id = (await reply.json())["sessions"][0]["sessionId"]
    async with http.get(f"/api/sessions/{session_id}/entries") as reply:
        return [each for each in (await reply.json())["entries"] if each["type"] == kind]


EXAMPLES = [
    (
        "brand-animation",
        {
            "brandLogoUrl": "https://company.example/logo.png",
            "productName": "Havra oat drink",
            "tagline": "Softly, good morning",
        },
        ("16:9", 6, ["https://company.example/logo.png"]),
        ["Subject: Havra oat drink", "Tagline: Softly, good morning"],
    ),
    (
        "product-showcase",
        {
            "productName": "iPhone 15",
            "productDescription": "Latest flagship smartphone",
            "referenceImageUrls": ["https://company.example/phone.png"],
        },
        ("16:9", 8, ["https://company.example/phone.png"]),
        ["Subject: iPhone 15, Latest flagship smartphone"],
    ),
    *(
        (
            "social-media",
            {"concept": "Product unboxing", "platform": platform, "brandImages": []},
            (ratio, seconds, []),
            ["Concept: Product unboxing"],
        )
        for platform, ratio, seconds in (
            ("instagram", "9:16", 15),
            ("tiktok", "9:16", 12),
            ("youtube", "16:9", 15),
            ("facebook", "1:1", 15),
        )
    ),
]


@pytest.mark.parametrize(("example", "body", "made", "words"), EXAMPLES)
async def test_an_example_is_a_template_filled_and_then_asked_for_like_any_film(
    studio: OpenHouse,
    example: str,
    body: dict[str, Any],
    made: tuple[str, int, list[str]],
    words: list[str],
):
    async with studio.http() as http:
        async with http.post(
            f"/api/video/examples/{example}",
            json={**body, "campaignId": "spring"},
            headers={"Prefer": "respond-async"},
        ) as reply:
            assert reply.status == 202
            accepted = await reply.json()
            assert reply.headers["Location"] == accepted["statusUrl"]
        async with http.post(f"/api/video/jobs/{accepted['jobId']}/cancel") as reply:
            assert (await reply.json())["requestedModel"] == "sora-2-pro"
        (queued,) = await entries(http, "video.queued")
    request = queued["data"]["request"]
    images = [each["url"] for each in request["referenceImages"]]
    assert (request["aspectRatio"], request["duration"], images) == made
    assert request["refinementPrompt"]
    assert [each for each in words if each not in request["prompt"]] == []


async def test_an_example_answers_with_the_seeds_full_result(studio: OpenHouse):
    async with studio.http() as http:
        body = {"productName": "Havra"}
        async with http.post("/api/video/examples/brand-animation", json=body) as reply:
            assert reply.status == 202
            film = await reply.json()
    assert film["videoPath"].startswith("videos/generated/video-")
    assert (film["model"], film["requestedModel"]) == ("draft", "sora-2-pro")
    assert film["duration"] == 6
    assert "Subject: Havra" in film["prompt"]


@pytest.mark.parametrize(
    ("example", "body", "status", "field"),
    [
        ("brand-animation", {}, 400, "productName"),
        ("brand-animation", {"productName": " "}, 400, "productName"),
        ("brand-animation", {"productName": "x" * 121}, 400, "productName"),
        ("brand-animation", {"productName": "x", "brandLogoUrl": "logo.png"}, 400, "brandLogoUrl"),
        ("product-showcase", {"productName": "x"}, 400, "productDescription"),
        ("social-media", {"concept": "x", "platform": "myspace"}, 400, "platform"),
        ("social-media", {"concept": "x", "platform": "tiktok", "free": 1}, 400, "free"),
        (
            "social-media",
            {"concept": "x", "platform": "tiktok", "brandImages": ["http://127.0.0.1/x"]},
            422,
            "brandImages",
        ),
    ],
)
async def test_an_examples_wrong_body_is_refused_naming_the_field(
    studio: OpenHouse, example: str, body: dict[str, Any], status: int, field: str
):
    async with (
        studio.http() as http,
        http.post(f"/api/video/examples/{example}", json=body) as reply,
    ):
        assert reply.status == status
        assert (await reply.json())["error"]["field"] == field


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"prompt": ""}, "prompt"),
        ({"prompt": "x" * 4001}, "prompt"),
        ({}, "prompt"),
        ({**FILM, "duration": "6"}, "duration"),
        ({**FILM, "duration": 6.5}, "duration"),
        ({**FILM, "aspectRatio": "4:3"}, "aspectRatio"),
        ({**FILM, "referenceImageUrls": ["ftp://x/y"]}, "referenceImageUrls.0"),
        ({**FILM, "referenceImageUrls": ["https://x.example/y"] * 11}, "referenceImageUrls"),
        ({**FILM, "free": True}, "free"),
    ],
)
async def test_a_body_of_the_wrong_shape_is_refused_naming_the_field(
    studio: OpenHouse, body: dict[str, object], field: str
):
    async with studio.http() as http, http.post("/api/video/generate", json=body) as reply:
        assert reply.status == 400
        error = (await reply.json())["error"]
    assert error["code"] == "invalid_payload"
    assert error["field"] == field


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"prompt": NaN}'])
async def test_a_body_that_is_no_json_object_is_refused(studio: OpenHouse, body: bytes):
    async with studio.http() as http:
        headers = {"Content-Type": "application/json"}
        async with http.post("/api/video/generate", data=body, headers=headers) as reply:
            assert reply.status == 400
            assert (await reply.json())["error"]["code"] == "invalid_payload"


ROUTES = [
    ("GET", "/api/video/models"),
    ("POST", "/api/video/quote"),
    ("POST", "/api/video/generate"),
    ("GET", "/api/video/jobs/{id}"),
    ("POST", "/api/video/jobs/{id}/cancel"),
    ("POST", "/api/storage/upload"),
    ("GET", "/api/sessions"),
    ("GET", "/api/sessions/{id}/entries"),
    ("GET", "/api/sessions/{id}/creatives"),
    ("PATCH", "/api/creatives/{id}"),
    ("POST", "/api/video/examples/brand-animation"),
    ("POST", "/api/video/examples/product-showcase"),
    ("POST", "/api/video/examples/social-media"),
    ("GET", "/api/campaigns/{campaign_id}/usage"),
    ("GET", "/api/campaigns/{campaign_id}/creatives"),
]
SIGNED = {("POST", "/api/webhooks/replicate")}
"""Who calls is known by a signature of the body."""
OPEN = {("GET", "/api/openapi.json"), ("GET", "/api/docs"), ("GET", "/api/docs.css")}
"""What this is, for everybody."""


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_no_api_route_opens_without_a_token(studio: OpenHouse, method: str, path: str):
    address = path.replace("{id}", "x-1").replace("{campaign_id}", "spring")
    async with studio.http(user=None) as http, http.request(method, address) as reply:
        assert reply.status == 401
        assert (await reply.json())["error"]["code"] == "unauthenticated"


async def test_every_api_route_is_in_the_table_above(studio: OpenHouse):
    served = {
        (route.method, route.resource.canonical)
        for route in studio.house.app.router.routes()
        if route.resource is not None and route.resource.canonical.startswith("/api/")
    }
    assert {route for route in served if route[0] != "HEAD"} == {*ROUTES, *SIGNED, *OPEN}


async def test_the_rest_reader_sees_the_socket_readers_timeline(studio: OpenHouse):
    async with studio.visitor() as ada, studio.http() as http:
        await ada.open()
        await ada.ask("hello")
        async with http.get(f"/api/sessions/{ada.session_id}/entries?after=1") as reply:
            page = await reply.json()
    assert page["entries"] == ada.story()[1:]
    assert page["head"] == len(ada.entries)
    assert page["more"] is False
    assert page["epoch"] == ada.epoch


async def test_health_needs_no_token_and_tells_no_secrets(studio: OpenHouse):
    async with studio.http(user=None) as http:
        async with http.get("/healthz") as reply:
            assert reply.status == 200
        async with http.get("/readyz") as reply:
            assert await reply.json() == {
                "status": "up",
                "parts": {"database": "up", "storage": "up", "chat": "up"},
            }


async def test_in_guest_mode_only_this_machines_own_names_are_answered(tmp_path: Path):
    async with open_studio(tmp_path, jwt_secret=None) as guests, guests.http(user=None) as http:
        async with http.get("/healthz", headers={"Host": "rebound.evil.example"}) as reply:
            assert reply.status == 403
        async with http.get("/healthz") as reply:
            assert reply.status == 200


async def test_the_page_carries_a_guest_token_that_opens_the_api(tmp_path: Path):
    async with open_studio(tmp_path, jwt_secret=None) as guests, guests.http(user=None) as http:
        async with http.get("/") as reply:
            page = await reply.text()
            assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
        token = page.split('token="')[1].split('"')[0]
        headers = {"Authorization": f"Bearer {token}"}
        async with http.get("/api/sessions", headers=headers) as reply:
            assert reply.status == 200


async def test_only_origins_on_the_list_are_let_in_by_name(tmp_path: Path):
    host = "https://brand.example"
    async with open_studio(tmp_path, allowed_origins=(host,)) as studio, studio.http() as http:
        async with http.get("/api/sessions", headers={"Origin": host}) as reply:
            assert reply.headers["Access-Control-Allow-Origin"] == host
        async with http.get("/api/sessions", headers={"Origin": "https://evil.example"}) as reply:
            assert "Access-Control-Allow-Origin" not in reply.headers
        async with http.options("/api/sessions", headers={"Origin": host}) as reply:
            assert reply.status == 204
