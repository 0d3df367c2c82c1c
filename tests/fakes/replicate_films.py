"""The films the fake Replicate makes: real, small, and so regular that a join can be measured.

Every picture is one grey. From picture to picture the grey goes up by `STEP` of luma and wraps from 235
to 16; the first one has the grey of the image the film was to start from. So a chain is continuous where
`rises` says 1 all along, and a repeated picture is a 0. The sound is a tone of whole cycles per second.
"""

import base64
import io
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

STEP = 1
DARKEST, GREYS = 16, 220
"""Luma of BT.709 in limited range: 16 to 235."""
TONE_HZ = 440
_RATE_HZ = 48_000
_AMPLITUDE = 0.2


@dataclass(frozen=True, kw_only=True)
class FilmSpec:
    seconds: float
    frame: tuple[int, int]
    has_sound: bool
    start_level: int = 40
    fps: int = 24

    @property
    def pictures(self) -> int:
        return round(self.seconds * self.fps)


@lru_cache(maxsize=256)
def film(spec: FilmSpec) -> bytes:
    """The MP4. Takes a thread's time: some 0.1 s."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        video = container.add_stream("libx264", rate=spec.fps)
        video.width, video.height = spec.frame
        video.pix_fmt = "yuv420p"
        video.options = {"preset": "ultrafast", "crf": "8", "bf": "0"}
        video.codec_context.color_range = 1
        video.codec_context.colorspace = 1
        video.codec_context.color_primaries = 1
        video.codec_context.color_trc = 1
        video.codec_context.thread_count = 1
        sound = (
            container.add_stream("aac", rate=_RATE_HZ, layout="stereo") if spec.has_sound else None
        )
        for second in range(-(-spec.pictures // spec.fps)):
            first = second * spec.fps
            for number in range(first, min(first + spec.fps, spec.pictures)):
                container.mux(video.encode(_picture(spec, number)))
            if sound is not None:
                for piece in _tone(spec, second):
                    container.mux(sound.encode(piece))
        container.mux(video.encode(None))
        if sound is not None:
            container.mux(sound.encode(None))
    return file.getvalue()


def _picture(spec: FilmSpec, number: int) -> av.VideoFrame:
    width, height = spec.frame
    planes = np.full((height * 3 // 2, width), 128, dtype=np.uint8)
    planes[:height] = wrapped(spec.start_level + number * STEP)
    frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
    frame.pts, frame.time_base = number, Fraction(1, spec.fps)
    return frame


def _tone(spec: FilmSpec, second: int) -> Iterable[av.AudioFrame]:
    first = second * _RATE_HZ
    last = min(first + _RATE_HZ, round(spec.pictures * _RATE_HZ / spec.fps))
    at = np.arange(first, last)
    wave = (_AMPLITUDE * np.sin(2 * np.pi * TONE_HZ * at / _RATE_HZ)).astype(np.float32)
    frame = av.AudioFrame.from_ndarray(np.stack([wave, wave]), format="fltp", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = _RATE_HZ, first, Fraction(1, _RATE_HZ)
    yield frame


def wrapped(level: int) -> int:
    return DARKEST + (level - DARKEST) % GREYS


# -- measuring ------------------------------------------------------------------------------------


def levels(film_file: Path | bytes) -> list[int]:
    """The luma of every picture, in order."""
    source: Any = io.BytesIO(film_file) if isinstance(film_file, bytes) else str(film_file)
    with av.open(source) as container:
        return [_level(frame) for frame in container.decode(video=0)]


def _level(frame: av.VideoFrame) -> int:
    grey = frame.reformat(format="yuv420p").to_ndarray()[: frame.height, : frame.width]
    return round(float(grey.mean()))


def rises(of_levels: list[int]) -> list[int]:
    """From each picture to the next, the wrap taken out: all `STEP` in a continuous film.

    A repeated picture is 0, a lost one 2, a step back -1.
    """
    half = GREYS // 2
    return [(after - before + half) % GREYS - half for before, after in pairwise(of_levels)]


def level_of_image(image: bytes) -> tuple[int, tuple[int, int]]:
    """The luma of the picture's mean grey, and its size. Raises OSError for what is no picture."""
    with Image.open(io.BytesIO(image)) as opened:
        size = opened.size
        grey = np.asarray(opened.convert("RGB").convert("L"), dtype=np.float64).mean()
    return wrapped(round(DARKEST + float(grey) * 219 / 255)), size


def image_in(data_uri: str) -> bytes:
    """Raises ValueError."""
    head, _, body = data_uri.partition(",")
    if not head.endswith(";base64"):
        raise ValueError(head)
    return base64.b64decode(body, validate=True)
