"""A film of any length out of the clips that a model sells."""

import time
from dataclasses import replace
from itertools import combinations_with_replacement

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.catalogue.reading import read_models
from tools.domain.models import ImageInput, ImageUse, Inputs, Price, Sound, VideoModel
from tools.domain.money import Money
from tools.domain.plans import plan_clips, quote_lines
from tools.domain.videos import QuoteLine

MODELS = {model.key: model for model in read_models()}
OPENING = ImageInput(name="image", use=ImageUse.FIRST_FRAME, most=1)


def cost(model: VideoModel, clips: tuple[int, ...]) -> Money:
    return Money(sum(line.amount.micros for line in quote_lines(model, clips)))


PLANS = {
    "sora-2-pro": {5: [8], 6: [8], 10: [12], 15: [12, 4], 30: [12, 12, 8], 60: [12] * 5},
    "veo-3.1": {5: [6], 6: [6], 10: [6, 4], 15: [8, 8], 30: [8] * 3 + [6], 60: [8] * 7 + [4]},
    "runway-gen4.5": {5: [5], 6: [10], 10: [10], 15: [10, 5], 30: [10] * 3, 60: [10] * 6},
    "kling-v3": {5: [5], 6: [6], 10: [10], 15: [15], 30: [15] * 2, 60: [15] * 4},
    # Two clips of 6 s cost less than the like of one of 10 s: money goes before the number of joins.
    "hailuo-2.3": {5: [6], 6: [6], 10: [10], 15: [10, 6], 30: [6] * 5, 60: [6] * 10},
    "wan-3": {5: [5], 6: [6], 10: [10], 15: [15], 30: [30], 60: [30] * 2},
}


@pytest.mark.parametrize(
    ("key", "length_s", "clips"),
    [(key, length_s, clips) for key, row in PLANS.items() for length_s, clips in row.items()],
)
def test_a_length_is_made_of_the_clips_that_leave_least_over(
    key: str, length_s: int, clips: list[int]
) -> None:
    assert plan_clips(MODELS[key], length_s) == tuple(clips)


A_MINUTE = {
    "sora-2-pro": "18.00",
    "veo-3.1": "24.00",
    "runway-gen4.5": "7.20",
    "veo-3.1-fast": "9.00",
    "kling-v3": "20.16",
    "seedance-2.0": "27.00",
    "hailuo-2.3": "2.80",
    "wan-3": "12.00",
    "draft": "0",
}


@pytest.mark.parametrize(("key", "price"), A_MINUTE.items())
def test_a_minute_costs_what_its_clips_cost(key: str, price: str) -> None:
    assert cost(MODELS[key], plan_clips(MODELS[key], 60)) == Money.usd(price)


def test_a_model_without_sound_is_priced_without() -> None:
    silent = replace(MODELS["kling-v3"], sound=Sound.NEVER)

    assert cost(silent, plan_clips(silent, 10)) == Money.usd("2.24")


def test_a_model_that_cannot_go_on_from_a_clip_makes_one_piece_or_nothing() -> None:
    alone = replace(MODELS["runway-gen4.5"], inputs=Inputs())

    assert plan_clips(alone, 7) == (10,)
    assert plan_clips(alone, 11) == ()


@pytest.mark.parametrize("length_s", [-1, 0, 61])
@pytest.mark.parametrize("key", MODELS)
def test_a_length_that_no_film_has_has_no_plan(key: str, length_s: int) -> None:
    assert plan_clips(MODELS[key], length_s) == ()


@pytest.mark.parametrize("key", ["runway-gen3", "runway-gen2"])
def test_what_nobody_sells_has_no_plan(key: str) -> None:
    assert plan_clips(MODELS[key], 10) == ()


def test_a_stand_in_is_not_held_to_its_own_published_lengths() -> None:
    veo = MODELS["veo-3.1"]

    assert 60 not in veo.lengths
    assert sum(plan_clips(veo, 60)) == 60


# -- properties ------------------------------------------------------------------------------------


@st.composite
def shops(draw: st.DrawFn) -> VideoModel:
    """A model with any clips at any price by the clip, that can be chained."""
    lengths = draw(st.sets(st.integers(1, 12), min_size=1, max_size=4))
    per_clip = {clip_s: Money(draw(st.integers(0, 9)) * 100_000) for clip_s in lengths}
    return replace(
        MODELS["veo-3.1"],
        clip_lengths=tuple(sorted(lengths)),
        sound=Sound.NEVER,
        prices=(Price(sound=False, per_clip=per_clip),),
        inputs=Inputs(images=(OPENING,)),
    )


@given(shops(), st.integers(1, 60))
def test_a_plan_reaches_the_length_and_would_not_without_its_last_clip(
    model: VideoModel, length_s: int
) -> None:
    clips = plan_clips(model, length_s)

    assert set(clips) <= set(model.clip_lengths)
    assert sum(clips) >= length_s > sum(clips[:-1])
    assert list(clips) == sorted(clips, reverse=True)


@settings(deadline=None)  # the other plans are tried one by one
@given(shops(), st.integers(1, 12))
def test_no_other_plan_leaves_less_over_nor_costs_less_nor_has_fewer_clips(
    model: VideoModel, length_s: int
) -> None:
    most = -(-length_s // min(model.clip_lengths))
    price = {clip_s: model.price(clip_s, sound=False).micros for clip_s in model.clip_lengths}
    best = min(
        (sum(way), sum(price[clip_s] for clip_s in way), len(way))
        for count in range(1, most + 1)
        for way in combinations_with_replacement(model.clip_lengths, count)
        if sum(way) >= length_s
    )

    clips = plan_clips(model, length_s)
    assert (sum(clips), cost(model, clips).micros, len(clips)) == best


@given(st.sampled_from(["veo-3.1", "kling-v3", "seedance-2.0", "wan-3"]), st.integers(4, 60))
def test_every_length_has_a_plan_that_wastes_less_than_its_shortest_clip(
    key: str, length_s: int
) -> None:
    model = MODELS[key]
    over = sum(plan_clips(model, length_s)) - length_s

    assert 0 <= over < min(model.clip_lengths)


def test_a_plan_is_known_again_within_a_millisecond() -> None:
    for model in MODELS.values():
        plan_clips(model, 60)

    took = [_timed(model) for model in MODELS.values()]

    assert max(took) < 0.001


def _timed(model: VideoModel) -> float:
    """The quickest of a few: this machine has other things to do."""
    best = 1.0
    for _ in range(20):
        began = time.perf_counter()
        plan_clips(model, 60)
        best = min(best, time.perf_counter() - began)
    return best


# -- the lines of a quote --------------------------------------------------------------------------


def test_each_clip_is_a_line_that_says_which_of_how_many_it_is() -> None:
    assert quote_lines(MODELS["veo-3.1"], (6, 4)) == (
        QuoteLine(
            description="6 s with Google Veo 3.1 (1 of 2)", seconds=6, amount=Money.usd("2.40")
        ),
        QuoteLine(
            description="4 s with Google Veo 3.1 (2 of 2)", seconds=4, amount=Money.usd("1.60")
        ),
    )


def test_a_single_clip_is_not_counted() -> None:
    (line,) = quote_lines(MODELS["draft"], (6,))

    assert (line.description, line.amount) == ("6 s with Draft animatic", Money())
