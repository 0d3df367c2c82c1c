"""`/readyz`: each part that is relied on by name, up or down; asking costs nobody anything."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import aiohttp

from tests.fakes.house import OpenHouse, open_studio
from tests.fakes.replicate import FakeReplicate
from tests.fakes.selling import selling

OTHERS = {"database": "up", "storage": "up", "chat": "up"}


async def readiness(http: aiohttp.ClientSession) -> tuple[int, dict[str, Any]]:
    async with http.get("/readyz") as reply:
        return reply.status, await reply.json()


async def test_a_memory_that_cannot_be_read_is_down_and_the_page_still_answers(studio: OpenHouse):
    await studio.house.journal.write(
        lambda each: each.connection.exec_driver_sql("alter table meta rename to gone")
    )
    async with studio.http(user=None) as http:
        status, told = await readiness(http)
    assert status == 503
    assert told == {"status": "down", "parts": {**OTHERS, "database": "down"}}


async def test_a_folder_that_is_none_is_down(studio: OpenHouse):
    folder = studio.house.settings.data_dir / "media"
    shutil.rmtree(folder, ignore_errors=True)
    folder.write_text("no folder")
    async with studio.http(user=None) as http:
        status, told = await readiness(http)
    assert status == 503
    assert told["parts"] == {**OTHERS, "storage": "down"}


async def test_a_key_that_the_provider_does_not_take_is_down(tmp_path: Path):
    async with (
        FakeReplicate.running() as fake,
        open_studio(
            tmp_path / "data", **{**selling(fake), "replicate_api_key": "r8_nobodys"}
        ) as shop,
        shop.http(user=None) as http,
    ):
        status, told = await readiness(http)
    assert status == 503
    assert told["parts"] == {**OTHERS, "video": "down"}


async def test_a_provider_that_is_away_is_down_and_no_secret_is_told(tmp_path: Path):
    async with FakeReplicate.running() as fake:
        settings = selling(fake)
        key = fake.token
    async with (
        open_studio(tmp_path / "data", **settings) as shop,
        shop.http(user=None) as http,
        http.get("/readyz") as reply,
    ):
        status, text = reply.status, await reply.text()
    assert status == 503
    assert '"video":"down"' in text
    assert key not in text
    assert "127.0.0.1" not in text


async def test_however_often_it_is_asked_nothing_is_ordered_and_the_provider_is_asked_once(
    tmp_path: Path,
):
    async with (
        FakeReplicate.running() as fake,
        open_studio(tmp_path / "data", **selling(fake)) as shop,
        shop.http(user=None) as http,
    ):
        # What the start itself looks at comes first.
        assert (await readiness(http))[0] == 200
        before = [each.path for each in fake.requests].count("/v1/account")
        answers = await asyncio.gather(*(readiness(http) for _ in range(50)))
        asked = [each.path for each in fake.requests if each.path == "/v1/account"]
        assert {status for status, _ in answers} == {200}
        assert len(asked) == before
        assert fake.created == []
        assert not any(each.method == "POST" for each in fake.requests)
