"""What is done after an order came to nothing, and what it may cost."""

from dataclasses import replace

import pytest

from tests.fakes.dealer import Refuses
from tests.fakes.samples import FAILURE, REFERENCE, a_request
from tools.catalogue.catalogue import Catalogue
from tools.catalogue.reading import read_models
from tools.domain.clips import Outcome
from tools.domain.frames import AspectRatio
from tools.domain.jobs import Origin, Stage
from tools.domain.money import Money
from tools.rendering.ports import Remedy, RenderFailed
from tools.rendering.remedies import REFUSALS, TRIES

DEAR = a_request(model_key="seedance-2.0", length_s=8)
"""$3.60; Kling, which takes over, makes it for $2.69."""
CHEAP = a_request(model_key="veo-3.1-fast", length_s=8)
"""$1.20; Kling takes over here too, and is dearer."""


def ends(remedy=Remedy.STOP, charged="no"):
    return RenderFailed(failure=FAILURE, charged=charged, remedy=remedy)


def models_of(room):
    return [sold.order.model.key for sold in room.dealer.sold]


# -- the same again --------------------------------------------------------------------------------


async def test_what_may_work_the_next_time_is_tried_again_after_longer_and_longer_pauses(room):
    room.dealer.will(ends(Remedy.AGAIN), ends(Remedy.AGAIN))
    done = await room.finish((await room.order(DEAR)).id)

    first, second, third = [sold.at for sold in room.dealer.sold]
    assert done.stage is Stage.FINISHED
    assert (third - second) > (second - first)
    assert (await room.balance()).spent == done.quote.total


async def test_what_never_works_is_left_to_the_next_model(room):
    room.dealer.will(*[ends(Remedy.AGAIN)] * TRIES)
    done = await room.finish((await room.order(DEAR)).id)

    assert done.stage is Stage.FINISHED
    assert models_of(room) == ["seedance-2.0"] * TRIES + ["kling-v3"]


async def test_a_busy_provider_is_asked_again_when_it_says_so(room):
    room.dealer.answers(
        Refuses(FAILURE, Remedy.AGAIN, retry_after_s=50), Refuses(FAILURE, Remedy.AGAIN)
    )
    before = room.clock()
    done = await room.finish((await room.order(DEAR)).id)

    assert (done.stage, len(room.dealer.sold)) == (Stage.FINISHED, 1)
    assert (room.dealer.sold[0].at - before).total_seconds() >= 50
    assert room.dealer.looked == 0


async def test_a_provider_that_is_always_too_busy_is_not_asked_for_ever(room):
    room.dealer.answers(*[Refuses(FAILURE, Remedy.AGAIN)] * (REFUSALS + 1))
    before = room.clock()
    done = await room.finish((await room.order(DEAR)).id)

    assert models_of(room) == ["kling-v3"]
    assert (done.ended_at - before).total_seconds() > 1_800


async def test_moderation_is_never_tried_again_unchanged(room):
    rejected = replace(FAILURE, code="content_rejected", retryable=False)
    room.dealer.will(RenderFailed(failure=rejected, charged="unknown", remedy=Remedy.STOP))
    failed = await room.finish((await room.order(DEAR)).id)

    assert (failed.stage, failed.failure) == (Stage.FAILED, rejected)
    assert len(room.dealer.sold) == 1


async def test_an_order_that_is_refused_for_good_ends_the_film_free_of_charge(room):
    room.dealer.answers(Refuses(FAILURE, Remedy.STOP))
    done = await room.finish((await room.order(DEAR)).id)

    assert (done.stage, done.charged, done.failure) == (Stage.FAILED, "no", FAILURE)
    assert (await room.balance()).reserved.micros == 0


# -- sound -----------------------------------------------------------------------------------------


async def test_refused_sound_is_tried_once_more_then_left_out(room):
    room.dealer.will(ends(Remedy.WITHOUT_SOUND), ends(Remedy.WITHOUT_SOUND))
    done = await room.finish((await room.order(CHEAP)).id)

    assert done.stage is Stage.FINISHED
    assert [sold.order.sound for sold in room.dealer.sold] == [True, True, False]
    assert done.spent == Money.usd("0.80")


async def test_without_sound_too_it_is_the_end(room):
    room.dealer.will(*[ends(Remedy.WITHOUT_SOUND)] * 3)
    failed = await room.finish((await room.order(CHEAP)).id)

    assert (failed.stage, failed.failure) == (Stage.FAILED, FAILURE)
    assert len(room.dealer.sold) == 3


async def test_a_model_that_always_has_sound_is_tried_once_more_and_that_is_the_end(room):
    room.catalogue.mark({"wan-3": None})
    room.dealer.will(*[ends(Remedy.WITHOUT_SOUND)] * 2)
    failed = await room.finish((await room.order(replace(CHEAP, model_key="wan-3"))).id)

    assert failed.stage is Stage.FAILED
    assert [sold.order.sound for sold in room.dealer.sold] == [True, True]


async def test_a_yes_to_another_try_remembers_that_it_is_to_be_without_sound(room):
    """Each refusal was charged for: a person is asked, and does not pay for the same mistake again."""
    room.dealer.will(*[ends(Remedy.WITHOUT_SOUND, charged="yes")] * 2)
    job = await room.order(CHEAP)
    advance = room.advance()
    for _ in range(2):
        await room.until(job.id, Stage.PROPOSED, advance)
        await room.approve(job.id)
    done = await room.finish(job.id, advance)

    assert done.stage is Stage.FINISHED
    assert [sold.order.sound for sold in room.dealer.sold] == [True, True, False]
    assert done.spent == Money.usd("3.20")


# -- another model ---------------------------------------------------------------------------------


async def test_a_model_that_cannot_be_had_is_replaced_within_the_quote_and_named(room):
    room.dealer.answers(Refuses(FAILURE, Remedy.ANOTHER_MODEL))
    done = await room.finish((await room.order(DEAR)).id)

    (told,) = [each for each in await room.events("video.changed") if each.model_key]
    (notice,) = done.creative.warnings
    assert (done.stage, told.model_key) == (Stage.FINISHED, "kling-v3")
    assert (done.creative.model_key, done.creative.requested_key) == ("kling-v3", "seedance-2.0")
    assert notice.code == "model_substituted"
    assert "Seedance" in notice.message
    assert "Kling" in notice.message
    assert (await room.balance()).spent == done.quote.total == Money.usd("2.688")


async def test_another_model_that_uses_images_otherwise_says_so(room):
    await room.store_reference()
    room.dealer.answers(Refuses(FAILURE, Remedy.ANOTHER_MODEL))
    two = (REFERENCE, replace(REFERENCE, upload_id=None, given_url="https://x.example/2.png"))
    done = await room.finish((await room.order(replace(DEAR, references=two))).id)

    codes = [notice.code for notice in done.creative.warnings]
    assert codes == ["references_not_supported", "reference_opens_film", "model_substituted"]
    (order,) = [sold.order for sold in room.dealer.sold]
    assert (order.image_input.name, len(order.images)) == ("start_image", 1)


async def test_models_that_failed_are_not_tried_twice(room):
    room.dealer.answers(*[Refuses(FAILURE, Remedy.ANOTHER_MODEL)] * 20)
    job = await room.order(DEAR)
    advance, asked = room.advance(), []
    now = await room.finish_or_ask(job.id, advance)
    for _ in read_models():
        if now.stage is Stage.PROPOSED:
            asked.append(now.quote.model_key)
            await room.approve(job.id)
        now = await room.finish_or_ask(job.id, advance)

    assert now.failure == FAILURE
    assert now.charged == "no"
    assert len(set(now.failed_models)) == len(now.failed_models) >= 3
    assert set(asked) <= {*now.failed_models, now.quote.model_key}


async def test_where_no_model_may_stand_in_the_film_ends_with_its_own_model(room):
    room.catalogue = Catalogue(
        models=read_models(), missing={}, substitution="refuse", default_model="sora-2-pro"
    )
    room.dealer.answers(Refuses(FAILURE, Remedy.ANOTHER_MODEL))
    failed = await room.finish((await room.order(DEAR)).id)

    assert (failed.stage, failed.failure, room.dealer.sold) == (Stage.FAILED, FAILURE, [])


async def test_nobody_makes_a_shape_that_no_other_model_has(room):
    square = replace(DEAR, model_key="runway-gen4.5", aspect_ratio=AspectRatio.SQUARE)
    room.dealer.answers(*[Refuses(FAILURE, Remedy.ANOTHER_MODEL)] * 20)
    job = await room.order(square)
    advance = room.advance()
    now = await room.finish_or_ask(job.id, advance)
    for _ in read_models():
        if now.stage is Stage.PROPOSED:
            await room.approve(job.id)
        now = await room.finish_or_ask(job.id, advance)

    assert now.stage is Stage.FAILED
    assert all(AspectRatio.SQUARE in room.catalogue.model(key).sizes for key in now.failed_models)


# -- beyond the quote --------------------------------------------------------------------------------


async def test_a_dearer_model_is_a_question(room):
    room.dealer.answers(Refuses(FAILURE, Remedy.ANOTHER_MODEL))
    job = await room.order(CHEAP)
    asked = await room.finish_or_ask(job.id, room.advance())

    (told,) = await room.events("video.proposed")
    assert (asked.stage, told.reason) == (Stage.PROPOSED, "fallback")
    assert (told.quote.model_key, told.quote.requested_key) == ("kling-v3", "veo-3.1-fast")
    assert told.quote.total == Money.usd("2.688")
    assert room.dealer.sold == []
    assert (await room.balance()).reserved == Money.usd("1.20"), "the yes so far stands"


async def test_after_the_yes_it_goes_on_without_buying_again_what_is_there(room):
    room.dealer.will(None, None, ends(Remedy.ANOTHER_MODEL))
    job = await room.order(replace(CHEAP, length_s=24))
    advance = room.advance()
    asked = await room.finish_or_ask(job.id, advance)
    await room.approve(job.id)
    done = await room.finish(job.id, advance)

    assert models_of(room) == ["veo-3.1-fast"] * 3 + ["kling-v3"]
    assert [sold.order.clip for sold in room.dealer.sold] == [1, 2, 3, 3]
    assert asked.quote.lines[0].amount == Money.usd("2.40")
    assert done.spent == asked.quote.total == Money.usd("2.40") + Money.usd("2.688")


async def test_also_after_a_restart_in_between(room):
    room.dealer.will(None, ends(Remedy.ANOTHER_MODEL))
    job = await room.order(replace(CHEAP, length_s=16))
    await room.finish_or_ask(job.id, room.advance())
    room.clock.passes(hours=10)
    await room.approve(job.id)
    done = await room.finish(job.id)

    assert (done.stage, models_of(room)) == (
        Stage.FINISHED,
        ["veo-3.1-fast", "veo-3.1-fast", "kling-v3"],
    )


@pytest.mark.parametrize("answer", ["decline", "cancel", "expire"])
async def test_a_no_tells_what_was_spent_until_then(room, answer):
    room.dealer.will(None, ends(Remedy.ANOTHER_MODEL, charged="yes"))
    job = await room.order(replace(CHEAP, length_s=16))
    advance = room.advance()
    await room.finish_or_ask(job.id, advance)
    match answer:
        case "decline":
            await room.decline(job.id)
        case "cancel":
            await room.cancel(job.id)
        case _:
            room.clock.passes(hours=25)
    done = await room.finish(job.id, advance)

    (told,) = await room.events("video.cancelled")
    reason = {"decline": "declined", "cancel": "cancelled", "expire": "expired"}[answer]
    assert (told.reason, told.charged, told.cost) == (reason, "yes", Money.usd("2.40"))
    assert (await room.balance()).spent == done.spent == Money.usd("2.40")
    assert not (await room.balance()).reserved
    assert not (room.work / job.id).exists()


async def test_a_program_cannot_be_asked_and_is_told_so(room):
    room.dealer.answers(Refuses(FAILURE, Remedy.ANOTHER_MODEL))
    failed = await room.finish((await room.order(CHEAP, origin=Origin.PROGRAM)).id)

    assert (failed.stage, failed.failure.code) == (Stage.FAILED, "model_unavailable")
    assert failed.failure.message.startswith(FAILURE.message)
    assert "video.proposed" not in await room.told()


async def test_what_was_charged_for_nothing_counts_towards_what_was_agreed(room):
    """Kling alone would be within the quote; after a charged failure it is not."""
    room.dealer.will(ends(Remedy.ANOTHER_MODEL, charged="yes"))
    job = await room.order(DEAR)
    asked = await room.finish_or_ask(job.id, room.advance())

    assert asked.stage is Stage.PROPOSED
    assert asked.quote.total == Money.usd("3.60") + Money.usd("2.688")


async def test_also_where_nobody_knows_whether_it_was_charged(room):
    room.dealer.will(ends(Remedy.AGAIN, charged="unknown"))
    job = await room.order(DEAR)
    asked = await room.finish_or_ask(job.id, room.advance())
    await room.decline(job.id)

    assert (asked.stage, asked.quote.model_key) == (Stage.PROPOSED, "seedance-2.0")
    (told,) = await room.events("video.cancelled")
    assert (told.charged, told.cost) == ("unknown", None)
    assert (await room.balance()).spent == Money.usd("3.60")


async def test_a_fraction_of_a_second_that_was_billed_beyond_the_quote_asks_nobody(room):
    """What failed for nothing is tried again for no more than would have been paid anyway."""
    room.dealer.bills = 8.04
    room.dealer.will(None, ends(Remedy.AGAIN))
    done = await room.finish((await room.order(replace(CHEAP, length_s=16))).id)

    assert done.stage is Stage.FINISHED
    assert "video.proposed" not in await room.told()
    assert done.spent > done.quote.total


async def test_a_bill_far_beyond_the_quote_asks_before_the_next_clip_is_bought(room):
    room.dealer.bills = 12.0
    job = await room.order(replace(CHEAP, length_s=16))
    asked = await room.finish_or_ask(job.id, room.advance())

    (told,) = await room.events("video.proposed")
    assert (asked.stage, told.reason, len(room.dealer.sold)) == (Stage.PROPOSED, "price", 1)
    assert told.quote.total == asked.spent + job.quote.total.for_part(0.5)
    assert [each.code for each in told.quote.warnings] == ["billed_more_than_quoted"]


async def test_after_the_yes_to_it_the_rest_is_made_and_nobody_is_asked_again(room):
    room.dealer.bills = 12.0
    job = await room.order(replace(CHEAP, length_s=16))
    await room.finish_or_ask(job.id, room.advance())
    await room.approve(job.id)
    done = await room.finish(job.id)

    assert (done.stage, len(room.dealer.sold)) == (Stage.FINISHED, 2)
    assert (await room.told()).count("video.proposed") == 1


async def test_a_program_hears_that_the_bill_was_far_beyond_the_quote(room):
    room.dealer.bills = 12.0
    job = await room.order(replace(CHEAP, length_s=16), origin=Origin.PROGRAM)
    failed = await room.finish(job.id)

    assert (failed.failure.code, failed.charged) == ("model_unavailable", "yes")
    assert "billed more" in failed.failure.message
    assert len(room.dealer.sold) == 1


async def test_the_orders_that_came_to_nothing_are_kept_in_the_books(room):
    room.dealer.will(ends(Remedy.AGAIN), ends(Remedy.ANOTHER_MODEL))
    await room.finish((await room.order(DEAR)).id)

    kept = [await room.records.purchase(sold.id) for sold in room.dealer.sold]
    assert [each.outcome for each in kept] == [Outcome.FAILED, Outcome.FAILED, Outcome.RENDERED]
    assert [each.cost for each in kept] == [Money(), Money(), Money.usd("2.688")]
