"""`/metrics` of a running server, read as a Prometheus reads it: what happens moves what is told."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from server.compose import Adapters
from tests.fakes.editor import TinyEditor
from tests.fakes.house import OpenHouse, open_studio
from tests.fakes.painter import Fails, Gate, Painter, TinyPress, make_film
from tests.fakes.pictures import logo_png, upload_form
from tests.fakes.replicate import FakeReplicate
from tests.fakes.scrape import scrape
from tests.fakes.selling import selling
from tests.patience import IN_THE_END_S
from tools.domain.failures import Failure
from tools.domain.frames import Frame
from tools.errors import ProviderUnavailable

FILM = {"prompt": "A kettle on a xylophone", "duration": 4, "aspectRatio": "1:1", "model": "draft"}
REFUSED = Failure(code="content_rejected", message="Not this.", retryable=False)
UNKNOWN_PATHS = 10_000


@pytest.fixture(autouse=True)
def a_slow_disk_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the memory knows would be left out, and be missed here."""
    monkeypatch.setattr("server.http.metrics.LOOK_LIMIT_S", IN_THE_END_S)


@pytest.fixture
async def painter(tmp_path: Path) -> Painter:
    film = await asyncio.to_thread(make_film, tmp_path / "film.mp4", seconds=4, frame=Frame(64, 36))
    painter = Painter(film, polls=1)
    painter.poll_interval_s = 0.01
    return painter


@pytest.fixture
async def quick(tmp_path: Path, painter: Painter) -> AsyncIterator[OpenHouse]:
    """A studio whose films are there at once, and are two at most within a minute."""

    def adapters(given: Adapters) -> Adapters:
        providers = {painter.name: painter}
        return replace(given, providers=providers, editor=TinyEditor(), press=TinyPress())

    async with open_studio(
        tmp_path / "data", adapters=adapters, rate_generations_per_min=2
    ) as house:
        yield house


async def film(
    http: aiohttp.ClientSession, body: Mapping[str, Any] = FILM
) -> tuple[int, dict[str, Any]]:
    async with http.post("/api/video/generate", json=body) as reply:
        return reply.status, await reply.json()


async def test_a_turn_and_its_tool_calls_are_counted(studio: OpenHouse):
    async with studio.visitor() as ada, studio.http(user=None) as http:
        await ada.open()
        before = await scrape(http)
        await ada.ask("Which models are there?")
        after = await scrape(http)
    answered = {"outcome": "answered", "error": ""}
    listed = {"tool": "list-models", "ok": "true"}
    assert before.value("reelroom_turns_total", **answered) == 0
    assert after.value("reelroom_turns_total", **answered) == 1
    assert after.value("reelroom_tool_calls_total", **listed) == 1


async def test_a_film_is_counted_from_the_line_to_its_end(quick: OpenHouse):
    async with quick.http() as http:
        assert (await film(http))[0] == 202
        told = await scrape(http)
    for stage in ("queued", "submitting", "rendering", "storing"):
        assert told.value("reelroom_job_stages_total", stage=stage) >= 1, stage
    assert told.value("reelroom_jobs_ended_total", outcome="finished", error="") == 1
    assert told.value("reelroom_generation_seconds_count", model="draft") == 1
    assert 0 < told.value("reelroom_generation_seconds_sum", model="draft") < 60
    for call in ("submit", "poll", "collect"):
        count = told.value("reelroom_provider_request_seconds_count", provider="local", call=call)
        assert count >= 1, call
    assert {
        each["stage"]: told.value("reelroom_jobs", **each) for each in told.labels("reelroom_jobs")
    } == dict.fromkeys(
        ("proposed", "queued", "refining", "uploading", "submitting", "rendering", "storing"), 0
    )


async def test_a_film_that_cannot_be_made_is_counted_with_the_reason(
    quick: OpenHouse, painter: Painter
):
    painter.will(Fails(REFUSED))
    async with quick.http() as http:
        status, _ = await film(http)
        told = await scrape(http)
    assert status == 422
    ended = {"outcome": "failed", "error": "content_rejected"}
    assert told.value("reelroom_jobs_ended_total", **ended) == 1
    assert not told.has("reelroom_generation_seconds_count")


async def test_a_provider_that_does_not_answer_is_counted_although_the_film_is_made(
    quick: OpenHouse, painter: Painter
):
    painter.refuse("poll", ProviderUnavailable("Later."))
    async with quick.http() as http:
        assert (await film(http))[0] == 202
        told = await scrape(http)
    failed = {"provider": "local", "call": "poll", "error": "provider_unavailable"}
    assert told.value("reelroom_provider_errors_total", **failed) == 1
    assert told.value("reelroom_jobs_ended_total", outcome="finished", error="") == 1


async def test_what_comes_too_often_is_counted_as_that(quick: OpenHouse):
    async with quick.http() as http:
        statuses = [(await film(http))[0] for _ in range(3)]
        told = await scrape(http)
    assert statuses == [202, 202, 429]
    assert told.value("reelroom_rate_limited_total", kind="generations", scope="user") == 1
    route = {"method": "POST", "route": "/api/video/generate"}
    assert told.value("reelroom_http_requests_total", **route, status="202") == 2
    assert told.value("reelroom_http_requests_total", **route, status="429") == 1
    assert told.value("reelroom_http_request_seconds_count", **route) == 3


async def test_browsers_and_their_sessions_are_counted_while_they_are_there(studio: OpenHouse):
    async with studio.http(user=None) as http:
        assert (await scrape(http)).value("reelroom_sockets_open") == 0
        async with studio.visitor() as ada, studio.visitor("bob") as bob:
            await ada.open()
            await bob.open()
            told = await scrape(http)
            assert told.value("reelroom_sockets_open") == 2
            assert told.value("reelroom_sessions_open") == 2
            assert told.value("reelroom_turns_running") == 0


async def test_a_film_that_is_being_made_stands_in_its_stage(quick: OpenHouse, painter: Painter):
    gate = painter.submit_gate = Gate()
    async with quick.http() as http:
        waiting = asyncio.create_task(film(http))
        await gate.reached.wait()
        assert (await scrape(http)).value("reelroom_jobs", stage="submitting") == 1
        gate.open.set()
        await waiting
        assert (await scrape(http)).value("reelroom_jobs", stage="submitting") == 0


async def test_money_is_told_as_held_back_and_then_as_spent(tmp_path: Path):
    async with (
        FakeReplicate.running(render_s=None) as fake,
        open_studio(tmp_path / "data", **selling(fake)) as studio,
        studio.http() as http,
    ):
        body = {**FILM, "model": "veo-3.1-fast", "aspectRatio": "16:9"}
        asking = asyncio.create_task(film(http, body))
        await fake.until(lambda: fake.created)
        held = await scrape(http)
        await fake.finish(fake.created[0])
        status, made = await asking
        told = await scrape(http)
    assert status == 202
    price = made["cost"]["amount"] / 1_000_000
    assert price > 0
    assert held.value("reelroom_money_reserved", currency="USD") == pytest.approx(price)
    assert held.value("reelroom_money_spent_total", currency="USD") == 0
    assert told.value("reelroom_money_reserved", currency="USD") == 0
    assert told.value("reelroom_money_spent_total", currency="USD") == pytest.approx(price)
    seconds = told.value("reelroom_generation_seconds_sum", model="veo-3.1-fast")
    assert 0 < seconds < 120


async def test_ten_thousand_paths_that_are_not_here_are_one(studio: OpenHouse):
    async with studio.http(user=None) as http:
        before = await scrape(http)

        async def knock(start: int) -> None:
            for number in range(start, UNKNOWN_PATHS, 50):
                async with http.get(f"/nothing/{number}?token=secret-{number}") as reply:
                    assert reply.status == 404

        await asyncio.gather(*(knock(start) for start in range(50)))
        after = await scrape(http)
    unknown = {"method": "GET", "route": "unknown", "status": "404"}
    assert after.value("reelroom_http_requests_total", **unknown) == UNKNOWN_PATHS
    assert len(after.samples) < len(before.samples) + 50


async def test_ids_in_paths_and_strange_methods_make_no_series_of_their_own(studio: OpenHouse):
    async with studio.http() as http:
        for number in range(20):
            async with http.get(f"/api/video/jobs/job-{number}") as reply:
                assert reply.status == 404
        for method in ("PROPFIND", "MKCOL", "REPORT"):
            async with http.request(method, "/api/video/models") as reply:
                assert reply.status == 405
        told = await scrape(http)
    labels = told.labels("reelroom_http_requests_total")
    assert {"method": "GET", "route": "/api/video/jobs/{id}", "status": "404"} in labels
    assert {each["method"] for each in labels} <= {"GET", "other"}
    assert not any("job-" in each["route"] for each in labels)


async def test_no_label_holds_a_prompt_an_id_or_an_address(quick: OpenHouse):
    async with quick.visitor() as ada, quick.http() as http:
        await ada.open(campaignId="spring-secret")
        await ada.ask("Tell me of https://brand.example/secret.png and a xylophone")
        async with http.post(
            "/api/storage/upload",
            data=upload_form(logo_png(64), sessionId=ada.session_id),
        ) as reply:
            assert reply.status == 201
        _, made = await film(http)
        told = await scrape(http)
    for secret in ("xylophone", "secret", "ada", made["jobId"], ada.session_id, "brand.example"):
        assert not any(secret in word for word in told.words()), secret


async def test_whoever_is_not_on_this_machine_needs_a_token(tmp_path: Path):
    async with open_studio(tmp_path / "data", host="0.0.0.0") as studio:
        async with studio.http(user=None) as http, http.get("/metrics") as reply:
            assert reply.status == 401
            assert (await reply.json())["error"]["code"] == "unauthenticated"
        async with studio.http() as http:
            assert (await scrape(http)).has("reelroom_sockets_open")


async def test_with_the_memory_away_the_rest_is_told_all_the_same(studio: OpenHouse):
    async with studio.http(user=None) as http:
        assert (await scrape(http)).has("reelroom_jobs")
        await studio.house.journal.write(
            lambda each: each.connection.exec_driver_sql("alter table ledger rename to gone")
        )
        told = await scrape(http)
    assert not told.has("reelroom_jobs")
    assert not told.has("reelroom_money_reserved")
    assert told.has("reelroom_sockets_open")
