"""What people are warned of, and what they are not."""

import pytest

from tools.domain.prompts import dissect
from tools.domain.templates import Template
from tools.library.library import fill
from tools.library.reading import read_templates
from tools.providers.prompt_lint import warnings_for


def warned(prompt: str, model_key: str = "") -> str:
    return " | ".join(warnings_for(prompt, dissect(prompt), model_key=model_key))


CASES = [
    ("a 5 second film of our tea, slow pan, then tilt up", "", "camera moves"),
    ("our tea. It opens. It pours. It steams. It spins. It lands. It shines.", "", "things happen"),
    ("our tea, use our logo", "", "composited exactly"),
    ('our tea with the text "Buy now"', "", "composited exactly"),
    ("our tea in 4k", "", "do nothing in the wording"),
    ("our tea but longer", "", "do nothing in the wording"),
    ("our tea, no people", "runway-gen3", "positive words"),
    ("a film starring Ada Lovelace", "", "real person"),
    ("our tea with taylor swift", "", "real person"),
    ("our tea beside a Coca-Cola", "", "not your own brand"),
    ("our tea, stunning, beautiful", "", "tells a camera nothing"),
    ("Make a video", "", "what the film is about"),
]


@pytest.mark.parametrize(("prompt", "model_key", "said"), CASES, ids=[case[0] for case in CASES])
def test_a_trap_is_told(prompt: str, model_key: str, said: str) -> None:
    assert said in warned(prompt, model_key)


FINE = [
    ("our oat drink pouring into a glass, slow push-in", ""),
    ("a 12 second film of our tea, slow pan, then tilt up", ""),
    ("our tea, no people", "veo-3.1"),
    ("our tea, stunning copper light", ""),
    ("an apricot and a pineapple", ""),
]


@pytest.mark.parametrize(("prompt", "model_key"), FINE, ids=[case[0] for case in FINE])
def test_a_good_prompt_is_left_in_peace(prompt: str, model_key: str) -> None:
    assert warned(prompt, model_key) == ""


FILLED = {
    "productName": "Oaty",
    "productDescription": "Creamy oat drink",
    "concept": "our oat drink pouring into a glass",
    "platform": "tiktok",
    "offer": "20% off",
    "deadline": "until Sunday",
}


@pytest.mark.parametrize("model_key", ["", "sora-2-pro", "runway-gen3"])
@pytest.mark.parametrize("template", read_templates(default_model="draft"), ids=lambda t: t.key)
def test_our_own_templates_walk_into_no_trap(template: Template, model_key: str) -> None:
    values = {p.name: FILLED[p.name] for p in template.parameters if p.name in FILLED}

    assert warned(fill(template, values).prompt, model_key) == ""


def test_what_the_refiner_wrote_walks_into_no_trap() -> None:
    assert warned("Subject: oat drink\nKeep clear: no text, letters or logos", "runway-gen3") == ""
