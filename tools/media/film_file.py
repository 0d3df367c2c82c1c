"""A film on disk, as every platform takes it: H.264 High, BT.709, constant 30 fps, AAC.

moov before mdat, closed GOPs of at most two seconds, no edit list (Instagram forbids them), and
sound exactly as long as the picture.
"""

from collections.abc import Iterator
from fractions import Fraction
from types import TracebackType
from typing import Self

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.packet import Packet
from av.video.frame import PictureType
from av.video.stream import VideoStream

from tools.domain.frames import Frame
from tools.domain.storyboard import FPS

RATE = 48_000
_AAC_SAMPLES = 1024
_BT709, _TV_RANGE = 1, 1
_VIDEO = {
    "preset": "veryfast",
    "profile": "high",
    "crf": "18",
    "maxrate": "12M",
    "bufsize": "24M",
    # No B-frames: decoding order is presentation order, so nothing needs an offset or an edit
    # list. bframes=0 costs size, not time.
    # Chroma a little finer than usual: a brand's colour lives in it.
    "x264-params": "bframes=0:open-gop=0:chroma-qp-offset=-3:"
    "colorprim=bt709:transfer=bt709:colormatrix=bt709",
}
_MUX = {"movflags": "+faststart+negative_cts_offsets", "use_editlist": "0"}


class FilmFile:
    """Takes exactly `frames` frames, one after the other, then `finish()`."""

    def __init__(self, path: str, frame: Frame, frames: int, *, still_from: int) -> None:
        """From frame `still_from` on the picture is a card: stills cost next to nothing, so they
        are kept nearly exact.
        """
        self._output = av.open(path, "w", format="mp4", options=_MUX)
        self._video = self._video_stream(frame, f"zones={still_from},{frames - 1},q=9")
        self._audio = self._output.add_stream("aac", rate=RATE, layout="stereo", bit_rate=192_000)
        self._silence = _silence(self._audio, frames * RATE // FPS)
        self._sound_until = 0

    def _video_stream(self, frame: Frame, zone: str) -> VideoStream:
        options = _VIDEO | {"x264-params": f"{_VIDEO['x264-params']}:{zone}"}
        stream = self._output.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuv420p"
        stream.time_base = Fraction(1, FPS)
        context = stream.codec_context
        context.gop_size = 2 * FPS
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        context.color_range = _TV_RANGE
        return stream

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._output.close()

    def add(self, picture: av.VideoFrame, *, is_cut: bool) -> None:
        """The next frame. A cut begins a new group of pictures, so that seeking lands on it."""
        if is_cut:
            picture.pict_type = PictureType.I
        self._output.mux(self._video.encode(picture))
        self._add_sound(((picture.pts or 0) + 1) * RATE // FPS)

    def finish(self) -> None:
        self._output.mux(self._video.encode(None))
        for packet in self._silence:
            self._output.mux(packet)
        self._output.close()

    def _add_sound(self, until: int) -> None:
        """Beside the picture, not after it: else the muxer holds the whole film in memory."""
        while self._sound_until < until:
            packet = next(self._silence, None)
            if packet is None:
                return
            self._output.mux(packet)
            self._sound_until += _AAC_SAMPLES


def _silence(stream: AudioStream, samples: int) -> "Iterator[Packet[AudioStream]]":
    """AAC packets of silence from 0 to exactly `samples`.

    The encoder's first packet is its run-up, before time 0; without an edit list to hide it, it
    would push the sound behind the picture. The last packet is told to be as short as what is left.
    """
    for packet in _encoded(stream, samples + _AAC_SAMPLES):
        pts = packet.pts or 0
        if pts < 0 or pts >= samples:
            continue
        packet.duration = min(_AAC_SAMPLES, samples - pts)
        yield packet


def _encoded(stream: AudioStream, samples: int) -> "Iterator[Packet[AudioStream]]":
    for start in range(0, samples + _AAC_SAMPLES, _AAC_SAMPLES):
        frame = AudioFrame(format="fltp", layout="stereo", samples=_AAC_SAMPLES)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        yield from stream.encode(frame)
    yield from stream.encode(None)
