"""Who a webhook is from is known by its signature over the bytes as they came, and by nothing else."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes.replicate import FakeReplicate
from tests.fakes.replicate_hooks import new_secret, signature, signed_headers
from tests.fakes.replicate_orders import an_order
from tests.patience import IN_THE_END_S
from tools.errors import ProviderUnavailable, Unauthenticated
from tools.providers.replicate.listening import Listener
from tools.providers.replicate.provider import ReplicateProvider
from tools.providers.replicate.webhooks import WebhookNotice, verify

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECRET = new_secret()
BODY = json.dumps({"id": "abc123", "status": "succeeded", "output": None}).encode()


def signed(body: bytes = BODY, /, **changed: str | None) -> dict[str, str]:
    headers = signed_headers(SECRET, "msg_1", body, NOW) | changed
    return {name: value for name, value in headers.items() if value is not None}


def signed_at(at: datetime) -> dict[str, str]:
    return signed_headers(SECRET, "msg_1", BODY, at)


def test_a_webhook_says_what_it_is_about() -> None:
    notice = verify(signed(), BODY, SECRET, NOW)

    assert notice == WebhookNotice(id="msg_1", prediction_id="abc123", status="succeeded")  # type: ignore[arg-type]  # ids are text


def test_headers_are_found_in_any_case() -> None:
    headers = {name.title(): value for name, value in signed().items()}

    assert verify(headers, BODY, SECRET, NOW).id == "msg_1"


@pytest.mark.parametrize("off_s", [-300, -1, 0, 299, 300])
def test_a_few_minutes_either_way_are_no_lie(off_s: int) -> None:
    headers = signed_at(NOW + timedelta(seconds=off_s))

    assert verify(headers, BODY, SECRET, NOW).id == "msg_1"


def test_one_right_signature_among_several_is_enough() -> None:
    right = signature(SECRET, "msg_1", str(int(NOW.timestamp())), BODY)
    header = f"v1a,{right} v1,AAAA v2,x v1,{right}"

    headers = signed(**{"webhook-signature": header})

    assert verify(headers, BODY, SECRET, NOW).id == "msg_1"


RIGHT = signed()["webhook-signature"].split()[-1].removeprefix("v1,")
REFUSED: dict[str, tuple[dict[str, str], bytes, str]] = {
    "nothing signed": ({}, BODY, SECRET),
    "no signature": (signed(**{"webhook-signature": None}), BODY, SECRET),
    "no id": (signed(**{"webhook-id": None}), BODY, SECRET),
    "no time": (signed(**{"webhook-timestamp": None}), BODY, SECRET),
    "empty id": (signed(**{"webhook-id": ""}), BODY, SECRET),
    "another id": (signed(**{"webhook-id": "msg_2"}), BODY, SECRET),
    "another body": (signed(), BODY + b" ", SECRET),
    "the same JSON in other bytes": (signed(), json.dumps(json.loads(BODY), indent=1).encode(), SECRET),
    "another secret": (signed(), BODY, new_secret()),
    "no secret": (signed(), BODY, ""),
    "a secret that is none": (signed(), BODY, "whsec_%%%"),
    "an empty secret": (signed_headers("whsec_", "msg_1", BODY, NOW), BODY, "whsec_"),
    "too old": (signed_at(NOW - timedelta(seconds=301)), BODY, SECRET),
    "from the future": (signed_at(NOW + timedelta(seconds=301)), BODY, SECRET),
    "a time of another signature": (
        signed(**{"webhook-timestamp": str(int(NOW.timestamp()) + 1)}),
        BODY,
        SECRET,
    ),
    "a time in words": (signed(**{"webhook-timestamp": "now"}), BODY, SECRET),
    "a negative time": (signed(**{"webhook-timestamp": "-1"}), BODY, SECRET),
    "a time in other digits": (signed(**{"webhook-timestamp": "١٧٩٥"}), BODY, SECRET),
    "an endless time": (signed(**{"webhook-timestamp": "9" * 5000}), BODY, SECRET),
    "another version": (signed(**{"webhook-signature": f"v2,{RIGHT}"}), BODY, SECRET),
    "a version more": (signed(**{"webhook-signature": f"v1a,{RIGHT}"}), BODY, SECRET),
    "no version": (signed(**{"webhook-signature": RIGHT}), BODY, SECRET),
    "no base64": (signed(**{"webhook-signature": "v1,%%%"}), BODY, SECRET),
    "half a signature": (signed(**{"webhook-signature": f"v1,{RIGHT[:20]}"}), BODY, SECRET),
    "not even text": (signed(**{"webhook-signature": "v1,\udcff"}), BODY, SECRET),
    "too many": (
        signed(**{"webhook-signature": " ".join(["v1,AAAA"] * 5000 + [f"v1,{RIGHT}"])}),
        BODY,
        SECRET,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_whatever_is_wrong_with_it_is_one_refusal(case: str) -> None:
    headers, body, secret = REFUSED[case]

    with pytest.raises(Unauthenticated) as caught:
        verify(headers, body, secret, NOW)
    assert caught.value.message == "This webhook is not signed by the video provider."


BODIES = (b"", b"[]", b"null", b"{", b"\xff", b'{"id": 1, "status": "x"}', b'{"id": "a"}')


@pytest.mark.parametrize("body", [*BODIES, b'{"id": "../x", "status": "y"}', b"[" * 100_000])
def test_what_is_signed_and_yet_says_nothing_is_refused_too(body: bytes) -> None:
    with pytest.raises(Unauthenticated):
        verify(signed(body), body, SECRET, NOW)


async def test_the_secret_is_fetched_from_the_account(
    provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    assert await provider.fetch_secret() == fake.webhook_secret


async def test_what_the_provider_really_sends_is_believed(
    provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    """By the fake's own signing, which is checked against the SDK elsewhere."""
    await provider.submit(an_order())
    body = json.dumps(fake.created[0].told(fake.url, fake.ways.now())).encode()
    headers = signed_headers(fake.webhook_secret, "msg_9", body, datetime.now(UTC))
    async with Listener(provider.fetch_secret) as listener:
        await fake.until(lambda: fake.counts["secret"])
        notice = await believed(listener, headers, body)

    assert notice.prediction_id == fake.created[0].id


async def believed(listener: Listener, headers: dict[str, str], body: bytes) -> WebhookNotice:
    async with asyncio.timeout(IN_THE_END_S):
        while True:
            try:
                return listener.verify(headers, body)
            except Unauthenticated:
                await asyncio.sleep(0)


async def test_until_the_secret_is_known_nobody_is_believed() -> None:
    asked = 0
    known = asyncio.Event()

    async def fetch() -> str:
        nonlocal asked
        asked += 1
        if not known.is_set():
            raise ProviderUnavailable("Down.")
        return SECRET

    async with Listener(fetch, first_pause_s=0.01, clock=lambda: NOW) as listener:
        with pytest.raises(Unauthenticated):
            listener.verify(signed(), BODY)
        known.set()
        assert (await believed(listener, signed(), BODY)).id == "msg_1"
    assert asked >= 1


async def test_a_configured_secret_is_not_asked_for() -> None:
    async def never() -> str:
        raise AssertionError

    async with Listener(never, secret=SECRET, clock=lambda: NOW) as listener:
        assert listener.verify(signed(), BODY).id == "msg_1"
