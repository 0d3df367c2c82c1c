"""The refiner by rules: what it adds, what it keeps, and that it is read back as it was meant."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.domain.prompts import Anatomy, Refinement, dissect
from tools.providers.prompt_choices import OTHERWISE, THEMES, theme_of
from tools.providers.prompt_forms import as_labelled, as_runway, as_sora, as_veo
from tools.providers.refining import AnatomyRefiner

MODELS = ["sora-2-pro", "veo-3.1", "runway-gen3", "draft", ""]
OAT = "Make a 6 second TikTok teaser for our oat drink, use our logo"


async def refine(prompt: str, context: str = "", model_key: str = "") -> Refinement:
    return await AnatomyRefiner().refine(prompt, context=context, model_key=model_key)


async def test_every_open_part_is_filled() -> None:
    anatomy = dissect((await refine(OAT)).refined_prompt)

    assert all((anatomy.action, anatomy.setting, anatomy.camera, anatomy.light, anatomy.sound))
    assert len(anatomy.palette) == 3


async def test_what_was_said_is_kept_and_only_the_rest_is_added() -> None:
    said = "our oat drink pouring into a glass in a tiled bar, handheld camera, jazz music"

    anatomy = dissect((await refine(said)).refined_prompt)

    assert anatomy.action == "pouring into a glass"
    assert anatomy.setting == "in a tiled bar"
    assert (anatomy.camera, anatomy.sound) == ("handheld camera", "jazz music")


async def test_each_addition_is_told_in_plain_words() -> None:
    refinement = await refine("our oat drink in a tiled bar")

    told = " ".join(refinement.changes)
    assert "Added the camera: " in told
    assert "Added the light: " in told
    assert "setting" not in told


async def test_refining_a_refined_prompt_changes_nothing() -> None:
    once = (await refine(OAT)).refined_prompt

    again = await refine(once)

    assert (again.refined_prompt, again.changes) == (once, ())


async def test_the_same_words_give_the_same_prompt() -> None:
    assert await refine(OAT) == await refine(OAT)


FORMS = [
    ("sora-2-pro", ["Style:", "We see:", "The place:", "Camera shot:", "Actions:", "Background"]),
    ("veo-3.1", ["Camera:", "Subject:", "Action:", "Context:", "Style & ambiance:", "Sound:"]),
    ("runway-gen3", ["Subject:", "Subject motion:", "Camera motion:", "Style:"]),
    ("draft", ["Style:", "Subject:", "Action:", "Setting:", "Camera:", "Light:", "Palette:"]),
]


@pytest.mark.parametrize(("model_key", "labels"), FORMS, ids=[key for key, _ in FORMS])
async def test_each_family_gets_its_own_order(model_key: str, labels: list[str]) -> None:
    refined = (await refine(OAT, model_key=model_key)).refined_prompt

    places = [refined.index(label) for label in labels]
    assert places == sorted(places)


async def test_sora_gets_its_beats_as_a_list() -> None:
    refined = (await refine(OAT, model_key="sora-2-pro")).refined_prompt

    assert "Actions:\n- a slow pour catches the light\n- the surface swirls and settles" in refined


async def test_runway_gets_motion_and_no_look_that_nobody_asked_for() -> None:
    refined = (await refine(OAT, model_key="runway-gen3")).refined_prompt

    assert not {"Light:", "Palette:", "Scene:", "Sound:"} & set(refined.split())


async def test_runway_gets_negatives_in_positive_words() -> None:
    refined = (await refine("our sneakers, no people", model_key="runway-gen3")).refined_prompt

    assert "free of people" in refined
    assert "no " not in refined.lower()


@pytest.mark.parametrize("model_key", ["sora-2-pro", "veo-3.1", "runway-gen3"])
async def test_no_paid_model_is_asked_to_draw_the_tagline(model_key: str) -> None:
    refinement = await refine('our oat drink "Wake up softer"', model_key=model_key)

    assert "Wake up softer" not in refinement.refined_prompt
    assert any("Wake up softer" in change for change in refinement.changes)


async def test_the_draft_composites_the_tagline_so_it_is_told() -> None:
    refinement = await refine('our oat drink "Wake up softer"', model_key="draft")

    assert dissect(refinement.refined_prompt).tagline == "Wake up softer"


async def test_a_context_steers_light_camera_and_style() -> None:
    steered = await refine(OAT, "Make it cinematic with dramatic lighting", "sora-2-pro")

    anatomy = dissect(steered.refined_prompt)
    assert "anamorphic" in anatomy.camera
    assert anatomy.light.startswith("dramatic lighting, one hard key light")
    assert anatomy.style.startswith("cinematic, fine film grain")


async def test_a_context_never_replaces_what_was_said() -> None:
    steered = await refine("our tea, handheld camera, candlelight", "dramatic lighting")

    anatomy = dissect(steered.refined_prompt)
    assert anatomy.camera == "handheld camera"
    assert anatomy.light.startswith("candlelight, dramatic lighting")


async def test_a_context_that_speaks_of_other_things_is_a_wish_for_the_style() -> None:
    steered = await refine("our tea", "Made for the feed: a hook at once, one idea")

    anatomy = dissect(steered.refined_prompt)
    assert anatomy.style == "Made for the feed, a hook at once, one idea"
    assert anatomy.subject == "tea"


THEMED = [
    ("our oat drink", "drinks"),
    ("a pizza fresh from the oven", "food"),
    ("our new phone", "technology"),
    ("leather boots", "fashion"),
    ("a hotel by the sea", "travel"),
    ("a yoga class", "sport"),
    ("our sofa", "home"),
    ("a rose serum", "beauty"),
    ("an electric car", "cars"),
    ("Brand logo", "product"),
    ("", "product"),
]


@pytest.mark.parametrize(("words", "theme"), THEMED, ids=[words for words, _ in THEMED])
def test_choices_fit_the_words(words: str, theme: str) -> None:
    assert theme_of(words).name == theme


@pytest.mark.parametrize("theme", [*THEMES, OTHERWISE], ids=lambda theme: theme.name)
def test_a_theme_is_a_whole_shot_with_three_colours(theme: Anatomy) -> None:
    parts = (theme.action, theme.setting, theme.camera, theme.light, theme.sound, theme.style)

    assert all(parts)
    assert len(theme.palette) == 3


_SAID = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12
)
_PHRASE = st.lists(_SAID, min_size=1, max_size=5).map(" ".join)


@pytest.mark.parametrize("form", [as_labelled, as_sora, as_veo, as_runway])
@given(prompt=_PHRASE)
def test_every_form_is_read_back_as_the_same_anatomy(form: object, prompt: str) -> None:
    assert callable(form)
    whole = replace(
        dissect(prompt),
        action="the lid opens; steam rises",
        setting="on a table",
        camera="slow pan",
        palette=("cream", "amber"),
        sound="a soft pour",
    )

    read = dissect(form(whole))

    assert replace(read, tagline="") == replace(whole, tagline="")


MARKETING_WORDS = (
    "make", "a", "6", "second", "tiktok", "video", "for", "our", "oat", "drink", "on", "kitchen",
    "table", "with", "warm", "light", "and", "jazz", "music", "pouring", "slowly", "into", "glass",
    "close-up", "of", "the", "carton", ",", ".", ";", "no", "people", "red", "then",
)  # fmt: skip
_MARKETING = st.lists(
    st.sampled_from(MARKETING_WORDS),
    max_size=25,
).map(" ".join)


@settings(deadline=None, max_examples=200)
@given(prompt=_MARKETING, model_key=st.sampled_from(MODELS))
async def test_the_subjects_words_survive_refinement(prompt: str, model_key: str) -> None:
    refined = (await refine(prompt, model_key=model_key)).refined_prompt.lower()

    said = dissect(prompt)
    kept = f"{said.subject} {said.action} {said.setting} {said.camera} {said.light}".lower()
    lost = {word.strip(".,;") for word in kept.split() if word.strip(".,;") not in refined}
    assert lost <= {"with", "no", "then"}


@settings(deadline=None, max_examples=150)
@given(prompt=st.text(max_size=200), context=st.text(max_size=60))
async def test_any_text_is_refined_without_a_fault(prompt: str, context: str) -> None:
    assert (await refine(prompt, context)).refined_prompt
