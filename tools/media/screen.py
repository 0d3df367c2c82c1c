"""Pictures of any clip as the film shows them: one size, upright, 4:2:0, BT.709, limited range."""

from fractions import Fraction

import av
from av.filter import Graph
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from PIL import Image

from tools.domain.frames import Frame

_BT709, _BT601, _BT2020 = 1, (4, 5, 6), (9, 10)
_TURNS = {90: ("cclock",), 180: ("clock", "clock"), 270: ("clock",)}
"""How a picture is turned upright, by the counter-clockwise degrees that its file asks for."""


def matrix(frame: av.VideoFrame) -> Colorspace:
    """As tagged; high definition without a tag is BT.709, where swscale would take BT.601."""
    if frame.colorspace in _BT601:
        return Colorspace.ITU601
    if frame.colorspace in _BT2020:
        return Colorspace.BT2020
    is_small = frame.height < 720 and frame.width < 1280  # noqa: PLR2004  # where players draw the line
    return Colorspace.ITU601 if frame.colorspace != _BT709 and is_small else Colorspace.ITU709


def image(frame: av.VideoFrame) -> Image.Image:
    """A frame of `gray` or `rgb24` as a picture of its own."""
    mode = "L" if frame.format.name == "gray" else "RGB"
    plane = frame.planes[0]
    size = (frame.width, frame.height)
    return Image.frombytes(mode, size, bytes(plane), "raw", mode, plane.line_size)


def photograph(frame: av.VideoFrame, size: tuple[int, int]) -> Image.Image:
    """The frame in sRGB and upright, `size` as it is seen."""
    width, height = size[::-1] if frame.rotation % 180 else size
    rgb = VideoReformatter().reformat(
        frame,
        width=width,
        height=height,
        format="rgb24",
        src_colorspace=matrix(frame),
        src_color_range=_range(frame),
        interpolation=Interpolation.BICUBIC
        | Interpolation.ACCURATE_RND
        | Interpolation.FULL_CHR_H_INT,
    )
    return image(rgb).rotate(frame.rotation, expand=True)


class Screen:
    """Shows one clip after the other at `frame`: scaled to cover it, the middle kept."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._reformatter = VideoReformatter()
        self._cutter: _Cutter | None = None

    def shown(self, picture: av.VideoFrame, aspect: tuple[int, int]) -> av.VideoFrame:
        """`aspect`: width and height of the clip as it is seen, upright."""
        rotation = picture.rotation % 360
        width, height = _covering(aspect, self._frame)
        turned = (height, width) if rotation % 180 else (width, height)
        scaled = self._reformatter.reformat(
            picture,
            width=turned[0],
            height=turned[1],
            format="yuv420p",
            src_colorspace=matrix(picture),
            dst_colorspace=Colorspace.ITU709,
            src_color_range=_range(picture),
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.BICUBIC,
        )
        if rotation == 0 and (width, height) == (self._frame.width, self._frame.height):
            return scaled
        if self._cutter is None or not self._cutter.takes(scaled, rotation):
            self._cutter = _Cutter(scaled, rotation, self._frame)
        return self._cutter.cut(scaled)


class _Cutter:
    """Turns and crops pictures of one kind."""

    def __init__(self, sample: av.VideoFrame, rotation: int, frame: Frame) -> None:
        self._kind = (sample.width, sample.height, rotation)
        self._graph = graph = Graph()
        nodes = [
            graph.add_buffer(
                width=sample.width,
                height=sample.height,
                format=sample.format,
                time_base=Fraction(1, 1000),
            )
        ]
        nodes += [graph.add("transpose", turn) for turn in _TURNS.get(rotation, ())]
        nodes.append(graph.add("crop", f"{frame.width}:{frame.height}"))
        nodes.append(graph.add("buffersink"))
        graph.link_nodes(*nodes).configure()

    def takes(self, picture: av.VideoFrame, rotation: int) -> bool:
        return self._kind == (picture.width, picture.height, rotation)

    def cut(self, picture: av.VideoFrame) -> av.VideoFrame:
        self._graph.vpush(picture)
        return self._graph.vpull()


def _covering(aspect: tuple[int, int], frame: Frame) -> tuple[int, int]:
    """The smallest even size of that aspect which covers the frame."""
    k = max(Fraction(frame.width, aspect[0]), Fraction(frame.height, aspect[1]))
    width, height = (-(-round(side * k) // 2) * 2 for side in aspect)
    return max(width, frame.width), max(height, frame.height)


def _range(frame: av.VideoFrame) -> ColorRange:
    is_full = frame.color_range == ColorRange.JPEG or frame.format.name.startswith("yuvj")
    return ColorRange.JPEG if is_full else ColorRange.MPEG
