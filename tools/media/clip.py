"""A stranger's clip: what it holds, and its pictures one after the other.

Only for limited children: every byte is a provider's. What the file says of itself (duration, rate,
number of pictures) is not believed; the packets are counted and the pictures decoded.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream

MAX_SIDE = 4096
_MAX_FPS = 240
_MAX_LENGTH_S = 300
_CODECS = frozenset({"h264", "hevc", "av1", "vp9", "mpeg4"})
_THREADS = 4
"""Each thread of a decoder or encoder holds pictures: a machine's many cores must not add up."""


class Refused(Exception):
    """Not a film that can be given to anyone; the word is for our parent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A clip as it is seen: upright, with square pixels. Times in seconds of its own clock."""

    path: Path
    width: int
    height: int
    turned: int
    """By how many degrees its pictures are turned to stand upright."""
    pictures: int
    start_s: Fraction
    length_s: Fraction
    has_sound: bool

    @property
    def rate(self) -> Fraction:
        """Pictures a second, on average."""
        return self.pictures / self.length_s


@dataclass(frozen=True, slots=True)
class Picture:
    """One decoded picture, `at_s` seconds after the clip's first."""

    frame: av.VideoFrame
    at_s: Fraction


def threads() -> int:
    return min(os.cpu_count() or 1, _THREADS)


@contextmanager
def opened(path: Path, **options: str) -> Iterator[InputContainer]:
    """An MP4 and nothing else. Raises Refused for whatever a reader of strangers' bytes may say."""
    try:
        with av.open(str(path), format="mp4", options=options) as film:
            yield film
    except (av.FFmpegError, ValueError, EOFError, OverflowError) as error:
        raise Refused("not_a_film") from error


def only_picture(film: InputContainer) -> VideoStream:
    """The one video stream, of a codec and a size that a film may have. Raises Refused."""
    videos = film.streams.video
    if len(videos) != 1:
        raise Refused("not_a_film")
    context = videos[0].codec_context
    if not (0 < context.width <= MAX_SIDE and 0 < context.height <= MAX_SIDE):
        raise Refused("not_a_film")
    if context.name not in _CODECS and context.codec.canonical_name not in _CODECS:
        raise Refused("not_a_film")
    # Not FRAME: its threads go on after a picture was given out, and to drop a decoder while one of
    # them wants the interpreter's lock is a deadlock (seen in 1 of 20 runs). Encoding is the work.
    context.thread_type = "SLICE"
    context.thread_count = threads()
    return videos[0]


def only_sound(film: InputContainer) -> AudioStream | None:
    """The first audio stream that can be decoded here."""
    for stream in film.streams.audio:
        if stream.codec_context is not None:
            return stream
    return None


def scanned(path: Path) -> Clip:
    """What the clip holds, by its packets and its first picture. Raises Refused."""
    _check_whole(path)
    with opened(path) as film:
        stream = only_picture(film)
        pictures, start, end = _shown(film, stream)
        length_s = end - start
        if not (0 < length_s <= _MAX_LENGTH_S) or pictures > _MAX_FPS * length_s:
            raise Refused("not_a_film")
        film.seek(0)
        first = next(film.decode(stream), None)
        if first is None:
            raise Refused("not_a_film")
        width, height = upright_size(first, stream)
        has_sound = only_sound(film) is not None
    return Clip(
        path=path,
        width=width,
        height=height,
        turned=first.rotation % 360,
        pictures=pictures,
        start_s=start,
        length_s=length_s,
        has_sound=has_sound,
    )


def decoded(clip: Clip) -> Iterator[Picture]:
    """All its pictures in the order they are shown. Raises Refused when many are missing."""
    with opened(clip.path) as film:
        stream = only_picture(film)
        seen, first, last = 0, Fraction(0), Fraction(-1)
        for frame in film.decode(stream):
            at = _time(frame)
            if at is None or (seen and at - first <= last):
                at = first + last + 1 / clip.rate
            first = at if seen == 0 else first
            last = at - first
            seen += 1
            yield Picture(frame, last)
    # One or two may be lost at an open beginning; more is a broken file.
    if seen < min(clip.pictures, max(clip.pictures - 2, 1)):
        raise Refused("truncated")


def upright_size(first: av.VideoFrame, stream: VideoStream) -> tuple[int, int]:
    """Width and height as a player shows them: turned, and with square pixels."""
    aspect = stream.codec_context.sample_aspect_ratio or Fraction(1)
    if not Fraction(1, 4) <= aspect <= 4:  # noqa: PLR2004  # a stranger's joke
        aspect = Fraction(1)
    width, height = max(round(first.width * aspect), 1), first.height
    return (height, width) if first.rotation % 180 else (width, height)


def _check_whole(path: Path) -> None:
    """A cut file's index still promises all of its pictures; some it hides by an edit list."""
    with opened(path, ignore_editlist="1") as film:
        stream = only_picture(film)
        held = 0
        for packet in film.demux(stream):
            if packet.is_corrupt:
                raise Refused("truncated")
            held += 1 if packet.size else 0
        if held == 0 or held < stream.frames:
            raise Refused("truncated")


def _shown(film: InputContainer, stream: VideoStream) -> tuple[int, Fraction, Fraction]:
    """How many pictures are shown, from when to when, in seconds."""
    times: list[int] = []
    end = 0
    for packet in film.demux(stream):
        if not packet.size or packet.is_discard or packet.pts is None:
            continue
        times.append(packet.pts)
        end = (
            max(end, packet.pts + (packet.duration or 0))
            if len(times) > 1
            else (packet.pts + (packet.duration or 0))
        )
    if not times or stream.time_base is None:
        raise Refused("not_a_film")
    last = max(times)
    if end <= last and len(times) > 1:
        end = last + max((last - min(times)) // (len(times) - 1), 1)
    return len(times), min(times) * stream.time_base, end * stream.time_base


def _time(frame: av.VideoFrame) -> Fraction | None:
    if frame.pts is None or frame.time_base is None:
        return None
    return frame.pts * frame.time_base
