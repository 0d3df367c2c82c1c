"""How much longer a film takes: from our own table, or it is not said."""

import pytest

from tests.fakes.samples import a_purchase, a_request
from tools.domain.clips import Outcome
from tools.domain.jobs import Stage
from tools.rendering.expectations import ENOUGH, WIDEST, expected_s

FILM = a_request(model_key="kling-v3", length_s=10)
CHAIN = a_request(model_key="kling-v3", length_s=40)


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ((), None),
        ((100.0,) * (ENOUGH - 1), None),
        ((100.0, 120.0, 110.0), 110.0),
        ((100.0, 120.0, 110.0, 90.0), 105.0),
        ((30.0, 30.0, 30.0 * WIDEST), 30.0),
        ((30.0, 30.0, 30.0 * WIDEST + 1), None),
        ((0.2, 0.3, 3.9), 0.3),
    ],
)
def test_what_is_usual_is_the_median_of_enough_runs_that_are_alike(times, expected):
    assert expected_s(times) == expected


async def have_taken(room, *times, seconds=10, model_key="kling-v3"):
    for number, took_s in enumerate(times):
        await room.records.keep_purchase(
            a_purchase(
                f"earlier-{model_key}-{seconds}-{number}",
                model_key=model_key,
                seconds=seconds,
                outcome=Outcome.RENDERED,
                ended_at=room.clock(),
                took_s=took_s,
            )
        )


async def etas(room, request, *, at_s=0, clip=1):
    """What is told of the running clip, so long after it was ordered."""
    room.dealer.polls = 1
    job = await room.order(request)
    advance = room.advance()
    await room.until_sold(len(room.dealer.sold) + clip, job.id, advance)
    assert (await room.records.load(job.id)).stage is Stage.RENDERING
    room.progress.clear()
    room.clock.passes(seconds=at_s)
    await advance.step(job.id)
    (told,) = room.progress
    return told.eta_s


async def test_it_is_told_from_what_earlier_films_took(room):
    await have_taken(room, 100, 120, 110)

    assert await etas(room, FILM, at_s=20) == 90


async def test_two_runs_say_nothing(room):
    await have_taken(room, 100, 120)

    assert await etas(room, FILM) is None


async def test_another_model_s_or_length_s_runs_say_nothing(room):
    await have_taken(room, 100, 100, 100, seconds=5)
    await have_taken(room, 100, 100, 100, model_key="veo-3.1")

    assert await etas(room, FILM) is None


async def test_a_film_that_is_late_already_has_no_time_of_arrival(room):
    await have_taken(room, 100, 100, 100)

    assert await etas(room, FILM, at_s=101) is None


async def test_runs_that_differ_too_much_say_nothing(room):
    await have_taken(room, 100, 100, 401)

    assert await etas(room, FILM) is None


async def test_a_chain_is_told_with_all_its_clips(room):
    """15 s take 90 s, and so do the next 15; the last 10 a minute."""
    await have_taken(room, 90, 90, 90, seconds=15)

    assert await etas(room, CHAIN) == 90 + 90 + 60


async def test_a_later_clip_is_told_by_its_own_length(room):
    await have_taken(room, 90, 90, 90, seconds=15)
    await have_taken(room, 50, 50, 50, seconds=10)

    assert await etas(room, CHAIN, clip=3) == 50


async def test_what_a_film_took_is_learned_from_the_provider_s_own_clock(room):
    room.dealer.took_s = 77
    for number in range(ENOUGH):
        await room.finish((await room.order(a_request(**_film(number)))).id)

    assert await room.records.times("kling-v3", 10) == (77,) * ENOUGH
    assert await etas(room, FILM) == 77


def _film(number):
    return {"model_key": "kling-v3", "length_s": 10, "prompt": f"Film {number}"}


async def test_failed_films_teach_nothing(room):
    await room.records.keep_purchase(
        a_purchase("failed", model_key="kling-v3", seconds=10, outcome=Outcome.FAILED, took_s=3.0)
    )

    assert await room.records.times("kling-v3", 10) == ()
