"""From a sentence to shots: exact to the frame, in the person's own words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.domain.captions import CHARS_PER_S, fitted
from tools.domain.colours import NAMED, colours_in
from tools.domain.frames import AspectRatio
from tools.domain.prompts import Anatomy, dissect
from tools.domain.storyboard import FPS, Light, Move, Role, Storyboard, storyboard_for
from tools.domain.uploads import ReferenceRole

LOGO, PRODUCT, STYLE = ReferenceRole.LOGO, ReferenceRole.PRODUCT, ReferenceRole.STYLE
TEASER = "Make a 6 second TikTok teaser for our oat drink, use our logo"


def board(
    prompt: str = TEASER,
    *,
    anatomy: Anatomy | None = None,
    length_s: int = 6,
    ratio: AspectRatio = AspectRatio.TALL,
    references: tuple[ReferenceRole | None, ...] = (),
) -> Storyboard:
    return storyboard_for(
        prompt=prompt,
        anatomy=anatomy or dissect(prompt),
        length_s=length_s,
        aspect_ratio=ratio,
        references=references,
    )


@pytest.mark.parametrize("length_s", range(4, 61))
def test_the_shots_follow_each_other_and_sum_to_the_film_exactly(length_s: int) -> None:
    shots = board(length_s=length_s).shots

    assert [shot.start for shot in shots] == [0, *(shot.end for shot in shots[:-1])]
    assert shots[-1].end == length_s * FPS
    assert all(shot.length >= FPS for shot in shots)


@pytest.mark.parametrize(("length_s", "count"), [(4, 3), (5, 3), (6, 3), (7, 4), (15, 4), (60, 4)])
def test_a_film_has_two_or_three_shots_and_an_end_card(length_s: int, count: int) -> None:
    shots = board(length_s=length_s).shots

    assert len(shots) == count
    assert (shots[0].role, shots[1].role, shots[-1].role) == (Role.HOOK, Role.PRODUCT, Role.CALL)


@pytest.mark.parametrize(("length_s", "at_least_s"), [(4, 1.2), (6, 1.2), (8, 2.0), (60, 2.0)])
def test_the_end_card_stands_long_enough(length_s: int, at_least_s: float) -> None:
    assert board(length_s=length_s).shots[-1].length >= at_least_s * FPS


def test_captions_are_the_subject_and_not_the_request() -> None:
    words = {shot.caption for shot in board().shots}

    assert words == {("Oat drink",)}


def test_the_action_opens_the_subject_follows_and_the_tagline_ends() -> None:
    anatomy = Anatomy(
        subject="ceramic teapot",
        action="steam curls up, then a hand lifts the lid",
        setting="on a rainy windowsill",
        tagline="'Slow mornings, poured'",
    )

    captions = [shot.caption for shot in board(anatomy=anatomy, length_s=12).shots]

    assert captions == [
        ("Steam curls up",),
        ("Ceramic teapot",),
        ("A hand lifts the lid",),
        ("Slow mornings, poured",),
    ]


def test_without_any_words_there_are_no_captions() -> None:
    assert {shot.caption for shot in board("…", anatomy=Anatomy()).shots} == {()}


@given(text=st.text(max_size=300), length_s=st.integers(4, 60), ratio=st.sampled_from(AspectRatio))
def test_whatever_is_said_captions_are_two_lines_and_can_be_read_in_time(
    text: str, length_s: int, ratio: AspectRatio
) -> None:
    anatomy = Anatomy(subject=text, action=text, tagline=text)

    for shot in board(anatomy=anatomy, length_s=length_s, ratio=ratio).shots:
        assert len(shot.caption) <= 2
        # One long word is a caption of its own; more than that must fit and be readable.
        if " " in " ".join(shot.caption):
            assert all(len(line) <= 34 for line in shot.caption)
            assert len(" ".join(shot.caption)) <= CHARS_PER_S * shot.length / FPS


def test_a_caption_that_is_cut_does_not_hang_in_the_air() -> None:
    cut = fitted("running shoes for wet city streets at night", line_chars=20, chars=36)

    assert cut == ("Running shoes", "for wet city streets")


def test_captions_stand_inside_every_vertical_placements_safe_zone() -> None:
    box = board().caption_box

    assert box.left * 1080 >= 120
    assert box.right * 1080 <= 888
    assert (box.top, box.bottom) == (0.42, 0.60)


@pytest.mark.parametrize(
    ("camera", "moves"),
    [
        ("slow push-in", [Move.PUSH_IN, Move.PUSH_IN]),
        ("dolly out, then pan left", [Move.PULL_OUT, Move.PAN_LEFT]),
        ("tilts down from the ceiling", [Move.TILT_DOWN, Move.TILT_DOWN]),
        ("locked-off tripod shot", [Move.STATIC, Move.STATIC]),
        ("orbit around it", [Move.PAN_RIGHT, Move.PAN_RIGHT]),
        ("pan slowly right", [Move.PAN_RIGHT, Move.PAN_RIGHT]),
    ],
)
def test_the_camera_does_what_was_asked(camera: str, moves: list[Move]) -> None:
    shots = board(anatomy=Anatomy(subject="tea", camera=camera)).shots

    assert [shot.move for shot in shots[:-1]] == moves


def test_without_camera_words_the_moves_differ_and_the_end_card_stands_still() -> None:
    shots = board(length_s=12).shots

    assert len({shot.move for shot in shots[:-1]}) == 3
    assert shots[-1].move is Move.STATIC


def test_products_are_shown_before_styles_and_the_logo_in_none_of_them() -> None:
    made = board(length_s=12, references=(STYLE, LOGO, PRODUCT))

    assert made.logo == 1
    assert [shot.picture for shot in made.shots] == [2, 0, 2, None]


def test_an_unlabelled_image_is_the_logo_when_the_prompt_speaks_of_one() -> None:
    assert board(references=(None,)).logo == 0
    assert board("a teapot on a table", references=(None,)).logo is None


def test_named_colours_are_the_palette() -> None:
    anatomy = Anatomy(subject="tea", palette=("teal", "warm cream", "#ff5a1f"))

    assert board(anatomy=anatomy).palette == (NAMED["teal"], NAMED["cream"], (255, 90, 31))


def test_a_deep_colour_is_darker_and_a_pale_one_lighter() -> None:
    deep, plain, pale = colours_in(["deep teal", "teal", "pale teal"])

    assert sum(deep) < sum(plain) < sum(pale)


@pytest.mark.parametrize(
    ("words", "light"),
    [("golden hour", Light.BEHIND), ("soft light from the right", Light.RIGHT), ("", Light.LEFT)],
)
def test_the_light_comes_from_where_it_was_asked(words: str, light: Light) -> None:
    assert board(anatomy=Anatomy(subject="tea", light=words)).light is light
