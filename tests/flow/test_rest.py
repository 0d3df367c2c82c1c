"""The REST door of this version, as a program uses it."""

import asyncio
from pathlib import Path

import pytest

from tests.fakes.house import OpenHouse, open_studio

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
        async with asyncio.timeout(10):
            while True:
                async with http.get(status) as reply:
                    job = await reply.json()
                if job["state"] not in {"queued", "running"}:
                    break
    assert job["state"] == "cancelled"
    assert job["charged"] == "no"


@pytest.mark.parametrize(
    "url",
    ["https://company.example/logo.png", "http://127.0.0.1:1/logo.png", "http://169.254.169.254/x"],
)
async def test_an_image_that_was_not_uploaded_here_is_refused_and_never_fetched(
    studio: OpenHouse, url: str
):
    async with studio.http() as http:
        wanted = {**FILM, "model": "draft", "referenceImageUrls": [url]}
        async with http.post("/api/video/generate", json=wanted) as reply:
            assert reply.status == 422
            error = (await reply.json())["error"]
    assert error["code"] == "reference_unreachable"
    assert error["message"].startswith("Reference images failed to upload")


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
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_no_api_route_opens_without_a_token(studio: OpenHouse, method: str, path: str):
    address = path.replace("{id}", "x-1")
    async with studio.http(user=None) as http, http.request(method, address) as reply:
        assert reply.status == 401
        assert (await reply.json())["error"]["code"] == "unauthenticated"


async def test_every_api_route_is_in_the_table_above(studio: OpenHouse):
    served = {
        (route.method, route.resource.canonical)
        for route in studio.house.app.router.routes()
        if route.resource is not None and route.resource.canonical.startswith("/api/")
    }
    assert {route for route in served if route[0] != "HEAD"} == set(ROUTES)


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
