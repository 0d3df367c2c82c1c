"""What real processes showed when they were killed, in the smallest form: see tests/torture."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.dealer import GRACE_S
from tests.fakes.mortal import Killed
from tests.fakes.samples import a_request
from tests.tools.rendering.conftest import CuttingRoom
from tools.domain.identity import JobId
from tools.domain.jobs import Stage
from tools.errors import UnsupportedMedia

SAME_WORDS = replace(a_request(model_key="kling-v3", length_s=8), prompt="A lighthouse")


async def killed_at(room: CuttingRoom, call: str, job_id: JobId) -> None:
    """One life of the process: as far as the call, where it gets there."""

    def may(reached: str) -> None:
        if reached == call:
            raise Killed

    room.dealer.may = may
    with suppress(Killed):
        await room.finish(job_id, room.advance())
    room.dealer.may = lambda _call: None


async def test_an_order_that_the_same_words_took_is_made_up_for_by_theirs_however_late_it_is(
    room: CuttingRoom,
) -> None:
    room.dealer.knows_seeds = False
    early, late = await room.order(SAME_WORDS), await room.order(SAME_WORDS)
    await killed_at(room, "submit: before", late.id)
    room.clock.passes(seconds=10 * GRACE_S)
    await killed_at(room, "submit: after", early.id)
    room.clock.passes(seconds=10 * GRACE_S)
    await killed_at(room, "submit: after", late.id)

    done = [await room.finish(late.id), await room.finish(early.id)]

    assert [job.stage for job in done] == [Stage.FINISHED, Stage.FINISHED]
    assert len(room.dealer.sold) == 2


async def test_a_sleeper_that_wakes_over_a_picture_that_somebody_else_made_ends_no_film(
    room: CuttingRoom,
) -> None:
    job = await room.order(replace(SAME_WORDS, length_s=20))
    sleeper = room.advance()
    while (await room.records.load(job.id)).clips[0].is_collected is False:
        room.clock.passes(seconds=await sleeper.step(job.id) or 0)
    fit = room.editor.fit

    async def overtaken(image: Path, *given: Any, **how: Any) -> Path:
        """Asleep while another process makes the same picture, and is killed before it orders."""
        room.editor.fit = fit  # type: ignore[method-assign]  # once
        await killed_at(room, "hand over", job.id)
        try:
            return await fit(image, *given, **how)
        except FileNotFoundError as error:
            raise UnsupportedMedia("What the real editor says of a file that is gone.") from error

    room.editor.fit = overtaken  # type: ignore[method-assign]  # an editor that takes its time
    done = await room.finish(job.id, sleeper)

    assert (done.stage, len(room.dealer.sold)) == (Stage.FINISHED, len(done.clips))


@pytest.mark.parametrize("got_to", ["submit: before", "submit: after"])
async def test_what_goes_wrong_for_a_sleeper_ends_no_film_that_another_is_ordering(
    room: CuttingRoom, got_to: str
) -> None:
    job = await room.order(replace(SAME_WORDS, length_s=20))
    sleeper = room.advance()
    while (await room.records.load(job.id)).clips[0].is_collected is False:
        room.clock.passes(seconds=await sleeper.step(job.id) or 0)
    fit = room.editor.fit

    async def overtaken(*_given: Any, **_how: Any) -> Path:
        room.editor.fit = fit  # type: ignore[method-assign]  # once
        await killed_at(room, got_to, job.id)
        raise UnsupportedMedia("The picture is gone.")

    room.editor.fit = overtaken  # type: ignore[method-assign]  # an editor that takes its time
    done = await room.finish(job.id, sleeper)

    assert (done.stage, len(room.dealer.sold)) == (Stage.FINISHED, len(done.clips))
