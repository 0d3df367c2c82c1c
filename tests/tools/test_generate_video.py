"""Asking for a film: what becomes a request, and what is answered at once."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from pydantic import ValidationError

from tests.fakes.studio import NOW, JobsInMemory, UploadsInMemory, context, upload
from tools.catalogue.catalogue import Catalogue
from tools.catalogue.reading import read_models
from tools.contract import ToolContext
from tools.domain.events import VideoProposed
from tools.domain.frames import AspectRatio
from tools.domain.identity import JobId, TurnId, UploadId
from tools.domain.jobs import VideoJob
from tools.domain.money import Money
from tools.domain.videos import Reference
from tools.errors import (
    DurationOutOfRange,
    InvalidPayload,
    NotFound,
    ReferenceUnreachable,
)
from tools.generate_video import GenerateVideo, GenerateVideoArguments
from tools.rendering.studio import Consent, Studio

OWN = "https://reelroom.example/media/videos/references/"


class OurUploadUrls:
    """The port that knows our own upload addresses: nothing else is reachable."""

    async def reference_for(self, url: str, *, context: ToolContext) -> Reference:
        if not url.startswith(OWN):
            raise ReferenceUnreachable("Only images uploaded here can be used.")
        name = url.removeprefix(OWN).removesuffix(".png")
        return Reference(
            upload_id=UploadId(name),
            path=f"videos/references/{name}.png",
            role=None,
            uploaded_at=NOW,
            given_url=url,
        )


class Desk:
    """The verb on a real studio and catalogue, its records in memory.

    `paid`: the provider's key is set. Below 30 cents a film goes on by itself.
    """

    def __init__(self, *, paid: bool = False) -> None:
        numbers = count(1)
        self.records = JobsInMemory()
        self._now = NOW
        uploads = [upload("logo"), upload("other", session="session-2")]
        uploads.append(upload("stranger", tenant="tenant-2"))
        uploads.extend(upload(f"image-{n}") for n in range(9))
        models = Catalogue(
            models=read_models(),
            missing={} if paid else {"replicate": "REPLICATE_API_KEY is not set"},
            substitution="auto",
            default_model="sora-2-pro",
        )
        self.verb = GenerateVideo(
            studio=Studio(
                catalogue=models,
                records=self.records,
                consent=Consent(below=Money.usd("0.30")),
                wake=lambda job_id: None,
                mint=lambda kind: f"{kind}-{next(numbers)}",
                clock=self._clock,
            ),
            uploads=UploadsInMemory(uploads),
            references=OurUploadUrls(),
            models=models,
            default_length_s=6,
        )

    def _clock(self) -> datetime:
        """Time passes: of two jobs one is the newer."""
        self._now += timedelta(milliseconds=1)
        return self._now

    @property
    def asked_for(self) -> list[str]:
        """Why a person was asked, each time."""
        return [event.reason for event in self.records.told if isinstance(event, VideoProposed)]

    async def ask(
        self,
        *,
        call_id: str = "call-1",
        turn_id: str | None = None,
        **arguments: Any,
    ) -> dict[str, Any]:
        """As a program would, or as the agent in a turn."""
        checked = GenerateVideoArguments.model_validate({"prompt": "oat drink", **arguments})
        asker = replace(
            context(call=call_id),
            turn_id=None if turn_id is None else TurnId(turn_id),
        )
        output = await self.verb.call(asker, checked)
        return dict(output.result)

    async def job(self, **arguments: Any) -> VideoJob:
        answer = await self.ask(**arguments)
        return self.records.jobs[JobId(str(answer["jobId"]))]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def paid() -> Desk:
    return Desk(paid=True)


async def test_the_answer_is_the_job_its_state_and_its_quote(desk: Desk) -> None:
    answer = await desk.ask()

    assert set(answer) == {"jobId", "state", "quote"}
    assert answer["state"] == "queued"
    assert answer["quote"] == {
        "model": "draft",
        "requestedModel": "sora-2-pro",
        "total": {"amount": 0, "currency": "USD"},
        "lines": [
            {
                "description": "6 s with Draft animatic",
                "seconds": 6,
                "amount": {"amount": 0, "currency": "USD"},
            }
        ],
        "warnings": [],
        "price": "free",
    }


async def test_without_more_words_it_is_six_wide_seconds_by_the_default_model(desk: Desk) -> None:
    request = (await desk.job()).request

    assert (request.model_key, request.length_s) == ("sora-2-pro", 6)
    assert request.aspect_ratio is AspectRatio.WIDE


async def test_four_seconds_without_a_model_named_are_made_by_one_that_makes_them(
    desk: Desk,
) -> None:
    answer = await desk.ask(duration=4)

    quote = answer["quote"]
    assert (quote["model"], quote.get("requestedModel")) == ("draft", None)


async def test_four_seconds_of_a_named_model_are_refused_with_its_own_range(desk: Desk) -> None:
    with pytest.raises(DurationOutOfRange, match="sora-2-pro makes 5 to 60 seconds, not 4"):
        await desk.ask(duration=4, model="sora-2-pro")


async def test_everything_said_reaches_the_request(desk: Desk) -> None:
    job = await desk.job(
        model="draft",
        duration=12,
        aspectRatio="9:16",
        refinementPrompt="cinematic",
        refinedPrompt="Subject: oat drink",
    )

    request = job.request
    assert (request.model_key, request.length_s, request.aspect_ratio) == ("draft", 12, "9:16")
    assert (request.refinement_prompt, request.refined_prompt) == (
        "cinematic",
        "Subject: oat drink",
    )
    assert request.prompt == "oat drink"


async def test_an_upload_of_the_session_becomes_a_reference_with_its_role(desk: Desk) -> None:
    (reference,) = (await desk.job(uploadIds=["logo"])).request.references

    assert (reference.upload_id, reference.role, reference.given_url) == ("logo", "logo", None)


@pytest.mark.parametrize("upload_id", ["other", "stranger", "nothing"])
async def test_an_upload_of_somebody_else_is_like_one_that_does_not_exist(
    desk: Desk, upload_id: str
) -> None:
    with pytest.raises(NotFound, match="That upload was not found"):
        await desk.ask(uploadIds=[upload_id])


async def test_an_address_of_our_own_becomes_a_reference(desk: Desk) -> None:
    (reference,) = (await desk.job(referenceImageUrls=[f"{OWN}logo.png"])).request.references

    assert reference.given_url == f"{OWN}logo.png"


async def test_any_other_address_is_unreachable(desk: Desk) -> None:
    with pytest.raises(ReferenceUnreachable):
        await desk.ask(referenceImageUrls=["http://169.254.169.254/latest"])


async def test_the_same_image_twice_is_one_reference(desk: Desk) -> None:
    job = await desk.job(uploadIds=["logo", "logo"], referenceImageUrls=[f"{OWN}logo.png"])

    assert len(job.request.references) == 1


async def test_more_than_ten_images_in_all_are_refused(desk: Desk) -> None:
    with pytest.raises(InvalidPayload, match="10 reference images at most"):
        await desk.ask(
            uploadIds=["logo", *(f"image-{n}" for n in range(9))],
            referenceImageUrls=[f"{OWN}eleventh.png"],
        )


async def test_the_same_call_again_is_the_same_job(desk: Desk) -> None:
    assert (await desk.ask())["jobId"] == (await desk.ask())["jobId"]


async def test_another_call_is_another_job(desk: Desk) -> None:
    assert (await desk.ask())["jobId"] != (await desk.ask(call_id="call-2"))["jobId"]


async def test_the_same_film_again_in_a_turn_waits_for_a_person(desk: Desk) -> None:
    first = await desk.ask(turn_id="turn-1")
    second = await desk.ask(turn_id="turn-1", call_id="call-2")

    assert (first["state"], second["state"]) == ("queued", "proposed")
    assert desk.asked_for == ["repeated"]


async def test_a_question_that_stands_is_not_asked_twice(desk: Desk) -> None:
    await desk.ask(turn_id="turn-1")
    second = await desk.ask(turn_id="turn-1", call_id="call-2")
    third = await desk.ask(turn_id="turn-2", call_id="call-3")

    assert second == third
    assert len(desk.records.jobs) == 2


async def test_a_question_in_older_words_says_that_it_is_one(paid: Desk) -> None:
    film = {"turn_id": "turn-1", "model": "kling-v3"}
    first = await paid.ask(**film, refinedPrompt="a calm morning")
    same = await paid.ask(**film, call_id="call-2", refinedPrompt="a calm morning")
    other = await paid.ask(**film, call_id="call-3", refinedPrompt="a wild night")

    assert first == same
    assert other["jobId"] == first["jobId"]
    assert [warning["code"] for warning in other["quote"]["warnings"]] == ["asked_before"]


async def test_a_paid_film_waits_for_a_persons_yes_with_its_price_in_words(paid: Desk) -> None:
    answer = await paid.ask(turn_id="turn-1", model="kling-v3", duration=10)

    quote = answer["quote"]
    assert answer["state"] == "proposed"
    assert (quote["total"]["amount"], quote["price"]) == (3_360_000, "$3.36")
    assert paid.asked_for == ["price"]
    assert paid.records.used() == Money()


async def test_a_paid_film_below_the_limit_goes_by_itself(paid: Desk) -> None:
    cheap = await paid.ask(turn_id="turn-1", model="hailuo-2.3")

    assert cheap["state"] == "queued"
    assert paid.records.used() == Money.usd("0.28")


async def test_a_retired_model_is_quoted_with_who_stands_in(paid: Desk) -> None:
    quote = (await paid.ask(turn_id="turn-1"))["quote"]

    assert (quote["model"], quote["requestedModel"]) == ("veo-3.1", "sora-2-pro")


async def test_images_that_are_left_out_are_told_in_the_quote(paid: Desk) -> None:
    asked = await paid.ask(turn_id="turn-1", model="kling-v3", uploadIds=["logo", "image-1"])

    quote = asked["quote"]
    assert "references_not_supported" in [warning["code"] for warning in quote["warnings"]]


async def test_another_film_is_nobodys_repetition(desk: Desk) -> None:
    await desk.ask(turn_id="turn-1")
    await desk.ask(turn_id="turn-1", call_id="call-2", duration=8)

    assert len(desk.records.jobs) == 2


async def test_a_film_that_a_person_asked_for_on_the_form_is_not_the_agents(desk: Desk) -> None:
    await desk.ask(turn_id=None)
    await desk.ask(turn_id="turn-1", call_id="call-2")

    assert len(desk.records.jobs) == 2


async def test_zero_seconds_are_refused_not_replaced(desk: Desk) -> None:
    with pytest.raises(DurationOutOfRange, match="4 to 60 seconds, not 0"):
        await desk.ask(duration=0)


WRONG = [
    {"prompt": ""},
    {"prompt": "   "},
    {"prompt": "x" * 4001},
    {"duration": "six"},
    {"duration": 6.5},
    {"aspectRatio": "4:3"},
    {"referenceImageUrls": ["u"] * 11},
    {"campaignId": "spring-26"},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
async def test_arguments_of_the_wrong_shape_are_refused(desk: Desk, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        await desk.ask(**wrong)


@pytest.mark.parametrize(("length_s", "film"), [(12, "a 12"), (8, "an 8"), (11, "an 11")])
def test_the_title_says_how_long_the_film_is(desk: Desk, length_s: int, film: str) -> None:
    asked = GenerateVideoArguments(prompt="x", duration=length_s)

    assert desk.verb.title(asked) == f"Asking for {film} second film"
