"""From a sentence to a film, over the wire: what issue 2 calls the journey."""

from io import BytesIO
from typing import Any

import av
import pytest

from tests.fakes.house import OpenHouse
from tests.fakes.pictures import logo_png, upload_form
from tests.fakes.visitor import Visitor
from tests.patience import FILM_S

TEASER = "Make a 6 second TikTok teaser for our oat drink, use our logo"


async def upload_logo(studio: OpenHouse, visitor: Visitor) -> dict[str, Any]:
    form = upload_form(logo_png(), sessionId=visitor.session_id, role="logo")
    async with studio.http() as http, http.post("/api/storage/upload", data=form) as reply:
        assert reply.status == 201
        taken: dict[str, Any] = await reply.json()
    return taken


async def test_a_new_session_says_what_it_is_and_offers_four_starters(studio: OpenHouse):
    async with studio.visitor() as ada:
        await ada.open()
        (welcome,) = ada.story()
    assert welcome["seq"] == 1
    assert welcome["data"]["code"] == "welcome"
    assert "AI" in welcome["data"]["text"]
    assert "offline" in welcome["data"]["text"]
    assert len(welcome["data"]["suggestions"]) == 4


async def test_every_starter_leads_to_an_answer(studio: OpenHouse):
    async with studio.visitor() as ada:
        await ada.open()
        for starter in ada.story()[0]["data"]["suggestions"]:
            entries = await ada.ask(starter)
            assert entries[-1]["data"] == {"turnId": entries[0]["turnId"], "outcome": "answered"}


async def test_the_models_question_is_answered_from_the_list(studio: OpenHouse):
    async with studio.visitor() as ada:
        await ada.open()
        entries = await ada.ask("What models can I use?")
    assert [each["data"]["tool"] for each in entries if each["type"] == "tool.started"] == [
        "list-models"
    ]
    said = [each["data"]["text"] for each in entries if each["type"] == "message.added"][-1]
    for words in ("draft", "REPLICATE_API_KEY", "sora-2-pro", "retired"):
        assert words in said


async def test_the_teaser_becomes_a_film_in_the_creatives_list(studio: OpenHouse):
    async with studio.visitor() as ada, studio.visitor() as second_tab:
        await ada.open()
        await second_tab.open()
        taken = await upload_logo(studio, ada)
        added = await ada.until_entry("upload.added")
        assert added["data"]["uploadId"] == taken["uploadId"]

        turn = await ada.ask(TEASER, uploads=[taken["uploadId"]])
        used = [each["data"]["tool"] for each in turn if each["type"] == "tool.started"]
        assert used == ["refine-prompt", "generate-video"]
        job_id = next(each for each in turn if each["type"] == "video.queued")["jobId"]

        creative = (await ada.until_entry("creative.added", FILM_S, jobId=job_id))["data"][
            "creative"
        ]
        announced = await ada.until_entry("message.added", jobId=job_id)
        await second_tab.until_entry("message.added", jobId=job_id)
        assert second_tab.story() == ada.story()
        assert ada.heard_twice == []

        assert creative["status"] == "needsReview"
        assert creative["visual"]["model"] == "draft"
        assert creative["visual"]["requestedModel"] == "sora-2-pro"
        assert creative["visual"]["duration"] == 6
        assert announced["seq"] == next(each["seq"] for each in ada.of_type("creative.added")) + 1
        assert announced["data"] | {"messageId": ""} == {
            "messageId": "",
            "sender": "system",
            "code": "video.ready",
            "step": "assetGeneration",
            "text": "✅ Video generated and added to creatives! Model: draft, Duration: 6s",
            "uploads": [],
            "suggestions": announced["data"]["suggestions"],
        }
        assert 2 <= len(announced["data"]["suggestions"]) <= 3

        stages = [each["data"]["stage"] for each in ada.of_type("video.changed")]
        assert stages == ["uploading", "submitting", "rendering", "storing"]
        shares = [each["fraction"] for each in ada.live if each.get("fraction") is not None]
        assert shares == sorted(shares)
        assert len(set(shares)) > 3

        await assert_is_the_film(studio, creative["visual"]["url"])
        await assert_review_persists(studio, ada, second_tab, creative["_id"])


async def assert_is_the_film(studio: OpenHouse, url: str) -> None:
    async with studio.http(user=None) as http, http.get(url.removeprefix(studio.url)) as reply:
        content = await reply.read()
    assert content.index(b"moov") < content.index(b"mdat")
    with av.open(BytesIO(content), "r") as film:
        video = film.streams.video[0]
        assert (video.width, video.height) == (1080, 1920)
        assert video.codec_context.name == "h264"
        assert video.codec_context.pix_fmt == "yuv420p"
        assert sum(1 for _ in film.decode(video)) == 180


async def assert_review_persists(
    studio: OpenHouse, ada: Visitor, second_tab: Visitor, creative_id: str
) -> None:
    await ada.done(
        "creative.review",
        sessionId=ada.session_id,
        clientId=ada.client_id(),
        creativeId=creative_id,
        status="rejected",
        note="The logo comes too late",
    )
    told = await second_tab.until_entry("creative.updated")
    assert told["data"]["creative"]["status"] == "rejected"
    address = f"/api/sessions/{ada.session_id}/creatives"
    async with studio.http() as http:
        async with http.patch(
            f"/api/creatives/{creative_id}", json={"status": "approved"}
        ) as reply:
            assert reply.status == 200
        async with http.get(address) as reply:
            (listed,) = (await reply.json())["creatives"]
    assert listed["status"] == "approved"


TEMPLATES = [
    ("Brand animation for Havra", "brand-animation", {"productName": "Havra"}),
    ("Use the product showcase template", "product-showcase", None),
    ("Use the social media template for instagram: our summer sale", "social-media", None),
    ("animate our logo", "brand-animation", None),
    ("show off our new sneaker", "product-showcase", None),
    ("an instagram post about our summer sale", "social-media", None),
]


@pytest.mark.parametrize(("words", "template", "parameters"), TEMPLATES)
async def test_a_template_is_found_by_name_and_by_description(
    studio: OpenHouse, words: str, template: str, parameters: dict[str, str] | None
):
    async with studio.visitor() as ada:
        await ada.open()
        entries = await ada.ask(words)
        applied = [
            each["data"]["arguments"]
            for each in entries
            if each["type"] == "tool.started" and each["data"]["tool"] == "apply-template"
        ]
        assert applied, [each["data"].get("text") for each in entries]
        assert applied[0]["template"] == template
        if parameters is not None:
            assert applied[0]["parameters"] | parameters == applied[0]["parameters"]


@pytest.mark.parametrize(
    ("platform", "ratio", "seconds"),
    [
        ("instagram", "9:16", 15),
        ("tiktok", "9:16", 12),
        ("youtube", "16:9", 15),
        ("facebook", "1:1", 15),
    ],
)
async def test_the_social_template_asks_for_what_is_missing_and_takes_the_platforms_shape(
    studio: OpenHouse, platform: str, ratio: str, seconds: int
):
    async with studio.visitor() as ada:
        await ada.open()
        asked = await ada.ask(f"Use the social media template for {platform}")
        question = [each["data"]["text"] for each in asked if each["type"] == "message.added"][-1]
        assert question.endswith("?") or "?" in question
        assert not [each for each in asked if each["type"] == "video.queued"]
        answered = await ada.ask("Our oat drink, poured slowly at sunrise")
        (queued,) = [each for each in answered if each["type"] == "video.queued"]
        assert queued["data"]["request"]["aspectRatio"] == ratio
        assert queued["data"]["request"]["duration"] == seconds
        await ada.done(
            "job.cancel",
            sessionId=ada.session_id,
            clientId=ada.client_id(),
            jobId=queued["jobId"],
        )
        cancelled = await ada.until_entry("video.cancelled", jobId=queued["jobId"])
    assert cancelled["data"] == {"reason": "cancelled", "charged": "no"}


async def test_again_but_shorter_changes_nothing_else(studio: OpenHouse):
    async with studio.visitor() as ada:
        await ada.open()
        first = await ada.ask("Make a 12 second YouTube film about a lighthouse at night")
        second = await ada.ask("again but shorter")
        one, two = (
            next(each for each in turn if each["type"] == "video.queued")["data"]["request"]
            for turn in (first, second)
        )
    assert two["duration"] < one["duration"]
    # The model that really made the last film is asked again: its range holds, not the retired one's.
    assert {**two, "duration": 0, "model": ""} == {**one, "duration": 0, "model": ""}


async def test_a_form_beside_a_shown_price_is_the_yes_up_to_it(studio: OpenHouse):
    async with studio.visitor() as ada:
        await ada.open()
        wanted = {"prompt": "A quiet harbour at dawn", "model": "draft", "duration": 4}
        fields = {"sessionId": ada.session_id, "clientId": ada.client_id(), "request": wanted}
        first = await ada.done("video.request", **fields)
        again = await ada.done("video.request", **fields)
        assert first["jobId"] == again["jobId"]
        await ada.until_entry("creative.added", FILM_S, jobId=first["jobId"])
    assert len(ada.of_type("video.queued")) == 1
