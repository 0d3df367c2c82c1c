"""Purchases equal clips, whatever is killed, lost, late or frozen."""

import random
import shutil
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.dealer import GRACE_S, NeverCame, Unheard
from tests.fakes.mortal import Killed, Moody, Mortal
from tests.fakes.samples import REFERENCE, a_request
from tools.domain.clips import Outcome
from tools.domain.identity import PredictionId
from tools.domain.jobs import Stage
from tools.domain.transitions import bought, fenced
from tools.errors import ProviderUnavailable, StorageUnavailable
from tools.rendering.ordering import DOUBTS
from tools.rendering.ports import JobMoved, OrderInDoubt

ONE_CLIP = a_request(model_key="kling-v3", length_s=8)
CHAIN = a_request(model_key="kling-v3", length_s=40)
THEIRS = PredictionId("theirs")


def unreachable(call):
    if call != "submit: before":
        raise ProviderUnavailable("It cannot be reached.")


async def lives(room, job_id, breaths):
    """One life of the process, until it is killed or the job is over."""
    mortal = Mortal(room.records, breaths)
    room.dealer.may = mortal.breathe
    try:
        await room.finish(job_id, room.advance(records=mortal))
    except Killed:
        return False
    finally:
        room.dealer.may = lambda _call: None
    return True


@pytest.mark.parametrize("request_", [ONE_CLIP, CHAIN], ids=["one clip", "a chain"])
async def test_killed_at_every_single_breath_each_clip_is_bought_once(room, request_):
    jobs, clips, is_over = 0, 0, False
    while not is_over:
        breath = jobs + 1
        job = await room.order(replace(request_, prompt=f"{request_.prompt} {breath}"))
        jobs += 1
        is_over = await lives(room, job.id, breath)
        done = await room.finish(job.id)
        assert done.stage is Stage.FINISHED, breath
        clips += len(done.clips)

    assert jobs > 10
    assert len(room.dealer.sold) == clips
    assert len(set(room.dealer.clips)) == len(room.dealer.clips)
    assert len(await room.creatives()) == jobs
    assert len(await room.events("message.added")) == jobs


async def test_killed_again_and_again_at_random_each_clip_is_bought_once(room):
    chance = random.Random(7)
    for number in range(12):
        job = await room.order(replace(CHAIN, prompt=f"Film {number}"))
        while not await lives(room, job.id, chance.randint(1, 9)):
            room.clock.passes(seconds=chance.choice([0, 1, 90]))
        assert (await room.records.load(job.id)).stage is Stage.FINISHED

    assert len(room.dealer.sold) == 12 * 3
    assert len(set(room.dealer.clips)) == 12 * 3


async def test_a_late_list_is_waited_for_from_now_on_and_not_from_the_mark(room):
    room.dealer.list_lag_s = GRACE_S - 1
    job = await room.order(ONE_CLIP)
    # Killed before the order, a long time passes; then killed just after it.
    for killed_at in ("submit: before", "submit: after"):

        def may(call, killed_at=killed_at):
            if call == killed_at:
                raise Killed

        room.dealer.may = may
        with pytest.raises(Killed):
            await room.finish(job.id, room.advance())
        room.clock.passes(seconds=300 if killed_at == "submit: before" else 0)
    room.dealer.may = lambda _call: None

    assert (await room.finish(job.id)).stage is Stage.FINISHED
    assert len(room.dealer.sold) == 1


async def test_an_answer_that_is_lost_is_looked_for_and_its_order_adopted(room):
    room.dealer.answers(Unheard())
    done = await room.finish((await room.order(ONE_CLIP)).id)

    assert (done.stage, len(room.dealer.sold)) == (Stage.FINISHED, 1)


async def test_an_order_that_never_came_is_placed_again_after_the_grace(room):
    room.dealer.answers(NeverCame())
    before = room.clock()
    done = await room.finish((await room.order(ONE_CLIP)).id)

    assert (done.stage, len(room.dealer.sold)) == (Stage.FINISHED, 1)
    assert (room.dealer.sold[0].at - before).total_seconds() >= GRACE_S


async def test_two_orders_for_the_same_words_are_each_somebody_s_own(room):
    room.dealer.answers(Unheard(), Unheard())
    first, second = await room.order(ONE_CLIP), await room.order(ONE_CLIP)
    one, other = room.advance(), room.advance()
    await room.until(first.id, Stage.SUBMITTING, one)
    await room.until(second.id, Stage.SUBMITTING, other)
    done = [await room.finish(first.id, one), await room.finish(second.id, other)]

    assert len(room.dealer.sold) == 2
    assert len({job.clips[0].prediction_id for job in done}) == 2


class Sleepy:
    """Records that take `seconds` for so many of their next commits."""

    def __init__(self, room, *, times, seconds=GRACE_S):
        self._room, self._times, self._seconds = room, times, seconds

    async def commit(self, change):
        kept = await self._room.records.commit(change)
        if self._times > 0:
            self._times -= 1
            self._room.clock.passes(seconds=self._seconds)
        return kept

    def __getattr__(self, name):
        return getattr(self._room.records, name)


async def test_a_process_that_slept_between_the_mark_and_the_order_places_none(room):
    job = await room.order(ONE_CLIP)
    sleeper = room.advance()
    await room.until(job.id, Stage.SUBMITTING, sleeper)

    await room.advance(records=Sleepy(room, times=1)).step(job.id)

    assert room.dealer.sold == []
    assert (await room.finish(job.id)).stage is Stage.FINISHED
    assert len(room.dealer.sold) == 1


async def test_a_mark_that_was_slow_to_write_is_made_anew_and_nothing_looked_for(room):
    job = await room.order(ONE_CLIP)
    sleeper = room.advance(records=Sleepy(room, times=1))
    await room.until(job.id, Stage.SUBMITTING, room.advance())
    await sleeper.step(job.id)
    before = room.clock()
    await sleeper.step(job.id)

    assert len(room.dealer.sold) == 1
    assert room.clock() == before


async def test_who_slept_and_finds_that_somebody_else_marked_it_meanwhile_places_none(room):
    job = await room.order(ONE_CLIP)
    sleeper = room.advance(records=Sleepy(room, times=1))
    await room.until(job.id, Stage.SUBMITTING, room.advance())
    await sleeper.step(job.id)
    now = await room.records.load(job.id)
    await room.records.commit(fenced(now, life="another", at=room.clock()))
    await sleeper.step(job.id)

    assert room.dealer.sold == []
    assert (await room.finish(job.id, sleeper)).stage is Stage.FINISHED
    assert len(room.dealer.sold) == 1


async def test_an_order_that_somebody_else_wrote_down_first_is_cancelled_as_a_stray(room):
    job = await room.order(ONE_CLIP)
    records = Moody(room.records)
    records.refuse("bought", JobMoved())
    ours = room.advance(records=records)
    await room.until(job.id, Stage.SUBMITTING, ours)
    await ours.step(job.id)
    (sold,) = room.dealer.sold
    room.dealer.sold.append(replace(sold, id=THEIRS))
    await room.records.commit(bought(await room.records.load(job.id), THEIRS, at=room.clock()))
    await ours.step(job.id)

    assert sold.is_cancelled
    assert (await room.records.purchase(sold.id)).outcome is Outcome.STRAY
    assert (await room.finish(job.id, ours)).clips[0].prediction_id == THEIRS
    assert not room.dealer.sold[1].is_cancelled


async def test_a_sleepers_order_whose_answer_was_lost_is_looked_for_and_cancelled(room):
    """Asleep with the order in its hand, it is too late for any check: another life has bought it."""
    job = await room.order(ONE_CLIP)
    sleeper, other = room.advance(), room.advance()
    await room.until(job.id, Stage.SUBMITTING, sleeper)
    submit = room.dealer.submit

    async def late(order):
        room.dealer.submit = submit
        await room.until(job.id, Stage.RENDERING, other)
        room.dealer.answers(Unheard())
        return await submit(order)

    room.dealer.submit = late
    done = await room.finish(job.id, sleeper)

    theirs, ours = room.dealer.sold
    assert done.clips[0].prediction_id == theirs.id
    assert (ours.is_cancelled, theirs.is_cancelled) == (True, False)
    assert (await room.records.purchase(ours.id)).outcome is Outcome.STRAY


async def test_an_order_that_another_film_took_for_its_own_is_replaced_by_that_one_s(room):
    """Of the same words, to a model that takes no seed: nothing tells one order from the other."""
    room.dealer.knows_seeds = False
    room.dealer.answers(Unheard())
    first, second = await room.order(ONE_CLIP), await room.order(ONE_CLIP)
    records = Moody(room.records)
    one, other = room.advance(), room.advance(records=records)
    await room.until(first.id, Stage.SUBMITTING, one)
    await room.until(second.id, Stage.SUBMITTING, other)
    records.refuse("bought", StorageUnavailable("Full."))
    await one.step(first.id)
    await other.step(second.id)
    room.dealer.sold.reverse()  # The first one to be found is the other's.
    await room.until(first.id, Stage.RENDERING, one)
    done = [await room.finish(first.id, one), await room.finish(second.id, other)]

    assert [each.stage for each in done] == [Stage.FINISHED] * 2
    assert len({each.clips[0].prediction_id for each in done}) == len(room.dealer.wanted) == 2


async def test_the_grace_of_one_order_is_not_the_grace_of_the_next(room):
    """The mark at the second clip is another's: it may have placed its order a moment ago."""
    room.dealer.list_lag_s = GRACE_S - 1
    room.dealer.answers(Unheard())
    job = await room.order(CHAIN)
    ours = room.advance()
    await room.until(job.id, Stage.SUBMITTING, ours)
    await ours.step(job.id)
    await ours.heard(job.id, 1, room.dealer.sold[0].id)
    room.clock.passes(seconds=GRACE_S)
    await room.until(job.id, Stage.SUBMITTING, ours)

    def may(call):
        if call == "submit: after":
            raise Killed

    room.dealer.may = may
    with pytest.raises(Killed):
        await room.finish(job.id, room.advance())
    room.dealer.may = lambda _call: None

    assert (await room.finish(job.id, ours)).stage is Stage.FINISHED
    assert len(room.dealer.sold) == 3


@pytest.mark.parametrize("error", [OrderInDoubt(), ValueError("a bug")], ids=["lost", "bug"])
async def test_orders_that_never_arrive_are_not_placed_for_ever(room, error):
    job = await room.order(ONE_CLIP)

    def may(call):
        if call == "submit: before":
            raise error

    room.dealer.may = may
    failed = await room.finish(job.id)

    assert (failed.failure.code, failed.charged) == ("provider_unavailable", "no")
    assert room.dealer.looked == DOUBTS
    assert (await room.balance()).reserved.micros == 0


async def test_an_order_in_doubt_is_known_again_without_bringing_its_images_again(room):
    await room.store_reference()
    room.dealer.answers(Unheard())
    job = await room.order(replace(ONE_CLIP, references=(REFERENCE,)))
    advance = room.advance()
    await room.until(job.id, Stage.SUBMITTING, advance)
    await advance.step(job.id)
    await room.storage.remove(REFERENCE.path)
    shutil.rmtree(room.work)

    assert (await room.finish(job.id)).stage is Stage.FINISHED
    assert len(room.dealer.sold) == 1


async def test_an_answer_that_cannot_be_written_down_is_not_forgotten(room):
    """The disk is full right after the order was taken."""
    records = Moody(room.records)
    records.refuse("bought", StorageUnavailable("Full."), times=20)
    done = await room.finish((await room.order(ONE_CLIP)).id, room.advance(records=records))

    assert (done.stage, len(room.dealer.sold), room.dealer.looked) == (Stage.FINISHED, 1, 0)


@pytest.mark.parametrize("ahead_s", [-200, 200])
async def test_a_provider_whose_clock_is_not_ours_is_sold_no_second_order_for_that(room, ahead_s):
    room.dealer.clock_ahead_s = ahead_s
    room.dealer.answers(Unheard())
    done = await room.finish((await room.order(ONE_CLIP)).id)

    assert (done.stage, len(room.dealer.sold)) == (Stage.FINISHED, 1)


@pytest.mark.parametrize("jump_s", [-7200, -30, 30, 7200])
async def test_a_clock_that_is_set_while_an_order_is_in_doubt_buys_no_second_one(room, jump_s):
    room.dealer.answers(Unheard())
    job = await room.order(ONE_CLIP)
    advance = room.advance()
    await room.until(job.id, Stage.SUBMITTING, advance)
    await advance.step(job.id)
    room.jump(jump_s)
    # The provider's clock was right all the time, and ours is now.
    room.dealer.sold[0].at += timedelta(seconds=jump_s)

    assert (await room.finish(job.id)).stage is Stage.FINISHED
    assert len(room.dealer.sold) == 1


@pytest.mark.parametrize("jump_s", [-7200, 7200])
async def test_a_clock_that_is_set_while_a_film_is_made_changes_nothing(room, jump_s):
    job = await room.order(CHAIN)
    advance = room.advance()
    await room.until(job.id, Stage.RENDERING, advance)
    await advance.step(job.id)
    room.jump(jump_s)

    assert (await room.finish(job.id, advance)).stage is Stage.FINISHED
    assert not [each for each in room.dealer.sold if each.is_cancelled]
