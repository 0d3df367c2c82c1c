"""Which model is recommended for a need, and what the reason says."""

import pytest

from tools.catalogue.catalogue import Catalogue
from tools.catalogue.reading import read_models
from tools.catalogue.recommending import Need, Recommendation, recommend

NO_KEY = {"replicate": "REPLICATE_API_KEY is not set"}


def advised(
    need: Need | None = None, length_s: int | None = None, *, has_key: bool = True
) -> Recommendation:
    shop = Catalogue(
        models=read_models(),
        missing={} if has_key else NO_KEY,
        substitution="auto",
        default_model="sora-2-pro",
    )
    found = recommend(shop.offers(), need=need, length_s=length_s)
    assert found is not None
    return found


@pytest.mark.parametrize("need", [None, *Need])
def test_what_cannot_be_had_is_never_recommended(need: Need | None) -> None:
    assert advised(need).model_key == "veo-3.1"
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


def test_without_a_key_the_missing_setting_is_named() -> None:
    because = advised(Need.PREMIUM, has_key=False).because

    assert "Google Veo 3.1 would make a finished film" in because
    assert "REPLICATE_API_KEY is not set. Draft animatic stands in for it." in because


def test_a_length_is_held_by_the_model_and_a_stand_in_that_cannot_make_it_is_not_named() -> None:
    long = advised(Need.PREMIUM, 30)

    assert long.model_key == "draft"
    assert "for 30 seconds" in long.because
    assert "Veo" not in long.because


def test_a_length_that_nobody_makes_has_no_recommendation() -> None:
    shop = Catalogue(
        models=read_models(), missing={}, substitution="auto", default_model="sora-2-pro"
    )

    assert recommend(shop.offers(), length_s=90) is None


REASONS = [
    (Need.FAST, "about 1 to 2 minutes"),
    (Need.CHEAP, "$0.40 a second, $3.20 for the film"),
    (Need.REFERENCES, "3 images"),
]


@pytest.mark.parametrize(("need", "reason"), REASONS)
def test_the_reason_holds_the_figure(need: Need, reason: str) -> None:
    assert reason in advised(need, 8).because


def test_the_draft_is_mentioned_to_whom_price_or_speed_matters() -> None:
    assert "A draft is free" in advised(Need.CHEAP).because
    assert "A draft is free" in advised(Need.FAST).because
    assert "draft" not in advised(Need.REFERENCES).because
