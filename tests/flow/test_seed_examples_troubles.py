"""The seed's list of common troubles: what a program is told in each of them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.fakes.bucket import FakeBucket, moto_server
from tests.fakes.house import OpenHouse, open_studio
from tests.fakes.image_host import PUBLIC, Internet, image_host
from tests.fakes.pictures import logo_png, upload_form
from tests.fakes.replicate import FakeReplicate
from tests.fakes.selling import kept_in, selling
from tests.fakes.visitor import Visitor
from tests.patience import FILM_S, IN_THE_END_S
from tools.media.fetching import GuardedFetcher
from tools.rendering.expectations import ENOUGH

LOGO = "http://company.com/logo.png"
FILM = {"prompt": "Brand logo animation", "model": "veo-3.1", "duration": 6}
DRAFT = {"prompt": "Brand logo animation", "model": "draft", "duration": 4, "aspectRatio": "1:1"}
ASYNC = {"Prefer": "respond-async"}


@pytest.fixture
async def replicate() -> AsyncIterator[FakeReplicate]:
    async with FakeReplicate.running() as fake:
        yield fake


@pytest.fixture
async def fetcher() -> AsyncIterator[GuardedFetcher]:
    async with image_host() as host:
        yield GuardedFetcher(
            network=Internet(names={"company.com": [[PUBLIC]]}, places={(PUBLIC, 80): host.port})
        )


@pytest.fixture
async def shop(
    tmp_path: Path, replicate: FakeReplicate, fetcher: GuardedFetcher
) -> AsyncIterator[OpenHouse]:
    async with open_studio(
        tmp_path / "data",
        adapters=lambda given: replace(given, fetcher=fetcher),
        **selling(replicate),
    ) as house:
        yield house


async def generated(
    http: aiohttp.ClientSession, body: dict[str, Any], **headers: str
) -> tuple[int, Any]:
    async with http.post("/api/video/generate", json=body, headers=headers) as reply:
        return reply.status, await reply.json()


def first_estimate(visitor: Visitor, job_id: str) -> dict[str, Any] | None:
    """The first frame that says how much longer the job may take."""
    frames = (each for each in visitor.live if each.get("jobId") == job_id)
    return next((each for each in frames if "etaSeconds" in each), None)


class TestInvalidApiKey:
    async def test_the_studio_says_so_in_the_seeds_words(
        self, tmp_path: Path, replicate: FakeReplicate
    ):
        wrong = {**selling(replicate), "replicate_api_key": "r8_somebody_elses"}
        async with open_studio(tmp_path, **wrong) as shop, shop.http() as http:
            status, told = await generated(http, FILM)
        assert status == 502
        assert told["error"]["code"] == "provider_refused"
        assert told["error"]["message"].startswith("Video generation failed: Invalid API key")
        assert not told["error"]["retryable"]
        assert "r8_" not in str(told)
        assert replicate.created == []

    async def test_without_any_key_a_draft_is_made_and_the_list_says_why(self, studio: OpenHouse):
        async with studio.http() as http:
            status, film = await generated(http, {**DRAFT, "model": "veo-3.1"})
            async with http.get("/api/video/models") as reply:
                veo = next(row for row in await reply.json() if row["key"] == "veo-3.1")
        assert status == 202
        assert (film["model"], film["requestedModel"]) == ("draft", "veo-3.1")
        assert "REPLICATE_API_KEY" in veo["unavailableReason"]


class TestReferencesFailedToUpload:
    async def test_an_upload_says_so_when_the_bucket_is_not_there(self, tmp_path: Path):
        with moto_server() as url:
            bucket = FakeBucket(url=url, name="nobody-made-it")
            async with open_studio(tmp_path, **kept_in(bucket)) as shop, shop.http() as http:
                form = upload_form(logo_png())
                async with http.post("/api/storage/upload", data=form) as reply:
                    assert reply.status == 503
                    error = (await reply.json())["error"]
        assert error["code"] == "storage_unavailable"
        assert error["message"].startswith("Reference images failed to upload")
        assert error["retryable"]

    async def test_a_film_says_so_when_the_bucket_is_not_there_and_nothing_is_bought(
        self, tmp_path: Path, replicate: FakeReplicate, fetcher: GuardedFetcher
    ):
        with moto_server() as url:
            settings = {**kept_in(FakeBucket(url=url, name="gone")), **selling(replicate)}
            async with (
                open_studio(
                    tmp_path,
                    adapters=lambda given: replace(given, fetcher=fetcher),
                    **settings,
                ) as shop,
                shop.http() as http,
            ):
                status, told = await generated(http, {**FILM, "referenceImageUrls": [LOGO]})
        assert (status, told["error"]["code"]) == (503, "storage_unavailable")
        assert told["error"]["message"].startswith("Reference images failed to upload")
        assert replicate.created == []

    @pytest.mark.parametrize("url", ["http://company.com/gone.png", "http://nowhere.com/x.png"])
    async def test_a_film_says_so_when_the_image_cannot_be_fetched(
        self, shop: OpenHouse, replicate: FakeReplicate, url: str
    ):
        async with shop.http() as http:
            status, told = await generated(http, {**FILM, "referenceImageUrls": [url]})
        assert (status, told["error"]["code"]) == (422, "reference_unreachable")
        assert told["error"]["field"] == "referenceImageUrls"
        assert told["error"]["message"].startswith("Reference images failed to upload")
        assert replicate.created == []


class TestDurationOutOfRange:
    @pytest.mark.parametrize(
        ("model", "low", "high"),
        [
            ("sora-2-pro", 5, 60),
            ("veo-3.1", 4, 8),
            ("runway-gen3", 4, 60),
            ("runway-gen2", 4, 60),
        ],
    )
    async def test_each_model_names_its_own_range(
        self, shop: OpenHouse, model: str, low: int, high: int
    ):
        async with shop.http() as http:
            for seconds in (low - 1, high + 1):
                status, told = await generated(http, {**FILM, "model": model, "duration": seconds})
                assert (status, told["error"]["code"]) == (422, "duration_out_of_range")
                message = told["error"]["message"]
                assert message.startswith("Duration out of range for model")
                assert f"{low} to {high} seconds" in message
                assert told["error"]["details"] == {"model": model, "min": low, "max": high}

    async def test_the_list_of_models_names_the_same_ranges(self, shop: OpenHouse):
        async with shop.http() as http, http.get("/api/video/models") as reply:
            ranges = {row["key"]: row["durationRange"] for row in await reply.json()}
        assert ranges["sora-2-pro"] == {"min": 5, "max": 60}
        assert ranges["veo-3.1"] == {"min": 4, "max": 8}


class TestReferencesNotAffectingOutput:
    async def test_the_result_warns_when_the_model_could_not_use_them(self, shop: OpenHouse):
        images = ["http://company.com/logo.png", "http://company.com/logo.png?2"]
        async with shop.http() as http:
            body = {**FILM, "model": "kling-v3", "referenceImageUrls": images}
            status, film = await generated(http, body)
        assert status == 202
        assert "references_not_supported" in [each["code"] for each in film["warnings"]]
        assert [each["url"] for each in film["referenceImages"]] == images

    async def test_an_image_that_is_too_small_is_taken_with_a_warning(self, studio: OpenHouse):
        async with studio.http() as http:
            form = upload_form(logo_png(300))
            async with http.post("/api/storage/upload", data=form) as reply:
                assert reply.status == 201
                upload = await reply.json()
        (warning,) = upload["warnings"]
        assert "512" in warning["message"]


class TestRefinementNotWorking:
    async def test_the_film_is_made_anyway_with_a_note(self, tmp_path: Path):
        # Poe is set up, and nobody answers there.
        poe: dict[str, Any] = {"poe_api_key": "a-key", "poe_api_url": "http://127.0.0.1:9/v1"}
        async with open_studio(tmp_path, **poe) as shop, shop.http() as http:
            body = {**DRAFT, "refinementPrompt": "Make it cinematic"}
            status, film = await generated(http, body)
        assert status == 202
        assert "refinement_unavailable" in [each["code"] for each in film["warnings"]]

    async def test_without_a_wish_for_it_nothing_is_refined(self, studio: OpenHouse):
        async with studio.http() as http:
            _, film = await generated(http, DRAFT)
        assert "refinedPrompt" not in film
        assert film["warnings"] == []


class TestTakesTooLong:
    @pytest.fixture
    async def slow(self, tmp_path: Path) -> AsyncIterator[tuple[OpenHouse, FakeReplicate]]:
        """Every step of a film is the test's to allow."""
        async with (
            FakeReplicate.running(render_s=None) as fake,
            open_studio(tmp_path, generate_wait_s=1, **selling(fake)) as house,
        ):
            yield house, fake

    async def test_who_waited_long_enough_is_told_where_to_look(
        self, slow: tuple[OpenHouse, FakeReplicate]
    ):
        shop, _ = slow
        async with (
            shop.http() as http,
            http.post("/api/video/generate", json=FILM) as reply,
        ):
            assert reply.status == 202
            told = await reply.json()
            assert set(told) == {"jobId", "state", "statusUrl"}
            assert told["state"] in {"queued", "running"}
            assert reply.headers["Location"] == told["statusUrl"]

    async def test_the_jobs_status_says_how_far_it_is(self, slow: tuple[OpenHouse, FakeReplicate]):
        shop, fake = slow
        async with shop.visitor() as ada, shop.http() as http:
            await ada.open()
            _, told = await generated(http, FILM, **ASYNC)
            await ada.until_live("progress")
            status = told["statusUrl"].removeprefix(shop.url)
            async with http.get(status) as reply:
                job = await reply.json()
            assert job["state"] == "running"
            assert job["progress"]["elapsedSeconds"] >= 0
            await fake.until(lambda: fake.created)
            await fake.finish(fake.created[0])
            creative = await ada.until_entry("creative.added", FILM_S, jobId=told["jobId"])
            async with http.get(status) as reply:
                job = await reply.json()
        assert job["state"] == "finished"
        assert job["result"]["creativeId"] == creative["data"]["creative"]["_id"]

    async def test_once_some_were_made_here_the_status_says_when_it_may_be_done(
        self, tmp_path: Path
    ):
        async with (
            FakeReplicate.running(render_s=None) as fake,
            open_studio(tmp_path, **selling(fake)) as shop,
            shop.visitor() as ada,
            shop.http() as http,
        ):
            await ada.open()
            made = [(await generated(http, FILM, **ASYNC))[1] for _ in range(ENOUGH)]
            await fake.until(lambda: len(fake.created) == ENOUGH)
            for each in fake.created:
                # As if it had taken half a minute.
                each.at -= timedelta(seconds=30)
                await fake.finish(each)
            for each in made:
                await ada.until_entry("creative.added", FILM_S, jobId=each["jobId"])
            _, told = await generated(http, FILM, **ASYNC)
            frame = await ada.until(lambda: first_estimate(ada, told["jobId"]))
            async with http.get(told["statusUrl"].removeprefix(shop.url)) as reply:
                job = await reply.json()
        assert 0 <= frame["etaSeconds"] <= IN_THE_END_S
        assert job["state"] == "running"
        assert {"jobId", "n", "stage", "elapsedSeconds"} <= set(job["progress"])

    async def test_a_program_may_say_how_long_it_waits(self, slow: tuple[OpenHouse, FakeReplicate]):
        shop, _ = slow
        async with shop.http() as http, asyncio.timeout(IN_THE_END_S):
            headers = {"Prefer": "wait=0"}
            async with http.post("/api/video/generate", json=FILM, headers=headers) as reply:
                assert reply.status == 202
                assert reply.headers["Preference-Applied"] == "wait=0"
                assert set(await reply.json()) == {"jobId", "state", "statusUrl"}

    async def test_the_list_of_models_says_how_long_each_takes(self, studio: OpenHouse):
        async with studio.http() as http, http.get("/api/video/models") as reply:
            (sora, *_) = await reply.json()
        assert sora["typicalSeconds"] == {"min": 120, "max": 300, "estimate": True}
