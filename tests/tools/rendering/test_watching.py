import pytest

from tests.fakes.painter import Fails, Loses, Painter, Stalls
from tests.fakes.samples import FAILURE, NOW, a_job
from tools.domain.jobs import Stage
from tools.errors import (
    ContentRejected,
    OutputLost,
    ProviderRefused,
    ProviderUnavailable,
    StorageUnavailable,
)
from tools.rendering.patience import ATTEMPTS, PAID_ATTEMPTS
from tools.rendering.watching import FILM_LIMIT_S

# -- the provider ----------------------------------------------------------------------------------


async def test_a_lost_prediction_is_ordered_again(room):
    room.painter.will(Loses(), Loses())
    job = await room.begin()

    done = await room.finish(job.id)

    assert done.clips[0].prediction_id == "painting-3"
    assert len(await room.creatives()) == 1
    assert (await room.told()).count("video.changed submitting") == 3


async def test_a_provider_that_loses_everything_is_not_asked_for_ever(room):
    room.painter.will(*[Loses() for _ in range(9)])
    job = await room.begin()

    failed = await room.finish(job.id)

    assert failed.failure is not None
    assert failed.failure.code == "output_lost"
    assert (await room.told()).count("video.changed submitting") < 9


async def test_a_film_that_cannot_be_made_fails_with_the_providers_words(room):
    room.painter.will(Fails(FAILURE, charged="yes"))
    job = await room.begin(a_job(price="0.48"))

    failed = await room.finish(job.id)

    assert (failed.stage, failed.failure, failed.charged) == (Stage.FAILED, FAILURE, "yes")
    assert (await room.told())[-1] == "video.failed"
    assert room.painter.discarded == ["painting-1"]
    assert room.painter.at_work == set()


@pytest.mark.parametrize("call", ["submit", "poll", "collect"])
async def test_what_may_work_later_is_tried_again_after_longer_and_longer_pauses(room, call):
    room.painter.refuse(call, *(ProviderUnavailable("Busy.") for _ in range(ATTEMPTS - 1)))
    job = await room.begin()
    moving, pauses = room.advance(), []
    while (wait_s := await moving.step(job.id)) is not None:
        if wait_s not in {0.0, room.painter.poll_interval_s}:
            pauses.append(wait_s)

    assert pauses == [1.0, 2.0, 4.0, 8.0]
    assert (await room.records.load(job.id)).stage is Stage.FINISHED
    assert len(room.painter.orders) == 1


@pytest.mark.parametrize(
    ("call", "charged"), [("submit", "no"), ("poll", "unknown"), ("collect", "unknown")]
)
async def test_what_never_works_ends_in_words_and_says_what_is_known_of_the_money(
    room, call, charged
):
    room.painter.refuse(call, *(ProviderUnavailable("Busy.") for _ in range(PAID_ATTEMPTS)))
    job = await room.begin(a_job(price="0.48"))

    failed = await room.finish(job.id)

    assert (failed.stage, failed.failure.message) == (Stage.FAILED, "Busy.")
    assert failed.charged == charged


@pytest.mark.parametrize("error", [ContentRejected("Not that."), ProviderRefused("Bad key.")])
async def test_what_will_never_work_is_not_tried_again(room, error):
    room.painter.refuse("submit", error)
    job = await room.begin()

    failed = await room.finish(job.id)

    assert (failed.failure.code, room.painter.orders) == (error.code, [])


async def test_a_bug_ends_a_film_in_words_that_say_nothing_of_it(room):
    room.painter.refuse("submit", *(ValueError("secret") for _ in range(ATTEMPTS)))
    job = await room.begin()

    failed = await room.finish(job.id)

    assert failed.failure.code == "internal"
    assert "secret" not in failed.failure.message


async def test_a_success_in_between_forgives_earlier_failures(room):
    for call in ("submit", "poll", "collect"):
        room.painter.refuse(call, *(ProviderUnavailable("Busy.") for _ in range(ATTEMPTS - 1)))
    job = await room.begin()

    assert (await room.finish(job.id)).stage is Stage.FINISHED


async def test_a_provider_that_is_no_longer_there_ends_the_film_in_words(room):
    job = await room.begin(a_job(provider="nobody"))

    failed = await room.finish(job.id)

    assert (failed.stage, failed.failure.code) == (Stage.FAILED, "internal")


async def test_a_film_that_renders_for_ever_is_stopped_after_an_hour(room):
    room.painter.will(Stalls())
    room.painter.charges = "unknown"
    job = await room.begin(a_job(price="0.48"))
    moving = room.advance()
    while not room.progress:
        await moving.step(job.id)
    room.clock.passes(seconds=FILM_LIMIT_S + 1)

    failed = await room.finish(job.id, moving)

    assert "took too long" in failed.failure.message
    assert (room.painter.cancelled, failed.charged) == (["painting-1"], "unknown")


async def test_a_film_that_waits_in_a_long_line_is_not_late(room):
    room.painter.will(Stalls(in_line=True))
    job = await room.begin()
    moving = room.advance()
    while not room.progress:
        await moving.step(job.id)
    room.clock.passes(seconds=FILM_LIMIT_S + 1)

    assert await moving.step(job.id) is not None
    assert not (await room.records.load(job.id)).stage.is_final


async def test_an_output_that_is_no_film_is_collected_again_and_then_told_as_lost(room, tmp_path):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"not a film")
    room.painter = Painter(broken)
    job = await room.begin()

    failed = await room.finish(job.id)

    assert failed.failure.code == OutputLost.code
    assert await room.creatives() == ()


# -- storing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("refusals", [1, 3, ATTEMPTS + 3])
async def test_a_film_is_not_lost_while_the_storage_is_away(room, refusals):
    job = await room.begin()
    room.storage.refusals = refusals

    done = await room.finish(job.id)

    assert done.stage is Stage.FINISHED
    assert len(room.painter.orders) == len(await room.creatives()) == 1


async def test_a_storage_that_stays_away_ends_the_film_in_words(room):
    job = await room.begin()
    room.storage.refusals = 1_000

    failed = await room.finish(job.id)

    assert failed.failure.code == StorageUnavailable.code
    assert (failed.ended_at - NOW).total_seconds() > 1_800
