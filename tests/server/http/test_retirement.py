from dataclasses import replace

import pytest

from server.http.retirement import about_retired
from tools.catalogue.reading import read_models

MODELS = {model.key: model for model in read_models()}
URL = "https://studio.example/api/video/models"
DAYS = {
    "sora-2-pro": ("@1790208000", "Thu, 24 Sep 2026 00:00:00 GMT", "veo-3.1"),
    "runway-gen3": ("@1785369600", "Thu, 30 Jul 2026 00:00:00 GMT", "runway-gen4.5"),
    "runway-gen2": ("@1785369600", "Thu, 30 Jul 2026 00:00:00 GMT", "runway-gen4.5"),
}


@pytest.mark.parametrize(("key", "said"), DAYS.items())
def test_a_retired_model_says_since_when_and_who_takes_over(key, said):
    deprecated, sunset, successor = said

    assert about_retired(MODELS[key], models_url=URL) == {
        "Deprecation": deprecated,
        "Sunset": sunset,
        "Link": f'<{URL}>; rel="deprecation"; type="application/json", '
        f'<{URL}#{successor}>; rel="successor-version"',
    }


def test_a_living_model_says_nothing():
    assert about_retired(MODELS["veo-3.1"], models_url=URL) == {}


def test_no_day_is_made_up_where_none_is_known():
    gen2 = MODELS["runway-gen2"]
    gone = replace(gen2, lifecycle=replace(gen2.lifecycle, gone_by=None, replacements=()))

    assert about_retired(gone, models_url=URL) == {
        "Link": f'<{URL}>; rel="deprecation"; type="application/json"'
    }
