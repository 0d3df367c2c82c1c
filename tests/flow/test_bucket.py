"""Files that lie in a bucket: who is shown the way to them, for how long, and by which addresses."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from tests.fakes.bucket import FakeBucket, moto_server, new_bucket
from tests.fakes.house import OpenHouse, open_studio
from tests.fakes.pictures import logo_png, upload_form
from tests.fakes.selling import kept_in

DOMAIN = "https://media.brand.example"


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    with moto_server() as url:
        yield url


@pytest.fixture
async def bucket(s3: str) -> FakeBucket:
    # moto answers in a thread of its own: the asking must not hold the loop.
    return await asyncio.to_thread(new_bucket, s3)


@pytest.fixture
async def shop(tmp_path: Path, bucket: FakeBucket) -> AsyncIterator[OpenHouse]:
    async with open_studio(tmp_path / "data", **kept_in(bucket)) as house:
        yield house


async def taken(http: aiohttp.ClientSession) -> dict[str, Any]:
    async with http.post("/api/storage/upload", data=upload_form(logo_png())) as answer:
        assert answer.status == 201
        body: dict[str, Any] = await answer.json()
        return body


async def test_whoever_holds_a_good_address_is_sent_to_the_file_for_an_hour(
    shop: OpenHouse, bucket: FakeBucket
):
    async with shop.http() as http, shop.http(user=None) as nobody:
        upload = await taken(http)
        address = upload["url"].removeprefix(shop.url)
        async with nobody.get(address, allow_redirects=False) as answer:
            assert answer.status == 302
            assert answer.headers["Cache-Control"] == "private, max-age=3000"
            there = urlsplit(answer.headers["Location"])
        async with nobody.get(address) as answer:
            assert answer.status == 200
            assert len(await answer.read()) == upload["size"]
    assert f"{there.scheme}://{there.netloc}" == bucket.url
    assert parse_qs(there.query)["X-Amz-Expires"] == ["3600"]


async def test_a_download_is_saved_under_the_files_name(shop: OpenHouse):
    async with shop.http() as http:
        upload = await taken(http)
        async with http.get(
            f"{upload['url'].removeprefix(shop.url)}&download=1", allow_redirects=False
        ) as answer:
            asked = parse_qs(urlsplit(answer.headers["Location"]).query)
    (disposition,) = asked["response-content-disposition"]
    assert disposition.startswith("attachment")
    assert upload["uploadId"] in disposition


async def test_nobody_else_is_shown_the_way(shop: OpenHouse):
    async with shop.http() as http, shop.http("mallory") as mallory:
        path = f"/media/{(await taken(http))['path']}"
        async with http.get(path, allow_redirects=False) as answer:
            assert answer.status == 302
        async with mallory.get(path, allow_redirects=False) as answer:
            assert answer.status == 404
            assert "Location" not in answer.headers


@pytest.mark.parametrize("path", ["../secret.png", "videos//x.png", "videos/x.exe"])
async def test_a_path_that_names_no_file_of_ours_leads_nowhere(shop: OpenHouse, path: str):
    quoted = path.replace("/", "%2F")  # or the client would tidy it up
    async with shop.http() as http, http.get(f"/media/{quoted}", allow_redirects=False) as answer:
        assert answer.status == 404


async def test_the_page_lets_the_browser_load_from_the_bucket(shop: OpenHouse, bucket: FakeBucket):
    async with shop.http() as http, http.get("/") as answer:
        rules = dict(
            rule.strip().split(" ", 1)
            for rule in answer.headers["Content-Security-Policy"].split(";")
        )
    assert bucket.url in rules["img-src"].split()
    assert bucket.url in rules["media-src"].split()
    assert rules["script-src"] == "'self'"


async def test_on_a_domain_of_its_own_addresses_are_for_ever_and_the_page_may_load_them(
    tmp_path: Path, bucket: FakeBucket
):
    settings = kept_in(bucket, r2_public_url=DOMAIN)
    async with open_studio(tmp_path, **settings) as shop, shop.http() as http:
        upload = await taken(http)
        assert upload["url"] == f"{DOMAIN}/{upload['path']}"
        async with http.get("/") as answer:
            assert DOMAIN in answer.headers["Content-Security-Policy"]
        # Given back, it is known as our own and not fetched.
        asked = {"prompt": "A kettle", "referenceImageUrls": [upload["url"]]}
        async with http.post("/api/video/quote", json=asked) as answer:
            assert answer.status == 200
        async with http.post("/api/storage/upload", json={"url": upload["url"]}) as answer:
            assert answer.status == 201
            assert (await answer.json())["path"] != upload["path"]


async def test_readiness_names_the_storage_and_no_more(shop: OpenHouse):
    async with shop.http(user=None) as http, http.get("/readyz") as answer:
        told = await answer.json()
    assert told["parts"]["storage"] == "up"
    assert set(told["parts"].values()) <= {"up", "down"}
