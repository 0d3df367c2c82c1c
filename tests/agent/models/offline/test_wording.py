import pytest

from agent.models.offline.wording import Settings, plain, settings_in, without_settings


def read(text: str) -> Settings:
    return settings_in(plain(text))


@pytest.mark.parametrize(
    ("text", "length_s"),
    [
        ("a 6 second teaser", 6),
        ("a 6-second teaser", 6),
        ("6s please", 6),
        ("15 sec", 15),
        ("six seconds", 6),
        ("a six-second clip", 6),
        ("twenty five seconds", 25),
        ("a thirty-second spot", 30),
        ("half a minute", 30),
        ("a half-minute reel", 30),
        ("a minute of film", 60),
        ("2 minutes", 120),
        ("make it :15", 15),
        ("7.6 seconds", 8),
        ("zero seconds", 0),
        ("coffee that brews in 20 seconds, a 6 second film", 6),
        ("a cup that cools within 10 seconds", None),
        ("wait a second", None),
        ("4 seasons", None),
        ("a 2026 campaign", None),
        ("our new A6 notebook", None),
    ],
)
def test_a_length_is_read_in_digits_and_in_words(text, length_s):
    assert read(text).length_s == length_s


@pytest.mark.parametrize(
    ("text", "ratio"),
    [
        ("in 16:9", "16:9"),
        ("9 x 16", "9:16"),
        ("1:1 please", "1:1"),
        ("vertical", "9:16"),
        ("a widescreen film", "16:9"),
        ("square", "1:1"),
        ("for TikTok", "9:16"),
        ("an Instagram reel", "9:16"),
        ("YouTube Shorts", "9:16"),
        ("for YouTube", "16:9"),
        ("a TV spot", "16:9"),
        ("a Facebook ad", "1:1"),
        ("for the Instagram feed", "1:1"),
        ("a Facebook story", "9:16"),
        ("a TikTok in 1:1", "1:1"),
        ("a portrait of grandma", None),
        ("tell our story", None),
        ("a runner in shorts", None),
        ("feed the ducks", None),
        ("the 24/7 shop", None),
    ],
)
def test_a_shape_is_read_from_numbers_words_and_places(text, ratio):
    assert read(text).ratio == ratio


@pytest.mark.parametrize(("text", "ratio"), [("4:5", "1:1"), ("21:9", "16:9"), ("2:3", "9:16")])
def test_a_shape_nobody_makes_becomes_the_nearest_and_is_remembered(text, ratio):
    assert read(text).ratio == ratio
    assert read(text).odd_ratio == text


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("with Sora", "sora-2-pro"),
        ("use sora 2 pro", "sora-2-pro"),
        ("Veo 3.1 please", "veo-3.1"),
        ("with veo", "veo-3.1"),
        ("by Runway Gen-3", "runway-gen3"),
        ("gen 2", "runway-gen2"),
        ("with runway", "runway-gen4.5"),
        ("with Veo 3.1 Fast", "veo-3.1-fast"),
        ("use veo fast", "veo-3.1-fast"),
        ("Make it with Kling", "kling-v3"),
        ("with Kling 3.0", "kling-v3"),
        ("using Seedance", "seedance-2.0"),
        ("by MiniMax Hailuo", "hailuo-2.3"),
        ("with Wan", "wan-3"),
        ("a portrait of Mr Wan", None),
        ("model kling-v3", "kling-v3"),
        ("using pika-9", "pika-9"),
        ("with model veo-2.5", "veo-2.5"),
        ("as a draft", "draft"),
        ("an animatic", "draft"),
        ("with draft", "draft"),
        ("our new draft beer", None),
        ("a model walks the runway", None),
        ("with our sneaker in blue", None),
        ("a covid-19 campaign", None),
    ],
)
def test_a_model_is_read_by_name_and_by_key(text, model):
    assert read(text).model == model


@pytest.mark.parametrize(
    ("text", "need"),
    [
        ("with the cheapest model", "cheap"),
        ("use the least expensive one", "cheap"),
        ("as cheap as possible", "cheap"),
        ("the fastest model please", "fast"),
        ("as quickly as possible", "fast"),
        ("with the best model", "premium"),
        ("in the highest quality", "premium"),
        ("the best coffee in town", None),
        ("the fastest shoe of all", None),
        ("with the best ingredients", None),
        ("with veo", None),
    ],
)
def test_what_a_model_is_chosen_by_is_read(text, need):
    assert read(text).need == need


def test_a_model_that_is_named_ends_the_choice_and_a_choice_ends_the_name():
    named, chosen = Settings(model="veo-3.1"), Settings(need="cheap")

    assert chosen.over(named) == chosen
    assert named.over(chosen) == named


@pytest.mark.parametrize(
    ("text", "images"),
    [
        ("use our logo", "logo"),
        ("animate the logo", "logo"),
        ("with my product photo", "images"),
        ("show these pictures", "images"),
        ("without the logo", "no logo"),
        ("no logo", "no logo"),
        ("without images", "no images"),
        ("a film about logos", None),
    ],
)
def test_wishes_for_images_are_read(text, images):
    assert read(text).images == images


def test_what_settings_were_read_from_is_not_content():
    rest = without_settings(plain("a 6 second vertical film of tea, use our logo, with veo 3.1"))

    assert "second" not in rest
    assert "vertical" not in rest
    assert "logo" not in rest
    assert "veo" not in rest
    assert "tea" in rest


def test_later_words_win_over_earlier_ones():
    earlier = Settings(length_s=6, ratio="9:16", model="draft")

    assert Settings(ratio="1:1").over(earlier) == Settings(length_s=6, ratio="1:1", model="draft")


def test_reading_ignores_case_quotes_controls_and_width():
    assert plain("  ＭＡＫＥ\x00 It’s\tGO ") == "make it's go"
