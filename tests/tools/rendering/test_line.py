"""Films wait for their turn: so many at once at each provider, and for each person."""

from dataclasses import replace

import pytest

from tests.fakes.samples import a_job, a_request
from tools.domain.clips import clips_for
from tools.domain.identity import UserId
from tools.domain.jobs import Stage
from tools.domain.transitions import queued
from tools.rendering.ports import Places

FILM = a_request(model_key="kling-v3", length_s=8)


@pytest.fixture
def ask(room):
    """A film, asked for a second after the one before it; by Ada, unless somebody else is named."""

    async def ask(prompt, user="ada", model="kling-v3"):
        room.clock.passes(seconds=1)
        request = replace(FILM, prompt=prompt, model_key=model)
        quote, model_ = room.catalogue.choose(request), room.catalogue.model(model)
        job = a_job(
            f"job-{prompt}",
            request=request,
            quote=quote,
            provider=model_.provider,
            clips=clips_for(quote, model_),
            user_id=UserId(user),
            created_at=room.clock(),
        )
        return (await room.records.add(queued(job))).id

    return ask


async def stages(room, *job_ids):
    return [(await room.records.load(each)).stage for each in job_ids]


async def test_no_more_films_are_made_at_once_than_a_provider_has_places(room, ask):
    room.places = Places(of_provider=2, of_user=None)
    jobs = [await ask(name) for name in "abc"]
    advance = room.advance()
    for job_id in jobs:
        await advance.step(job_id)

    assert await stages(room, *jobs) == [Stage.SUBMITTING, Stage.SUBMITTING, Stage.QUEUED]


async def test_one_place_that_gets_free_is_the_next_one_s(room, ask):
    room.places = Places(of_provider=1, of_user=None)
    first, second, third = [await ask(name) for name in "abc"]
    advance = room.advance()
    await advance.step(first)
    await room.finish(first, advance)
    for job_id in (third, second, third):
        await advance.step(job_id)

    assert await stages(room, second, third) == [Stage.SUBMITTING, Stage.QUEUED]


async def test_the_place_in_the_line_is_told_and_gets_smaller(room, ask):
    room.places = Places(of_provider=1, of_user=None)
    first, second, third = [await ask(name) for name in "abc"]
    advance = room.advance()
    await advance.step(first)
    await advance.step(third)
    await room.finish(first, advance)
    await advance.step(second)
    room.clock.passes(seconds=1)
    await advance.step(third)

    told = [each for each in room.progress if each.job_id == third]
    assert [each.queue_position for each in told] == [2, 1]
    assert {each.stage for each in told} == {"queued"}
    assert told[0].n < told[1].n


async def test_one_person_s_films_keep_nobody_else_waiting(room, ask):
    room.places = Places(of_provider=3, of_user=1)
    adas = [await ask(name) for name in "ab"]
    bobs = await ask("c", user="bob")
    advance = room.advance()
    for job_id in (*adas, bobs):
        await advance.step(job_id)

    assert await stages(room, *adas, bobs) == [Stage.SUBMITTING, Stage.QUEUED, Stage.SUBMITTING]


async def test_each_provider_has_a_line_of_its_own(room, ask):
    room.places = Places(of_provider=1, of_user=None)
    paid, free = await ask("a"), await ask("b", model="draft")
    advance = room.advance()
    for job_id in (paid, free):
        await advance.step(job_id)

    assert await stages(room, paid, free) == [Stage.SUBMITTING, Stage.SUBMITTING]


async def test_a_film_that_is_cancelled_in_the_line_leaves_it_free_of_charge(room, ask):
    room.places = Places(of_provider=1, of_user=None)
    first, second, third = [await ask(name) for name in "abc"]
    advance = room.advance()
    await advance.step(first)
    await room.cancel(second)
    assert (await room.finish(second, advance)).charged == "no"
    await advance.step(third)

    assert room.progress[-1].queue_position == 1
    await room.finish(first, advance)
    await advance.step(third)
    assert await stages(room, third) == [Stage.SUBMITTING]


async def test_whoever_is_leaving_is_not_counted_before_they_are_gone(room, ask):
    room.places = Places(of_provider=1, of_user=None)
    first, second, third = [await ask(name) for name in "abc"]
    advance = room.advance()
    await advance.step(first)
    await room.cancel(second)
    await advance.step(third)

    assert room.progress[-1].queue_position == 1


async def test_after_a_restart_the_line_stands_as_it_did(room, ask):
    room.places = Places(of_provider=1, of_user=None)
    first, second, third = [await ask(name) for name in "abc"]
    await room.advance().step(first)
    again = room.advance()
    for job_id in (third, second):
        await again.step(job_id)

    assert await stages(room, first, second, third) == [
        Stage.SUBMITTING,
        Stage.QUEUED,
        Stage.QUEUED,
    ]
    assert [each.queue_position for each in room.progress] == [2, 1]


async def test_a_question_takes_no_place(room, ask):
    room.places = Places(of_provider=1, of_user=1)
    await room.order(FILM, agreed="0")
    job_id = await ask("a")
    await room.advance().step(job_id)

    assert await stages(room, job_id) == [Stage.SUBMITTING]


async def test_all_of_a_long_line_are_made_in_the_end(room, ask):
    room.places = Places(of_provider=1, of_user=1)
    jobs = [await ask(name) for name in "abcde"]
    advance = room.advance()
    for _ in range(40):
        for job_id in jobs:
            await advance.step(job_id)
        room.clock.passes(seconds=2)

    assert await stages(room, *jobs) == [Stage.FINISHED] * 5
    assert [sold.order.job_id for sold in room.dealer.sold] == jobs
