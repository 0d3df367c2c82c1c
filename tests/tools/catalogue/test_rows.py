"""The public rows are the seed's, and ours beside them."""

from tools.catalogue.catalogue import Catalogue
from tools.catalogue.reading import read_models
from tools.catalogue.rows import model_row, quote_row
from tools.domain.videos import VideoRequest

SHOP = Catalogue(
    models=read_models(),
    missing={"replicate": "REPLICATE_API_KEY is not set"},
    substitution="auto",
    default_model="sora-2-pro",
)
ROWS = {offer.model.key: model_row(offer) for offer in SHOP.offers()}
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


def test_a_retired_row_tells_its_life_and_has_no_price() -> None:
    row = ROWS["sora-2-pro"]

    assert row["lifecycle"] == {
        "state": "retired",
        "retiredOn": "2026-09-24",
        "replacements": ["veo-3.1"],
    }
    assert row["available"] is False
    assert "pricePerSecond" not in row


def test_an_active_row_tells_price_and_a_typical_time_that_is_called_an_estimate() -> None:
    row = ROWS["veo-3.1"]

    assert row["pricePerSecond"] == {"amount": 400_000, "currency": "USD"}
    assert row["typicalSeconds"] == {"min": 60, "max": 120, "estimate": True}
    assert row["lifecycle"] == {"state": "active"}


def test_only_the_draft_says_that_it_is_one() -> None:
    assert [key for key, row in ROWS.items() if "draft" in row] == ["draft"]


def test_an_available_row_gives_no_reason() -> None:
    assert "unavailableReason" not in ROWS["draft"]


def test_a_quote_names_the_asked_model_only_where_another_stands_in() -> None:
    asked = VideoRequest(prompt="x", model_key="veo-3.1", length_s=6)
    drafted = VideoRequest(prompt="x", model_key="draft", length_s=6)

    assert quote_row(SHOP.choose(asked))["requestedModel"] == "veo-3.1"
    assert quote_row(SHOP.choose(drafted)) == {
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
