"""The last shot: a flat ground, the exact logo, the words to remember. It comes softly, then rests."""

from dataclasses import dataclass

from PIL import Image

from tools.domain.colours import Rgb, contrast
from tools.domain.storyboard import Box
from tools.media.furniture import Layout, ink_on, sized
from tools.media.palette import Palette
from tools.media.planes import Canvas, Layer, even, layer, tinted
from tools.media.shapes import rounded
from tools.media.typeset import Setting, line_width, set_line, setting_for


@dataclass(frozen=True, slots=True)
class EndCard:
    """`ground` alone, and what comes onto it."""

    ground: Canvas
    layers: tuple[Layer, ...]


def end_card(
    layout: Layout,
    words: tuple[str, ...],
    *,
    logo: Image.Image | None,
    ground: Rgb,
    palette: Palette,
    box: Box,
) -> EndCard:
    frame = layout.frame
    base = Canvas.of(Image.new("RGB", (frame.width, frame.height), ground))
    settings = [setting for text in words if (setting := setting_for(text)).text]
    room = even(frame.width * 0.66) if layout.is_tall else even(frame.width * 0.6)
    size = _size(settings, room, round(layout.unit * (62 if logo else 96)))
    mark = sized(logo, frame.width * 0.5, frame.height * (0.2 if layout.is_tall else 0.3)) if (
        logo
    ) else None  # fmt: skip
    gap = round(layout.unit * 62)
    height = (mark.height + gap if mark else 0) + round(size * 1.2) * len(settings) + gap
    centre = (box.top + box.bottom) / 2 - 0.06 if layout.is_tall else 0.48
    y = even(frame.height * centre - height / 2)
    layers: list[Layer] = []
    if mark:
        layers.append(layer(mark, even((frame.width - mark.width) / 2), y))
        y += mark.height + gap
    layers += _words(layout, settings, size, y, ink_on(ground))
    y += round(size * 1.2) * len(settings) + gap // 2
    if settings:
        layers.append(_rule(layout, y, _seen_on(ground, palette)))
    return EndCard(base, tuple(layers))


def _size(settings: list[Setting], room: int, largest: int) -> int:
    for size in range(largest, 12, -2):
        if all(line_width(setting, size, weight=0.018) <= room for setting in settings):
            return size
    return 12


def _words(layout: Layout, settings: list[Setting], size: int, y: int, colour: Rgb) -> list[Layer]:
    layers = []
    for i, setting in enumerate(settings):
        line = set_line(setting, size, weight=0.018)
        x = round((layout.frame.width - line.advance) / 2)
        top = y + i * round(size * 1.2)
        layers.append(tinted(line.mask, x - line.left, top - line.top, colour))
    return layers


def _rule(layout: Layout, y: int, colour: Rgb) -> Layer:
    width, height = even(layout.unit * 76), max(even(layout.unit * 7), 6)
    x = even((layout.frame.width - width) / 2)
    return tinted(rounded((width, height), height // 2), x, even(y), colour)


def _seen_on(ground: Rgb, palette: Palette) -> Rgb:
    if contrast(palette.accent, ground) >= 1.6:  # noqa: PLR2004  # a rule, not text
        return palette.accent
    return ink_on(ground)
