"""A person's text is taken apart the same way everywhere, whatever it is."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.domain.prompts import Anatomy, beats, dissect

SAID = [
    ("Make a 6 second TikTok teaser for our oat drink, use our logo", {"subject": "oat drink"}),
    ("Make a video", {}),
    (
        "make it 5 seconds and square: a runner ties her shoes at dawn",
        {"subject": "runner ties her shoes", "light": "at dawn"},
    ),
    ("6 seconds, vertical: our tea", {"subject": "tea"}),
    ("Make a film about a town square at night", {"subject": "town square", "light": "at night"}),
    ("could u make a short tiktok vid for our oatmilk brand", {"subject": "oatmilk brand"}),
    ("i need something for instagram about our bakery", {"subject": "bakery"}),
    ("Make a half-minute reel for our oat drink, no logo", {"subject": "oat drink"}),
    ("hello", {}),
    ("", {}),
    ("Create an oat drink ad for students", {"subject": "oat drink", "style": "for students"}),
    ("Generate an 8 second instagram reel for the Harbour Coffee house with veo 3.1",
     {"subject": "Harbour Coffee house"}),
    ("in 9:16, 15s, a spot about a red kite", {"subject": "red kite", "palette": ("red",)}),
    ("Product unboxing", {"subject": "Product", "action": "unboxing"}),
    ("A runner crosses a desert at dawn, slow tracking shot, ambient synth music",
     {"subject": "runner", "action": "crosses a desert", "light": "at dawn",
      "camera": "slow tracking shot", "sound": "ambient synth music"}),
    ("Show a woman dancing to upbeat music on a rooftop at night",
     {"subject": "woman", "action": "dancing", "setting": "on a rooftop", "light": "at night",
      "sound": "upbeat music"}),
    ("close-up of oat drink pouring into a glass in a sunny kitchen, camera pushes in slowly",
     {"subject": "oat drink", "action": "pouring into a glass", "setting": "in a sunny kitchen",
      "camera": "close-up, camera pushes in slowly"}),
    ("Slow push-in on a bottle of perfume",
     {"subject": "bottle of perfume", "camera": "Slow push-in on a bottle of perfume"}),
    ("Sunset on a beach with crashing waves",
     {"subject": "Sunset", "action": "crashing waves", "setting": "on a beach",
      "light": "Sunset"}),
    ("a film of our sparkling water in dark green and gold",
     {"subject": "sparkling water", "palette": ("dark green", "gold")}),
    ("a teaser for our new coffee machine that brews espresso",
     {"subject": "new coffee machine", "action": "brews espresso"}),
    ("Make it cinematic with dramatic lighting",
     {"style": "cinematic", "light": "dramatic lighting"}),
    ("Cinematography: golden hour, calm, serene",
     {"light": "golden hour", "style": "calm, serene"}),
    ("Hi there, could you make a video about our tent in a forest, please",
     {"subject": "tent", "setting": "in a forest"}),
    ("Create a cinematic brand animation for Aurora Skincare with our logo",
     {"subject": "Aurora Skincare", "style": "cinematic, brand"}),
    ("I need a 10s Instagram reel showing our new shoe splashing through puddles at night",
     {"subject": "new shoe", "action": "splashing", "setting": "through puddles",
      "light": "at night"}),
    ("Make a TikTok for our oat drink with a hook in the first 2 seconds",
     {"subject": "oat drink", "style": "a hook in the first 2 seconds"}),
    ("We're launching a vegan burger. Make a fun 12 second TikTok about it",
     {"subject": "vegan burger", "style": "fun"}),
    ("Create a video ad for Oaty with a friendly cow who winks at the camera",
     {"subject": "Oaty with a friendly cow", "action": "winks at the camera"}),
    ("I want a video with our product in the kitchen",
     {"subject": "product", "setting": "in the kitchen"}),
    ("a vertical 9:16 teaser (8 seconds) for our lipstick. Colours: #ff0055 and black. No text.",
     {"subject": "lipstick", "palette": ("#ff0055", "black"), "style": "No text"}),
    ("For our summer sale, make a 10 second video about our tent",
     {"subject": "summer sale, tent"}),
    ("Brand logo animation with motion graphics",
     {"subject": "Brand logo", "style": "motion graphics"}),
    ("A spot for our running shoes. Red and white. No people.",
     {"subject": "running shoes", "palette": ("red", "white"), "style": "No people"}),
    ("我们的燕麦饮料", {"subject": "我们的燕麦饮料"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "parts"), SAID, ids=[text[:40] for text, _ in SAID])
def test_a_sentence_is_taken_apart(text: str, parts: dict[str, str]) -> None:
    assert dissect(text) == Anatomy(**parts)  # type: ignore[arg-type]  # a table of examples


TAGLINES = [
    ('an ad for our sneakers "Run wild"', "Run wild"),
    ("an ad for our sneakers, tagline: Run wild", "Run wild"),
    ("an ad for our sneakers with the slogan “Run wild”", "Run wild"),
    ('an ad for our sneakers. End card says "Run wild"', "Run wild"),
    ("Subject: sneakers\nTagline: “Run wild”", "Run wild"),
    ("an ad for our sneakers", ""),
]


@pytest.mark.parametrize(("text", "tagline"), TAGLINES, ids=[text for text, _ in TAGLINES])
def test_words_for_the_screen_become_the_tagline(text: str, tagline: str) -> None:
    assert dissect(text).tagline == tagline


def test_quoted_words_that_name_the_thing_are_its_name() -> None:
    anatomy = dissect('Video for "Oaty" with the slogan "Wake up softer"')

    assert (anatomy.subject, anatomy.tagline) == ("Oaty", "Wake up softer")


def test_a_quoted_name_after_its_noun_is_no_tagline() -> None:
    anatomy = dissect('an ad for our drink "Oaty"')

    assert (anatomy.subject, anatomy.tagline) == ("drink Oaty", "")


def test_labelled_lines_win_over_prose() -> None:
    anatomy = dissect("Our oat drink on a beach\nSetting: a quiet kitchen\nCamera: handheld.")

    assert (anatomy.subject, anatomy.setting, anatomy.camera) == (
        "oat drink",
        "a quiet kitchen",
        "handheld",
    )


def test_labels_are_read_inside_a_line_too() -> None:
    anatomy = dissect("Subject: oat drink. Camera: slow push-in, 35 mm. Palette: cream, amber")

    assert anatomy == Anatomy(
        subject="oat drink", camera="slow push-in, 35 mm", palette=("cream", "amber")
    )


def test_a_list_of_actions_is_one_action_with_beats() -> None:
    anatomy = dissect("Actions:\n- the carton opens\n- milk pours out\n\nSound: a soft pour")

    assert beats(anatomy.action) == ("the carton opens", "milk pours out")


def test_a_colour_that_is_part_of_a_name_is_no_palette() -> None:
    assert dissect("our orange juice at the golden hour").palette == ()


@pytest.mark.parametrize(
    "asked",
    [
        "Make a film of a paper boat, with the draft model",
        "A paper boat using the draft model",
        "Make it with the draft animatic: a paper boat",
        "a paper boat as a draft",
    ],
)
def test_asking_for_the_draft_model_leaves_nothing_in_the_film(asked: str) -> None:
    anatomy = dissect(asked)
    assert anatomy.subject.lower() in {"paper boat", "a paper boat"}
    assert (anatomy.style, anatomy.setting, anatomy.action) == ("", "", "")


def test_control_characters_never_reach_a_part() -> None:
    anatomy = dissect("our oat\x00 drink\x1b[31m\nCamera: slow\x07 pan")

    assert all(c.isprintable() for c in f"{anatomy.subject}{anatomy.camera}")


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=400))
def test_any_text_has_an_anatomy(text: str) -> None:
    assert isinstance(dissect(text), Anatomy)


_WORDS = st.sampled_from(
    [
        "make",
        "a",
        "6",
        "second",
        "tiktok",
        "video",
        "for",
        "our",
        "oat",
        "drink",
        "with",
        "use",
        "the",
        "logo",
        "in",
        "on",
        "at",
        "and",
        "of",
        "camera:",
        "Subject:",
        "Tagline:",
        "“run”",
        '"',
        ",",
        ".",
        ";",
        ":",
        "-",
        "\n",
        "light",
        "golden",
        "close-up",
        "music",
        "pouring",
        "waves",
        "no",
        "red",
        "- ",
        "Actions:",
        "then",
        "Palette:",
    ]
)


@settings(deadline=None, max_examples=300)
@given(st.lists(_WORDS, max_size=40).map(" ".join))
def test_any_order_of_its_own_words_has_an_anatomy_of_single_lines(text: str) -> None:
    anatomy = dissect(text)

    said = [anatomy.subject, anatomy.action, anatomy.setting, anatomy.camera, anatomy.tagline]
    assert not any("\n" in part for part in said)


HOSTILE: list[Callable[[int], str]] = [
    lambda n: "a" * n,
    lambda n: '"' * n,
    lambda n: "and " * (n // 4),
    lambda n: "of on " * (n // 6),
    lambda n: "with our " * (n // 9),
    lambda n: "light and " * (n // 10),
    lambda n: "tagline: " * (n // 9),
    lambda n: "Subject: a. " * (n // 12),
    lambda n: " " * n,
    lambda n: "for an a " * (n // 9),
    lambda n: "http://" * (n // 7),
    lambda n: "1:" * (n // 2),
]


@pytest.mark.parametrize("hostile", HOSTILE, ids=[make(12) for make in HOSTILE])
def test_four_times_the_text_takes_about_four_times_as_long(hostile: Callable[[int], str]) -> None:
    small, large = hostile(20_000), hostile(80_000)

    # Quadratic work would show as 16; the best of three runs keeps a busy machine out of it.
    assert _best_s(large) < 9 * _best_s(small) + 0.02


def _best_s(text: str) -> float:
    taken = []
    for _ in range(3):
        begin = time.process_time()
        dissect(text)
        taken.append(time.process_time() - begin)
    return min(taken)
