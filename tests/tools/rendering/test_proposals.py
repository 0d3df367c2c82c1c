"""Nothing is bought without a yes: what is asked, of whom, and which answer counts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.mortal import Moody
from tests.fakes.samples import a_request
from tools.domain.identity import SessionId, TurnId
from tools.domain.jobs import Origin, Stage
from tools.domain.money import Money
from tools.errors import AlreadyFinal, DurationOutOfRange, NotFound
from tools.rendering.ports import JobMoved
from tools.rendering.studio import Consent, Studio

FILM = a_request(model_key="kling-v3", length_s=10)
PRICE = Money.usd("3.36")
A_DAY_H = 24


@pytest.fixture
def studio(room):
    return room.studio()


async def asked(room, studio, request=FILM, *, origin=Origin.AGENT, turn="turn-1", **how):
    context = replace(room.context, turn_id=TurnId(turn) if turn else None)
    how.setdefault("key", None)
    return await studio.request(context=context, request=request, origin=origin, **how)


# -- whether it is asked -----------------------------------------------------------------------------


@pytest.mark.parametrize("origin", [Origin.AGENT, Origin.PERSON])
async def test_a_film_with_a_price_waits_for_a_yes(room, studio, origin):
    job = await asked(room, studio, origin=origin)

    (told,) = await room.events("video.proposed")
    assert job.stage is Stage.PROPOSED
    assert (told.reason, told.quote.total) == ("price", PRICE)
    assert told.expires_at == room.clock() + timedelta(hours=A_DAY_H)
    assert not (await room.balance()).reserved
    assert await room.told() == ["video.proposed"]


@pytest.mark.parametrize(
    ("below", "stage"), [("3.36", Stage.PROPOSED), ("3.37", Stage.QUEUED), ("0", Stage.PROPOSED)]
)
async def test_below_the_limit_it_goes_by_itself_and_at_it_it_does_not(room, below, stage):
    assert (await asked(room, room.studio(below=below))).stage is stage


async def test_a_free_film_is_never_a_question(room, studio):
    free = a_request(model_key="draft")

    assert (await asked(room, studio, free)).stage is Stage.QUEUED


@pytest.mark.parametrize(("agreed", "stage"), [("3.35", Stage.PROPOSED), ("3.36", Stage.QUEUED)])
async def test_a_yes_beside_a_shown_price_is_a_yes_up_to_it(room, studio, agreed, stage):
    job = await asked(room, studio, origin=Origin.PERSON, agreed=Money.usd(agreed))

    assert job.stage is stage


async def test_a_program_s_request_is_its_own_yes(room, studio):
    job = await asked(room, studio, origin=Origin.PROGRAM, turn=None)

    assert (job.stage, job.agreed) == (Stage.QUEUED, PRICE)


async def test_a_question_is_not_driven_and_buys_nothing(room, studio):
    job = await asked(room, studio)
    advance = room.advance()
    for _ in range(10):
        assert await advance.step(job.id)
        room.clock.passes(seconds=60)

    assert (await room.records.load(job.id)).stage is Stage.PROPOSED
    assert room.dealer.sold == []


# -- the answer ----------------------------------------------------------------------------------------


async def test_a_yes_makes_the_film(room, studio):
    job = await asked(room, studio)
    approved = await studio.approve(job.id, context=room.context)
    done = await room.finish(job.id)

    assert (approved.stage, approved.agreed) == (Stage.QUEUED, PRICE)
    assert (done.stage, done.spent) == (Stage.FINISHED, PRICE)
    assert (await room.told())[:2] == ["video.proposed", "video.queued"]


async def test_a_no_ends_it_free_of_charge(room, studio):
    job = await asked(room, studio)
    await studio.decline(job.id, context=room.context)

    (told,) = await room.events("video.cancelled")
    assert (told.reason, told.charged, told.cost) == ("declined", "no", None)
    assert (await room.finish(job.id)).stage is Stage.DECLINED


async def test_taking_it_back_ends_it_free_of_charge(room, studio):
    job = await asked(room, studio)
    cancelled, charged = await studio.cancel(job.id, context=room.context)

    assert (cancelled.stage, charged) == (Stage.CANCELLED, "no")
    (told,) = await room.events("video.cancelled")
    assert told.reason == "cancelled"


@pytest.mark.parametrize("first", ["approve", "decline"])
@pytest.mark.parametrize("second", ["approve", "decline"])
async def test_the_first_answer_wins_and_the_second_is_told_so(room, studio, first, second):
    job = await asked(room, studio)
    won = await getattr(studio, first)(job.id, context=room.context)
    told = await getattr(studio, second)(job.id, context=room.context)

    assert told == won
    assert len(await room.told()) == 2


@pytest.mark.parametrize("first", ["approve", "decline"])
@pytest.mark.parametrize("second", ["approve", "decline"])
async def test_also_when_both_answers_were_on_their_way_at_once(room, first, second):
    records = Moody(room.records)
    studio = Studio(
        catalogue=room.catalogue,
        records=records,
        consent=Consent(),
        wake=lambda _job_id: None,
        mint=room.mint,
        clock=room.clock,
    )
    job = await asked(room, studio)
    records.overtaken_by = lambda: getattr(room, first)(job.id)
    told = await getattr(studio, second)(job.id, context=room.context)

    assert told.stage is (Stage.QUEUED if first == "approve" else Stage.DECLINED)
    assert len(await room.told()) == 2
    assert (await room.balance()).reserved == (PRICE if first == "approve" else Money())


async def test_an_answer_that_meets_a_moving_job_is_given_all_the_same(room, studio):
    job = await asked(room, studio)
    records = Moody(room.records)
    records.refuse("any", JobMoved(), times=3)
    studio._records = records

    assert (await studio.approve(job.id, context=room.context)).stage is Stage.QUEUED


@pytest.mark.parametrize(("up_to", "stage"), [("3.35", Stage.PROPOSED), ("3.36", Stage.QUEUED)])
async def test_a_yes_is_to_the_price_that_was_seen(room, studio, up_to, stage):
    job = await asked(room, studio)
    answered = await studio.approve(job.id, context=room.context, up_to=Money.usd(up_to))

    assert answered.stage is stage
    assert (await room.records.load(job.id)).stage is stage


@pytest.mark.parametrize("answer", ["approve", "decline", "edit", "cancel"])
async def test_a_stranger_s_answer_is_not_found(room, studio, answer):
    job = await asked(room, studio)
    stranger = replace(room.context, session_id=SessionId("session-2"))
    more = (FILM,) if answer == "edit" else ()

    with pytest.raises(NotFound):
        await getattr(studio, answer)(job.id, *more, context=stranger)
    assert (await room.records.load(job.id)).stage is Stage.PROPOSED


# -- time ------------------------------------------------------------------------------------------------


async def test_a_question_that_nobody_answers_expires(room, studio):
    job = await asked(room, studio)
    advance = room.advance()
    room.clock.passes(hours=A_DAY_H - 1)
    assert await advance.step(job.id)
    room.clock.passes(hours=1)
    done = await room.finish(job.id, advance)

    (told,) = await room.events("video.cancelled")
    assert (done.stage, told.reason, told.charged) == (Stage.CANCELLED, "expired", "no")


@pytest.mark.parametrize("answer", ["approve", "decline"])
async def test_an_answer_that_comes_too_late_is_none(room, studio, answer):
    job = await asked(room, studio)
    room.clock.passes(hours=A_DAY_H)
    late = await getattr(studio, answer)(job.id, context=room.context)

    (told,) = await room.events("video.cancelled")
    assert (late.stage, told.reason) == (Stage.CANCELLED, "expired")
    assert room.dealer.sold == []


async def test_a_question_survives_a_restart(room, studio):
    job = await asked(room, studio)
    await room.advance().step(job.id)
    room.clock.passes(hours=A_DAY_H - 1)
    await room.advance().step(job.id)
    await room.approve(job.id)

    assert (await room.finish(job.id)).stage is Stage.FINISHED


# -- edited ----------------------------------------------------------------------------------------------


async def test_an_edited_film_is_quoted_and_asked_for_again(room, studio):
    job = await asked(room, studio)
    room.clock.passes(hours=1)
    again = await studio.edit(job.id, replace(FILM, length_s=20), context=room.context)

    first, second = await room.events("video.proposed")
    assert (again.stage, again.quote.total) == (Stage.PROPOSED, Money.usd("6.72"))
    assert (first.quote.total, second.quote.total) == (PRICE, Money.usd("6.72"))
    assert second.expires_at - first.expires_at == timedelta(hours=1)
    await room.approve(job.id)
    assert (await room.finish(job.id)).creative.film.length_s == 20


async def test_an_edit_of_the_length_keeps_the_words_as_they_were_made_better(room, studio):
    job = await asked(room, studio, replace(FILM, refined_prompt="Warm light"))
    longer = await studio.edit(job.id, replace(FILM, length_s=20), context=room.context)
    reworded = await studio.edit(job.id, replace(FILM, prompt="Another"), context=room.context)

    assert longer.request.refined_prompt == "Warm light"
    assert reworded.request.refined_prompt is None


async def test_an_edit_to_another_provider_is_made_by_that_one(room, studio):
    job = await asked(room, studio)
    await studio.edit(job.id, a_request(model_key="draft"), context=room.context)
    await room.approve(job.id)
    done = await room.finish(job.id)

    assert (done.creative.film.provider, room.dealer.sold) == ("local", [])


async def test_what_cannot_be_made_is_refused_and_the_question_stands(room, studio):
    job = await asked(room, studio)

    with pytest.raises(DurationOutOfRange):
        await studio.edit(job.id, replace(FILM, length_s=61), context=room.context)
    assert await room.records.load(job.id) == job


@pytest.mark.parametrize("answer", ["approve", "decline"])
async def test_after_the_answer_there_is_nothing_to_edit(room, studio, answer):
    job = await asked(room, studio)
    await getattr(studio, answer)(job.id, context=room.context)

    with pytest.raises(AlreadyFinal):
        await studio.edit(job.id, replace(FILM, length_s=20), context=room.context)


# -- asked again by the agent ----------------------------------------------------------------------------


async def test_a_language_model_that_asks_again_meets_the_standing_question(room, studio):
    job = await asked(room, studio, key="call-1")
    again = await asked(room, studio, key="call-2")

    assert again.id == job.id
    assert await room.told() == ["video.proposed"]


async def test_a_language_model_that_asks_again_for_what_is_being_made_asks_a_person(room):
    studio = room.studio(below="100")
    job = await asked(room, studio, key="call-1")
    again = await asked(room, studio, replace(FILM, refined_prompt="Other words"), key="call-2")

    (told,) = await room.events("video.proposed")
    assert (job.stage, again.stage) == (Stage.QUEUED, Stage.PROPOSED)
    assert told.reason == "repeated"


async def test_the_same_call_told_twice_is_the_same_film_and_no_question(room):
    studio = room.studio(below="100")
    jobs = [await asked(room, studio, key="call-1") for _ in range(2)]

    assert jobs[0].id == jobs[1].id
    assert await room.told() == ["video.queued"]


@pytest.mark.parametrize("origin", [Origin.PERSON, Origin.PROGRAM])
async def test_people_and_programs_may_want_the_same_film_twice(room, origin):
    studio = room.studio(below="100")
    jobs = [await asked(room, studio, origin=origin) for _ in range(2)]

    assert [each.stage for each in jobs] == [Stage.QUEUED] * 2
    assert jobs[0].id != jobs[1].id


async def test_ten_minutes_later_it_is_a_new_wish(room):
    studio = room.studio(below="100")
    await asked(room, studio)
    room.clock.passes(seconds=601)

    assert (await asked(room, studio, turn="turn-2")).stage is Stage.QUEUED


@pytest.mark.parametrize("answer", ["approve", "decline"])
async def test_a_repeated_film_is_a_person_s_to_decide(room, answer):
    studio = room.studio(below="100")
    first = await asked(room, studio, key="call-1")
    again = await asked(room, studio, key="call-2")
    await getattr(studio, answer)(again.id, context=room.context)
    for job in (first, again):
        await room.finish(job.id)

    assert len(room.dealer.sold) == (2 if answer == "approve" else 1)
