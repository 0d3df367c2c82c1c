"""The public rows are the seed's, and ours beside them."""

from tools.catalogue.catalogue import Catalogue
from tools.catalogue.reading import read_models
from tools.catalogue.rows import model_row, quote_row
from tools.domain.models import Span
from tools.domain.videos import VideoRequest


def shop(*, has_key: bool = False) -> Catalogue:
    return Catalogue(
        models=read_models(),
        missing={} if has_key else {"replicate": "REPLICATE_API_KEY is not set"},
        substitution="auto",
        default_model="sora-2-pro",
    )


ROWS = {offer.model.key: model_row(offer) for offer in shop().offers()}
SEED_FIELDS = (
    "key", "name", "description", "durationRange", "supportsReferenceImages", "quality",
)  # fmt: skip


def test_the_seeds_row_of_sora_is_kept_to_the_letter() -> None:
    assert {field: ROWS["sora-2-pro"][field] for field in SEED_FIELDS} == {
        "key": "sora-2-pro",
        "name": "OpenAI Sora 2 Pro",
        "description": "Premium video generation with reference image support, 5-60 seconds",
        "durationRange": {"min": 5, "max": 60},
        "supportsReferenceImages": True,
        "quality": "highest",
    }


def test_the_seeds_row_of_veo_is_kept_to_the_letter() -> None:
    assert {field: ROWS["veo-3.1"][field] for field in SEED_FIELDS} == {
        "key": "veo-3.1",
        "name": "Google Veo 3.1",
        "description": "High-quality video generation, 4-8 seconds",
        "durationRange": {"min": 4, "max": 8},
        "supportsReferenceImages": True,
        "quality": "high",
    }


def test_a_row_holds_what_the_contract_names_and_no_more() -> None:
    ours = {
        "available", "lifecycle", "aspectRatios", "maxReferenceImages", "pricePerSecond",
        "typicalSeconds",
    }  # fmt: skip

    assert set(ROWS["kling-v3"]) == {*SEED_FIELDS, *ours, "unavailableReason", "standIn"}


def test_a_retired_row_tells_its_life_and_has_no_price() -> None:
    row = ROWS["sora-2-pro"]

    assert row["lifecycle"] == {
        "state": "retired",
        "retiredOn": "2026-09-24",
        "replacements": ["veo-3.1", "kling-v3", "seedance-2.0", "veo-3.1-fast"],
    }
    assert row["available"] is False
    assert "pricePerSecond" not in row


def test_an_active_row_tells_price_images_and_a_typical_time_that_is_called_an_estimate() -> None:
    row = ROWS["veo-3.1"]

    assert row["pricePerSecond"] == {"amount": 400_000, "currency": "USD"}
    assert row["maxReferenceImages"] == 3
    assert row["aspectRatios"] == ["16:9", "9:16"]
    assert row["typicalSeconds"] == {"min": 60, "max": 120, "estimate": True}
    assert row["lifecycle"] == {
        "state": "active",
        "replacements": ["kling-v3", "veo-3.1-fast", "seedance-2.0"],
    }


def test_a_price_by_the_clip_is_told_by_the_second_too() -> None:
    assert ROWS["hailuo-2.3"]["pricePerSecond"] == {"amount": 46_667, "currency": "USD"}


def test_a_measured_time_is_no_estimate() -> None:
    models = shop(has_key=True)
    models.learn({"veo-3.1": Span(low_s=70, high_s=95)})

    row = next(model_row(offer) for offer in models.offers() if offer.model.key == "veo-3.1")

    assert row["typicalSeconds"] == {"min": 70, "max": 95, "estimate": False}


def test_only_the_draft_says_that_it_is_one() -> None:
    assert [key for key, row in ROWS.items() if "draft" in row] == ["draft"]


def test_an_available_row_gives_no_reason_and_needs_no_stand_in() -> None:
    assert not {"unavailableReason", "standIn"} & set(ROWS["draft"])


def test_a_row_that_cannot_be_had_names_the_key_of_who_makes_its_films() -> None:
    assert ROWS["veo-3.1"]["standIn"] == "draft"


def test_a_quote_names_the_asked_model_only_where_another_stands_in() -> None:
    asked = VideoRequest(prompt="x", model_key="veo-3.1", length_s=6)
    drafted = VideoRequest(prompt="x", model_key="draft", length_s=6)

    assert quote_row(shop().choose(asked))["requestedModel"] == "veo-3.1"
    assert quote_row(shop().choose(drafted)) == {
        "model": "draft",
        "total": {"amount": 0, "currency": "USD"},
        "lines": [
            {
                "description": "6 s with Draft animatic",
                "seconds": 6,
                "amount": {"amount": 0, "currency": "USD"},
            }
        ],
        "warnings": [],
    }


def test_the_quote_of_a_chained_film_has_a_line_for_each_clip() -> None:
    asked = VideoRequest(prompt="x", model_key="kling-v3", length_s=20)

    row = quote_row(shop(has_key=True).choose(asked))

    assert row["total"] == {"amount": 6_720_000, "currency": "USD"}
    assert row["lines"] == [
        {
            "description": "15 s with Kling 3.0 (1 of 2)",
            "seconds": 15,
            "amount": {"amount": 5_040_000, "currency": "USD"},
        },
        {
            "description": "5 s with Kling 3.0 (2 of 2)",
            "seconds": 5,
            "amount": {"amount": 1_680_000, "currency": "USD"},
        },
    ]
