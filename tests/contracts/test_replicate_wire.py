"""The fake Replicate, as Replicate's own SDK sees it, and held against Replicate's own OpenAPI."""

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
import jsonschema
import pytest
import replicate
import yaml
from replicate import AsyncReplicate

from tests.fakes import replicate_words as words
from tests.fakes.replicate import FakeReplicate
from tests.fakes.replicate_acts import (
    Aborts,
    Fails,
    NeverEnds,
    Succeeds,
)
from tests.fakes.replicate_client import VEO, create, sdk
from tests.fakes.replicate_models import MODELS

OPENAPI = Path(__file__).parents[2].parent / "shared/data/replicate.openapi.yaml"


@pytest.fixture
async def fake() -> AsyncIterator[FakeReplicate]:
    async with FakeReplicate.running() as running:
        yield running


@pytest.fixture
async def client(fake: FakeReplicate) -> AsyncIterator[AsyncReplicate]:
    async with sdk(fake) as opened:
        yield opened


# -- what works -----------------------------------------------------------------------------------


async def test_a_prediction_goes_from_starting_through_processing_to_its_film():
    async with FakeReplicate.running(render_s=None) as fake, sdk(fake) as client:
        first = await create(client)
        made = fake.created[0]
        await fake.step(made)
        second = await client.predictions.get(prediction_id=first.id)
        await fake.step(made)
        third = await client.predictions.get(prediction_id=first.id)

    assert [each.status for each in (first, second, third)] == [
        "starting",
        "processing",
        "succeeded",
    ]
    assert third.output == f"{fake.origin}/delivery/{first.id}/tmp0.mp4"
    assert getattr(third.metrics, "video_output_duration_seconds", None) == 4.0
    assert third.version == "hidden"


async def test_the_books_keep_what_was_ordered_to_the_letter(fake, client):
    made_by_sdk = await create(
        client,
        webhook="http://127.0.0.1:9/hook?job=job-1",
        webhook_events_filter=["start", "completed"],
        cancel_after="30m",
    )

    made = fake.created[0]
    assert (made.id, made.slug, made.input) == (made_by_sdk.id, "google/veo-3.1", VEO)
    assert (made.webhook, made.events) == (
        "http://127.0.0.1:9/hook?job=job-1",
        ("start", "completed"),
    )
    assert made.cancel_after == "30m"
    assert made_by_sdk.deadline == made_by_sdk.created_at + timedelta(minutes=30)
    assert fake.complaints == []


async def test_the_list_is_paged_newest_first_and_filtered_by_time():
    async with FakeReplicate.running(page_size=2) as fake, sdk(fake) as client:
        made = [(await create(client)).id for _ in range(5)]
        since, until = fake.created[1].at, fake.created[4].at
        listed = [
            each.id
            async for each in client.predictions.list(created_after=since, created_before=until)
        ]

        assert listed == [made[3], made[2], made[1]]
        assert fake.counts["list"] == 2
        assert fake.complaints == []


async def test_a_new_prediction_is_listed_only_after_the_lag():
    now = datetime(2026, 11, 22, tzinfo=UTC)
    moments = [now]
    async with (
        FakeReplicate.running(list_lag_s=30, now=lambda: moments[-1]) as fake,
        sdk(fake) as client,
    ):
        await create(client)
        early = await client.predictions.list()
        moments.append(now + timedelta(seconds=30))
        late = await client.predictions.list()

    assert (len(early.results), len(late.results)) == (0, 1)


async def test_a_list_shows_the_webhook_only_where_it_is_told_to(fake, client):
    await create(client, webhook="http://127.0.0.1:9/hook", webhook_events_filter=["completed"])

    hidden = (await client.predictions.list()).results[0]
    fake.ways.shows_webhook_in_list = True
    shown = (await client.predictions.list()).results[0]

    assert not hasattr(hidden, "webhook")
    assert shown.webhook == "http://127.0.0.1:9/hook"


async def test_a_cancelled_prediction_stays_cancelled_and_a_finished_one_is_refused(fake, client):
    fake.will(NeverEnds())
    prediction = await create(client)

    cancelled = await client.predictions.cancel(prediction_id=prediction.id)

    assert cancelled.status == "canceled"
    assert [made.id for made in fake.cancelled] == [prediction.id]
    with pytest.raises(replicate.ConflictError):
        await client.predictions.cancel(prediction_id=prediction.id)


async def test_a_deadline_aborts_what_has_not_started_and_cancels_what_has(fake, client):
    fake.will(NeverEnds(starts=False), NeverEnds(after_s=0.0))
    await create(client, cancel_after="0s")
    await create(client, cancel_after="1s")
    await fake.until(lambda: not fake.unfinished)

    assert [made.status for made in fake.created] == ["aborted", "canceled"]
    assert [made.cost for made in fake.created] == [0, 4 * 200_000]
    assert fake.complaints == ["Cancel-After: 0s is under 5 s", "Cancel-After: 1s is under 5 s"]


async def test_what_is_kept_goes_with_its_time(fake, client):
    prediction = await create(client)
    await fake.until(lambda: not fake.unfinished)
    fake.forget(fake.created[0])

    gone = await client.predictions.get(prediction_id=prediction.id)

    assert (gone.status, gone.output, gone.input, gone.data_removed) == (
        "succeeded",
        None,
        {},
        True,
    )


async def test_the_account_the_secret_and_files_are_there(fake, client):
    assert (await client.account.get()).type == "organization"
    assert (await client.webhooks.default.secret.get()).key == fake.webhook_secret
    stored = await client.files.create(content=("logo.png", b"picture", "image/png"))

    again = await client.files.get(file_id=stored.id)
    await client.files.delete(file_id=stored.id)

    assert stored.urls.get == f"{fake.url}/files/{stored.id}"
    assert (again.size, again.content_type, fake.files) == (7, "image/png", {})


@pytest.mark.parametrize("slug", MODELS)
async def test_a_model_tells_its_schema_as_replicate_does(client, slug):
    owner, name = slug.split("/")
    model = await client.models.get(model_owner=owner, model_name=name)

    schemas = model.latest_version.openapi_schema["components"]["schemas"]
    properties = schemas["Input"]["properties"]
    references = [each["allOf"][0]["$ref"] for each in properties.values() if "allOf" in each]
    assert "prompt" in schemas["Input"]["required"]
    assert references
    for reference in references:
        assert schemas[reference.rsplit("/", 1)[-1]]["enum"]


async def test_a_duration_is_an_enumeration_by_reference_with_its_default_beside(client):
    model = await client.models.get(model_owner="google", model_name="veo-3.1")

    schemas = model.latest_version.openapi_schema["components"]["schemas"]
    duration = schemas["Input"]["properties"]["duration"]
    assert duration["allOf"] == [{"$ref": "#/components/schemas/duration"}]
    assert duration["default"] == 8
    assert (schemas["duration"]["enum"], schemas["duration"]["type"]) == ([4, 6, 8], "integer")


async def test_a_model_that_is_gone_is_404_to_look_at_and_to_order(fake, client):
    del fake.models["google/veo-3.1"]

    with pytest.raises(replicate.NotFoundError):
        await client.models.get(model_owner="google", model_name="veo-3.1")
    with pytest.raises(replicate.NotFoundError):
        await create(client)


# -- Replicate's own description ------------------------------------------------------------------


def _json_schema(node: Any) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON Schema has a type more."""
    if isinstance(node, list):
        return [_json_schema(each) for each in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _json_schema(value) for key, value in node.items()}
    if plain.pop("nullable", False) is True:
        plain["type"] = [plain["type"], "null"]
    return plain


@cache
def _openapi() -> Any:
    return _json_schema(yaml.safe_load(OPENAPI.read_text()))


def _judge(path: str, method: str, status: str) -> jsonschema.Draft202012Validator:
    document = _openapi()
    content = document["paths"][path][method]["responses"][status]["content"]
    schema = {**content["application/json"]["schema"], "components": document["components"]}
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())


@pytest.mark.skipif(not OPENAPI.exists(), reason="Replicate's OpenAPI is not on this machine")
async def test_every_answer_is_as_replicates_own_openapi_says(fake):
    fake.will(Succeeds(), Fails(words.UNAVAILABLE), Aborts(), NeverEnds())
    headers = {"Authorization": f"Bearer {fake.token}"}
    order, judged = "/v1/models/{model_owner}/{model_name}/predictions", []
    async with aiohttp.ClientSession(fake.origin, headers=headers) as http:

        async def judge(path: str, method: str, real: str, **more: Any) -> Any:
            async with http.request(method, real, **more) as answer:
                body = await answer.json()
                _judge(path, method.lower(), str(answer.status)).validate(body)
                judged.append(path)
                return body

        form = {"content": io.BytesIO(b"picture")}
        for _ in range(4):
            body = {"input": VEO}
            await judge(order, "POST", "/v1/models/google/veo-3.1/predictions", json=body)
        await fake.until(lambda: len(fake.unfinished) == 1)
        fake.forget(fake.created[0])
        one = "/v1/predictions/{prediction_id}"
        for made in fake.created:
            await judge(one, "GET", f"/v1/predictions/{made.id}")
        await judge(f"{one}/cancel", "POST", f"/v1/predictions/{fake.created[3].id}/cancel")
        await judge("/v1/predictions", "GET", "/v1/predictions")
        for slug in MODELS:
            await judge("/v1/models/{model_owner}/{model_name}", "GET", f"/v1/models/{slug}")
        await judge("/v1/account", "GET", "/v1/account")
        await judge("/v1/webhooks/default/secret", "GET", "/v1/webhooks/default/secret")
        stored = await judge("/v1/files", "POST", "/v1/files", data=form)
        await judge("/v1/files", "GET", "/v1/files")
        await judge("/v1/files/{file_id}", "GET", f"/v1/files/{stored['id']}")

    assert len(judged) == 15 + len(MODELS)
