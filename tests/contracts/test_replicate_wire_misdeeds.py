"""Each misdeed of the fake Replicate arrives at Replicate's own SDK as the error it should be."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import replicate
from replicate import AsyncReplicate

from tests.fakes import replicate_words as words
from tests.fakes.replicate import FakeReplicate
from tests.fakes.replicate_acts import (
    Aborts,
    AnswersLate,
    Becomes,
    Cancels,
    Drops,
    DropsAfterCommit,
    Fails,
    NeverEnds,
    Refuses,
    RefusesAfterCommit,
    Succeeds,
    WaitsFor,
)
from tests.fakes.replicate_client import VEO, create, sdk
from tests.patience import IN_THE_END_S


@pytest.fixture
async def fake() -> AsyncIterator[FakeReplicate]:
    async with FakeReplicate.running() as running:
        yield running


@pytest.fixture
async def client(fake: FakeReplicate) -> AsyncIterator[AsyncReplicate]:
    async with sdk(fake) as opened:
        yield opened


# -- what is refused ------------------------------------------------------------------------------


async def test_a_wrong_token_is_refused_at_every_door(fake):
    async with sdk(fake, token="r8_wrong") as client:
        for asked in (create(client), client.predictions.list(), client.account.get()):
            with pytest.raises(replicate.AuthenticationError):
                await asked
    assert fake.created == []


@pytest.mark.parametrize(
    ("given", "kind", "field"),
    [
        ({"duration": 4}, "required", "input"),
        ({**VEO, "duration": 5}, "enum", "input.duration"),
        ({**VEO, "duration": "4"}, "invalid_type", "input.duration"),
        ({**VEO, "seconds": 4}, "additional_property_not_allowed", "input"),
        ({**VEO, "image": "/files/logo.png"}, "format", "input.image"),
    ],
)
async def test_a_wrong_input_is_422_with_its_fields(fake, client, given, kind, field):
    with pytest.raises(replicate.UnprocessableEntityError) as refused:
        await create(client, input=given)

    body: Any = refused.value.body
    assert body["title"] == "Input validation failed"
    assert body["detail"].startswith(f"- {field}: ")
    assert [(each["type"], each["field"]) for each in body["invalid_fields"]] == [(kind, field)]
    assert fake.created == []


async def test_whatever_is_not_replicates_api_is_complained_of(fake, client):
    with pytest.raises(replicate.UnprocessableEntityError):
        await create(client, extra_body={"model": "google/veo-3.1"})
    await create(client, prefer="wait=5")
    with pytest.raises(replicate.NotFoundError):
        await client.predictions.create(version="google/veo-3.1", input=VEO)
    await create(client, input={**VEO, "last_frame": "https://films.invalid/a.png"})

    assert fake.complaints == [
        "create:  Additional property model is not allowed",
        "Prefer: wait=5",
        "POST /v1/predictions is not in Replicate's API",
        "google/veo-3.1: last_frame without image",
    ]


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        (words.invalid(words.invalid_field("enum", "input.x", "y")), replicate.UnprocessableEntityError),
        (words.insufficient_credit(), replicate.APIStatusError),
        (words.throttled(7), replicate.RateLimitError),
        (words.throttled(7, told="header"), replicate.RateLimitError),
        (words.throttled(7, told="text"), replicate.RateLimitError),
        (words.unauthenticated(), replicate.AuthenticationError),
        (words.not_found(), replicate.NotFoundError),
        (words.bad_gateway(), replicate.InternalServerError),
        (words.internal_error(), replicate.InternalServerError),
    ],
)  # fmt: skip
async def test_a_refusal_arrives_at_the_sdk_as_its_own_error(fake, client, refusal: Refuses, error):
    fake.answer_create(refusal)

    with pytest.raises(error) as refused:
        await create(client)

    assert refused.value.status_code == refusal.status
    if isinstance(refusal.body, dict):
        assert refused.value.body == refusal.body
    assert fake.created == []


async def test_a_throttle_tells_its_wait_in_one_place_only(fake, client):
    told = []
    for place in ("body", "header", "text"):
        fake.answer_create(words.throttled(7, told=place))
        with pytest.raises(replicate.RateLimitError) as refused:
            await create(client)
        body: Any = refused.value.body
        headers = refused.value.response.headers
        told.append((body.get("retry_after"), headers.get("Retry-After"), "~7s" in body["detail"]))

    assert told == [(7, None, True), (None, "7", False), (None, None, True)]


# -- what goes wrong in between -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "error", "created"),
    [
        (DropsAfterCommit(), replicate.APIConnectionError, 1),
        (RefusesAfterCommit(), replicate.InternalServerError, 1),
        (Drops(), replicate.APIConnectionError, 0),
        (AnswersLate(after_s=IN_THE_END_S, commits="first"), replicate.APITimeoutError, 1),
        (AnswersLate(after_s=IN_THE_END_S, commits="after"), replicate.APITimeoutError, 0),
    ],
)
async def test_a_create_that_goes_wrong_is_in_the_books_or_not(fake, answer, error, created):
    fake.answer_create(answer)

    read_s = 0.3 if isinstance(answer, AnswersLate) else IN_THE_END_S
    async with sdk(fake, read_s=read_s) as client:
        with pytest.raises(error):
            await create(client)

    # Who gives up may do so before the other end has read the request.
    await fake.until(lambda: fake.counts["create"] and len(fake.created) >= created)
    assert len(fake.created) == created


async def test_a_create_whose_client_died_is_committed_all_the_same(fake, client):
    held = WaitsFor(commits="after")
    fake.answer_create(held)
    asking = asyncio.create_task(create(client))
    await held.reached.wait()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)

    held.gate.set()
    await fake.until(lambda: fake.created)

    assert fake.created[0].input == VEO


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (words.throttled(), replicate.RateLimitError),
        (words.bad_gateway(), replicate.InternalServerError),
        (words.internal_error(), replicate.InternalServerError),
        (Drops(), replicate.APIConnectionError),
    ],
)
@pytest.mark.parametrize("door", ["poll", "cancel", "list"])
async def test_every_door_can_fail_once_and_then_work(fake, client, door, answer, error):
    fake.will(NeverEnds())
    prediction = await create(client)
    ask: dict[str, Any] = {
        "poll": lambda: client.predictions.get(prediction_id=prediction.id),
        "cancel": lambda: client.predictions.cancel(prediction_id=prediction.id),
        "list": client.predictions.list,
    }
    fake.answer(door, answer)

    with pytest.raises(error):
        await ask[door]()

    assert await ask[door]()


async def test_a_new_prediction_can_be_unknown_for_a_while(fake, client):
    fake.will(Succeeds(hidden_polls=2))
    prediction = await create(client)

    for _ in range(2):
        with pytest.raises(replicate.NotFoundError):
            await client.predictions.get(prediction_id=prediction.id)

    assert (await client.predictions.get(prediction_id=prediction.id)).id == prediction.id


@pytest.mark.parametrize(
    ("fate", "status", "error"),
    [
        (Fails(words.SENSITIVE), "failed", words.SENSITIVE),
        (Cancels(), "canceled", None),
        (Aborts(), "aborted", None),
    ],
)
async def test_every_ending_arrives_as_it_is(fake, client, fate, status, error):
    fake.will(fate)
    prediction = await create(client)
    await fake.until(lambda: not fake.unfinished)

    over = await client.predictions.get(prediction_id=prediction.id)

    assert (over.status, over.error, over.output) == (status, error, None)


async def test_a_status_nobody_knows_passes_through_the_sdk(fake, client):
    fake.will(Becomes("paused"))
    prediction = await create(client)
    await fake.until(lambda: fake.created[0].status == "paused")

    assert (await client.predictions.get(prediction_id=prediction.id)).status == "paused"


@pytest.mark.parametrize(
    ("output", "shape"),
    [
        ("string", "URL"),
        ("list", ["URL"]),
        ("object", {"url": "URL"}),
        ("null", None),
        ("empty", []),
    ],
)
async def test_an_output_has_every_shape_that_was_seen(fake, client, output, shape):
    fake.will(Succeeds(output=output))
    prediction = await create(client)
    await fake.until(lambda: not fake.unfinished)

    told = (await client.predictions.get(prediction_id=prediction.id)).output

    url = f"{fake.origin}/delivery/{prediction.id}/tmp0.mp4"
    assert json.loads(json.dumps(told).replace(url, "URL")) == shape


async def test_money_is_counted_by_the_second_and_by_what_was_asked_for(fake, client):
    fake.will(Succeeds(), Succeeds(), Fails(words.SENSITIVE))
    await create(client)
    await create(client, input={**VEO, "generate_audio": True})
    await create(client)
    await fake.until(lambda: not fake.unfinished)

    assert fake.spent == 4 * 200_000 + 4 * 400_000
    assert fake.most_at_once >= 1
