"""A template and a few answers become generate-video's body, or questions."""

import pytest
from pydantic import ValidationError

from tests.fakes.studio import context
from tools.apply_template import ApplyTemplate, ApplyTemplateArguments
from tools.errors import InvalidPayload, UnknownTemplate
from tools.generate_video import GenerateVideoArguments
from tools.library.library import Library
from tools.library.reading import read_templates

VERB = ApplyTemplate(Library(read_templates(default_model="sora-2-pro")))


async def apply(template: str, **parameters: object) -> dict[str, object]:
    arguments = ApplyTemplateArguments.model_validate(
        {"template": template, "parameters": parameters}
    )
    return dict((await VERB.call(context(), arguments)).result)


async def request_of(template: str, **parameters: object) -> dict[str, object]:
    request = (await apply(template, **parameters))["request"]
    assert isinstance(request, dict)
    return request


async def test_a_full_one_gives_a_request_and_asks_nothing() -> None:
    answer = await apply("social-media", concept="Product unboxing", platform="tiktok")

    assert answer["missing"] == []
    assert isinstance(answer["request"], dict)


async def test_its_request_is_generate_videos_own_body() -> None:
    request = await request_of("social-media", concept="Product unboxing", platform="tiktok")

    checked = GenerateVideoArguments.model_validate(request)
    assert (checked.model, checked.duration, checked.aspect_ratio) == ("sora-2-pro", 12, "9:16")
    assert checked.refinement_prompt


async def test_a_missing_answer_gives_its_question_and_no_request() -> None:
    answer = await apply("social-media", concept="Product unboxing")

    assert answer == {
        "request": None,
        "missing": [
            {
                "name": "platform",
                "question": "Where will it run: Instagram, TikTok, YouTube or Facebook?",
            }
        ],
    }


IMAGES = [
    ("brandLogoUrl", "https://a.example/logo.png"),
    ("referenceImageUrls", ["https://a.example/logo.png"]),
    ("brandImages", ["https://a.example/logo.png", "https://a.example/logo.png"]),
]


@pytest.mark.parametrize(("name", "value"), IMAGES, ids=[name for name, _ in IMAGES])
async def test_the_seeds_names_for_images_are_passed_on(name: str, value: object) -> None:
    request = await request_of("brand-animation", productName="Oaty", **{name: value})

    assert request["referenceImageUrls"] == ["https://a.example/logo.png"]


async def test_a_number_is_taken_as_a_number_or_as_words() -> None:
    words = {"productName": "Oaty", "offer": "20% off", "deadline": "until Sunday"}

    for days in (2, "2", "2 days"):
        request = await request_of("offer-countdown", **words, daysLeft=days)
        assert "2 tall plain cards" in str(request["prompt"])


async def test_an_image_of_the_session_goes_with_the_request_by_its_id() -> None:
    request = await request_of("logo-sting", productName="Oaty", logo="upload-17")

    assert request["uploadIds"] == ["upload-17"]
    assert GenerateVideoArguments.model_validate(request).upload_ids == ("upload-17",)


async def test_all_that_is_missing_is_asked_at_once_and_no_default_is() -> None:
    answer = await apply("offer-countdown")

    assert isinstance(answer["missing"], list)
    assert [one["name"] for one in answer["missing"]] == ["productName", "offer", "deadline"]


HOSTILE = [
    "{{ 7*7 }}",
    "{% for x in range(10**9) %}x{% endfor %}",
    "{{ ''.__class__ }}",
    "{#",
    "${x}",
]


@pytest.mark.parametrize("words", HOSTILE)
async def test_a_hostile_value_is_filmed_as_words(words: str) -> None:
    request = await request_of("brand-animation", productName=words)

    assert f"Subject: {words}\n" in str(request["prompt"])


async def test_null_is_no_answer() -> None:
    request = await request_of(
        "brand-animation", productName="Oaty", tagline=None, brandLogoUrl=None
    )

    assert "Tagline" not in str(request["prompt"])
    assert "referenceImageUrls" not in request


async def test_too_many_images_are_refused() -> None:
    with pytest.raises(InvalidPayload, match="10 reference images at most"):
        await apply("brand-animation", brandImages=[f"https://a.example/{n}" for n in range(11)])


async def test_a_list_where_words_are_wanted_is_refused() -> None:
    with pytest.raises(InvalidPayload, match="productName wants words"):
        await apply("brand-animation", productName=["Oaty"])


async def test_an_unknown_template_is_refused() -> None:
    with pytest.raises(UnknownTemplate):
        await apply("wedding")


def test_parameters_of_another_shape_are_refused() -> None:
    with pytest.raises(ValidationError):
        ApplyTemplateArguments.model_validate({"template": "x", "parameters": "productName"})


def test_the_description_tells_a_model_every_template_and_parameter() -> None:
    assert "brand-animation (productName, tagline?)" in VERB.description
    assert "platform instagram|tiktok|youtube|facebook" in VERB.description
    assert "daysLeft? 1 to 5" in VERB.description
    assert "logo? uploadId" in VERB.description


@pytest.mark.parametrize("value", [True, 1.5, {"a": "b"}, [1]])
def test_a_value_is_words_a_whole_number_or_addresses(value: object) -> None:
    with pytest.raises(ValidationError):
        ApplyTemplateArguments.model_validate({"template": "x", "parameters": {"a": value}})


TITLES = [
    ("social-media", "Filling the template Social media film"),
    ("wedding", "Looking for a template"),
]


@pytest.mark.parametrize(("template", "title"), TITLES)
def test_the_title_names_the_template_where_there_is_one(template: str, title: str) -> None:
    assert VERB.title(ApplyTemplateArguments(template=template)) == title
