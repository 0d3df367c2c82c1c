"""The file of models is read whole or refused with the row and the reason."""

from datetime import date
from pathlib import Path

import pytest

from tools.catalogue.reading import WrongCatalogue, read_models
from tools.domain.models import Quality, VideoModel

GOOD_ROW = """
[[model]]
key = "one"
name = "One"
description = "The first"
provider = "local"
lengths = { min = 4, max = 8 }
aspect_ratios = ["16:9"]
max_reference_images = 0
quality = "good"
price_per_second = "0.10"
typical_s = { min = 1, max = 2 }
"""


def own(key: str) -> VideoModel:
    return next(model for model in read_models() if model.key == key)


def test_the_seeds_four_come_first_and_the_draft_after_them() -> None:
    assert [model.key for model in read_models()] == [
        "sora-2-pro",
        "veo-3.1",
        "runway-gen3",
        "runway-gen2",
        "draft",
    ]


SEED = [
    ("sora-2-pro", "OpenAI Sora 2 Pro", 5, 60, True, Quality.HIGHEST),
    ("veo-3.1", "Google Veo 3.1", 4, 8, True, Quality.HIGH),
    ("runway-gen3", "Runway Gen-3", 4, 60, False, Quality.HIGH),
    ("runway-gen2", "Runway Gen-2", 4, 60, False, Quality.GOOD),
    ("draft", "Draft animatic", 4, 60, True, Quality.GOOD),
]


@pytest.mark.parametrize("published", SEED, ids=[row[0] for row in SEED])
def test_a_model_is_published_as_the_seed_has_it(
    published: tuple[str, str, int, int, bool, Quality],
) -> None:
    model = own(published[0])

    assert published == (
        model.key,
        model.name,
        model.lengths.low_s,
        model.lengths.high_s,
        model.supports_references,
        model.quality,
    )


@pytest.mark.parametrize(
    ("key", "day"),
    [("sora-2-pro", date(2026, 9, 24)), ("runway-gen3", date(2026, 7, 30)), ("runway-gen2", None)],
)
def test_the_dead_name_a_replacement_that_exists(key: str, day: date | None) -> None:
    model = own(key)

    assert model.is_retired
    assert model.lifecycle.retired_on == day
    assert model.lifecycle.replacements == ("veo-3.1",)


def test_the_draft_is_free_and_local() -> None:
    draft = own("draft")

    assert (draft.provider, draft.is_draft, draft.max_reference_images) == ("local", True, 10)
    assert draft.price_per_second is not None
    assert draft.price_per_second.micros == 0


WRONG = [
    ("not toml", "key = 1\n= 2\n", "line 2"),
    ("no rows", "", "[[model]]"),
    ("something else", GOOD_ROW + "[extra]\n", "[[model]]"),
    ("unknown field", GOOD_ROW + "colour = 1\n", "model 1 (one): colour"),
    ("lengths upside down", GOOD_ROW.replace("max = 8", "max = 3"), "lengths"),
    ("unknown ratio", GOOD_ROW.replace("16:9", "4:3"), "aspect_ratios.0"),
    ("no price", GOOD_ROW.replace('price_per_second = "0.10"', ""), "price_per_second"),
    ("a float price", GOOD_ROW.replace('"0.10"', "0.10"), "price_per_second"),
    ("the same key twice", GOOD_ROW + GOOD_ROW, "model 2 (one): this key"),
    (
        "a replacement that is not there",
        GOOD_ROW + 'state = "retired"\nreplacements = ["two"]\n',
        "'two'",
    ),
    ("a living one with a day of death", GOOD_ROW + "retired_on = 2026-01-01\n", "retired"),
]


@pytest.mark.parametrize(("why", "text", "said"), WRONG, ids=[w[0] for w in WRONG])
def test_a_wrong_file_is_refused_with_row_and_reason(
    why: str, text: str, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "models.toml"
    file.write_text(text)

    with pytest.raises(WrongCatalogue) as refused:
        read_models(file)
    assert said in str(refused.value)
    assert str(refused.value).startswith("models.toml")


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(WrongCatalogue, match=r"gone\.toml"):
        read_models(tmp_path / "gone.toml")
