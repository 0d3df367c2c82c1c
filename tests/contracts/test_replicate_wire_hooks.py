"""The fake Replicate's webhooks, judged by the published way of checking them."""

import base64
import hashlib
import hmac
import json
import socket
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from replicate import AsyncReplicate

from tests.fakes.replicate import FakeReplicate


@dataclass(frozen=True)
class Hook:
    headers: Mapping[str, str]
    raw: bytes
    query: str

    @property
    def prediction(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.raw)
        return told


@dataclass
class Listener:
    """Our end of the webhooks: keeps what came, answers with `statuses`, then with 200."""

    url: str = ""
    hooks: list[Hook] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.hooks.append(Hook(request.headers, await request.read(), request.query_string))
        status = self.statuses.pop(0) if self.statuses else 200
        return web.Response(status=status, headers={"Location": "/elsewhere"})


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    listener = Listener()
    app = web.Application()
    app.router.add_post("/hook", listener.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    listener.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook?job=job-1"
    yield listener
    await runner.cleanup()


@pytest.fixture
async def fake() -> AsyncIterator[FakeReplicate]:
    async with FakeReplicate.running(render_s=None, hook_retries_s=(0.0, 0.0)) as running:
        yield running


async def order(fake: FakeReplicate, url: str) -> Any:
    async with AsyncReplicate(bearer_token=fake.token, base_url=fake.url, max_retries=0) as client:
        return await client.models.predictions.create(
            model_owner="google",
            model_name="veo-3.1",
            input={"prompt": "A jar of honey", "duration": 4},
            webhook=url,
            webhook_events_filter=["start", "completed"],
        )


async def finished(fake: FakeReplicate, *, attempts: int) -> None:
    """The newest prediction is over, and so many webhooks were sent."""
    await fake.finish(fake.created[-1])
    await fake.until(lambda: len(fake.deliveries) == attempts)


def is_signed(hook: Hook, secret: str) -> bool:
    """As Replicate's page on verifying webhooks says."""
    content = (
        f"{hook.headers['webhook-id']}.{hook.headers['webhook-timestamp']}.".encode() + hook.raw
    )
    key = base64.b64decode(secret.split("_")[1])
    right = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    said = [each.split(",") for each in hook.headers["webhook-signature"].split(" ")]
    return any(version == "v1" and hmac.compare_digest(one, right) for version, one in said)


async def test_start_and_completed_are_told_with_the_whole_prediction(fake, listener):
    prediction = await order(fake, listener.url)
    await finished(fake, attempts=2)

    told = sorted(hook.prediction["status"] for hook in listener.hooks)
    assert told == ["processing", "succeeded"]
    for hook in listener.hooks:
        assert (hook.prediction["id"], hook.query) == (prediction.id, "job=job-1")
        assert is_signed(hook, fake.webhook_secret)
        assert abs(time.time() - int(hook.headers["webhook-timestamp"])) < 60


async def test_only_the_last_is_told_again_and_under_the_same_id(fake, listener):
    listener.statuses = [500]
    await order(fake, listener.url)
    await fake.step(fake.created[0])
    await fake.until(lambda: len(fake.deliveries) == 1)
    listener.statuses = [503, 302]
    await finished(fake, attempts=4)

    start, *completed = fake.deliveries
    assert (start.event, start.status) == ("start", 500)
    assert [each.status for each in completed] == [503, 302, 200]
    assert len({each.webhook_id for each in completed}) == 1


async def test_nobody_there_is_told_a_few_times_and_then_no_more(fake):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        await order(fake, f"http://127.0.0.1:{closed.getsockname()[1]}/hook")
        await finished(fake, attempts=4)

    assert [each.status for each in fake.deliveries] == [None] * 4


async def test_a_dropped_webhook_never_comes(fake, listener):
    fake.ways.webhooks = "dropped"
    await order(fake, listener.url)
    await fake.finish(fake.created[0])

    assert (fake.deliveries, listener.hooks) == ([], [])


async def test_a_duplicate_has_the_id_of_the_first(fake, listener):
    fake.ways.webhooks = "duplicate"
    await order(fake, listener.url)
    await finished(fake, attempts=4)

    ids = [hook.headers["webhook-id"] for hook in listener.hooks]
    assert sorted(ids.count(each) for each in set(ids)) == [2, 2]


async def test_a_forged_one_is_signed_by_somebody_else(fake, listener):
    fake.ways.webhooks = "forged"
    await order(fake, listener.url)
    await finished(fake, attempts=2)

    assert not any(is_signed(hook, fake.webhook_secret) for hook in listener.hooks)


async def test_a_stale_one_is_signed_rightly_and_too_old(fake, listener):
    fake.ways.webhooks = "stale"
    await order(fake, listener.url)
    await finished(fake, attempts=2)

    for hook in listener.hooks:
        assert is_signed(hook, fake.webhook_secret)
        assert time.time() - int(hook.headers["webhook-timestamp"]) > 300


async def test_an_early_start_is_told_and_taken_before_the_order_is_answered(listener):
    async with FakeReplicate.running(render_s=None, webhooks="early") as fake:
        prediction = await order(fake, listener.url)

        assert [hook.prediction["id"] for hook in listener.hooks] == [prediction.id]
        assert fake.deliveries[0].was_taken


async def test_a_test_can_send_whatever_it_likes(fake, listener):
    await order(fake, listener.url)
    made = fake.created[0]
    stranger = {**made.told(fake.url, made.at), "id": "somebody-elses"}

    for signing in ("rightly", "unsigned", "other-version", "forged"):
        await fake.deliver(made, body=stranger, signing=signing, webhook_id="msg_1")

    first, unsigned, other, forged = listener.hooks
    assert first.prediction["id"] == "somebody-elses"
    assert is_signed(first, fake.webhook_secret)
    assert "webhook-signature" not in unsigned.headers
    assert not is_signed(other, fake.webhook_secret)
    assert not is_signed(forged, fake.webhook_secret)
