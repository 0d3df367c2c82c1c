from dataclasses import replace

import pytest

from tools.catalogue.reading import read_models
from tools.domain.money import Money
from tools.domain.plans import Clip, plan_clips, quote_lines

VEO = next(model for model in read_models() if model.key == "veo-3.1")


@pytest.mark.parametrize("length_s", [4, 6, 8])
def test_a_length_inside_the_range_is_one_clip(length_s: int) -> None:
    assert plan_clips(VEO, length_s) == (Clip(seconds=length_s),)


@pytest.mark.parametrize("length_s", [-1, 0, 3, 9])
def test_a_length_outside_the_range_has_no_plan(length_s: int) -> None:
    assert plan_clips(VEO, length_s) == ()


def test_each_clip_is_priced_by_its_seconds() -> None:
    (line,) = quote_lines(replace(VEO, price_per_second=Money.usd("0.40")), (Clip(seconds=6),))

    assert (line.seconds, line.amount) == (6, Money.usd("2.40"))
