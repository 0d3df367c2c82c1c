"""Pictures as the encoder wants them: BT.709 planes, made once, pasted many times.

A frame is put together in YUV, so nothing is converted per frame: a full-frame conversion costs
8 ms at 1080x1920, a paste of a small region nearly nothing. Everything stands on even
coordinates; an odd one would smear the chroma of a logo's edge into its neighbour.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import av
from PIL import Image

from tools.domain.colours import Rgb
from tools.domain.storyboard import FPS

# Limited range BT.709 (ITU-R BT.709-6, 3 and 4). Pillow's matrix rounds; swscale's default is
# BT.601, which shows #ff5a1f as 255,100,24.
_KR, _KB = 0.2126, 0.0722
_KG = 1 - _KR - _KB
_U, _V = 224 / 255 / (2 * (1 - _KB)), 224 / 255 / (2 * (1 - _KR))
_L = 219 / 255
_TO_YUV = (
    _KR * _L, _KG * _L, _KB * _L, 16.0,
    -_KR * _U, -_KG * _U, (1 - _KB) * _U, 128.0,
    (1 - _KR) * _V, -_KG * _V, -_KB * _V, 128.0,
)  # fmt: skip


def yuv(rgb: Image.Image) -> tuple[Image.Image, Image.Image, Image.Image]:
    """Y, U and V, all at full size."""
    y, u, v = rgb.convert("RGB", _TO_YUV).split()
    return y, u, v


def even(value: float) -> int:
    """The nearest even whole number."""
    return round(value / 2) * 2


def half(image: Image.Image) -> Image.Image:
    return image.resize((image.width // 2, image.height // 2), Image.Resampling.BOX)


@dataclass(frozen=True, slots=True)
class Layer:
    """Something to lay over a frame: planes, how opaque each pixel is, and its upper left corner."""

    x: int
    y: int
    luma: Image.Image
    blue: Image.Image
    red: Image.Image
    mask: Image.Image
    mask_half: Image.Image

    @property
    def width(self) -> int:
        return self.luma.width

    @property
    def height(self) -> int:
        return self.luma.height

    def narrowed(self, width: int) -> "Layer":
        """Its left part, `width` (even) pixels of it."""
        full, small = (0, 0, width, self.height), (0, 0, width // 2, self.height // 2)
        return Layer(
            self.x,
            self.y,
            self.luma.crop(full),
            self.blue.crop(small),
            self.red.crop(small),
            self.mask.crop(full),
            self.mask_half.crop(small),
        )


def layer(rgba: Image.Image, x: int, y: int) -> Layer:
    """A straight-alpha picture as a layer at (x, y), padded to even coordinates and sides."""
    left, top = x % 2, y % 2
    size = (rgba.width + left, rgba.height + top)
    if left or top or size[0] % 2 or size[1] % 2:
        padded = Image.new("RGBA", (size[0] + size[0] % 2, size[1] + size[1] % 2), (0, 0, 0, 0))
        padded.paste(rgba, (left, top))
        rgba = padded
    luma = yuv(rgba.convert("RGB"))[0]
    # Averaged with premultiplied alpha, else the colour of invisible pixels bleeds into the edge.
    small = rgba.convert("RGBa").resize((rgba.width // 2, rgba.height // 2), Image.Resampling.BOX)
    _, blue, red = yuv(small.convert("RGBA").convert("RGB"))
    mask = rgba.getchannel("A")
    return Layer(x - left, y - top, luma, blue, red, mask, half(mask))


def tinted(mask: Image.Image, x: int, y: int, colour: Rgb, opacity: float = 1.0) -> Layer:
    """A mask filled with one colour: text, bars, plates."""
    rgba = Image.new("RGBA", mask.size, (*colour, 0))
    rgba.putalpha(mask.point(_scaled(opacity)) if opacity < 1 else mask)
    return layer(rgba, x, y)


def _scaled(opacity: float) -> list[int]:
    return [round(value * opacity) for value in range(256)]


@dataclass(frozen=True, slots=True)
class Canvas:
    """One frame being put together, in planes."""

    luma: Image.Image
    blue: Image.Image
    red: Image.Image

    @classmethod
    def of(cls, rgb: Image.Image) -> "Canvas":
        y, u, v = yuv(rgb)
        return cls(y, half(u), half(v))

    def copy(self) -> "Canvas":
        return Canvas(self.luma.copy(), self.blue.copy(), self.red.copy())

    def paste(self, layers: Iterable[Layer], opacity: float = 1.0) -> None:
        """Lay `layers` over the frame. `opacity` 0 to 1 fades them all."""
        if opacity <= 0:
            return
        for it in layers:
            mask, mask_half = it.mask, it.mask_half
            if opacity < 1:
                table = _scaled(opacity)
                mask, mask_half = mask.point(table), mask_half.point(table)
            self.luma.paste(it.luma, (it.x, it.y), mask)
            self.blue.paste(it.blue, (it.x // 2, it.y // 2), mask_half)
            self.red.paste(it.red, (it.x // 2, it.y // 2), mask_half)

    def darken(self, shade: Image.Image, shade_half: Image.Image) -> None:
        """Towards black by `shade` (0 to 255), as large as the frame."""
        self.luma.paste(16, (0, 0, *self.luma.size), shade)
        self.blue.paste(128, (0, 0, *self.blue.size), shade_half)
        self.red.paste(128, (0, 0, *self.red.size), shade_half)

    def frame(self, number: int) -> av.VideoFrame:
        """For the encoder, as frame `number` of the film."""
        frame = av.VideoFrame(self.luma.width, self.luma.height, "yuv420p")
        for plane, image in zip(frame.planes, (self.luma, self.blue, self.red), strict=True):
            # The encoder's rows are padded to its alignment: 1088 bytes for 1080 pixels.
            plane.update(image.tobytes("raw", "L", plane.line_size, 1))
        frame.pts = number
        frame.time_base = Fraction(1, FPS)
        return frame
