"""What settings make of the catalogue: who can be had, and a wrong file that stops the start."""

from pathlib import Path

import pytest

from server.settings import Settings, SettingsError
from server.shelves import catalogue_for


def settings(**facts: object) -> Settings:
    return Settings.model_construct(**facts)  # type: ignore[arg-type]  # the environment is not read


@pytest.mark.parametrize("name", ["replicate_api_key", "replicate_api_token"])
def test_with_a_key_paid_models_can_be_had(name: str) -> None:
    offers = catalogue_for(settings(**{name: "r8_key"})).offers()

    assert {offer.model.key for offer in offers if offer.is_available} >= {"veo-3.1", "kling-v3"}


def test_without_a_key_the_draft_alone_can_be_had_and_the_setting_is_named() -> None:
    offers = {offer.model.key: offer for offer in catalogue_for(settings()).offers()}

    assert [key for key, offer in offers.items() if offer.is_available] == ["draft"]
    assert "REPLICATE_API_KEY is not set" in str(offers["veo-3.1"].unavailable_reason)


def test_an_operators_rows_lie_over_ours(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[[model]]\nkey = "sora-2-pro"\nstate = "active"\n')

    shop = catalogue_for(settings(catalogue_path=file, replicate_api_key="r8_key"))

    assert shop.offers()[0].is_available


def test_a_wrong_file_stops_the_start_with_setting_file_line_and_reason(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[[model]]\nkey = "sora-2-pro"\nstate = "undead"\n')

    with pytest.raises(SettingsError) as refused:
        catalogue_for(settings(catalogue_path=file))

    assert str(refused.value) == (
        "CATALOGUE_PATH: mine.toml, line 3, model 1 (sora-2-pro): "
        "state: Input should be 'active' or 'retired'"
    )


def test_a_default_that_is_no_model_stops_the_start() -> None:
    with pytest.raises(SettingsError, match="sora-9"):
        catalogue_for(settings(default_video_model="sora-9"))
