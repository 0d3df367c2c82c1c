"""Refinement by a language model, in the whole product: seen in the chat, kept with the film."""

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.house import OpenHouse, open_studio
from tests.fakes.poe import (
    KEY,
    LEAD,
    SECOND,
    FakePoe,
    Reply,
    Status,
    fake_poe,
    refused,
    simple_brain,
    whole,
)

TEASER = "Make a 6 second TikTok teaser for our oat drink"
REFINED = (
    "Subject: oat drink in a tall glass\nAction: it pours; it settles\nLight: soft window light"
)


class Refining:
    """Talks as the simple brain does, and refines as it is told to."""

    def __init__(self) -> None:
        self.reply: Reply = whole(json.dumps({"refinedPrompt": REFINED, "changes": ["Added."]}))

    def __call__(self, body: Mapping[str, Any]) -> Reply:
        return self.reply if body["model"] == "GPT-4o" else simple_brain(body)


@pytest.fixture
def refining() -> Refining:
    return Refining()


@pytest.fixture
async def poe(refining: Refining) -> AsyncIterator[FakePoe]:
    async with fake_poe(refining) as server:
        yield server
        assert server.faults == []


@pytest.fixture
async def studio(poe: FakePoe, tmp_path: Path) -> AsyncIterator[OpenHouse]:
    settings: dict[str, Any] = {
        "poe_api_key": KEY,
        "poe_api_url": poe.url,
        "poe_model": LEAD,
        "poe_fallback_models": (SECOND,),
    }
    async with open_studio(tmp_path / "data", **settings) as house:
        yield house


async def refined_in_chat(studio: OpenHouse) -> dict[str, Any]:
    """What refine-prompt gave, as everybody in the session sees it."""
    async with studio.visitor() as ada:
        await ada.open()
        turn = await ada.ask(TEASER)
    assert turn[-1]["data"]["outcome"] == "answered"
    assert any(each["type"] == "video.queued" for each in turn)
    finished = (each["data"] for each in turn if each["type"] == "tool.finished")
    return next(dict(each["result"]) for each in finished if each["tool"] == "refine-prompt")


async def test_before_and_after_stand_in_the_chat(studio: OpenHouse):
    result = await refined_in_chat(studio)

    assert result["prompt"] == TEASER
    assert result["refinedPrompt"].startswith(REFINED)
    assert result["changes"] == ["Added."]
    assert result["warnings"] == []


@pytest.mark.parametrize(
    "reply",
    [Status(404, refused("not_found_error")), Status(402, refused("insufficient_credits"))],
    ids=["no such model", "no credit"],
)
async def test_a_model_that_cannot_refine_costs_no_film_and_the_chat_says_who_did(
    studio: OpenHouse, refining: Refining, reply: Reply
):
    refining.reply = reply

    result = await refined_in_chat(studio)

    assert "Subject: oat drink" in result["refinedPrompt"]
    assert result["warnings"][0] == "Refined by rules: the language model did not answer."


async def generated(studio: OpenHouse) -> dict[str, Any]:
    order = {
        "prompt": "A kettle comes to the boil",
        "model": "draft",
        "duration": 4,
        "refinementPrompt": "warm",
    }
    async with studio.http() as http, http.post("/api/video/generate", json=order) as answer:
        assert answer.status == 202
        return dict(await answer.json())


async def test_a_film_over_rest_is_made_of_the_refined_words(studio: OpenHouse, refining: Refining):
    refining.reply = whole(json.dumps({"refinedPrompt": "Subject: a kettle comes to the boil"}))

    film = await generated(studio)

    assert film["refinedPrompt"].startswith("Subject: a kettle comes to the boil")
    assert film["warnings"] == []


async def test_a_film_over_rest_says_that_rules_refined_it(studio: OpenHouse, refining: Refining):
    refining.reply = Status(503, refused("overloaded_error"))

    film = await generated(studio)

    assert "kettle" in film["refinedPrompt"]
    assert [warning["code"] for warning in film["warnings"]] == ["refinement_unavailable"]
    assert film["warnings"][0]["message"].startswith("Refined by rules")
