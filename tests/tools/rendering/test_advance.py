import asyncio

import av
import pytest

from tests.fakes.mortal import Moody
from tests.fakes.painter import Gate, Painter, Stalls
from tests.fakes.samples import REFERENCE, a_job, a_request
from tools.domain.creatives import ReviewStatus
from tools.domain.frames import Frame
from tools.domain.identity import PredictionId
from tools.domain.jobs import Stage
from tools.domain.transitions import bought
from tools.errors import (
    NotFound,
    ProviderRefused,
    ProviderUnavailable,
    StorageUnavailable,
)

WHOLE_LIFE = [
    "video.queued",
    "video.changed refining",
    "video.changed uploading",
    "video.changed submitting",
    "video.changed rendering",
    "video.changed storing",
    "creative.added",
    "message.added",
]
DEMANDING = a_request(refinement_prompt="warmer", references=(REFERENCE,))


# -- a whole life ----------------------------------------------------------------------------------


async def test_a_film_goes_through_every_stage_that_it_needs(room):
    await room.store_reference()
    job = await room.begin(a_job(request=DEMANDING))

    done = await room.finish(job.id)

    assert done.stage is Stage.FINISHED
    assert await room.told() == WHOLE_LIFE


async def test_a_plain_film_skips_what_it_does_not_need(room):
    job = await room.begin()
    await room.finish(job.id)

    assert await room.told() == [WHOLE_LIFE[0], *WHOLE_LIFE[3:]]


async def test_the_creative_and_its_announcement_are_one_transaction_and_storing_an_earlier_one(
    room,
):
    job = await room.begin()
    await room.finish(job.id)

    assert room.commits[-2:] == [["video.changed"], ["creative.added", "message.added"]]


async def test_the_stored_film_is_the_one_that_was_made(room, film):
    job = await room.begin()
    done = await room.finish(job.id)

    stored = room.storage.locate(done.creative.film.path)
    with av.open(str(stored)) as opened:
        assert opened.streams.video[0].codec_context.name == "h264"
    assert stored.read_bytes() == film.read_bytes()
    assert done.creative.film.size_bytes == stored.stat().st_size
    assert (done.creative.film.length_s, done.creative.film.frame) == (6, Frame(64, 36))


async def test_poster_and_preview_are_stored_beside_the_film(room):
    job = await room.begin()
    made = (await room.finish(job.id)).creative.film

    stem = made.path.removesuffix(".mp4")
    assert made.path == "videos/generated/video-1.mp4"
    assert (made.poster_path, made.preview_path) == (f"{stem}.jpg", f"{stem}-preview.mp4")
    assert room.storage.locate(made.poster_path).is_file()
    assert room.storage.locate(made.preview_path).is_file()


async def test_a_creative_says_who_made_it_from_what_and_waits_for_a_person(room):
    job = await room.begin(a_job(request=a_request(refinement_prompt="warmer")))
    await room.finish(job.id)

    (creative,) = await room.creatives()
    assert creative.status is ReviewStatus.NEEDS_REVIEW
    assert (creative.model_key, creative.requested_key) == ("draft", "sora-2-pro")
    assert creative.request.prompt == job.request.prompt
    assert creative.refined_prompt == f"{job.request.prompt}, in draft"
    assert creative.film.provider == "local"


async def test_the_provider_is_given_the_refined_words_and_the_whole_order(room):
    await room.store_reference()
    job = await room.begin(a_job(request=DEMANDING))
    await room.finish(job.id)

    (order,) = room.painter.orders
    assert order.prompt == job.request.prompt
    assert order.sent_prompt == f"{job.request.prompt}, in draft"
    assert (order.length_s, order.frame) == (6, Frame(1920, 1080))
    assert [image.role for image in order.images] == [REFERENCE.role]


async def test_a_prompt_that_was_refined_before_is_not_refined_again(room):
    asked = a_request(refinement_prompt="warmer", refined_prompt="A warm oat drink")
    job = await room.begin(a_job(request=asked))
    await room.finish(job.id)

    assert room.poet.asked == []
    assert room.painter.orders[0].sent_prompt == "A warm oat drink"


async def test_a_film_that_is_over_leaves_nothing_behind_but_what_was_stored(room):
    job = await room.begin()
    await room.finish(job.id)

    assert list(room.work.iterdir()) == []
    assert room.painter.at_work == set()


async def test_progress_is_absolute_and_grows_also_across_a_restart(room):
    room.painter = Painter(room.painter._film, polls=4)
    job = await room.begin()
    for _ in range(4):
        await room.advance().step(job.id)
        room.clock.passes(seconds=1)
    await room.finish(job.id)

    numbers = [each.n for each in room.progress]
    assert len(numbers) == 4
    assert numbers == sorted(set(numbers))
    assert [each.fraction for each in room.progress] == pytest.approx([0.2, 0.4, 0.6, 0.8])
    assert {each.stage for each in room.progress} == {"rendering"}


async def test_waiting_in_the_providers_queue_is_told_as_queued(room):
    room.painter.will(Stalls(in_line=True))
    job = await room.begin()
    moving = room.advance()
    wait_s: float | None = 0.0
    while not room.progress:
        wait_s = await moving.step(job.id)

    assert wait_s == room.painter.poll_interval_s
    assert (room.progress[0].stage, room.progress[0].queue_position) == ("queued", 3)


# -- restarts --------------------------------------------------------------------------------------


STEPS_OF_A_LIFE = 10


@pytest.mark.parametrize("steps", range(STEPS_OF_A_LIFE))
async def test_after_a_restart_at_any_step_the_film_is_made_once_and_told_once(room, steps):
    await room.store_reference()
    job = await room.begin(a_job(request=DEMANDING))
    before = room.advance()
    for _ in range(steps):
        await before.step(job.id)

    await room.finish(job.id, room.advance())

    assert await room.told() == WHOLE_LIFE
    assert len(await room.creatives()) == len(room.painter.orders) == 1


@pytest.mark.parametrize("steps", range(STEPS_OF_A_LIFE))
async def test_also_when_the_provider_forgot_everything_with_its_process(room, steps):
    await room.store_reference()
    job = await room.begin(a_job(request=DEMANDING))
    before = room.advance()
    for _ in range(steps):
        await before.step(job.id)
    room.painter.forget_everything()

    done = await room.finish(job.id, room.advance())

    assert done.stage is Stage.FINISHED
    assert len(await room.creatives()) == (await room.told()).count("message.added") == 1


@pytest.mark.parametrize("passes", range(0, 60, 3))
async def test_also_when_the_process_dies_in_the_middle_of_a_step(room, passes):
    job = await room.begin()
    dying = asyncio.create_task(room.finish(job.id))
    for _ in range(passes):
        await asyncio.sleep(0)
    dying.cancel()
    await asyncio.wait({dying})

    done = await room.finish(job.id, room.advance())

    assert done.stage is Stage.FINISHED
    assert len(await room.creatives()) == (await room.told()).count("message.added") == 1


async def test_a_film_that_was_stored_and_not_told_is_stored_again_over_itself(room):
    job = await room.begin()
    records = Moody(room.records)
    records.refuse("finished", StorageUnavailable("It died."))
    moving = room.advance(records=records)
    await room.until(job.id, Stage.STORING, moving)
    await moving.step(job.id)

    done = await room.finish(job.id, room.advance())

    folder = room.storage.locate(done.creative.film.path).parent
    assert len(list(folder.iterdir())) == 3


async def test_a_film_left_alone_for_a_night_is_finished_the_next_morning(room):
    job = await room.begin()
    moving = room.advance()
    await room.until(job.id, Stage.RENDERING, moving)
    room.clock.passes(hours=10)

    assert (await room.finish(job.id, room.advance())).stage is Stage.FINISHED


async def test_a_lost_film_left_alone_for_a_night_is_made_again_the_next_morning(room):
    job = await room.begin()
    moving = room.advance()
    await room.until(job.id, Stage.RENDERING, moving)
    room.clock.passes(hours=10)
    room.painter.forget_everything()

    assert (await room.finish(job.id, room.advance())).stage is Stage.FINISHED


async def test_a_step_of_a_job_that_is_over_changes_nothing(room):
    job = await room.begin()
    done = await room.finish(job.id)

    assert await room.advance().step(job.id) is None
    assert await room.records.load(job.id) == done


async def test_a_job_that_is_not_there_is_not_found(room):
    with pytest.raises(NotFound):
        await room.advance().step(a_job("job-nowhere").id)


# -- refinement ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [ProviderUnavailable("Try later."), ProviderRefused("No."), TimeoutError(), ValueError("bug")],
    ids=lambda error: type(error).__name__,
)
async def test_a_film_does_not_wait_for_better_words(room, error):
    room.poet.error = error
    job = await room.begin(a_job(request=a_request(refinement_prompt="warmer")))

    done = await room.finish(job.id)

    assert done.stage is Stage.FINISHED
    assert [notice.code for notice in done.creative.warnings] == ["refinement_unavailable"]
    assert room.painter.orders[0].sent_prompt == job.request.prompt
    assert len(room.poet.asked) == 1


async def test_a_film_whose_prompt_was_refined_by_somebody_else_says_so(room):
    room.poet.note = "Refined by rules: the language model did not answer."
    job = await room.begin(a_job(request=a_request(refinement_prompt="warmer")))

    done = await room.finish(job.id)

    told = [(notice.code, notice.message) for notice in done.creative.warnings]
    assert told == [("refinement_unavailable", room.poet.note)]
    assert room.painter.orders[0].sent_prompt != job.request.prompt


# -- others ----------------------------------------------------------------------------------------


async def test_an_order_that_could_not_be_written_down_is_not_placed_again(room):
    job = await room.begin()
    records = Moody(room.records)
    records.refuse("bought", StorageUnavailable("The disk is full."), times=2)

    assert (await room.finish(job.id, room.advance(records=records))).stage is Stage.FINISHED
    assert len(room.painter.orders) == 1


async def test_a_job_that_somebody_else_moved_is_read_again_and_goes_on(room):
    room.painter.submit_gate = Gate()
    job = await room.begin()
    moving = room.advance()
    await moving.step(job.id)
    step = asyncio.create_task(moving.step(job.id))
    await room.painter.submit_gate.reached.wait()
    theirs = PredictionId("somebody-else's")
    await room.records.commit(bought(await room.records.load(job.id), theirs, at=room.clock()))
    room.painter.submit_gate.open.set()

    assert await step == 0.0
    assert (await room.records.load(job.id)).clips[0].prediction_id == theirs
    assert (await room.finish(job.id, moving)).stage is Stage.FINISHED
    assert room.painter.cancelled == ["painting-1"]


async def test_two_drivers_of_one_job_make_one_film(room):
    job = await room.begin()

    outcomes = await asyncio.gather(*(room.finish(job.id) for _ in range(3)))

    assert {each.stage for each in outcomes} == {Stage.FINISHED}
    assert len(await room.creatives()) == (await room.told()).count("message.added") == 1
    assert room.painter.at_work == set()


async def test_two_films_at_once_do_not_meet(room):
    jobs = [await room.begin(a_job(f"job-{number}")) for number in (1, 2)]

    done = await asyncio.gather(*(room.finish(job.id) for job in jobs))

    assert len({each.creative.film.path for each in done}) == 2
    assert len({each.clips[0].prediction_id for each in done}) == 2


async def test_a_finished_film_settles_its_price_and_a_failed_one_nothing(room):
    paid = await room.begin(a_job("job-1", price="0.48"))
    assert (await room.finish(paid.id)).charged == "yes"

    free = await room.begin(a_job("job-2"))
    assert (await room.finish(free.id)).charged == "no"
