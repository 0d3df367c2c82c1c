"""A film longer than a model makes in one piece: clips, each of which goes on where the last one ended."""

from dataclasses import replace

import pytest
from PIL import Image as Picture

from tests.fakes.mortal import Killed, Line, Mortal
from tests.fakes.samples import FAILURE, REFERENCE, a_request
from tools.domain.clips import Outcome
from tools.domain.jobs import Stage
from tools.rendering.ports import Remedy, RenderFailed

KLING = a_request(model_key="kling-v3", length_s=40)
VEO = a_request(model_key="sora-2-pro", length_s=60)
CHAINS = pytest.mark.parametrize(
    ("request_", "model", "lengths"),
    [(KLING, "kling-v3", [15, 15, 10]), (VEO, "veo-3.1", [8, 8, 8, 8, 8, 8, 8, 4])],
    ids=["40 s of Kling", "60 s of Veo, in the place of Sora"],
)


async def files_of(room, job):
    return sorted(each.name for each in (room.work / job.id).glob("clip-?.mp4"))


@CHAINS
async def test_its_clips_are_ordered_one_after_the_other(room, request_, model, lengths):
    done = await room.finish((await room.order(request_)).id)

    orders = [sold.order for sold in room.dealer.sold]
    assert [(each.clip, each.length_s) for each in orders] == list(enumerate(lengths, start=1))
    assert {each.model.key for each in orders} == {model}
    assert sum(lengths) == request_.length_s == done.request.length_s


@CHAINS
async def test_every_clip_but_the_first_begins_with_the_last_picture_of_the_one_before(
    room, request_, model, lengths
):
    handed = []
    submit = room.dealer.submit

    async def look(order):
        for image in order.images:
            with Picture.open(image.file) as picture:
                handed.append((order.clip, order.image_input.name, picture.size, picture.mode))
        return await submit(order)

    room.dealer.submit = look
    await room.finish((await room.order(request_)).id)

    first_frame = room.catalogue.model(model).continues.name
    later = range(2, len(lengths) + 1)
    assert handed == [(number, first_frame, (1920, 1080), "RGB") for number in later]
    assert room.editor.last_of == [f"clip-{number - 1}.mp4" for number in later]


@CHAINS
async def test_references_are_for_the_first_clip_alone(room, request_, model, lengths):
    await room.store_reference()
    await room.finish((await room.order(replace(request_, references=(REFERENCE,)))).id)

    roles = [[image.role for image in sold.order.images] for sold in room.dealer.sold]
    assert roles == [[REFERENCE.role], *([None] for _ in lengths[1:])]


async def test_a_seed_of_its_own_for_each_clip_and_the_same_one_for_each_try(room):
    room.dealer.will(RenderFailed(failure=FAILURE, charged="no", remedy=Remedy.AGAIN))
    await room.finish((await room.order(KLING)).id)

    seeds = [sold.order.seed for sold in room.dealer.sold]
    assert seeds[0] == seeds[1]
    assert len(set(seeds)) == 3


@CHAINS
async def test_it_is_put_together_from_all_clips_in_their_order(room, request_, model, lengths):
    done = await room.finish((await room.order(request_)).id)

    assert room.editor.assembled == [lengths]
    assert done.creative.film.length_s == request_.length_s
    stored = await room.editor.measure(room.storage.locate(done.creative.film.path))
    assert stored.length_s == request_.length_s


async def test_what_is_told_of_it_says_which_clip_of_how_many(room):
    await room.finish((await room.order(KLING)).id)

    told = [(each.stage, each.clip, each.clips) for each in await room.events("video.changed")]
    assert told == [
        ("submitting", 1, 3),
        ("rendering", 1, 3),
        ("submitting", 2, 3),
        ("rendering", 2, 3),
        ("submitting", 3, 3),
        ("rendering", 3, 3),
        ("storing", None, None),
    ]


async def test_a_single_clip_is_not_counted(room):
    await room.finish((await room.order(replace(KLING, length_s=8))).id)

    assert {each.clip for each in await room.events("video.changed")} == {None}


# -- whatever happens in the middle ----------------------------------------------------------------


@pytest.mark.parametrize("breaths", range(16, 40, 3))
async def test_killed_in_the_middle_it_goes_on_and_keeps_its_clips(room, breaths):
    job = await room.order(KLING)
    mortal = Mortal(room.records, breaths)
    line = Line(room.dealer, mortal.breathe)
    with pytest.raises(Killed):
        await room.finish(job.id, room.advance(records=mortal, replicate=line))
    before = len(room.dealer.sold)
    collected = await files_of(room, job)
    made = {name: (room.work / job.id / name).stat().st_mtime_ns for name in collected}

    done = await room.finish(job.id, _keeping(room, job, made))

    assert done.stage is Stage.FINISHED
    assert before >= 1
    assert [sold.order.clip for sold in room.dealer.sold] == [1, 2, 3]


def _keeping(room, job, made):
    """An `Advance` whose clips are looked at just before they are put together."""
    assemble = room.editor.assemble

    async def look(clips, into, **how):
        now = {each.file.name: each.file.stat().st_mtime_ns for each in clips}
        assert {name: now[name] for name in made} == made
        return await assemble(clips, into, **how)

    room.editor.assemble = look
    return room.advance()


async def test_a_clip_file_that_somebody_deleted_is_collected_again_before_the_next_order(room):
    job = await room.order(KLING)
    advance = room.advance()
    await room.until(job.id, Stage.RENDERING, advance)
    await room.until(job.id, Stage.SUBMITTING, advance)
    (room.work / job.id / "clip-1.mp4").unlink()

    assert (await room.finish(job.id)).stage is Stage.FINISHED
    assert len(room.dealer.sold) == 3


async def test_a_clip_file_that_somebody_deleted_is_collected_again_at_the_end(room):
    job = await room.order(KLING)
    advance = room.advance()
    await room.until(job.id, Stage.STORING, advance)
    (room.work / job.id / "clip-2.mp4").unlink()

    assert (await room.finish(job.id)).stage is Stage.FINISHED
    assert room.editor.assembled == [[15, 15, 10]]


async def test_a_clip_that_can_no_longer_be_had_ends_the_film_before_more_is_bought(room):
    job = await room.order(KLING)
    advance = room.advance()
    await room.until(job.id, Stage.RENDERING, advance)
    await room.until(job.id, Stage.SUBMITTING, advance)
    (room.work / job.id / "clip-1.mp4").unlink()
    room.dealer.sold[0].was_stopped = True

    failed = await room.finish(job.id)

    assert (failed.failure.code, failed.charged) == ("output_lost", "yes")
    assert len(room.dealer.sold) == 1
    assert (await room.balance()).spent == failed.clips[0].price


async def test_a_third_clip_that_fails_is_tried_again_and_the_others_stay(room):
    crowded = RenderFailed(failure=FAILURE, charged="no", remedy=Remedy.AGAIN)
    room.dealer.will(None, None, crowded, crowded)
    done = await room.finish((await room.order(KLING)).id)

    assert done.stage is Stage.FINISHED
    assert [sold.order.clip for sold in room.dealer.sold] == [1, 2, 3, 3, 3]
    assert done.spent == done.quote.total


async def test_a_third_clip_that_cannot_be_made_is_made_by_another_model(room):
    """The rest goes on from the last picture too, in the new model's own size and input."""
    gone = RenderFailed(failure=FAILURE, charged="no", remedy=Remedy.ANOTHER_MODEL)
    room.dealer.will(None, None, gone)
    job = await room.order(replace(KLING, model_key="seedance-2.0"))
    done = await room.finish(job.id)

    assert done.stage is Stage.FINISHED
    orders = [sold.order for sold in room.dealer.sold]
    assert [each.model.key for each in orders] == ["seedance-2.0"] * 3 + ["kling-v3"]
    assert (orders[3].clip, orders[3].image_input.name) == (3, "start_image")
    assert room.editor.assembled == [[each.seconds for each in done.clips]]
    assert sum(each.seconds for each in done.clips) == 40
    assert done.creative.model_key == "seedance-2.0"


async def test_a_third_clip_that_is_never_made_leaves_the_others_paid_for(room):
    room.dealer.will(None, None, RenderFailed(failure=FAILURE, charged="no"))
    failed = await room.finish((await room.order(KLING)).id)

    (told,) = await room.events("video.failed")
    paid = failed.clips[0].price + failed.clips[1].price
    assert (told.error, told.charged, told.cost) == (FAILURE, "yes", paid)
    assert (await room.balance()).spent == paid
    outcomes = [(await room.records.purchase(each.id)).outcome for each in room.dealer.sold]
    assert outcomes == [Outcome.RENDERED, Outcome.RENDERED, Outcome.FAILED]
