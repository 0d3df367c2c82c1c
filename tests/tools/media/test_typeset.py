"""Text that this machine's faces can show, and none that they cannot."""

import pytest

from tools.media.typeset import _missing as missing
from tools.media.typeset import is_right_to_left, set_line, setting_for


def test_plain_words_are_set_in_the_same_face_on_every_machine() -> None:
    setting = setting_for("Oat drink · 6 s")

    assert (setting.text, setting.font) == ("Oat drink · 6 s", None)


@pytest.mark.parametrize(
    "text",
    [
        "Café crème – naïve",
        "Żółta łódź",
        "Овсяный напиток",
        "حليب الشوفان",
        "燕麦奶",
        "Oat 🥛 drink",
        "🥛🥛",
    ],
)
def test_no_letter_is_ever_shown_as_a_box(text: str) -> None:
    setting = setting_for(text)

    assert missing(setting.font, frozenset(setting.text)) == frozenset()


def test_what_no_face_has_is_left_out_and_the_words_stay() -> None:
    assert setting_for("Oat 🥛 drink").text == "Oat drink"


def test_line_breaks_controls_and_hidden_marks_are_left_out() -> None:
    assert setting_for("Oat\n\x00drink\u202e\ufe0f").text == "Oat drink"


def test_arabic_and_hebrew_run_from_the_right() -> None:
    assert is_right_to_left("حليب")
    assert is_right_to_left("123 שיבולת")
    assert not is_right_to_left("Oat حليب")


def test_a_line_is_as_wide_as_its_ink() -> None:
    line = set_line(setting_for("Oat drink"), 80, weight=0.02)
    box = line.mask.getbbox()

    assert box is not None
    assert abs((box[2] - box[0]) - line.advance) < 16
