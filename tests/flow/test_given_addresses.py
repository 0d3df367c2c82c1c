"""Images that are named by their address: fetched through the guard, ours read, the rest refused."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.fakes.house import OpenHouse, open_studio
from tests.fakes.image_host import PUBLIC, ImageHost, Internet, image_host
from tests.fakes.pictures import logo_png, upload_form
from tests.patience import IN_THE_END_S
from tools.media.fetching import GuardedFetcher

HOST = "images.example.com"
LOGO = f"http://{HOST}/logo.png"


@pytest.fixture
async def host() -> AsyncIterator[ImageHost]:
    async with image_host() as opened:
        yield opened


@pytest.fixture
async def shop(tmp_path: Path, host: ImageHost) -> AsyncIterator[OpenHouse]:
    """A studio on an internet of one server; `rebound` leads to this machine."""
    internet = Internet(
        names={HOST: [[PUBLIC]], "rebound.example.com": [["127.0.0.1"]]},
        places={(PUBLIC, 80): host.port, ("127.0.0.1", 80): host.port},
    )
    fetcher = GuardedFetcher(network=internet, total_s=IN_THE_END_S, idle_s=IN_THE_END_S)
    async with open_studio(
        tmp_path / "data", adapters=lambda given: replace(given, fetcher=fetcher)
    ) as house:
        yield house


async def given(http: aiohttp.ClientSession, url: str, **more: Any) -> tuple[int, dict[str, Any]]:
    async with http.post("/api/storage/upload", json={"url": url, **more}) as answer:
        return answer.status, await answer.json()


async def test_an_image_elsewhere_is_fetched_measured_and_kept_as_an_upload(
    shop: OpenHouse, host: ImageHost
):
    async with shop.visitor() as ada, shop.http() as http:
        await ada.open()
        status, upload = await given(http, LOGO, sessionId=ada.session_id, role="logo")
        assert status == 201
        assert (upload["width"], upload["contentType"]) == (600, "image/png")
        told = (await ada.until_entry("upload.added"))["data"]
        async with http.get(upload["url"].removeprefix(shop.url)) as answer:
            assert answer.status == 200
    assert (told["uploadId"], told["role"]) == (upload["uploadId"], "logo")
    assert len(host.asked) == 1


async def test_an_address_of_ours_is_read_and_never_asked_for(shop: OpenHouse, host: ImageHost):
    async with shop.http() as http:
        async with http.post("/api/storage/upload", data=upload_form(logo_png())) as answer:
            first = await answer.json()
        status, second = await given(http, first["url"].split("?")[0])
    assert status == 201
    assert second["uploadId"] != first["uploadId"]
    assert host.asked == []


async def test_somebody_elses_address_of_ours_answers_like_one_of_nothing(
    shop: OpenHouse, host: ImageHost
):
    async with shop.http() as http, shop.http("mallory") as mallory:
        async with http.post("/api/storage/upload", data=upload_form(logo_png())) as answer:
            address = (await answer.json())["url"]
        theirs = await given(mallory, address)
        nobodys = await given(mallory, f"{shop.url}/media/videos/references/upload-0.png")
    assert theirs == nobodys
    assert theirs[0] == 422


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/logo.png",
        "http://169.254.169.254/latest/meta-data",
        "http://localhost/logo.png",
        "http://0x7f000001/logo.png",
        "http://rebound.example.com/logo.png",
        f"http://ada:hunter2@{HOST}/logo.png",
        "http://nowhere.example.com/logo.png",
    ],
)
async def test_what_is_not_public_is_refused_naming_the_field(
    shop: OpenHouse, host: ImageHost, url: str
):
    async with shop.http() as http:
        status, told = await given(http, url)
    assert status == 422
    assert told["error"]["code"] == "reference_unreachable"
    assert told["error"]["field"] == "url"
    assert told["error"]["message"].startswith("Reference images failed to upload")
    assert "hunter2" not in told["error"]["message"]
    assert host.asked == []


async def test_what_is_no_image_is_refused(shop: OpenHouse, host: ImageHost):
    host.gives("/page", b"<html><body>Sign in</body></html>")
    async with shop.http() as http:
        status, told = await given(http, f"http://{HOST}/page")
    assert (status, told["error"]["field"]) == (415, "url")


async def test_nothing_is_fetched_for_a_session_that_is_not_theirs(
    shop: OpenHouse, host: ImageHost
):
    async with shop.visitor() as ada, shop.http("mallory") as mallory:
        await ada.open()
        status, _ = await given(mallory, LOGO, sessionId=ada.session_id)
    assert status == 404
    assert host.asked == []
