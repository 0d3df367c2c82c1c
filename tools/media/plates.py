"""A person's picture as what stands behind a shot: filling the frame, or whole and well placed."""

from PIL import Image, ImageFilter

from tools.domain.colours import mixed
from tools.domain.storyboard import Light
from tools.media.palette import Palette
from tools.media.shapes import Size, rounded, shadow
from tools.media.sketches import stage

_MAX_CROP = 0.42
"""How much of a picture may be lost to fill the frame; beyond that it is shown whole."""


def photo_plate(picture: Image.Image, size: Size, palette: Palette, light: Light) -> Image.Image:
    """An RGBA picture as an RGB plate: filling it, or whole on a ground that suits it."""
    if picture.getchannel("A").getextrema()[0] != 255:  # noqa: PLR2004  # a cut-out
        return _cut_out(picture, size, palette, light)
    rgb = picture.convert("RGB")
    ratio = (rgb.width / rgb.height) / (size[0] / size[1])
    if min(ratio, 1 / ratio) >= 1 - _MAX_CROP:
        return _cover(rgb, size)
    return _framed(rgb, size)


def _cover(rgb: Image.Image, size: Size) -> Image.Image:
    scale = max(size[0] / rgb.width, size[1] / rgb.height)
    w, h = size[0] / scale, size[1] / scale
    left, top = max((rgb.width - w) / 2, 0.0), max((rgb.height - h) / 2, 0.0)
    box = (left, top, min(left + w, rgb.width), min(top + h, rgb.height))
    return rgb.resize(size, Image.Resampling.LANCZOS, box)


def _framed(rgb: Image.Image, size: Size) -> Image.Image:
    """The whole picture as a card on a blurred, darkened copy of itself."""
    small = _cover(rgb, (max(size[0] // 24, 8), max(size[1] // 24, 8)))
    back = small.filter(ImageFilter.GaussianBlur(4)).resize(size, Image.Resampling.BICUBIC)
    plate = Image.blend(back, Image.new("RGB", size, (12, 12, 14)), 0.42)
    card = _contained(rgb, (round(size[0] * 0.8), round(size[1] * 0.6)))
    mask = rounded(card.size, round(min(size) * 0.025))
    at = _placed(card.size, size)
    plate.paste((8, 8, 10), (0, 0), shadow(mask, at, size, round(min(size) * 0.03), 0.5))
    plate.paste(card, at, mask)
    return plate


def _cut_out(picture: Image.Image, size: Size, palette: Palette, light: Light) -> Image.Image:
    """A product on transparent ground stands on a sketched stage with its own shadow."""
    plate = stage(size, palette, light)
    box = picture.getchannel("A").getbbox()
    trimmed = picture.crop(box) if box else picture
    thing = _contained(trimmed, (round(size[0] * 0.62), round(size[1] * 0.36)))
    at = _placed(thing.size, size)
    alpha = thing.getchannel("A")
    shade = shadow(alpha, at, size, round(min(size) * 0.035), 0.4)
    plate.paste(mixed(palette.ground, (0, 0, 0), 0.6), (0, 0), shade)
    plate.paste(thing.convert("RGB"), at, alpha)
    return plate


def _placed(thing: Size, size: Size) -> tuple[int, int]:
    """A little above the middle in a tall frame, right of the words in a wide one."""
    is_wide = size[0] > size[1] * 1.2
    x, y = (0.68, 0.46) if is_wide else (0.5, 0.36)
    left = min(max(round(size[0] * x - thing[0] / 2), 0), size[0] - thing[0])
    top = min(max(round(size[1] * y - thing[1] / 2), 0), size[1] - thing[1])
    return left, top


def _contained(picture: Image.Image, box: Size) -> Image.Image:
    scale = min(box[0] / picture.width, box[1] / picture.height)
    size = (max(round(picture.width * scale), 1), max(round(picture.height * scale), 1))
    return picture.resize(size, Image.Resampling.LANCZOS)
