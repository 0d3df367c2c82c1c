"""The colours of a draft: named by the person, else found in their images, else in good taste."""

import colorsys
import zlib
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageFilter

from tools.domain.colours import Rgb, contrast, luminance, mixed

WHITE: Rgb = (255, 255, 255)
PAPER: Rgb = (250, 248, 244)
INK: Rgb = (20, 20, 24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """`back` is the wall or sky, `glow` where the light is, `ground` what things stand on."""

    back: Rgb
    glow: Rgb
    ground: Rgb
    subject: Rgb
    accent: Rgb


_TASTEFUL = (
    Palette(back=(196, 142, 104), glow=(250, 226, 190), ground=(132, 82, 60),
            subject=(246, 236, 220), accent=(240, 132, 74)),
    Palette(back=(38, 92, 96), glow=(150, 206, 190), ground=(18, 52, 60),
            subject=(240, 204, 150), accent=(244, 176, 96)),
    Palette(back=(122, 110, 168), glow=(246, 206, 204), ground=(66, 58, 104),
            subject=(252, 236, 226), accent=(250, 154, 132)),
    Palette(back=(134, 156, 130), glow=(240, 236, 206), ground=(74, 96, 78),
            subject=(250, 246, 232), accent=(236, 184, 84)),
    Palette(back=(52, 78, 126), glow=(206, 220, 240), ground=(26, 38, 70),
            subject=(250, 214, 168), accent=(250, 164, 92)),
)  # fmt: skip


_ACCIDENT = 0.04
"""A smaller share of a picture says nothing about it."""


def palette_for(named: tuple[Rgb, ...], pictures: list[Image.Image], title: str) -> Palette:
    """From the named colours, else from `pictures` (RGBA), else one of ours, fixed by `title`."""
    if named:
        return _built(named)
    for picture in pictures:
        found = [
            colour for colour, share in dominant(picture) if share > _ACCIDENT and _is_vivid(colour)
        ]
        if found:
            return _built(tuple(found[:3]))
    return _TASTEFUL[zlib.crc32(title.casefold().encode()) % len(_TASTEFUL)]


def _built(colours: tuple[Rgb, ...]) -> Palette:
    """A whole palette from one to five colours, the first the largest; calmer than they are.

    A wall in a brand's pure colour would shout over the brand: walls take its hue, accents its
    strength.
    """
    first = colours[0]
    back = _held(_calmed(first, 0.28), 0.06, 0.36)
    second = colours[1] if len(colours) > 1 else mixed(first, WHITE, 0.75)
    subject = _held(second, 0.2, 0.85)
    if contrast(subject, back) < 1.5:  # noqa: PLR2004  # else it sinks into the wall
        subject = mixed(subject, WHITE, 0.65)
    return Palette(
        back=back,
        glow=mixed(back, WHITE, 0.62),
        ground=_held(mixed(back, (0, 0, 0), 0.45), 0.015, 0.14),
        subject=subject,
        accent=max((*colours, mixed(back, WHITE, 0.5)), key=_saturation),
    )


def _calmed(colour: Rgb, share: float) -> Rgb:
    grey = round(0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2])
    return mixed(colour, (grey, grey, grey), share)


def _held(colour: Rgb, low: float, high: float) -> Rgb:
    """`colour`, darker or lighter until its luminance is between `low` and `high`."""
    target = WHITE if luminance(colour) < low else (0, 0, 0)
    for step in range(20):
        held = mixed(colour, target, step / 20)
        if low <= luminance(held) <= high:
            return held
    return colour


def _saturation(colour: Rgb) -> float:
    _, lightness, saturation = colorsys.rgb_to_hls(*(value / 255 for value in colour))
    return saturation * (1 - abs(2 * lightness - 1))


def _is_vivid(colour: Rgb) -> bool:
    return _saturation(colour) > 0.12  # noqa: PLR2004  # greys make no palette


def dominant(picture: Image.Image) -> list[tuple[Rgb, float]]:
    """The main colours of the visible part of an RGBA picture and their shares, largest first."""
    small = picture.convert("RGBA").copy()
    small.thumbnail((96, 96), Image.Resampling.NEAREST)
    raw = small.tobytes()
    visible = [raw[i : i + 3] for i in range(0, len(raw), 4) if raw[i + 3] > 127]  # noqa: PLR2004  # half opaque
    if not visible:
        return []
    strip = Image.frombytes("RGB", (len(visible), 1), b"".join(visible))
    reduced = strip.quantize(colors=8, method=Image.Quantize.MEDIANCUT)
    table = reduced.getpalette() or []
    counts = reduced.histogram()
    colours = [
        ((table[3 * i], table[3 * i + 1], table[3 * i + 2]), counts[i] / len(visible))
        for i in range(len(table) // 3)
        if counts[i]
    ]
    return sorted(colours, key=lambda pair: -pair[1])


def ground_for(logo: Image.Image | None, palette: Palette) -> Rgb:
    """The flat ground of an end card: the logo's own where it has one, else one it stands out on."""
    if logo is None:
        return _held(palette.back, 0.02, 0.12)
    border = own_ground(logo)
    if border is not None:
        return border
    outline = [colour for colour, share in dominant(_outline(logo)) if share > 0.08]  # noqa: PLR2004  # a touch of one is no shape
    tints = (PAPER, mixed(palette.back, WHITE, 0.86), mixed(palette.back, (0, 0, 0), 0.82), INK)
    return max(
        tints,
        # Paper first where it makes no difference; over 3 to 1 more contrast is not better.
        key=lambda ground: round(min((*(contrast(c, ground) for c in outline), 3.0)), 1),
    )


def _outline(logo: Image.Image) -> Image.Image:
    """Only what touches the ground: a white dot inside an orange shape needs no contrast to it."""
    small = logo.copy()
    small.thumbnail((192, 192), Image.Resampling.NEAREST)
    framed = Image.new("L", (small.width + 2, small.height + 2), 0)
    framed.paste(small.getchannel("A"), (1, 1))
    inside = framed.filter(ImageFilter.MinFilter(5)).crop((1, 1, small.width + 1, small.height + 1))
    small.putalpha(ImageChops.subtract(small.getchannel("A"), inside))
    return small


def own_ground(logo: Image.Image) -> Rgb | None:
    """The colour of an opaque logo's border where it is all one, else None."""
    alpha = logo.getchannel("A").getextrema()
    if alpha[0] != 255:  # noqa: PLR2004  # something shows through
        return None
    edge = [logo.crop(box) for box in _edges(logo)]
    extremes = [channel for part in edge for channel in part.convert("RGB").getextrema()]
    if any(isinstance(pair, tuple) and pair[1] - pair[0] > 6 for pair in extremes):  # noqa: PLR2004  # what JPEG does to a flat white
        return None
    pixel = logo.convert("RGB").getpixel((0, 0))
    return (pixel[0], pixel[1], pixel[2]) if isinstance(pixel, tuple) else None


def _edges(image: Image.Image) -> tuple[tuple[int, int, int, int], ...]:
    w, h = image.size
    return ((0, 0, w, 1), (0, h - 1, w, h), (0, 0, 1, h), (w - 1, 0, w, h))
