"""Purchases equal clips, whatever is killed, lost, late or frozen."""

import random
from dataclasses import replace

import pytest

from tests.fakes.dealer import GRACE_S, NeverCame, Refuses, Unheard
from tests.fakes.mortal import Killed, Mortal
from tests.fakes.samples import FAILURE, a_request
from tools.domain.clips import Outcome
from tools.domain.identity import PredictionId
from tools.domain.jobs import Stage
from tools.rendering.ports import JobMoved, Remedy

ONE_CLIP = a_request(model_key="kling-v3", length_s=8)
CHAIN = a_request(model_key="kling-v3", length_s=40)


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
    breath, is_over = 0, False
    jobs = 0
    while not is_over:
        breath += 1
        job = await room.order(replace(request_, prompt=f"{request_.prompt} {breath}"))
        jobs += 1
        is_over = await lives(room, job.id, breath)
        done = await room.finish(job.id)
        assert done.stage is Stage.FINISHED, breath

    assert breath > 10
    assert len(room.dealer.sold) == jobs * len(done.clips)
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


async def test_a_process_that_slept_between_the_mark_and_the_order_places_none(room):
    job = await room.order(ONE_CLIP)
    sleeper = room.advance()
    await room.until(job.id, Stage.SUBMITTING, sleeper)

    class Sleepy:
        async def commit(self, change):
            kept = await room.records.commit(change)
            room.clock.passes(seconds=GRACE_S)
            return kept

        def __getattr__(self, name):
            return getattr(room.records, name)

    await room.advance(records=Sleepy()).step(job.id)

    assert room.dealer.sold == []
    assert (await room.finish(job.id)).stage is Stage.FINISHED
    assert len(room.dealer.sold) == 1


async def test_an_order_that_somebody_else_wrote_down_first_is_cancelled_as_a_stray(room):
    job = await room.order(ONE_CLIP)
    slow = room.advance()
    await room.until(job.id, Stage.SUBMITTING, slow)

    class Overtaken:
        """Another process places the order too and writes it down while ours is on its way."""

        def __init__(self):
            self.is_first = True

        async def commit(self, change):
            if self.is_first and change.purchases:
                self.is_first = False
                fresh = await room.records.load(job.id)
                other = replace(change, job=replace(fresh, version=fresh.version + 1))
                theirs = replace(other.job.clip, prediction_id=PredictionId("theirs"), fence=None)
                moved = replace(other.job, clips=(theirs,), stage=Stage.RENDERING)
                await room.records.commit(
                    replace(
                        change,
                        job=moved,
                        purchases=(
                            replace(change.purchases[0], prediction_id=PredictionId("theirs")),
                        ),
                    )
                )
                raise JobMoved
            return await room.records.commit(change)

        def __getattr__(self, name):
            return getattr(room.records, name)

    room.dealer.sold.clear()
    overtaken = room.advance(records=Overtaken())
    await overtaken.step(job.id)
    (ours,) = room.dealer.sold
    room.dealer.sold.append(replace(ours, id=PredictionId("theirs")))
    await overtaken.step(job.id)

    assert ours.is_cancelled
    stray = await room.records.purchase(ours.id)
    assert stray.outcome is Outcome.STRAY


# -- what a provider says by itself ------------------------------------------------------------------


async def test_a_webhook_that_beats_the_answer_is_the_order(room):
    room.dealer.answers(Unheard())
    job = await room.order(ONE_CLIP)
    advance = room.advance()
    await room.until(job.id, Stage.SUBMITTING, advance)
    await advance.step(job.id)
    (sold,) = room.dealer.sold

    assert await advance.heard(job.id, 1, sold.id)
    assert (await room.records.load(job.id)).stage is Stage.RENDERING
    assert (await room.finish(job.id, advance)).stage is Stage.FINISHED
    assert (len(room.dealer.sold), room.dealer.looked) == (1, 0)


async def test_a_webhook_of_an_order_that_nobody_waits_for_cancels_it(room):
    job = await room.order(ONE_CLIP)
    done = await room.finish(job.id)
    (sold,) = room.dealer.sold
    room.dealer.sold.append(replace(sold, id=PredictionId("p-stray")))

    advance = room.advance()
    assert await advance.heard(job.id, 1, PredictionId("p-stray"))
    assert await advance.step(job.id) is None
    assert room.dealer.sold[1].is_cancelled
    assert not room.dealer.sold[0].is_cancelled
    assert done.stage is Stage.FINISHED


async def test_a_webhook_about_a_known_order_only_wakes_its_job(room):
    job = await room.order(ONE_CLIP)
    advance = room.advance()
    await room.until(job.id, Stage.RENDERING, advance)

    assert await advance.heard(job.id, 1, room.dealer.sold[0].id)
    assert not room.dealer.sold[0].is_cancelled


# -- refusals -------------------------------------------------------------------------------------------


async def test_a_busy_provider_is_asked_again_when_it_says_so(room):
    room.dealer.answers(
        Refuses(FAILURE, Remedy.AGAIN, retry_after_s=50), Refuses(FAILURE, Remedy.AGAIN)
    )
    before = room.clock()
    done = await room.finish((await room.order(ONE_CLIP)).id)

    assert (done.stage, len(room.dealer.sold)) == (Stage.FINISHED, 1)
    assert (room.dealer.sold[0].at - before).total_seconds() >= 50
    assert room.dealer.looked == 0


async def test_an_order_that_is_refused_for_good_ends_the_film_free_of_charge(room):
    room.dealer.answers(Refuses(FAILURE, Remedy.STOP))
    done = await room.finish((await room.order(ONE_CLIP)).id)

    assert (done.stage, done.charged, done.failure) == (Stage.FAILED, "no", FAILURE)
    assert (await room.balance()).reserved.micros == 0
