"""Films taken apart: their boxes, their frames, and what is written on them."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np

Pixels = np.ndarray[Any, np.dtype[Any]]

_CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"udta"}


def boxes(path: Path) -> list[str]:
    """The names of an MP4's boxes in the order they stand in the file, nested ones too."""
    return list(_boxes(path.read_bytes()))


def _boxes(data: bytes) -> Iterator[str]:
    at = 0
    while at + 8 <= len(data):
        size, name = struct.unpack(">I4s", data[at : at + 8])
        head = 8
        if size == 1:
            size, head = struct.unpack(">Q", data[at + 8 : at + 16])[0], 16
        size = size or len(data) - at
        yield name.decode("latin-1")
        if name in _CONTAINERS:
            yield from _boxes(data[at + head : at + size])
        at += size


def frames(path: Path) -> Iterator[tuple[int, av.VideoFrame]]:
    """Every frame with its number, counted by its time."""
    with av.open(str(path)) as film:
        for frame in film.decode(video=0):
            assert frame.pts is not None
            assert frame.time_base is not None
            yield round(frame.pts * frame.time_base * 30), frame


def frame_at(path: Path, number: int) -> av.VideoFrame:
    """One frame, by a seek."""
    with av.open(str(path)) as film:
        film.seek(number * 1_000_000 // 30, backward=True)
        for frame in film.decode(video=0):
            assert frame.pts is not None
            assert frame.time_base is not None
            if round(frame.pts * frame.time_base * 30) == number:
                return frame
    msg = f"there is no frame {number}"
    raise AssertionError(msg)


def difference(one: Pixels, other: Pixels) -> Pixels:
    return np.abs(one.astype(np.int16) - other.astype(np.int16))


def rgb(frame: av.VideoFrame) -> Pixels:
    """As a player shows it: BT.709, limited range."""
    return frame.to_ndarray(format="rgb24", src_colorspace="ITU709").astype(np.int16)


def luma(frame: av.VideoFrame) -> Pixels:
    return frame.to_ndarray()[: frame.height, : frame.width]


def likeness(one: Pixels, other: Pixels) -> float:
    """Correlation, -1 to 1; 1 is the same picture, whatever its contrast."""
    a, b = one - one.mean(dtype=float), other - other.mean(dtype=float)
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum() + 1e-9))
