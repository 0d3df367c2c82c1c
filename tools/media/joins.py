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
EDGE = 2 * HALF_FADE
"""Samples on each side that a join looks at."""
_ALIKE = RATE * 5 // 1000
"""How much must be alike for one stretch of sound to take up where another ended."""
_ROUGH = RATE * 2 // 1000
"""A codec rings where its sound is cut off: so much of a clip's very end is not believed."""
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
    """The sound across a join, as long as both: the end of one clip into the beginning of another.

    Both are EDGE samples long. Each is continued over the join by what it sounded like just there,
    so that the fade takes nothing from the length of either, and neither begins nor ends in a jump.
    The powers of the two always add up to one.
    """
    going = _continued(before)
    coming = _backwards(_continued(_backwards(after)))
    out = before + after
    first = EDGE - HALF_FADE
    for n in range(2 * HALF_FADE):
        turn = (n + 0.5) / (2 * HALF_FADE) * math.pi / 2
        down, up = math.cos(turn), math.sin(turn)
        for side in (0, 1):
            out[2 * (first + n) + side] = (
                down * going[2 * (first + n) + side] + up * coming[2 * n + side]
            )
    return out


def _continued(sound: Samples) -> Samples:
    """HALF_FADE samples longer: taken up at the place whose end is most like its own end."""
    smooth = sound[: -2 * _ROUGH]
    mono = [smooth[i] + smooth[i + 1] for i in range(0, len(smooth), 2)]
    end = mono[-_ALIKE:]

    def unlike(lag: int) -> float:
        stretch = mono[-lag - _ALIKE : -lag]
        return sum((one - other) ** 2 for one, other in zip(stretch, end, strict=True))

    missing = HALF_FADE + _ROUGH
    lag = min(range(missing, len(mono) - _ALIKE), key=unlike)
    begin = len(mono) - lag
    return smooth + smooth[2 * begin : 2 * (begin + missing)]


def _backwards(sound: Samples) -> Samples:
    back = array("f", bytes(4 * len(sound)))
    back[0::2], back[1::2] = sound[-2::-2], sound[-1::-2]
    return back


def faded_in(sound: Samples, samples: int, *, first: int = 0) -> None:
    """From silence, in place, over so many samples from the `first` on."""
    _ramp(sound, range(first, first + samples))


def faded_out(sound: Samples, samples: int, *, end: int | None = None) -> None:
    """To silence, in place, over the last samples before `end`."""
    last = (len(sound) // 2 if end is None else end) - 1
    _ramp(sound, range(last, last - samples, -1))


def _ramp(sound: Samples, places: range) -> None:
    whole = range(len(sound) // 2)
    for n, place in enumerate(places):
        if place in whole:
            gain = math.sin((n + 0.5) / len(places) * math.pi / 2)
            sound[2 * place] *= gain
            sound[2 * place + 1] *= gain
