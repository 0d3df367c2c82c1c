"""Where one clip becomes the next: neither a picture stands twice nor does the sound click."""

import math
from array import array
from typing import TypeAlias

import av
from PIL import Image, ImageChops, ImageStat

from tools.media.screen import image

Samples: TypeAlias = "array[float]"
"""Stereo, interleaved: two floats for each sample."""

RATE = 48_000
HALF_FADE = RATE * 30 // 1000
"""Samples on each side of a join that hear both clips."""
_CUT = 12.0
"""A mean difference of brightness, of 255, beyond what a provider's re-encoding does to the picture
that its clip was made from."""


def is_cut(before: av.VideoFrame, after: av.VideoFrame) -> bool:
    """True when `after` is clearly not the picture that the clip with `before` ended in."""
    one, other = (
        image(frame.reformat(width=64, height=64, format="gray")) for frame in (before, after)
    )
    return ImageStat.Stat(ImageChops.difference(one, other)).mean[0] > _CUT


def between(before: av.VideoFrame, after: av.VideoFrame) -> av.VideoFrame:
    """The picture half way from one to the other (both yuv420p, of one size)."""
    blend = av.VideoFrame(before.width, before.height, "yuv420p")
    for one, other, target in zip(before.planes, after.planes, blend.planes, strict=True):
        size = (target.width, target.height)
        mixed = Image.blend(
            Image.frombuffer("L", size, bytes(one), "raw", "L", one.line_size, 1),
            Image.frombuffer("L", size, bytes(other), "raw", "L", other.line_size, 1),
            0.5,
        )
        target.update(mixed.tobytes("raw", "L", target.line_size, 1))
    return blend


def crossed(before: Samples, after: Samples) -> Samples:
    """The sound across a join: the end of one clip into the beginning of the next.

    Both are HALF_FADE samples long, and so each goes on over the join as its own mirror image: the
    fade takes nothing from the length of either, and neither begins nor ends in a jump. The powers
    of the two always add up to one.
    """
    out = array("f", bytes(4 * (len(before) + len(after))))
    for n in range(-HALF_FADE, HALF_FADE):
        turn = (n + 0.5 + HALF_FADE) / (2 * HALF_FADE) * math.pi / 2
        going, coming = math.cos(turn), math.sin(turn)
        of_before = HALF_FADE + n if n < 0 else HALF_FADE - 1 - n
        of_after = n if n >= 0 else -1 - n
        for side in (0, 1):
            out[2 * (HALF_FADE + n) + side] = (
                going * before[2 * of_before + side] + coming * after[2 * of_after + side]
            )
    return out


def faded_in(sound: Samples, samples: int) -> None:
    """From silence, in place, over the first `samples`."""
    _ramp(sound, range(samples), samples)


def faded_out(sound: Samples, samples: int) -> None:
    """To silence, in place, over the last `samples`."""
    last = len(sound) // 2 - 1
    _ramp(sound, range(last, last - samples, -1), samples)


def _ramp(sound: Samples, places: range, samples: int) -> None:
    for n, place in enumerate(places):
        gain = math.sin((n + 0.5) / samples * math.pi / 2)
        sound[2 * place] *= gain
        sound[2 * place + 1] *= gain
