"""Which model is recommended for a need, and what the reason says."""

import pytest

from tools.catalogue.catalogue import Catalogue
from tools.catalogue.reading import read_models
from tools.catalogue.recommending import Need, Recommendation, recommend
from tools.domain.models import Span

NO_KEY = {"replicate": "REPLICATE_API_KEY is not set"}


def shop(*, has_key: bool = True) -> Catalogue:
    return Catalogue(
        models=read_models(),
        missing={} if has_key else NO_KEY,
        substitution="auto",
        default_model="sora-2-pro",
    )


def advised(
    need: Need | None = None, length_s: int | None = None, *, has_key: bool = True
) -> Recommendation:
    found = recommend(shop(has_key=has_key).offers(), need=need, length_s=length_s)
    assert found is not None
    return found


BEST = [
    (None, None, "veo-3.1"),
    (Need.PREMIUM, None, "veo-3.1"),
    (Need.PREMIUM, 8, "veo-3.1"),
    (Need.PREMIUM, 30, "kling-v3"),
    (Need.FAST, None, "veo-3.1-fast"),
    (Need.CHEAP, None, "hailuo-2.3"),
    (Need.CHEAP, 5, "runway-gen4.5"),
    (Need.REFERENCES, None, "seedance-2.0"),
]


@pytest.mark.parametrize(("need", "length_s", "key"), BEST)
def test_with_a_key_the_best_for_the_need_is_recommended(
    need: Need | None, length_s: int | None, key: str
) -> None:
    assert advised(need, length_s).model_key == key


@pytest.mark.parametrize("need", [None, *Need])
def test_without_a_key_the_draft_is_all_there_is(need: Need | None) -> None:
    assert advised(need, has_key=False).model_key == "draft"


@pytest.mark.parametrize("need", [None, *Need])
def test_a_draft_is_only_recommended_where_nothing_else_can_be_had_and_says_so(
    need: Need | None,
) -> None:
    assert "It is a draft" not in advised(need).because
    assert "It is a draft to judge timing" in advised(need, has_key=False).because


def test_who_would_come_first_is_named_with_why_not_and_who_stands_in() -> None:
    assert advised(Need.PREMIUM).because == (
        "Google Veo 3.1 has the best quality that can be had here. OpenAI Sora 2 Pro would come "
        "first, but it cannot be had here. It was retired on 24 Sep 2026. Google Veo 3.1 stands in "
        "for it."
    )


def test_a_stand_in_that_is_not_the_one_recommended_is_not_named() -> None:
    because = advised(Need.PREMIUM, 30).because

    assert because.startswith("Kling 3.0 has the best quality")
    assert "OpenAI Sora 2 Pro would come first" in because
    assert "Veo" not in because


def test_without_a_key_the_missing_setting_is_named() -> None:
    because = advised(Need.PREMIUM, has_key=False).because

    assert "Google Veo 3.1 would make a finished film" in because
    assert "REPLICATE_API_KEY is not set. Draft animatic stands in for it." in because


def test_a_model_whose_schema_was_never_read_is_not_recommended() -> None:
    models = shop()
    needs = dict.fromkeys(("veo-3.1", "kling-v3", "seedance-2.0"), "It is gone")
    models.mark(needs)

    found = recommend(models.offers(), need=Need.PREMIUM)

    assert found is not None
    assert found.model_key == "runway-gen4.5"


def test_a_length_that_nobody_makes_has_no_recommendation() -> None:
    assert recommend(shop().offers(), length_s=90) is None


REASONS = [
    (Need.FAST, None, "about 30 to 90 seconds"),
    (Need.FAST, 30, "about 2 to 6 minutes"),  # four clips, one after the other
    (Need.CHEAP, 8, "about $0.05 a second, $0.56 for the film"),
    (Need.REFERENCES, 8, "9 images"),
]


@pytest.mark.parametrize(("need", "length_s", "reason"), REASONS)
def test_the_reason_holds_the_figure(need: Need, length_s: int | None, reason: str) -> None:
    assert reason in advised(need, length_s).because


def test_what_was_measured_here_counts_more_than_the_estimate() -> None:
    models = shop()
    models.learn({"hailuo-2.3": Span(low_s=20, high_s=40)})

    found = recommend(models.offers(), need=Need.FAST)

    assert found is not None
    assert found.because.startswith(
        "MiniMax Hailuo 2.3 is the quickest that can be had here: about 20 to 40 seconds."
    )


def test_the_draft_is_mentioned_to_whom_price_or_speed_matters() -> None:
    assert "A draft is free" in advised(Need.CHEAP).because
    assert "A draft is free" in advised(Need.FAST).because
    assert "draft" not in advised(Need.REFERENCES).because
