"""What was bought is not lost, nor told wrong: not to trouble, not to time, not to another process."""

from datetime import timedelta

import pytest

from tests.fakes.dealer import Unheard
from tests.fakes.samples import a_request
from tools.domain.jobs import Stage
from tools.errors import (
    OutputLost,
    ProviderRefused,
    ProviderUnavailable,
    UnsupportedMedia,
)
from tools.rendering.watching import FILM_LIMIT_S

PAID = a_request(model_key="kling-v3", length_s=10)
PAID_CHAIN = a_request(model_key="kling-v3", length_s=40)


class Trouble:
    """What befalls the next calls of one name."""

    def __init__(self, call: str, error: Exception, times: int) -> None:
        self._call, self._error, self._times = call, error, times

    def __call__(self, call: str) -> None:
        if call == self._call and self._times:
            self._times -= 1
            raise self._error


@pytest.mark.parametrize("call", ["poll", "collect: before"])
@pytest.mark.parametrize(
    "error",
    [ProviderUnavailable("Nobody answers."), ProviderRefused("Bad key."), ValueError("bug")],
    ids=["unreachable", "a refused key", "a bug"],
)
async def test_a_bought_clip_is_not_given_up_for_half_an_hour_of_trouble(room, call, error):
    room.dealer.may = Trouble(call, error, times=35)
    before = room.clock()
    done = await room.finish((await room.order(PAID)).id)

    assert (done.stage, len(room.dealer.sold)) == (Stage.FINISHED, 1)
    assert (room.clock() - before).total_seconds() > 1_800


async def test_a_provider_that_cannot_be_reached_any_more_ends_the_film_as_unknown(room):
    room.dealer.may = Trouble("poll", ProviderUnavailable("Nobody answers."), times=10_000)
    before = room.clock()
    failed = await room.finish((await room.order(PAID)).id)

    assert (failed.stage, failed.charged) == (Stage.FAILED, "unknown")
    assert (room.clock() - before).total_seconds() > 3_600, "longer than it keeps a film"


async def test_a_full_disk_while_a_clip_is_collected_buys_nothing_again(room):
    room.dealer.may = Trouble("collect: after", OSError(28, "No space left on device"), times=9)
    done = await room.finish((await room.order(PAID)).id)

    assert (done.stage, len(room.dealer.sold)) == (Stage.FINISHED, 1)
    assert done.spent == done.quote.total


async def test_a_film_that_was_paid_for_waits_a_day_for_a_place_to_be_stored(room):
    room.storage.refusals = 1_400
    before = room.clock()
    done = await room.finish((await room.order(PAID)).id, steps=2_000)

    assert (done.stage, len(room.dealer.sold)) == (Stage.FINISHED, 1)
    assert (room.clock() - before) > timedelta(hours=22)


async def test_a_clip_that_the_provider_deleted_is_told_as_lost_and_charged(room):
    expired = OutputLost("It was not fetched within the hour.")
    room.dealer.may = Trouble("collect: before", expired, times=10_000)
    failed = await room.finish((await room.order(PAID)).id)

    (told,) = await room.events("video.failed")
    assert (told.error.code, told.charged, told.cost) == ("output_lost", "yes", failed.quote.total)
    assert (await room.balance()).spent == failed.quote.total


async def test_a_truncated_clip_of_a_chain_ends_it_before_the_next_one_is_bought(room, tmp_path):
    whole = room.dealer._film

    def cut(seconds):
        broken = tmp_path / "broken.mp4"
        broken.write_bytes(whole(seconds).read_bytes()[:900])
        return broken

    room.dealer._film = cut
    failed = await room.finish((await room.order(PAID_CHAIN)).id)

    assert (failed.failure.code, failed.charged) == ("output_lost", "yes")
    assert len(room.dealer.sold) == 1


@pytest.mark.parametrize(("left_s", "alarms"), [(1_201, 0), (1_199, 1)])
async def test_an_operator_is_called_before_a_paid_film_is_deleted(room, caplog, left_s, alarms):
    job = await room.order(PAID)
    advance = room.advance()
    await room.until(job.id, Stage.RENDERING, advance)
    room.dealer.sold[0].polls = 0
    room.dealer.loses_it_at = room.clock() + timedelta(seconds=left_s)
    await advance.step(job.id)

    told = [each for each in caplog.records if each.levelname == "CRITICAL"]
    assert len(told) == alarms
    assert all(each.job_id == job.id for each in told)
    assert PAID.prompt not in caplog.text


async def test_an_operator_is_called_again_as_long_as_it_cannot_be_collected(room, caplog):
    room.dealer.loses_it_at = room.clock()
    room.dealer.may = Trouble("collect: before", ProviderUnavailable("Nobody answers."), times=3)
    await room.finish((await room.order(PAID)).id)

    assert len([each for each in caplog.records if each.levelname == "CRITICAL"]) == 4


async def test_a_paid_film_that_takes_too_long_is_stopped_at_the_provider(room):
    job = await room.order(PAID)
    advance = room.advance()
    await room.until(job.id, Stage.RENDERING, advance)
    room.dealer.sold[0].polls = 10_000
    await advance.step(job.id)
    room.clock.passes(seconds=FILM_LIMIT_S + 1)
    failed = await room.finish(job.id, advance)

    assert "took too long" in failed.failure.message
    assert room.dealer.sold[0].was_stopped
    assert failed.charged == "yes"


async def test_each_clip_of_a_chain_has_an_hour_of_its_own(room):
    """Also one whose order was heard of by a webhook, before its answer."""
    job = await room.order(PAID_CHAIN)
    advance = room.advance()
    for number in (1, 2, 3):
        room.dealer.answers(Unheard())
        await room.until_sold(number, job.id, advance)
        await advance.heard(job.id, number, room.dealer.sold[-1].id)
        room.dealer.sold[-1].polls = 2
        await advance.step(job.id)
        room.clock.passes(seconds=FILM_LIMIT_S - 100)
        await advance.step(job.id)

    assert (await room.finish(job.id, advance)).stage is Stage.FINISHED


# -- two processes ---------------------------------------------------------------------------------


async def test_what_goes_wrong_here_does_not_undo_what_another_process_has_finished(room):
    """The other one is done and has cleared the folder that we put the film together in."""
    job = await room.order(PAID)
    ours, theirs = room.advance(), room.advance()
    await room.until(job.id, Stage.STORING, ours)
    assemble = room.editor.assemble

    async def while_the_other_one_finishes(clips, into, **how):
        room.editor.assemble = assemble
        await room.finish(job.id, theirs)
        raise UnsupportedMedia("The clips are gone.")

    room.editor.assemble = while_the_other_one_finishes
    await ours.step(job.id)

    assert (await room.records.load(job.id)).stage is Stage.FINISHED
    assert "video.failed" not in await room.told()


async def test_what_goes_wrong_with_one_clip_says_nothing_of_the_next(room):
    job = await room.order(PAID_CHAIN)
    ours, theirs = room.advance(), room.advance()
    await room.until(job.id, Stage.RENDERING, ours)
    poll = room.dealer.poll

    async def while_the_other_one_goes_on(prediction_id):
        room.dealer.poll = poll
        await room.until(job.id, Stage.SUBMITTING, theirs)
        raise UnsupportedMedia("The clip is gone.")

    room.dealer.poll = while_the_other_one_goes_on
    await ours.step(job.id)

    assert (await room.finish(job.id, ours)).stage is Stage.FINISHED
    assert len(room.dealer.sold) == 3


# -- afterwards ------------------------------------------------------------------------------------


async def test_a_provider_that_forgets_badly_keeps_no_film_from_its_end(room):
    async def fail(prediction_id):
        raise OSError(5, "Input/output error")

    room.dealer.discard = fail
    done = await room.finish((await room.order(PAID)).id)

    assert done.stage is Stage.FINISHED
    assert not (room.work / done.id).exists()


async def test_what_an_earlier_life_left_is_swept_also_of_a_provider_that_is_gone(room):
    job = await room.order(PAID)
    done = await room.finish(job.id)
    for name in (done.id, "job-nobody's"):
        (room.work / name).mkdir()
        (room.work / name / "clip-1.mp4").write_bytes(b"left")
    alive = await room.order(PAID_CHAIN)
    await room.until(alive.id, Stage.RENDERING, room.advance())
    advance = room.advance()
    del advance._providers["replicate"]
    await advance.sweep()

    assert [each.name for each in room.work.iterdir()] in ([alive.id], [])
