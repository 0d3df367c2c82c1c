"""Killed at each step of a purchase, every clip is bought once; without reconciliation it is not."""

import pytest

from tests.torture.plans import short
from tests.torture.report import table
from tests.torture.run import Result, played
from tests.torture.steps import PURCHASE

SEED = 1
TORTURED, CONTROL = short(SEED)


@pytest.fixture(scope="module")
async def tortured() -> Result:
    return await played(TORTURED)


async def test_killed_at_every_step_each_clip_is_bought_once_and_each_film_told_of_once(
    tortured: Result,
):
    assert not tortured.faults, f"\n{table([tortured])}"
    assert tortured.jobs == TORTURED.jobs


async def test_every_step_of_a_purchase_killed_and_a_sleeper_was_overtaken(tortured: Result):
    kills = [f"kill at {step}" for step in PURCHASE]

    assert [each for each in kills if each not in tortured.struck] == [], table([tortured])
    assert tortured.kills >= len(kills)
    assert tortured.freezes == 1


async def test_with_reconciliation_switched_off_the_same_deaths_buy_twice():
    control = await played(CONTROL)

    assert control.doubles > 0, f"\n{table([control])}"
    assert not control.faults, f"\n{table([control])}"
