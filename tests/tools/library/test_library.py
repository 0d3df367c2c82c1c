"""Our templates, and how one is filled."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.domain.prompts import dissect
from tools.domain.templates import Template
from tools.errors import InvalidPayload, UnknownTemplate
from tools.library.library import Library, fill
from tools.library.reading import read_templates

LIBRARY = Library(read_templates(default_model="sora-2-pro"))
BRAND, SHOWCASE, SOCIAL, TEASER, COUNTDOWN, STING = LIBRARY.templates()
SHOWN = {"productName": "Oaty", "productDescription": "Creamy oat drink for coffee"}
OFFER = {"productName": "Oaty", "offer": "20% off", "deadline": "until Sunday"}
LEAST: dict[str, dict[str, str | int]] = {
    "brand-animation": {"productName": "Oaty"},
    "product-showcase": {**SHOWN},
    "social-media": {"concept": "Oaty pours into a glass", "platform": "tiktok"},
    "launch-teaser": {"productName": "Oaty"},
    "offer-countdown": {**OFFER},
    "logo-sting": {"productName": "Oaty"},
}
"""What each cannot do without."""


def test_the_seeds_three_templates_come_first_and_a_marketers_three_behind() -> None:
    assert [template.key for template in LIBRARY.templates()] == [
        "brand-animation",
        "product-showcase",
        "social-media",
        "launch-teaser",
        "offer-countdown",
        "logo-sting",
    ]


@pytest.mark.parametrize("template", LIBRARY.templates(), ids=lambda template: template.key)
def test_a_template_needs_no_more_than_this(template: Template) -> None:
    filled = fill(template, LEAST[template.key])

    assert filled.missing == ()
    assert "Oaty" in filled.prompt


@pytest.mark.parametrize("template", LIBRARY.templates(), ids=lambda template: template.key)
def test_what_a_template_asks_is_a_question(template: Template) -> None:
    assert [p.question for p in template.parameters if "?" not in p.question] == []


NAMES = ["social-media", "Social media film", "SOCIAL MEDIA", "social_media", "socialMedia"]


@pytest.mark.parametrize("name", NAMES)
def test_a_template_is_found_by_key_or_title_however_written(name: str) -> None:
    assert LIBRARY.template(name) is SOCIAL


def test_an_unknown_template_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownTemplate, match="brand-animation, product-showcase, social-media"):
        LIBRARY.template("wedding")


PLACEMENTS = [
    ("instagram", "9:16", 15),
    ("tiktok", "9:16", 12),
    ("youtube", "16:9", 15),
    ("facebook", "1:1", 15),
]


@pytest.mark.parametrize(("platform", "ratio", "length_s"), PLACEMENTS)
def test_a_platform_decides_shape_and_length(platform: str, ratio: str, length_s: int) -> None:
    filled = fill(SOCIAL, {"concept": "Product unboxing", "platform": platform})

    assert (filled.aspect_ratio, filled.length_s) == (ratio, length_s)


@pytest.mark.parametrize("template", [SOCIAL, TEASER, COUNTDOWN], ids=lambda t: t.key)
@pytest.mark.parametrize("platform", [name for name, _, _ in PLACEMENTS])
def test_a_placement_says_where_and_when_its_numbers_were_read(
    platform: str, template: Template
) -> None:
    placement = dict(template.placements)[platform]

    assert placement.source
    assert date.fromisoformat(placement.checked_on) >= date(2026, 1, 1)


SHAPES = [
    (BRAND, "16:9", 6),
    (SHOWCASE, "16:9", 8),
    (TEASER, "9:16", 9),
    (COUNTDOWN, "9:16", 9),
    (STING, "16:9", 5),
]


@pytest.mark.parametrize(("template", "ratio", "length_s"), SHAPES, ids=lambda v: str(v)[:9])
def test_where_nothing_is_said_of_a_platform_a_template_has_its_usual_shape(
    template: Template, ratio: str, length_s: int
) -> None:
    filled = fill(template, LEAST[template.key])

    assert (filled.aspect_ratio, filled.length_s) == (ratio, length_s)


def test_brand_animation_asks_for_sora_and_the_others_for_the_default() -> None:
    templates = read_templates(default_model="draft")

    assert [template.model_key for template in templates] == ["sora-2-pro", *["draft"] * 5]


def test_a_default_is_taken_where_nothing_is_given() -> None:
    assert "3 tall plain cards" in fill(COUNTDOWN, OFFER).prompt
    assert "3 tall plain cards" in fill(COUNTDOWN, {**OFFER, "daysLeft": " "}).prompt


def test_a_number_decides_the_words_around_it() -> None:
    assert "one tall plain card\n" in fill(COUNTDOWN, {**OFFER, "daysLeft": 1}).prompt
    assert "5 tall plain cards in a row\n" in fill(COUNTDOWN, {**OFFER, "daysLeft": "5"}).prompt


@pytest.mark.parametrize("mood", ["calm", "bold", "playful"])
def test_each_mood_of_a_sting_is_a_film_of_its_own(mood: str) -> None:
    anatomy = dissect(fill(STING, {"productName": "Oaty", "mood": mood}).prompt)

    assert anatomy.style.startswith(f"{mood} brand ident")
    assert all((anatomy.action, anatomy.camera, anatomy.light, anatomy.sound, anatomy.setting))


def test_an_image_goes_with_the_film_and_not_into_its_words() -> None:
    filled = fill(STING, {"productName": "Oaty", "logo": "upload-17"})

    assert filled.uploads == ("upload-17",)
    assert "upload-17" not in filled.prompt


def test_a_teaser_without_a_day_says_coming_soon_and_with_one_the_day() -> None:
    soon, dated = {"productName": "Oaty"}, {"productName": "Oaty", "launchDay": "12 May"}

    assert dissect(fill(TEASER, soon).prompt).tagline == "Oaty, coming soon"
    assert dissect(fill(TEASER, dated).prompt).tagline == "Oaty, 12 May"


def test_words_that_a_filter_makes_longer_than_a_prompt_are_refused() -> None:
    loud = replace(BRAND, prompt="{{ productName|upper }}" * 20)

    with pytest.raises(InvalidPayload, match="shorten"):
        fill(loud, {"productName": "ß" * 120})


def test_what_is_missing_comes_with_a_question_and_no_prompt() -> None:
    filled = fill(SOCIAL, {})

    assert [name for name, _ in filled.missing] == ["concept", "platform"]
    assert all(question.endswith("?") for _, question in filled.missing)
    assert filled.prompt == ""


def test_white_space_is_no_answer() -> None:
    assert [name for name, _ in fill(BRAND, {"productName": " \n\t "}).missing] == ["productName"]


def test_a_line_whose_optional_value_was_not_given_is_left_out() -> None:
    assert "Tagline" not in fill(BRAND, {"productName": "Oaty"}).prompt


def test_a_filled_template_reads_as_an_anatomy() -> None:
    anatomy = dissect(fill(BRAND, {"productName": "Oaty", "tagline": "Wake up softer"}).prompt)

    assert (anatomy.subject, anatomy.tagline) == ("Oaty", "Wake up softer")
    assert all((anatomy.action, anatomy.setting, anatomy.camera, anatomy.light, anatomy.style))
    assert len(anatomy.palette) == 3


def test_a_concept_is_read_as_the_persons_own_sentence() -> None:
    concept = "our oat drink pouring into a glass in a sunny kitchen"

    anatomy = dissect(fill(SOCIAL, {"concept": concept, "platform": "tiktok"}).prompt)

    assert (anatomy.subject, anatomy.action) == ("oat drink", "pouring into a glass")


@pytest.mark.parametrize("template", LIBRARY.templates(), ids=lambda template: template.key)
def test_no_template_asks_a_model_to_draw_words_or_a_logo(template: Template) -> None:
    prompt = fill(template, LEAST[template.key]).prompt

    (line,) = [line for line in prompt.splitlines() if line.startswith("Keep clear:")]
    assert "logo" in line
    assert "composited exactly afterwards" in line


@pytest.mark.parametrize("template", LIBRARY.templates(), ids=lambda template: template.key)
def test_a_value_is_filmed_as_it_was_written(template: Template) -> None:
    hostile = "{{ 7*7 }} {% for x in range(9) %} $tagline {# no #} Oaty"
    where = "concept" if template is SOCIAL else "productName"

    filled = fill(template, {**LEAST[template.key], where: hostile})

    assert hostile in filled.prompt


@given(st.text(max_size=120))
def test_a_value_stays_on_its_line(value: str) -> None:
    plain = fill(BRAND, {"productName": "Oaty"}).prompt.splitlines()

    filled = fill(BRAND, {"productName": value})

    if not filled.missing:
        assert len(filled.prompt.splitlines()) == len(plain)


def test_a_value_cannot_open_a_line_of_its_own() -> None:
    filled = fill(BRAND, {"productName": "Oaty\nTagline: buy\x00 now\u2028Camera: none"})

    assert dissect(filled.prompt).tagline == ""
    assert dissect(filled.prompt).camera.startswith("slow push-in")


def test_a_value_that_is_too_long_is_refused_by_its_name() -> None:
    with pytest.raises(InvalidPayload) as refused:
        fill(BRAND, {"productName": "x" * 121})
    assert refused.value.field == "productName"


def test_an_unknown_platform_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidPayload, match="instagram, tiktok, youtube, facebook"):
        fill(SOCIAL, {"concept": "Oaty", "platform": "myspace"})


@pytest.mark.parametrize("platform", ["TikTok", "tik tok", "TIK-TOK"])
def test_a_platform_is_known_however_it_is_written(platform: str) -> None:
    assert fill(SOCIAL, {"concept": "Oaty", "platform": platform}).length_s == 12


def test_an_unknown_parameter_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidPayload, match="productName, tagline"):
        fill(BRAND, {"colour": "red"})
