import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes import replicate_words as words
from tests.fakes.replicate import FakeReplicate
from tests.fakes.replicate_acts import (
    AnswersLate,
    Download,
    Drops,
    DropsAfterCommit,
    Refuses,
    RefusesAfterCommit,
)
from tests.fakes.replicate_orders import SOLD, an_image, an_order, opening
from tests.patience import AT_ONCE_S, IN_THE_END_S
from tools.domain.frames import AspectRatio
from tools.domain.uploads import ReferenceRole
from tools.providers.replicate.provider import ReplicateProvider
from tools.rendering.ports import Order, OrderInDoubt, OrderRefused, Remedy


async def test_an_order_is_one_request_and_its_answer_the_id(
    provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    prediction_id = await provider.submit(an_order())

    assert [made.id for made in fake.created] == [prediction_id]
    assert fake.counts == {"create": 1}


async def test_a_prediction_has_a_deadline_so_that_nothing_costs_for_ever(
    provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    await provider.submit(an_order())

    assert fake.created[0].cancel_after == "35m"


async def test_it_reports_its_start_and_its_end_to_the_clips_own_address(
    opened: Callable[..., Any], fake: FakeReplicate, hook: Callable[..., str]
) -> None:
    order = an_order(clip=3)
    await (await opened(webhook=hook)).submit(order)

    made = fake.created[0]
    assert made.webhook == hook(order.job_id, 3)
    assert made.events == ("start", "completed")


async def test_without_an_address_of_ours_nothing_is_said_of_webhooks(
    provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    await provider.submit(an_order())

    assert fake.created[0].webhook is None


# -- every model of the catalogue ------------------------------------------------------------------


SHAPES = [(key, ratio) for key, model in SOLD.items() for ratio in model.sizes]


@pytest.mark.parametrize(("key", "ratio"), SHAPES)
async def test_every_model_takes_what_the_catalogue_says_of_it(
    key: str, ratio: AspectRatio, provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    model = SOLD[key]

    for clip_s in model.clip_lengths:
        await provider.submit(an_order(model, aspect_ratio=ratio, length_s=clip_s))

    assert [made.input[model.inputs.length] for made in fake.created] == [*model.clip_lengths]


COSTLY = {"duration", "seconds", "resolution", "mode", "generate_audio"}


@pytest.mark.parametrize("key", SOLD)
async def test_everything_that_costs_is_said_and_never_left_to_a_default(
    key: str, provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    await provider.submit(an_order(key))

    made = fake.created[0]
    assert COSTLY & made.model.inputs.keys() <= made.input.keys()


async def test_the_order_is_put_in_the_models_own_words(
    provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    order = an_order("sora-2-pro", aspect_ratio=AspectRatio.TALL, length_s=8)
    await provider.submit(order)

    assert fake.created[0].input == {
        "prompt": order.sent_prompt,
        "seconds": 8,
        "aspect_ratio": "portrait",
        "resolution": "standard",
    }


@pytest.mark.parametrize("sound", [True, False])
async def test_sound_is_switched_where_there_is_a_switch(
    sound: bool, provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    await provider.submit(an_order("veo-3.1", sound=sound))

    assert fake.created[0].input["generate_audio"] is sound


async def test_a_film_is_opened_with_an_image(
    provider: ReplicateProvider, fake: FakeReplicate, tmp_path: Any
) -> None:
    images = await provider.hand_over((an_image(tmp_path / "a.png", size=(1280, 720)),))
    await provider.submit(an_order("kling-v3", images=images, image_input=opening("kling-v3")))
    await fake.until(lambda: fake.created[0].is_over)

    made = fake.created[0]
    assert [(seen.name, seen.size) for seen in made.images] == [("start_image", (1280, 720))]
    assert made.status == "succeeded"


async def test_references_go_as_a_list_and_no_more_than_the_model_takes(
    provider: ReplicateProvider, fake: FakeReplicate, tmp_path: Any
) -> None:
    listed = next(each for each in SOLD["veo-3.1"].inputs.images if each.is_list)
    images = tuple(an_image(tmp_path / f"{i}.png", size=(64, 36)) for i in range(5))
    handed = await provider.hand_over(images)
    await provider.submit(an_order("veo-3.1", length_s=8, images=handed, image_input=listed))

    assert fake.created[0].input[listed.name] == [image.address for image in handed[:3]]


async def test_an_image_that_was_not_handed_over_is_a_bug_and_buys_nothing(
    provider: ReplicateProvider, fake: FakeReplicate, tmp_path: Any
) -> None:
    order = an_order(
        "kling-v3", images=(an_image(tmp_path / "a.png"),), image_input=opening("kling-v3")
    )

    with pytest.raises(ValueError, match="address"):
        await provider.submit(order)
    assert fake.created == []


# -- refused: nothing was bought -------------------------------------------------------------------

REFUSALS: dict[str, tuple[Refuses, str, Remedy, str]] = {
    "bad key": (
        words.unauthenticated(),
        "provider_refused",
        Remedy.STOP,
        "Video generation failed: Invalid API key",
    ),
    "key without rights": (
        words.problem(403, "Forbidden", "No."),
        "provider_refused",
        Remedy.STOP,
        "Video generation failed: Invalid API key",
    ),
    "no credit": (
        words.insufficient_credit(),
        "provider_unavailable",
        Remedy.STOP,
        "the studio's account with the video provider needs attention",
    ),
    "model gone": (
        words.not_found(),
        "model_unavailable",
        Remedy.ANOTHER_MODEL,
        "Google Veo 3.1 Fast cannot be had",
    ),
    "inputs changed": (
        words.invalid(words.invalid_field("enum", "input.duration", "must be one of: 5, 10")),
        "provider_refused",
        Remedy.ANOTHER_MODEL,
        "this model wants to be asked in another way",
    ),
    "not understood": (
        words.problem(400, "Bad request", "Malformed JSON"),
        "provider_refused",
        Remedy.ANOTHER_MODEL,
        "did not take the order",
    ),
    "a conflict": (
        words.problem(409, "Conflict", "Busy."),
        "provider_unavailable",
        Remedy.AGAIN,
        "cannot be reached right now",
    ),
    "throttled": (
        words.throttled(5),
        "provider_unavailable",
        Remedy.AGAIN,
        "takes no more orders for a moment",
    ),
}


async def refused(provider: ReplicateProvider, order: Order) -> OrderRefused:
    with pytest.raises(OrderRefused) as caught:
        await provider.submit(order)
    return caught.value


@pytest.mark.parametrize("case", REFUSALS)
async def test_a_refusal_has_words_and_a_way_on(
    case: str, provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    answer, code, remedy, said = REFUSALS[case]
    fake.answer_create(answer)

    refusal = await refused(provider, an_order())

    assert (refusal.failure.code, refusal.remedy) == (code, remedy)
    assert said in refusal.failure.message
    assert fake.created == []
    assert fake.counts["create"] == 1


async def test_a_changed_input_is_named_and_nothing_of_their_text_is(
    provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    fake.answer_create(
        words.invalid(
            words.invalid_field("enum", "input.duration", "https://evil.example must be 5"),
            words.invalid_field("x", "<b>no name</b>", "…"),
        )
    )

    refusal = await refused(provider, an_order())

    assert refusal.failure.details == {"fields": ["input.duration"]}
    assert "evil" not in refusal.failure.message


async def test_no_credit_sends_nobody_to_a_page_where_money_is_paid_in(
    provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    fake.answer_create(words.insufficient_credit())

    refusal = await refused(provider, an_order())

    assert "http" not in refusal.failure.message
    assert "credit" not in refusal.failure.message


RESTS: dict[str, tuple[Refuses, float | None]] = {
    "in the body": (words.throttled(7), 7),
    "in the body before the header": (
        Refuses(status=429, body={"retry_after": 3}, headers={"Retry-After": "60"}),
        3,
    ),
    "in the header": (words.throttled(11, told="header"), 11),
    "in the text": (words.throttled(13, told="text"), 13),
    "as a day long gone": (
        Refuses(status=429, headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}),
        0,
    ),
    "nonsense": (Refuses(status=429, body={"retry_after": "soon"}), None),
    "endless": (Refuses(status=429, body={"retry_after": 1e12}), 3600),
    "not a number": (Refuses(status=429, body={"retry_after": "nan"}), None),
    "an edge's page": (Refuses(status=429, body="<html>slow down</html>"), None),
}


@pytest.mark.parametrize("case", RESTS)
async def test_how_long_to_wait_is_read_wherever_it_is_said(
    case: str, provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    answer, rest_s = RESTS[case]
    fake.answer_create(answer)

    refusal = await refused(provider, an_order())

    assert refusal.retry_after_s == rest_s
    assert refusal.failure.retry_after_ms == (None if rest_s is None else rest_s * 1000)


async def test_nobody_at_the_other_end_means_that_nothing_was_bought(
    opened: Callable[..., Any],
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        provider = await opened(base_url=f"http://127.0.0.1:{closed.getsockname()[1]}/v1")

        refusal = await refused(provider, an_order())

    assert (refusal.failure.code, refusal.remedy) == ("provider_unavailable", Remedy.AGAIN)


# -- in doubt: perhaps it was ----------------------------------------------------------------------

DOUBTS: dict[str, tuple[Download, int]] = {
    "dropped before": (Drops(), 0),
    "dropped after": (DropsAfterCommit(), 1),
    "an edge's error before": (words.bad_gateway(), 0),
    "an edge's error after": (RefusesAfterCommit(), 1),
    "their own error": (words.internal_error(), 0),
    "their time was up": (words.problem(408, "Timeout", "Timeout"), 0),
    "late": (AnswersLate(after_s=IN_THE_END_S), 1),
    "never read": (AnswersLate(after_s=IN_THE_END_S, commits="never"), 0),
    "sent elsewhere": (Refuses(status=307, headers={"Location": "/v1/elsewhere"}), 0),
    "a page": (RefusesAfterCommit(status=200, body="<html>Sign in</html>"), 1),
    "no id": (RefusesAfterCommit(status=201, body={"status": "starting"}), 1),
    "no object": (RefusesAfterCommit(status=201, body=""), 1),
}


@pytest.mark.parametrize("case", DOUBTS)
async def test_an_order_that_was_not_answered_is_in_doubt_and_asked_once(
    case: str, opened: Callable[..., Any], fake: FakeReplicate
) -> None:
    answer, bought = DOUBTS[case]
    provider = await opened(limits={"answer_s": 0.3} if isinstance(answer, AnswersLate) else {})
    fake.answer_create(answer)

    with pytest.raises(OrderInDoubt):
        await provider.submit(an_order())

    # Who gives up may do so before the other end has read the order.
    await fake.until(lambda: fake.counts["create"] and len(fake.created) >= bought)
    assert fake.counts["create"] == 1
    assert len(fake.created) == bought


async def test_an_answer_that_trickles_in_is_not_waited_for_longer_than_the_limit(
    opened: Callable[..., Any], fake: FakeReplicate
) -> None:
    provider = await opened(limits={"order_s": 0.3})
    fake.answer_create(AnswersLate(after_s=IN_THE_END_S))

    async with asyncio.timeout(AT_ONCE_S):
        with pytest.raises(OrderInDoubt):
            await provider.submit(an_order())


async def test_whoever_stops_waiting_for_an_order_stops_at_once(
    provider: ReplicateProvider, fake: FakeReplicate
) -> None:
    fake.answer_create(AnswersLate(after_s=IN_THE_END_S))
    ordering = asyncio.create_task(provider.submit(an_order()))
    await fake.until(lambda: fake.created)

    ordering.cancel()
    async with asyncio.timeout(AT_ONCE_S):
        with pytest.raises(asyncio.CancelledError):
            await ordering
    assert fake.counts["create"] == 1


async def test_a_model_that_uses_only_the_images_it_is_told_of_is_told(
    provider: ReplicateProvider, fake: FakeReplicate, tmp_path: Any
) -> None:
    listed = next(each for each in SOLD["seedance-2.0"].inputs.images if each.mention)
    logo = an_image(tmp_path / "logo.png", size=(64, 36), role=ReferenceRole.LOGO)
    product = an_image(tmp_path / "product.png", size=(64, 36), role=ReferenceRole.PRODUCT)
    images = await provider.hand_over((logo, product))
    order = an_order(
        "seedance-2.0", sent_prompt="Pour it over [Image2]", images=images, image_input=listed
    )
    await provider.submit(order)

    said = "Pour it over [Image2]\n[Image1] is the logo: show it exactly as it is."
    assert fake.created[0].input["prompt"] == said
