"""What lies over the pictures stands where it may and can be read."""

import numpy as np
import pytest
from PIL import Image

from tools.domain.colours import contrast
from tools.domain.frames import FULL_HD, AspectRatio
from tools.domain.storyboard import CAPTION_BOXES
from tools.media.furniture import Layout, caption, corner_logo, trimmed
from tools.media.palette import INK, PAPER, WHITE, ground_for, palette_for
from tools.media.planes import Canvas, layer

ACCENT = (240, 132, 74)
LONGEST = ("Running shoes for wide", "wet city streets today")


@pytest.mark.parametrize("words", [("Oat",), LONGEST, ("Donaudampfschifffahrtsgesellschaft",)])
@pytest.mark.parametrize("ratio", AspectRatio)
def test_a_caption_stays_in_its_box(ratio: AspectRatio, words: tuple[str, ...]) -> None:
    frame, box = FULL_HD[ratio], CAPTION_BOXES[ratio]

    made = caption(Layout.of(frame), words, box, ACCENT, 128)

    assert made is not None
    left, top, right, bottom = made.box
    assert left >= frame.width * box.left - 4
    assert right <= frame.width * box.right + 4
    assert top >= frame.height * box.top - 2
    assert bottom <= frame.height * box.bottom + 2


@pytest.mark.parametrize("level", [0, 96, 160, 255])
def test_white_words_keep_their_contrast_over_any_picture(level: int) -> None:
    frame = FULL_HD[AspectRatio.TALL]
    canvas = Canvas.of(Image.new("RGB", (frame.width, frame.height), (level,) * 3))
    made = caption(Layout.of(frame), LONGEST, CAPTION_BOXES[AspectRatio.TALL], ACCENT, level)
    assert made is not None

    canvas.paste(made.layers[:1])  # the shade alone, without the words

    left, top, right, bottom = made.box
    behind = np.asarray(canvas.luma)[top:bottom, left:right]
    grey = round((int(behind.max()) - 16) * 255 / 219)
    assert contrast(WHITE, (grey, grey, grey)) >= 4.5


def test_without_words_there_is_no_caption() -> None:
    assert (
        caption(
            Layout.of(FULL_HD[AspectRatio.TALL]), (), CAPTION_BOXES[AspectRatio.TALL], ACCENT, 0
        )
        is None
    )


def test_a_vertical_logo_stays_out_of_the_platforms_own_controls() -> None:
    logo = Image.new("RGBA", (600, 300), (255, 0, 0, 255))

    chip, mark = corner_logo(Layout.of(FULL_HD[AspectRatio.TALL]), logo, PAPER)

    assert (chip.x >= 120, chip.y >= 288) == (True, True)
    assert (mark.x % 2, mark.y % 2, mark.width % 2, mark.height % 2) == (0, 0, 0, 0)


def test_an_odd_place_is_padded_and_not_moved() -> None:
    made = layer(Image.new("RGBA", (3, 3), (255, 255, 255, 255)), 5, 7)

    assert (made.x, made.y, made.width, made.height) == (4, 6, 4, 4)
    assert made.mask.getpixel((0, 0)) == 0
    assert made.mask.getpixel((1, 1)) == 255


def test_a_logo_loses_only_its_invisible_border() -> None:
    logo = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    logo.paste((9, 9, 9, 255), (20, 30, 60, 50))

    assert trimmed(logo).size == (40, 20)


@pytest.mark.parametrize(
    ("colour", "ground_is_light"), [((250, 250, 250), False), ((12, 12, 20), True)]
)
def test_an_end_card_is_light_for_a_dark_logo_and_dark_for_a_light_one(
    colour: tuple[int, int, int], ground_is_light: bool
) -> None:
    logo = Image.new("RGBA", (200, 100), (0, 0, 0, 0))
    logo.paste((*colour, 255), (10, 10, 190, 90))

    ground = ground_for(logo, palette_for((), [], "tea"))

    assert contrast(colour, ground) >= 3
    assert (contrast(INK, ground) > contrast(WHITE, ground)) is ground_is_light


def test_an_opaque_logo_stands_on_its_own_ground() -> None:
    logo = Image.new("RGBA", (200, 100), (11, 60, 93, 255))
    logo.paste((255, 255, 255, 255), (50, 20, 150, 80))

    assert ground_for(logo, palette_for((), [], "tea")) == (11, 60, 93)
