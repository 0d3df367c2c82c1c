"""The file a cut film goes into, as every platform takes it: H.264 High, BT.709, constant rate.

moov before mdat, no edit list (Instagram forbids them), nothing that says who made it and when.
"""

from fractions import Fraction
from types import TracebackType
from typing import Self

import av
from av.video.frame import PictureType
from av.video.stream import VideoStream

from tools.domain.frames import Frame
from tools.media.clip import threads
from tools.media.joins import RATE, Samples
from tools.media.soundtrack import AacTrack

MUX = {
    "movflags": "+faststart+negative_cts_offsets",
    "use_editlist": "0",
    "fflags": "+bitexact",
}
_BT709, _TV_RANGE = 1, 1
_VIDEO = {
    "preset": "veryfast",
    "profile": "high",
    # The clips were compressed once already: this pass should not be seen.
    "crf": "16",
    "maxrate": "24M",
    "bufsize": "48M",
    # No B-frames: decoding order is presentation order, so nothing needs an offset or an edit list.
    "x264-params": "bframes=0:open-gop=0:colorprim=bt709:transfer=bt709:colormatrix=bt709",
}


class CutFile:
    """Takes exactly `pictures` pictures of one size and, with `has_sound`, as much sound."""

    def __init__(
        self, path: str, frame: Frame, *, fps: int, pictures: int, has_sound: bool
    ) -> None:
        self._fps = fps
        self._output = av.open(path, "w", format="mp4", options=MUX)
        self._video = self._video_stream(frame)
        self._sound = AacTrack(self._output, pictures * RATE // fps) if has_sound else None
        self._next = 0

    def _video_stream(self, frame: Frame) -> VideoStream:
        stream = self._output.add_stream("libx264", rate=self._fps, options=_VIDEO)
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuv420p"
        stream.time_base = Fraction(1, self._fps)
        context = stream.codec_context
        context.thread_count = threads()
        context.gop_size = 2 * self._fps
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

    def hear(self, sound: Samples) -> None:
        """More of the sound, which is written beside the pictures it belongs to."""
        if self._sound is not None:
            self._sound.add(sound)

    def show(self, picture: av.VideoFrame) -> None:
        """The next picture."""
        picture.pts, picture.time_base = self._next, Fraction(1, self._fps)
        # Decoded pictures say what they were; the encoder would take that for an order.
        picture.pict_type = PictureType.NONE
        self._output.mux(self._video.encode(picture))
        self._next += 1
        if self._sound is not None:
            self._sound.until(self._next * RATE // self._fps)

    def finish(self) -> None:
        self._output.mux(self._video.encode(None))
        if self._sound is not None:
            self._sound.finish()
        self._output.close()
