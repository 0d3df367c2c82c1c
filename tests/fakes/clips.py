"""Clips as providers send them: small real MP4s, each a stretch of one endless scene and tone."""

import struct
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream

Pixels = np.ndarray[Any, np.dtype[np.uint8]]

TONE_HZ = 440
_SIZE = (160, 96)


def scene(place: float, size: tuple[int, int] = _SIZE, *, colour: int = 0) -> Pixels:
    """Picture `place` of a scene that moves steadily for ever, as RGB."""
    width, height = size
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    waves = 128 + 70 * np.sin((x + 3 * place) / 11 + colour) * np.cos((y - place) / 9 + colour)
    return np.stack([waves, waves[::-1], 255 - waves], axis=-1).astype(np.uint8)


@dataclass(frozen=True, kw_only=True)
class Take:
    """How a clip is made. `starts_at` is where in the scene its first picture stands."""

    seconds: float = 2
    fps: int = 24
    starts_at: float = 0
    size: tuple[int, int] = _SIZE
    colour: int = 0
    pictures: int | None = None
    tone_at_s: float | None = 0.0
    """Where in the tone its sound begins; None: it is mute."""
    tone_s: float | None = None
    """How long the sound is, where it is not as long as the picture."""
    rate: int = 44_100
    layout: str = "stereo"
    codec: str = "libx264"
    pix_fmt: str = "yuv420p"
    bt709: bool = False
    bframes: int = 2
    times_s: tuple[float, ...] | None = None
    """When each picture is shown, where that is not steady."""
    turned: int = 0
    mux: dict[str, str] = field(default_factory=lambda: {"movflags": "+faststart"})


def film_clip(path: Path, take: Take) -> Path:
    count = take.pictures if take.pictures is not None else round(take.seconds * take.fps)
    with av.open(str(path), "w", format="mp4", options=take.mux) as film:
        video = _video(film, take)
        sound = None
        if take.tone_at_s is not None:
            sound = film.add_stream("aac", rate=take.rate, layout=take.layout)
        for n in range(count):
            film.mux(video.encode(_picture(take, n)))
        film.mux(video.encode(None))
        if sound is not None:
            for frame in (*_tone(take), None):
                film.mux(sound.encode(frame))
    return path


def _video(film: OutputContainer, take: Take) -> VideoStream:
    options = {"preset": "veryfast", "crf": "12", "bf": f"{take.bframes}"}
    stream = film.add_stream(take.codec, rate=take.fps, options=options)
    assert isinstance(stream, VideoStream)
    stream.width, stream.height = take.size
    stream.pix_fmt = take.pix_fmt
    context = stream.codec_context
    if take.bt709:
        context.color_primaries = context.color_trc = context.colorspace = 1
        context.color_range = 1
    if take.times_s is not None:
        stream.time_base = context.time_base = Fraction(1, 90_000)
    if take.turned:
        stream.set_display_rotation(take.turned)
    return stream


def _picture(take: Take, n: int) -> av.VideoFrame:
    rgb = scene(take.starts_at + n, take.size, colour=take.colour)
    frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
    matrix = "ITU709" if take.bt709 else "ITU601"
    frame = frame.reformat(format=take.pix_fmt, dst_colorspace=matrix)
    if take.times_s is not None:
        frame.pts, frame.time_base = round(take.times_s[n] * 90_000), Fraction(1, 90_000)
    else:
        frame.pts, frame.time_base = n, Fraction(1, take.fps)
    return frame


def _tone(take: Take) -> list[av.AudioFrame]:
    seconds = take.tone_s if take.tone_s is not None else take.seconds
    at = take.tone_at_s or 0.0
    frames = []
    samples = round(seconds * take.rate)
    for begin in range(0, samples, 1024):
        n = np.arange(begin, min(begin + 1024, samples))
        wave = 0.4 * np.sin(2 * np.pi * TONE_HZ * (at + n / take.rate))
        channels = 1 if take.layout == "mono" else 2
        data = np.tile(wave.astype(np.float32), (channels, 1))
        frame = av.AudioFrame.from_ndarray(data, format="fltp", layout=take.layout)
        frame.rate, frame.pts, frame.time_base = take.rate, begin, Fraction(1, take.rate)
        frames.append(frame)
    return frames


def chain(folder: Path, lengths_s: tuple[int, ...], **how: Any) -> list[Path]:
    """Clips of which each begins with the very picture that the one before ended in."""
    clips, place, heard_s = [], 0, 0
    for i, seconds in enumerate(lengths_s):
        tone_at_s = heard_s if how.get("tone_at_s", 0.0) is not None else None
        take = Take(**{**how, "seconds": seconds, "starts_at": place, "tone_at_s": tone_at_s})
        clips.append(film_clip(folder / f"clip-{i}.mp4", take))
        place += seconds * take.fps - 1
        heard_s += seconds
    return clips


def patched(path: Path, box: bytes, at: int, value: bytes) -> Path:
    """The file with bytes overwritten, `at` counted from the first such box's name."""
    data = bytearray(path.read_bytes())
    where = data.index(box) + at
    data[where : where + len(value)] = value
    path.write_bytes(bytes(data))
    return path


def claiming_to_last(path: Path, seconds: int) -> Path:
    """A film whose header says it lasts for ever; its pictures know nothing of that."""
    where = 4 + 4 + 4 + 4  # the name, version and flags, made, changed; then the clock
    data = path.read_bytes()
    at = data.index(b"mvhd") + where
    (clock,) = struct.unpack(">I", data[at : at + 4])
    return patched(path, b"mvhd", where + 4, struct.pack(">I", min(seconds * clock, 2**32 - 1)))
