"""Drift is found before anybody orders: each way a live schema can have moved away from the catalogue."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes import replicate_words as words
from tests.fakes.replicate import FakeReplicate
from tests.fakes.replicate_models import MODELS
from tests.fakes.replicate_orders import SOLD
from tools.catalogue.reading import read_models
from tools.errors import ProviderRefused, ProviderUnavailable
from tools.providers.replicate.examining import drift
from tools.providers.replicate.provider import ReplicateProvider

Open = Callable[..., Awaitable[ReplicateProvider]]
VEO = SOLD["veo-3.1"]


async def found(provider: ReplicateProvider) -> str | None:
    return (await provider.examine([VEO]))["veo-3.1"]


def change(fake: FakeReplicate, **inputs: Any) -> None:
    """Lay these over Veo's inputs; None takes one away."""
    assert VEO.slug is not None
    live = fake.models[VEO.slug]
    changed = {**live.inputs, **inputs}
    kept = {name: rule for name, rule in changed.items() if rule is not None}
    fake.models[VEO.slug] = replace(live, inputs=kept)


async def test_the_models_that_are_sold_take_what_is_sent(provider: ReplicateProvider) -> None:
    assert await provider.examine(read_models()) == dict.fromkeys(SOLD)


DRIFTS: dict[str, tuple[dict[str, Any], str]] = {
    "a renamed input": ({"duration": None}, "no input called duration"),
    "no prompt any more": ({"prompt": None}, "no input called prompt"),
    "fewer lengths": (
        {"duration": {"type": "integer", "enum": [4, 8], "default": 8}},
        "duration does not take 6",
    ),
    "lengths as texts": (
        {"duration": {"type": "string", "enum": ["4", "6", "8"], "default": "8"}},
        "duration does not take 4",
    ),
    "a shorter longest": (
        {"duration": {"type": "integer", "minimum": 4, "maximum": 6}},
        "duration does not take 8",
    ),
    "a longer shortest": (
        {"duration": {"type": "integer", "minimum": 5, "maximum": 20}},
        "duration does not take 4",
    ),
    "a shape less": (
        {"aspect_ratio": {"type": "string", "enum": ["16:9"], "default": "16:9"}},
        "aspect_ratio does not take '9:16'",
    ),
    "a size less": (
        {"resolution": {"type": "string", "enum": ["720p", "4k"], "default": "720p"}},
        "resolution does not take '1080p'",
    ),
    "a size as a number": ({"resolution": {"type": "integer"}}, "resolution does not take"),
    "a switch that is none": (
        {"generate_audio": {"type": "string", "enum": ["on", "off"], "default": "on"}},
        "generate_audio does not take True",
    ),
    "a switch as a number": ({"generate_audio": {"type": "integer"}}, "generate_audio does not"),
    "no switch": ({"generate_audio": None}, "no input called generate_audio"),
    "small seeds": (
        {"seed": {"type": "integer", "minimum": 0, "maximum": 65535}},
        "seed does not take",
    ),
    "a seed in words": ({"seed": {"type": "string"}}, "seed does not take 0"),
    "no images": ({"reference_images": None}, "no input called reference_images"),
    "one image for a list": (
        {"reference_images": {"type": "string", "format": "uri"}},
        "does not take a list of images",
    ),
    "a list for one image": (
        {"image": {"type": "array", "items": {"type": "string"}}},
        "does not take one image",
    ),
    "fewer images": (
        {"reference_images": {"type": "array", "items": {"type": "string"}, "maxItems": 1}},
        "takes only 1 images",
    ),
    "a type nobody knows": ({"prompt": {"type": "scene"}}, "prompt does not take"),
}


@pytest.mark.parametrize("case", DRIFTS)
async def test_a_model_that_moved_is_told_with_the_reason(
    case: str, provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    inputs, reason = DRIFTS[case]
    change(fake, **inputs)

    assert reason in (await found(provider) or "")


HARMLESS: dict[str, dict[str, Any]] = {
    "an input more": {"camera": {"type": "string"}},
    "a length more": {"duration": {"type": "integer", "enum": [4, 6, 8, 12], "default": 4}},
    "other defaults": {"generate_audio": {"type": "boolean", "default": False}},
    "an input of ours that we do not send": {"negative_prompt": None},
    "lengths as a range": {"duration": {"type": "integer", "minimum": 1, "maximum": 60}},
    "lengths as numbers": {"duration": {"type": "number", "minimum": 1, "maximum": 60}},
}


@pytest.mark.parametrize("case", HARMLESS)
async def test_a_change_that_does_not_touch_us_is_none(
    case: str, provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    change(fake, **HARMLESS[case])

    assert await found(provider) is None


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"anyOf": [{"type": "null"}, {"type": "integer"}]},
        {"allOf": [{"$ref": "#/components/schemas/seed_rule"}], "nullable": True},
    ],
)
def test_a_rule_is_understood_in_every_way_it_is_written(rule: dict[str, Any]) -> None:
    told = MODELS["google/veo-3.1"].served()
    schemas = told["latest_version"]["openapi_schema"]["components"]["schemas"]
    schemas["Input"]["properties"]["seed"] = rule
    schemas["seed_rule"] = {"type": "integer"}

    assert drift(VEO, told) is None


async def test_a_model_that_is_gone_is_told(
    provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    del fake.models["google/veo-3.1"]

    assert "google/veo-3.1" in (await found(provider) or "")


async def test_an_input_that_became_necessary_is_told(
    provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    live = fake.models["google/veo-3.1"]
    fake.models["google/veo-3.1"] = replace(live, required=("prompt", "image"))

    assert "cannot be asked without image" in (await found(provider) or "")


@pytest.mark.parametrize("version", [None, {}, {"openapi_schema": None}, {"openapi_schema": []}])
def test_a_model_without_a_schema_is_told(version: object) -> None:
    assert drift(VEO, {"latest_version": version}) == "The provider shows no schema of its inputs."


def test_a_schema_that_refers_to_itself_ends() -> None:
    schemas = {
        "Input": {"properties": {"prompt": {"$ref": "#/components/schemas/a"}}},
        "a": {"$ref": "#/components/schemas/a"},
    }
    told = {"latest_version": {"openapi_schema": {"components": {"schemas": schemas}}}}

    assert drift(VEO, told) is not None


async def test_a_model_that_could_not_be_read_now_is_left_out(
    provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    fake.answer_always("model", words.bad_gateway())

    assert await provider.examine([VEO]) == {}


async def test_a_refused_key_is_no_drift(provider: ReplicateProvider, fake: FakeReplicate) -> None:
    fake.token = "r8_another"

    with pytest.raises(ProviderRefused, match="Invalid API key"):
        await provider.examine([VEO, SOLD["kling-v3"]])


async def test_other_providers_models_are_not_asked_about(
    provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    drafts = [model for model in read_models() if model.provider != "replicate"]

    assert await provider.examine(drafts) == {}
    assert fake.requests == []


async def test_the_token_says_whose_it_is(provider: ReplicateProvider) -> None:
    assert await provider.check_token() == "reel-tests"


async def test_a_bad_token_is_told_in_the_seeds_words(
    provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    fake.token = "r8_another"

    with pytest.raises(ProviderRefused, match=r"^Video generation failed: Invalid API key"):
        await provider.check_token()


async def test_an_address_that_is_not_the_providers_is_told(opened: Open) -> None:
    provider = await opened(base_url="http://127.0.0.1:1/v1")

    with pytest.raises(ProviderUnavailable):
        await provider.check_token()
