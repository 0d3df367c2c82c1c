"""Data files that cannot be used stop the start; a key brings what it is for."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from server.compose import adapters_for, compose
from server.settings import Settings, SettingsError

TEMPLATE = """
[[template]]
key = "store-opening"
title = "Store opening"
description = "A new store opens its doors"
model = "MODEL"
aspect_ratio = "9:16"
length = 8
prompt = "Subject: {{ storeName }}"
[[template.parameter]]
name = "storeName"
question = "What is the store called?"
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path / "data")  # type: ignore[call-arg]


def started(settings: Settings) -> None:
    compose(settings, public_url="http://localhost", clock=lambda: datetime.now(UTC))


@pytest.mark.parametrize("is_folder", [True, False], ids=["a folder", "a file"])
def test_an_operators_templates_are_read_at_the_start(
    settings: Settings, tmp_path: Path, is_folder: bool
) -> None:
    file = tmp_path / "mine" / "stores.toml"
    file.parent.mkdir()
    file.write_text(TEMPLATE.replace("MODEL", "veo-3.1"))

    started(settings.model_copy(update={"templates_path": file.parent if is_folder else file}))


WRONG = [
    ("sora-9", r"TEMPLATES_PATH: stores\.toml, line 2, template 1 \(store-opening\): .*'sora-9'"),
    ('draft"\nlenght = 3\n#', r"TEMPLATES_PATH: stores\.toml, line 2.*lenght"),
    ('draft"\n[[oops', r"TEMPLATES_PATH: stores\.toml: .*line 7"),
]


@pytest.mark.parametrize(("model", "said"), WRONG, ids=["its model", "a field", "its syntax"])
def test_a_wrong_template_stops_the_start_with_file_line_and_reason(
    settings: Settings, tmp_path: Path, model: str, said: str
) -> None:
    file = tmp_path / "stores.toml"
    file.write_text(TEMPLATE.replace("MODEL", model))

    with pytest.raises(SettingsError, match=said):
        started(settings.model_copy(update={"templates_path": file}))


def test_templates_that_are_not_there_stop_the_start(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="TEMPLATES_PATH"):
        started(settings.model_copy(update={"templates_path": tmp_path / "nowhere"}))


def test_without_a_key_rules_refine(settings: Settings) -> None:
    assert adapters_for(settings).refiner.name == "offline rules"


def test_with_a_key_the_named_model_refines(settings: Settings) -> None:
    keyed = settings.model_copy(update={"poe_api_key": "k", "poe_refine_model": "gpt-5.4-mini"})

    assert adapters_for(keyed).refiner.name == "gpt-5.4-mini"


async def test_what_refines_is_opened_and_closed_with_the_house(settings: Settings) -> None:
    keyed = settings.model_copy(
        update={"poe_api_key": "k", "poe_api_url": "http://127.0.0.1:9", "default_duration_s": 6}
    )
    adapters = adapters_for(keyed)
    completion = adapters.services[-1]

    async with completion:
        refinement = await adapters.refiner.refine("our oat drink", context="", model_key="")

    assert refinement.note == "Refined by rules: the language model did not answer."
