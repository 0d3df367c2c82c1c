"""What lies over the pictures: the DRAFT mark, slate, time code, progress, captions, the logo.

The layout is in shares of the frame; every piece is made once and pasted per frame.
"""

from dataclasses import dataclass

from PIL import Image, ImageChops

from tools.domain.colours import Rgb, luminance, mixed
from tools.domain.frames import Frame
from tools.domain.storyboard import FPS, Box, Shot, Storyboard
from tools.media.palette import INK, WHITE
from tools.media.planes import Layer, even, layer, tinted
from tools.media.shapes import rounded, smooth
from tools.media.typeset import Setting, is_right_to_left, line_width, set_line, setting_for

_BOLD = 0.022
MARK = ("DRAFT", "no AI footage")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand, in pixels. `unit` is a thousandth of the shorter side."""

    frame: Frame
    unit: float
    margin: int
    top: int
    bar: int
    logo: tuple[int, int]
    """The corner logo's upper left (tall) or upper right (wide, square) corner."""

    @classmethod
    def of(cls, frame: Frame) -> "Layout":
        w, h = frame.width, frame.height
        unit = min(w, h) / 1000
        if h > w * 1.2:
            # The safe zones of vertical placements begin at y 288 and x 120 of 1080x1920.
            return cls(frame, unit, even(w / 9), even(h * 0.075), even(h * 0.925),
                       (even(w / 9), even(h * 0.155)))  # fmt: skip
        margin = even(w * 0.0625 if w > h * 1.2 else w * 0.0741)
        top = even(h * 0.066)
        return cls(frame, unit, margin, top, even(h * 0.925), (w - margin, top))

    @property
    def is_tall(self) -> bool:
        return self.frame.height > self.frame.width * 1.2


def draft_mark(layout: Layout) -> Layer:
    """A dark plate with DRAFT and what that means, readable on anything."""
    size = round(layout.unit * 30)
    word = set_line(Setting(MARK[0], None), size, weight=0.035, tracking=0.12)
    rest = set_line(Setting(f"·  {MARK[1]}", None), size, weight=0.006)
    pad, gap = round(size * 0.85), round(size * 0.5)
    width = even(2 * pad + word.advance + gap + rest.advance)
    height = even(size * 2.1)
    plate = Image.new("RGBA", (width, height), (*INK, 0))
    plate.putalpha(rounded((width, height), height // 2, 205))
    y = round((height - size * 0.72) / 2) - word.ascent + round(size * 0.72)
    _ink(plate, word.mask, (pad - word.left, y - word.top), WHITE)
    at = (pad + word.advance + gap - rest.left, y - rest.top)
    _ink(plate, rest.mask, at, (214, 214, 218))
    return layer(plate, layout.margin, layout.top)


def _ink(plate: Image.Image, mask: Image.Image, at: tuple[int, int], colour: Rgb) -> None:
    """Draw `mask` onto an RGBA picture, keeping the alpha that is there where it is more."""
    ink = Image.new("RGBA", mask.size, (*colour, 0))
    ink.putalpha(mask)
    plate.alpha_composite(ink, at) if min(at) >= 0 else plate.paste(ink, at, mask)


# -- slate, time code, progress --------------------------------------------------------------------


def slate(layout: Layout, shot: Shot, number: int, count: int, colour: Rgb) -> Layer:
    """`SHOT 2/3 · PRODUCT · PUSH-IN`, on the left above the progress bar."""
    words = f"SHOT {number}/{count}  ·  {shot.role.value.upper()}"
    if not layout.is_tall or len(words) < 24:  # noqa: PLR2004  # room for the time code beside it
        words += f"  ·  {shot.move.value.upper()}"
    size = round(layout.unit * 23)
    line = set_line(Setting(words, None), size, weight=0.012, tracking=0.09)
    y = layout.bar - round(size * 1.0) - line.ascent
    return tinted(line.mask, layout.margin - line.left, y - line.top, colour, 0.92)


def time_code(layout: Layout, frame_number: int, frames: int, colour: Rgb) -> Layer:
    """`00:02.3 / 00:06.0`, on the right; Aileron's figures are all equally wide."""
    words = f"{_clock(frame_number)} / {_clock(frames)}"
    size = round(layout.unit * 23)
    line = set_line(Setting(words, None), size, weight=0.012)
    x = layout.frame.width - layout.margin - line.advance - line.left
    y = layout.bar - round(size * 1.0) - line.ascent - line.top
    return tinted(line.mask, x, y, colour, 0.92)


def _clock(frames: int) -> str:
    tenths = frames * 10 // FPS
    return f"{tenths // 600:02d}:{tenths // 10 % 60:02d}.{tenths % 10}"


@dataclass(frozen=True, slots=True)
class ProgressBar:
    """A thin line, broken at every cut, that fills with the film."""

    track: Layer
    fill: Layer
    frames: int

    def at(self, frame_number: int) -> tuple[Layer, ...]:
        width = even(self.fill.width * (frame_number + 1) / self.frames)
        return (self.track, self.fill.narrowed(min(width, self.fill.width))) if width else (
            self.track,
        )  # fmt: skip


def progress_bar(layout: Layout, storyboard: Storyboard, colour: Rgb) -> ProgressBar:
    width = layout.frame.width - 2 * layout.margin
    height, gap = max(even(layout.unit * 5), 4), max(even(layout.unit * 7), 6)
    mask = Image.new("L", (width, height), 0)
    for shot in storyboard.shots:
        left = round(width * shot.start / storyboard.frames) + (gap // 2 if shot.start else 0)
        is_last = shot.end == storyboard.frames
        right = round(width * shot.end / storyboard.frames) - (0 if is_last else gap // 2)
        mask.paste(rounded((right - left, height), height // 2), (left, 0))
    at = (layout.margin, layout.bar)
    return ProgressBar(
        tinted(mask, *at, colour, 0.32), tinted(mask, *at, colour), storyboard.frames
    )


# -- captions --------------------------------------------------------------------------------------

_READABLE = 106
"""The lightest grey behind white text that keeps 4.5 to 1 with something to spare."""


@dataclass(frozen=True, slots=True)
class Caption:
    """Set words with a soft shade behind them; `box` is where the ink is."""

    layers: tuple[Layer, ...]
    box: tuple[int, int, int, int]


def caption(
    layout: Layout, words: tuple[str, ...], box: Box, accent: Rgb, brightness: int
) -> Caption | None:
    """The words as large as the box lets them, white on a shadow that keeps contrast over 4.5.

    `brightness` (0 to 255) is how light the picture behind them gets.
    """
    settings = [setting for text in words if (setting := setting_for(text)).text]
    if not settings:
        return None
    frame = layout.frame
    left, right = round(frame.width * box.left), round(frame.width * box.right)
    top, bottom = round(frame.height * box.top), round(frame.height * box.bottom)
    rule = max(even(layout.unit * 7), 6)
    size = _fitting(settings, right - left, bottom - top - rule * 4, round(layout.unit * 84))
    pitch = round(size * 1.16)
    height = rule * 4 + pitch * len(settings)
    rtl = is_right_to_left(settings[0].text)
    x0, y0 = left, even((top + bottom - height) / 2)
    mask = Image.new("L", (frame.width, frame.height), 0)
    for i, setting in enumerate(settings):
        line = set_line(setting, size, weight=_BOLD)
        x = right - line.advance if rtl else x0
        y = y0 + rule * 4 + i * pitch
        mask.paste(line.mask, (x - line.left, y - line.top), line.mask)
    ink = mask.getbbox() or (x0, y0, x0 + 2, y0 + 2)
    rule_width = even(layout.unit * 76)
    rule_x = right - rule_width if rtl else x0
    tone = accent if luminance(accent) > 0.22 else mixed(accent, WHITE, 0.6)  # noqa: PLR2004  # on a dark shade
    bar = tinted(rounded((rule_width, rule), rule // 2), even(rule_x), y0, tone)
    extent = (min(ink[0], rule_x), y0, max(ink[2], rule_x + rule_width), ink[3])
    words_layer = tinted(mask.crop(ink), ink[0], ink[1], WHITE)
    opacity = min(max(1 - _READABLE / max(brightness, 1), 0.3), 0.66)
    return Caption((_shade(frame, extent, size, opacity), bar, words_layer), extent)


def brightness(art: Image.Image, box: Box) -> int:
    """How light the lighter parts of a picture are around `box`, 0 to 255: nine tenths are darker."""
    w, h = art.size
    part = art.crop((
        round(w * max(box.left - 0.08, 0)), round(h * (box.top - 0.08)),
        round(w * min(box.right + 0.08, 1)), round(h * min(box.bottom + 0.08, 1)),
    ))  # fmt: skip
    histogram = part.resize((64, 64), Image.Resampling.BOX).convert("L").histogram()
    seen = 0
    for level, count in enumerate(histogram):
        seen += count
        if seen >= 64 * 64 * 0.9:
            return level
    return 255


def _fitting(settings: list[Setting], width: int, height: int, largest: int) -> int:
    for size in range(largest, 12, -2):
        widest = max(line_width(setting, size, weight=_BOLD) for setting in settings)
        if widest <= width and round(size * 1.16) * len(settings) <= height:
            return size
    return 12


def _shade(frame: Frame, box: tuple[int, int, int, int], size: int, opacity: float) -> Layer:
    """Dusk from the words down: full behind them, half at the foot. In a wide frame, to one side."""
    k = 4
    w, h = frame.width // k, frame.height // k
    top, bottom = box[1] / k, (box[3] + size * 0.5) / k
    rise, fall = size * 3.2 / k, max(h - bottom, 1)
    column = bytes(
        round(255 * opacity * _dusk(y, top - size * 0.35 / k, bottom, rise, fall)) for y in range(h)
    )
    mask = Image.frombytes("L", (1, h), column).resize((w, h))
    if frame.width > frame.height * 1.2:
        reach, soft = (box[2] + size) / k, size * 6 / k
        row = bytes(round(255 * (1 - 0.75 * smooth((x - reach) / soft))) for x in range(w))
        mask = ImageChops.multiply(mask, Image.frombytes("L", (w, 1), row).resize((w, h)))
    mask = mask.resize((frame.width, frame.height), Image.Resampling.BICUBIC)
    return tinted(mask, 0, 0, (10, 10, 14))


def _dusk(y: float, top: float, bottom: float, rise: float, fall: float) -> float:
    if y < top:
        return smooth((y - top + rise) / rise)
    return 1 - 0.5 * smooth((y - bottom) / fall)


# -- logo ------------------------------------------------------------------------------------------


def trimmed(logo: Image.Image) -> Image.Image:
    """Without its invisible border."""
    box = logo.getchannel("A").getbbox()
    return logo.crop(box) if box else logo


def sized(logo: Image.Image, width: float, height: float) -> Image.Image:
    """As large as fits, with even sides."""
    scale = min(width / logo.width, height / logo.height)
    size = (max(even(logo.width * scale), 2), max(even(logo.height * scale), 2))
    if size == logo.size:
        return logo
    # Neither overshoots at an edge, as Lanczos and bicubic do: a flat colour stays what it is.
    kind = Image.Resampling.HAMMING if scale < 1 else Image.Resampling.BILINEAR
    return logo.resize(size, kind)


def corner_logo(layout: Layout, logo: Image.Image, ground: Rgb) -> tuple[Layer, Layer]:
    """The exact logo, small, on a chip of the ground that it also stands on in the end card."""
    unit = layout.unit
    mark = sized(logo, unit * 190, unit * 88)
    pad = even(unit * 22)
    chip = (mark.width + 2 * pad, mark.height + 2 * pad)
    x, y = layout.logo
    x = x if layout.is_tall else x - chip[0]
    radius = round(min(chip) * 0.18)
    plate = tinted(rounded(chip, radius), even(x), even(y), ground)
    return plate, layer(mark, even(x) + pad, even(y) + pad)


def ink_on(ground: Rgb) -> Rgb:
    """Text that can be read on a flat ground."""
    return INK if luminance(ground) > 0.3 else WHITE  # noqa: PLR2004  # where black and white read alike
