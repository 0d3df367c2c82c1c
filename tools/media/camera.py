"""Camera moves over a still picture, smooth to a sixth of a pixel.

A plate is kept at three times its size and read without interpolation: as smooth as a bilinear
move at a tenth of its cost, where libavfilter's zoompan moves in whole pixels and shows it.
"""

import math
from dataclasses import dataclass

from PIL import Image

from tools.domain.frames import Frame
from tools.domain.storyboard import Move
from tools.media.planes import Canvas, half, yuv

ROOM = 1.14
"""How much larger than the frame a plate is, to move in."""
_FINE = 3


def plate_size(frame: Frame) -> tuple[int, int]:
    return round(frame.width * ROOM / 2) * 2, round(frame.height * ROOM / 2) * 2


@dataclass(frozen=True, slots=True)
class View:
    """What the camera sees of a plate: the upper left corner and the zoom, 1 is the frame's size.

    `x` and `y` are shares (0 to 1) of the room that is left.
    """

    x: float
    y: float
    scale: float


def view_at(move: Move, t: float) -> View:  # noqa: PLR0911  # one case a move
    """The view at time `t` (0 to 1) of a shot."""
    e = _eased(t)
    match move:
        case Move.PUSH_IN:
            return View(0.5, 0.46, ROOM - (ROOM - 1.0) * e)
        case Move.PULL_OUT:
            return View(0.5, 0.46, 1.0 + (ROOM - 1.0) * e)
        case Move.PAN_RIGHT:
            return View(e, 0.5, 1.03)
        case Move.PAN_LEFT:
            return View(1 - e, 0.5, 1.03)
        case Move.TILT_UP:
            return View(0.5, 1 - e, 1.03)
        case Move.TILT_DOWN:
            return View(0.5, e, 1.03)
        case Move.STATIC:
            return View(0.5, 0.5, 1.05)


def _eased(t: float) -> float:
    """Starts and stops softly, and never quite stands still in between."""
    return t - 0.75 * math.sin(2 * math.pi * t) / (2 * math.pi)


class Plate:
    """A still picture that a camera can move over."""

    def __init__(self, rgb: Image.Image, frame: Frame) -> None:
        """`rgb` is `plate_size(frame)` large."""
        self._frame = frame
        self._size = rgb.size
        luma, blue, red = yuv(rgb)
        self._planes = [_enlarged(plane) for plane in (luma, half(blue), half(red))]

    def seen(self, view: View) -> Canvas:
        width, height = self._frame.width * view.scale, self._frame.height * view.scale
        left, top = (self._size[0] - width) * view.x, (self._size[1] - height) * view.y
        luma, blue, red = (
            _crop(plane, (left * k, top * k, (left + width) * k, (top + height) * k), self._out(i))
            for i, (plane, k) in enumerate(
                zip(self._planes, (_FINE, _FINE / 2, _FINE / 2), strict=True)
            )
        )
        return Canvas(luma, blue, red)

    def _out(self, plane: int) -> tuple[int, int]:
        side = 2 if plane else 1
        return self._frame.width // side, self._frame.height // side


def _enlarged(plane: Image.Image) -> Image.Image:
    size = (plane.width * _FINE, plane.height * _FINE)
    return plane.resize(size, Image.Resampling.BICUBIC)


def _crop(
    plane: Image.Image, box: tuple[float, float, float, float], size: tuple[int, int]
) -> Image.Image:
    # Rounding may put a border a hair outside, which Pillow refuses.
    left, top = max(box[0], 0.0), max(box[1], 0.0)
    right, bottom = min(box[2], float(plane.width)), min(box[3], float(plane.height))
    return plane.resize(size, Image.Resampling.NEAREST, (left, top, right, bottom))
