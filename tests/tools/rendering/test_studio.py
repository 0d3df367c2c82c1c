from dataclasses import replace

import pytest

from tests.fakes.samples import CAMPAIGN, SESSION, TENANT, USER, a_request
from tools.catalogue.catalogue import Catalogue
from tools.catalogue.reading import read_models
from tools.contract import ToolContext
from tools.domain.identity import CallId, JobId, SessionId, TurnId
from tools.domain.jobs import Origin, Stage
from tools.errors import (
    DurationOutOfRange,
    IdempotencyMismatch,
    NotFound,
    UnknownVideoModel,
)
from tools.rendering.ports import JobMoved
from tools.rendering.studio import Consent, Studio

CONTEXT = ToolContext(
    tenant_id=TENANT, user_id=USER, campaign_id=CAMPAIGN, session_id=SESSION, turn_id=TurnId("t-1")
)


@pytest.fixture
def woken():
    return []


@pytest.fixture
def studio(room, woken):
    return Studio(
        catalogue=Catalogue(
            models=read_models(),
            missing={"replicate": "REPLICATE_API_KEY is not set"},
            substitution="auto",
            default_model="sora-2-pro",
        ),
        records=room.records,
        consent=Consent(),
        wake=woken.append,
        mint=room.mint,
        clock=room.clock,
    )


async def test_a_request_becomes_a_job_that_is_driven_and_told(studio, room, woken):
    job = await studio.request(
        context=CONTEXT, request=a_request(), key="call-1", origin=Origin.PERSON
    )

    assert (job.stage, job.provider, job.turn_id) == (Stage.QUEUED, "local", "t-1")
    assert (job.tenant_id, job.user_id, job.campaign_id) == (TENANT, USER, CAMPAIGN)
    assert woken == [job.id]
    assert await room.told() == ["video.queued"]


async def test_the_same_key_gives_the_same_job(studio, room, woken):
    jobs = [
        await studio.request(
            context=CONTEXT, request=a_request(), key="call-1", origin=Origin.PERSON
        )
        for _ in range(3)
    ]

    assert len({job.id for job in jobs}) == 1
    assert await room.told() == ["video.queued"]


async def test_without_a_key_each_request_is_a_film_of_its_own(studio):
    jobs = [
        await studio.request(context=CONTEXT, request=a_request(), key=None, origin=Origin.PERSON)
        for _ in range(2)
    ]

    assert jobs[0].id != jobs[1].id


async def test_another_request_under_the_key_is_refused(studio, room, woken):
    await studio.request(context=CONTEXT, request=a_request(), key="call-1", origin=Origin.PERSON)

    with pytest.raises(IdempotencyMismatch):
        await studio.request(
            context=CONTEXT, request=a_request(length_s=7), key="call-1", origin=Origin.PERSON
        )
    assert len(woken) == 1


async def test_a_key_counts_within_its_turn_alone(studio):
    again = replace(CONTEXT, turn_id=TurnId("t-2"), call_id=CallId("call-1"))
    first = await studio.request(
        context=CONTEXT, request=a_request(), key="call-1", origin=Origin.PERSON
    )
    second = await studio.request(
        context=again, request=a_request(length_s=7), key="call-1", origin=Origin.PERSON
    )

    assert first.id != second.id


@pytest.mark.parametrize(
    ("change", "error"),
    [({"model_key": "nobody"}, UnknownVideoModel), ({"length_s": 61}, DurationOutOfRange)],
)
async def test_what_cannot_be_made_is_refused_before_there_is_a_job(
    studio, room, woken, change, error
):
    with pytest.raises(error):
        await studio.request(
            context=CONTEXT, request=a_request(**change), key=None, origin=Origin.PERSON
        )

    assert (await room.told(), woken) == ([], [])


async def test_a_quote_does_nothing(studio, room, woken):
    assert studio.quote(a_request()).model_key == "draft"
    assert (await room.told(), woken) == ([], [])


async def test_a_cancelled_film_is_woken_and_not_charged_before_it_was_ordered(studio, room, woken):
    job = await studio.request(context=CONTEXT, request=a_request(), key=None, origin=Origin.PERSON)

    asked, charged = await studio.cancel(job.id, context=CONTEXT)

    assert (asked.cancel_requested, charged) == (True, "no")
    assert woken == [job.id, job.id]
    assert (await room.finish(job.id)).stage is Stage.CANCELLED


async def test_cancelling_twice_is_cancelling_once(studio, room):
    job = await studio.request(context=CONTEXT, request=a_request(), key=None, origin=Origin.PERSON)
    first, _ = await studio.cancel(job.id, context=CONTEXT)
    second, _ = await studio.cancel(job.id, context=CONTEXT)

    assert first.version == second.version


async def test_a_film_that_is_over_stays_as_it_ended(studio, room, woken):
    job = await studio.request(context=CONTEXT, request=a_request(), key=None, origin=Origin.PERSON)
    done = await room.finish(job.id)

    told, charged = await studio.cancel(job.id, context=CONTEXT)

    assert (told, charged) == (done, "no")
    assert woken == [job.id]


async def test_another_sessions_film_is_not_found_and_goes_on(studio, room):
    job = await studio.request(context=CONTEXT, request=a_request(), key=None, origin=Origin.PERSON)
    stranger = replace(CONTEXT, session_id=SessionId("session-2"))

    with pytest.raises(NotFound):
        await studio.cancel(job.id, context=stranger)
    assert not (await room.records.load(job.id)).cancel_requested


async def test_a_film_that_is_not_there_is_not_found(studio):
    with pytest.raises(NotFound):
        await studio.cancel(JobId("job-nowhere"), context=CONTEXT)


async def test_a_film_that_moves_while_it_is_cancelled_is_cancelled_all_the_same(studio, room):
    job = await studio.request(context=CONTEXT, request=a_request(), key=None, origin=Origin.PERSON)
    commit, moves = room.records.commit, 3

    async def overtaken(change):
        nonlocal moves
        if moves:
            moves -= 1
            raise JobMoved
        return await commit(change)

    room.records.commit = overtaken

    asked, _ = await studio.cancel(job.id, context=CONTEXT)
    assert asked.cancel_requested
