"""The free local model's own promises: a child that is watched, waited for, and never left behind."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from tests.fakes import brand
from tests.patience import IN_THE_END_S
from tools.catalogue.reading import read_models
from tools.domain.frames import FULL_HD, AspectRatio, Frame
from tools.domain.identity import JobId, PredictionId
from tools.domain.uploads import ReferenceRole
from tools.providers.draft import DraftProvider
from tools.rendering.ports import (
    Image,
    Order,
    OrderRefused,
    Remedy,
    Rendered,
    RenderFailed,
    Rendering,
    RenderLost,
    RenderStatus,
    Window,
)

SMALL = Order(
    job_id=JobId("job-1"),
    clip=1,
    model=next(model for model in read_models() if model.is_draft),
    prompt="A teaser for our oat drink",
    sent_prompt="A teaser for our oat drink",
    length_s=4,
    sound=False,
    seed=7,
    aspect_ratio=AspectRatio.TALL,
    frame=Frame(270, 480),
)
LONG = replace(SMALL, length_s=60, frame=FULL_HD[AspectRatio.TALL])
"""Half a minute of work: it is never seen to its end here."""


@pytest.fixture
async def drafts(tmp_path: Path) -> AsyncIterator[DraftProvider]:
    async with DraftProvider(work=tmp_path / "drafts") as provider:
        yield provider


def children() -> list[psutil.Process]:
    found = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if "tools.media.draft_film" in child.cmdline():
                found.append(child)
    return found


async def until_done(drafts: DraftProvider, prediction_id: PredictionId) -> RenderStatus:
    async with asyncio.timeout(IN_THE_END_S):
        while True:
            status = await drafts.poll(prediction_id)
            if not isinstance(status, Rendering):
                return status
            await asyncio.sleep(0.02)


async def until_frames_are_made(drafts: DraftProvider, prediction_id: PredictionId) -> Rendering:
    async with asyncio.timeout(IN_THE_END_S):
        while True:
            status = await drafts.poll(prediction_id)
            assert isinstance(status, Rendering)
            if status.fraction:
                return status
            await asyncio.sleep(0.02)


# -- its child -------------------------------------------------------------------------------------


async def test_cancelling_ends_the_child_before_it_answers(drafts: DraftProvider) -> None:
    prediction_id = await drafts.submit(LONG)
    await until_frames_are_made(drafts, prediction_id)
    assert len(children()) == 1

    assert await drafts.cancel(prediction_id) == "no"

    assert children() == []


async def test_closing_ends_every_child_and_waits_for_it(tmp_path: Path) -> None:
    async with DraftProvider(work=tmp_path, renders_at_once=2) as drafts:
        first, *_ = [await drafts.submit(LONG) for _ in range(3)]
        await until_frames_are_made(drafts, first)

    assert children() == []


async def test_a_film_that_takes_too_long_fails_in_words_and_its_child_is_ended(
    tmp_path: Path,
) -> None:
    async with DraftProvider(work=tmp_path, film_limit_s=1) as drafts:
        status = await until_done(drafts, await drafts.submit(LONG))

        assert isinstance(status, RenderFailed)
        assert (status.charged, status.failure.code) == ("no", "provider_unavailable")
        assert status.remedy is Remedy.STOP
        assert "longer than 1 seconds" in status.failure.message
        assert children() == []


async def test_a_child_that_is_killed_fails_its_film_in_words(drafts: DraftProvider) -> None:
    prediction_id = await drafts.submit(LONG)
    await until_frames_are_made(drafts, prediction_id)

    for child in children():
        child.send_signal(signal.SIGKILL)
    status = await until_done(drafts, prediction_id)

    assert isinstance(status, RenderFailed)
    assert (status.charged, status.failure.retryable) == ("no", True)
    assert status.remedy is Remedy.AGAIN
    assert "Traceback" not in status.failure.message
    assert "could not be drawn" in status.failure.message


async def test_a_broken_reference_fails_its_film_and_says_which_kind_of_thing_it_was(
    drafts: DraftProvider, tmp_path: Path
) -> None:
    broken = tmp_path / "logo.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nnot at all")
    image = Image(file=broken, role=ReferenceRole.LOGO)

    status = await until_done(drafts, await drafts.submit(replace(SMALL, images=(image,))))

    assert isinstance(status, RenderFailed)
    assert (status.failure.code, status.failure.retryable) == ("unsupported_media", False)
    assert status.remedy is Remedy.STOP
    assert "reference images" in status.failure.message


async def test_after_a_failure_the_next_film_is_made(drafts: DraftProvider) -> None:
    killed = await drafts.submit(LONG)
    await until_frames_are_made(drafts, killed)
    for child in children():
        child.kill()
    await until_done(drafts, killed)

    assert isinstance(await until_done(drafts, await drafts.submit(SMALL)), Rendered)


# -- waiting and progress --------------------------------------------------------------------------


async def test_one_renders_and_the_others_wait_in_the_order_they_came(
    drafts: DraftProvider,
) -> None:
    first = await drafts.submit(LONG)
    await until_frames_are_made(drafts, first)
    others = [await drafts.submit(SMALL) for _ in range(2)]

    places = [await drafts.poll(other) for other in others]

    assert places == [
        Rendering(is_waiting=True, queue_position=1),
        Rendering(is_waiting=True, queue_position=2),
    ]
    assert len(children()) == 1


async def test_a_cancelled_one_makes_room_for_the_next(drafts: DraftProvider) -> None:
    first = await drafts.submit(LONG)
    await until_frames_are_made(drafts, first)
    second = await drafts.submit(SMALL)

    await drafts.cancel(first)

    assert isinstance(await until_done(drafts, second), Rendered)


async def test_progress_comes_from_frames_and_brings_an_estimate(drafts: DraftProvider) -> None:
    status = await until_frames_are_made(drafts, await drafts.submit(LONG))

    assert status.fraction is not None
    assert 0 < status.fraction < 1
    assert status.eta_s is not None
    assert status.eta_s > 0
    assert not status.is_waiting


# -- across lives ----------------------------------------------------------------------------------


async def test_a_film_that_another_life_finished_is_still_there(tmp_path: Path) -> None:
    async with DraftProvider(work=tmp_path) as before:
        prediction_id = await before.submit(SMALL)
        await until_done(before, prediction_id)

    async with DraftProvider(work=tmp_path) as after:
        assert isinstance(await after.poll(prediction_id), Rendered)
        film = await after.collect(prediction_id, tmp_path / "mine")

    assert film.stat().st_size > 10_000


async def test_a_film_that_another_life_left_half_made_is_lost_and_swept_away(
    tmp_path: Path,
) -> None:
    half_made = tmp_path / ("draft-" + "a" * 20)
    half_made.mkdir()
    (half_made / "1234.part").write_bytes(b"half")

    async with DraftProvider(work=tmp_path) as drafts:
        status = await drafts.poll(PredictionId(half_made.name))

    assert isinstance(status, RenderLost)
    assert not half_made.exists()


async def test_the_sweep_takes_nothing_that_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()

    async with DraftProvider(work=tmp_path):
        pass

    assert (tmp_path / "notes").is_dir()


async def test_its_pictures_may_go_as_soon_as_it_was_ordered(
    drafts: DraftProvider, tmp_path: Path
) -> None:
    logo = brand.logo(tmp_path / "logo.png")
    image = Image(file=logo, role=ReferenceRole.LOGO)
    prediction_id = await drafts.submit(replace(SMALL, images=(image,)))
    logo.unlink()

    assert isinstance(await until_done(drafts, prediction_id), Rendered)


async def test_a_discarded_film_leaves_nothing_on_disk(
    drafts: DraftProvider, tmp_path: Path
) -> None:
    prediction_id = await drafts.submit(SMALL)
    await until_done(drafts, prediction_id)

    await drafts.discard(prediction_id)

    assert list((tmp_path / "drafts").iterdir()) == []


# -- orders ----------------------------------------------------------------------------------------


async def test_a_closed_provider_refuses_orders_so_that_they_are_placed_in_the_next_life(
    tmp_path: Path,
) -> None:
    drafts = DraftProvider(work=tmp_path)

    with pytest.raises(OrderRefused) as refused:
        await drafts.submit(SMALL)

    assert (refused.value.failure.code, refused.value.remedy) == ("interrupted", Remedy.AGAIN)


async def test_an_order_whose_pictures_cannot_be_copied_is_refused_and_leaves_nothing(
    drafts: DraftProvider, tmp_path: Path
) -> None:
    gone = Image(file=tmp_path / "never-there.png", role=None)

    with pytest.raises(OrderRefused) as refused:
        await drafts.submit(replace(SMALL, images=(gone,)))

    assert refused.value.failure.code == "provider_unavailable"
    assert refused.value.remedy is Remedy.STOP
    assert list((tmp_path / "drafts").iterdir()) == []


async def test_images_are_handed_over_as_they_are(drafts: DraftProvider, tmp_path: Path) -> None:
    images = (Image(file=tmp_path / "logo.png", role=ReferenceRole.LOGO, path="r/logo.png"),)

    assert await drafts.hand_over(images) == images


async def test_an_order_that_nobody_heard_back_of_is_never_found(drafts: DraftProvider) -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)

    async def is_free(_: PredictionId) -> bool:
        return True

    await drafts.submit(SMALL)

    assert await drafts.find(SMALL, Window(since=now, until=now), is_free) is None
    assert drafts.grace_s == 0


async def test_a_finished_film_tells_how_long_it_took(drafts: DraftProvider) -> None:
    status = await until_done(drafts, await drafts.submit(SMALL))

    assert isinstance(status, Rendered)
    assert status.took_s is not None
    assert 0 < status.took_s < 60


def test_it_is_asked_several_times_a_second_however_long_it_takes(tmp_path: Path) -> None:
    drafts = DraftProvider(work=tmp_path)

    assert (drafts.pause_s(0), drafts.pause_s(600)) == (0.15, 0.15)
