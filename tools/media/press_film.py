"""Checks one film and makes its poster and preview; runs alone (`python -I -m …press_film`).

`{"video", "poster", "preview"}` on stdin; the measured facts on stdout, or `{"refused": "…"}`.
"""

import json
import os
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import NoReturn

import av
from av.container import InputContainer
from av.video.reformatter import Colorspace
from av.video.stream import VideoStream
from PIL import Image, ImageStat

from tools.media.clip import Refused, only_picture, opened
from tools.media.limits import limit_this_process
from tools.media.screen import image, matrix

_CPU_S = 400
_POSTER_SIDE = 1280
_PREVIEW_SIDE, _PREVIEW_FPS, _PREVIEW_S = 270, 15, 3
_CANDIDATES = 12


@dataclass(slots=True)
class _Poster:
    """The most telling frame so far."""

    score: float = -1.0
    picture: Image.Image | None = None


def press(video: Path, poster: Path, preview: Path) -> dict[str, object]:
    """The film's facts, once its poster and preview stand. Raises Refused."""
    with opened(video) as film:
        stream = only_picture(film)
        packets = _packets(video, stream.index)
        start, end = _decoded(film, stream, poster, preview, packets)
        width, height = stream.codec_context.width, stream.codec_context.height
    return {
        "width": width,
        "height": height,
        "length_ms": round((end - start) * 1000),
        "size_bytes": video.stat().st_size,
    }


def _packets(video: Path, index: int) -> int:
    """How many pictures the file really holds: a cut file's index still promises all of them."""
    with opened(video) as film:
        stream = film.streams[index]
        held = sum(1 for packet in film.demux(stream) if packet.size)
        if held == 0 or (stream.frames and held < stream.frames):
            raise Refused("truncated")
    return held


def _decoded(
    film: InputContainer, stream: VideoStream, poster: Path, preview: Path, packets: int
) -> tuple[Fraction, Fraction]:
    """Decode all of it; gives the times of its first picture and of its end, in seconds."""
    best, seen = _Poster(), 0
    first = last = last_length = Fraction(0)
    clip = _Preview(preview, stream.codec_context.width, stream.codec_context.height)
    for frame in film.decode(stream):
        if frame.pts is None or frame.time_base is None:
            raise Refused("truncated")
        at = frame.pts * frame.time_base
        first = at if seen == 0 else first
        last, last_length = at, (frame.duration or 0) * frame.time_base
        if seen % max(packets // _CANDIDATES, 1) == 0:
            _consider(best, frame, seen / packets)
        clip.add(frame, float(at - first))
        seen += 1
    clip.finish()
    if seen < packets or best.picture is None:
        raise Refused("truncated")
    best.picture.save(poster, "JPEG", quality=88, optimize=True)
    if not last_length and seen > 1:
        last_length = (last - first) / (seen - 1)
    return first, last + last_length


def _consider(best: _Poster, frame: av.VideoFrame, place: float) -> None:
    """A telling frame has contrast and light, and stands neither at the start nor at the end."""
    width, height = frame.width, frame.height
    k = min(_POSTER_SIDE / max(width, height), 1.0)
    grey = frame.reformat(width=64, height=64, format="gray")
    values = ImageStat.Stat(image(grey))
    light = min(values.mean[0] / 80, 1.0)
    score = values.stddev[0] * light * (1.15 if 0.2 <= place <= 0.7 else 1.0)  # noqa: PLR2004  # the middle
    if score <= best.score:
        return
    size = (max(round(width * k), 1), max(round(height * k), 1))
    rgb = frame.reformat(
        width=size[0], height=size[1], format="rgb24", src_colorspace=matrix(frame)
    )
    best.score, best.picture = score, image(rgb)


class _Preview:
    """The first three seconds, small and mute, for a list that plays on hover."""

    def __init__(self, path: Path, width: int, height: int) -> None:
        k = _PREVIEW_SIDE / min(width, height)
        self._size = (round(width * k / 2) * 2, round(height * k / 2) * 2)
        options = {"movflags": "+faststart+negative_cts_offsets", "use_editlist": "0"}
        self._output = av.open(str(path), "w", format="mp4", options=options)
        self._stream = self._output.add_stream(
            "libx264",
            rate=_PREVIEW_FPS,
            options={"preset": "veryfast", "crf": "26", "x264-params": "bframes=0"},
        )
        self._stream.width, self._stream.height = self._size
        self._stream.pix_fmt = "yuv420p"
        context = self._stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = 1
        context.color_range = 1
        self._next = 0

    def add(self, frame: av.VideoFrame, at_s: float) -> None:
        """Take the frame when the next picture of the preview is due."""
        if self._next >= _PREVIEW_FPS * _PREVIEW_S or at_s < self._next / _PREVIEW_FPS - 1e-6:
            return
        small = frame.reformat(
            width=self._size[0], height=self._size[1], format="yuv420p",
            src_colorspace=matrix(frame), dst_colorspace=Colorspace.ITU709,
        )  # fmt: skip
        small.pts, small.time_base = self._next, Fraction(1, _PREVIEW_FPS)
        small.pict_type = 0
        self._output.mux(self._stream.encode(small))
        self._next += 1

    def finish(self) -> None:
        self._output.mux(self._stream.encode(None))
        self._output.close()


def _refuse(word: str) -> NoReturn:
    sys.stdout.write(json.dumps({"refused": word}) + "\n")
    sys.stdout.flush()
    os._exit(1)  # a broken film's muxers are not worth closing


def main() -> None:
    order = json.loads(sys.stdin.buffer.read())
    limit_this_process(cpu_s=_CPU_S)
    av.logging.set_level(av.logging.PANIC)
    try:
        facts = press(Path(order["video"]), Path(order["poster"]), Path(order["preview"]))
    except Refused as refused:
        _refuse(str(refused))
    sys.stdout.write(json.dumps(facts) + "\n")


if __name__ == "__main__":
    main()
