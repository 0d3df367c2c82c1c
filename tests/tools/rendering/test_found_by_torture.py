"""What real processes showed when they were killed, in the smallest form: see tests/torture."""

from contextlib import suppress
from dataclasses import replace

from tests.fakes.dealer import GRACE_S
from tests.fakes.mortal import Killed
from tests.fakes.samples import a_request
from tests.tools.rendering.conftest import CuttingRoom
from tools.domain.identity import JobId
from tools.domain.jobs import Stage

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
