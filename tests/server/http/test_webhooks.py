"""The webhook's door: whom it believes, what it hands on, and what it costs to be wrong."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from server.http import webhooks
from server.http.app import web_app
from server.http.webhooks import Heard, Verify, Webhooks
from server.memory.journal import Journal
from tests.fakes.clock import StillClock
from tests.fakes.replicate_hooks import Signing, new_secret, new_webhook_id, signed_headers
from tools.domain.identity import JobId, PredictionId
from tools.providers.replicate.webhooks import WebhookNotice, verify

SECRET = new_secret()
DOOR = "/api/webhooks/replicate"
ORDER = {"job": "job-1", "clip": "2"}


class Ear:
    """What was handed on, and how it is taken."""

    def __init__(self) -> None:
        self.heard: list[tuple[JobId, int, PredictionId]] = []
        self.fault: Exception | None = None
        self.hangs = False

    async def __call__(self, job_id: JobId, clip: int, prediction_id: PredictionId) -> None:
        self.heard.append((job_id, clip, prediction_id))
        if self.fault is not None:
            raise self.fault
        if self.hangs:
            await asyncio.Event().wait()


@pytest.fixture
def ear() -> Ear:
    return Ear()


@asynccontextmanager
async def opened(
    journal: Journal, checking: Verify | None, heard: Heard
) -> AsyncIterator[aiohttp.ClientSession]:
    door = Webhooks(journal=journal, verify=checking, heard=heard)
    app = web_app((door,), origins=(), has_guests=False)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as http:
            yield http
    finally:
        await runner.cleanup()


def checking(clock: Callable[[], datetime]) -> Verify:
    def check(headers: Mapping[str, str], raw: bytes) -> WebhookNotice:
        return verify(headers, raw, SECRET, clock())

    return check


@pytest.fixture
async def door(
    journal: Journal, clock: StillClock, ear: Ear
) -> AsyncIterator[aiohttp.ClientSession]:
    async with opened(journal, checking(clock), ear) as http:
        yield http


def body(prediction_id: str = "p1", **more: Any) -> bytes:
    return json.dumps({"id": prediction_id, "status": "succeeded", **more}).encode()


async def sent(
    door: aiohttp.ClientSession,
    clock: StillClock,
    *,
    raw: bytes | None = None,
    webhook_id: str | None = None,
    signing: Signing = "rightly",
    order: Mapping[str, str] = ORDER,
) -> tuple[int, str]:
    """The status and the error's code."""
    raw = body() if raw is None else raw
    headers = signed_headers(SECRET, webhook_id or new_webhook_id(), raw, clock.now, signing)
    async with door.post(DOOR, params=dict(order), data=raw, headers=headers) as answer:
        told = await answer.json() if answer.status != 204 else {"error": {"code": ""}}
        return answer.status, told["error"]["code"]


async def test_a_signed_webhook_is_handed_on_without_any_token(door, clock, ear):
    assert await sent(door, clock) == (204, "")
    assert ear.heard == [("job-1", 2, "p1")]


@pytest.mark.parametrize("signing", ["forged", "stale", "unsigned", "other-version"])
async def test_one_that_is_not_signed_lately_by_the_provider_changes_nothing(
    door, clock, ear, signing: Signing
):
    assert await sent(door, clock, signing=signing) == (401, "unauthenticated")
    assert ear.heard == []


async def test_a_signature_is_of_these_very_bytes(door, clock, ear):
    raw = body()
    headers = signed_headers(SECRET, new_webhook_id(), raw, clock.now)
    async with door.post(DOOR, params=ORDER, data=raw + b" ", headers=headers) as answer:
        assert answer.status == 401
    assert ear.heard == []


async def test_a_replayed_webhook_is_refused_and_changes_nothing(door, clock, ear):
    webhook_id = new_webhook_id()
    await sent(door, clock, webhook_id=webhook_id)

    assert await sent(door, clock, webhook_id=webhook_id) == (409, "already_final")
    assert len(ear.heard) == 1


async def test_a_replay_is_known_by_another_process_too(door, clock, ear, journal):
    webhook_id = new_webhook_id()
    await sent(door, clock, webhook_id=webhook_id)
    async with opened(journal, checking(clock), ear) as other:
        assert (await sent(other, clock, webhook_id=webhook_id))[0] == 409
    assert len(ear.heard) == 1


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"status": "succeeded"}', b'{"id": "../x"}'])
async def test_a_body_that_names_no_prediction_is_refused(door, clock, ear, raw: bytes):
    status, _ = await sent(door, clock, raw=raw)

    assert status in {400, 401}
    assert ear.heard == []


@pytest.mark.parametrize(
    "order",
    [
        {},
        {"job": ""},
        {"job": "../job"},
        {"job": "j" * 200},
        {"job": "job-1", "clip": "0"},
        {"job": "job-1", "clip": "-1"},
        {"job": "job-1", "clip": "x"},
        {"job": "job-1", "clip": "²"},
        {"job": "job-1", "clip": "9" * 40},
    ],
)
async def test_an_address_that_is_none_of_ours_is_refused_and_the_right_one_may_follow(
    door, clock, ear, order: dict[str, str]
):
    webhook_id = new_webhook_id()

    assert (await sent(door, clock, webhook_id=webhook_id, order=order))[0] == 400
    assert (await sent(door, clock, webhook_id=webhook_id))[0] == 204
    assert len(ear.heard) == 1


async def test_an_address_without_a_clip_is_of_the_first_one(door, clock, ear):
    await sent(door, clock, order={"job": "job-1"})

    assert ear.heard == [("job-1", 1, "p1")]


async def test_a_body_beyond_a_megabyte_is_refused(door, clock, ear):
    assert (await sent(door, clock, raw=body(logs="x" * 1_000_000)))[0] == 413
    assert ear.heard == []


async def test_without_a_secret_there_is_no_such_door(journal, clock, ear):
    async with opened(journal, None, ear) as door:
        assert (await sent(door, clock))[0] == 404
    assert ear.heard == []


async def test_a_hint_that_fails_here_is_no_reason_to_be_told_again(door, clock, ear, caplog):
    ear.fault = LookupError("a bug")

    assert (await sent(door, clock))[0] == 204
    assert [record.message for record in caplog.records] == ["a webhook's hint was lost"]


async def test_a_hint_that_takes_long_does_not_keep_the_provider_waiting(
    door, clock, ear, monkeypatch
):
    monkeypatch.setattr(webhooks, "HINT_LIMIT_S", 0.01)
    ear.hangs = True

    assert (await sent(door, clock))[0] == 204
