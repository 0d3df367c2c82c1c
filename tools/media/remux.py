"""A clip that is already what the film should be: its packets, in a file of our own.

Compressing its pictures once more would only cost time and sharpness.
"""

import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av.audio.stream import AudioStream
from av.bitstream import BitStreamFilterContext
from av.container import OutputContainer
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from tools.domain.frames import Frame
from tools.media.assembly import Part, sound_in
from tools.media.clip import Clip, only_picture, only_sound, opened
from tools.media.cut_file import MUX
from tools.media.joins import RATE
from tools.media.soundtrack import AAC_SAMPLES, AacTrack, Soundtrack

_BT709, _UNTAGGED = 1, 2
_FULL_RANGE = 2
_HD_HEIGHT = 720
_JITTER = Fraction(1, 10)
"""Of a picture's time: what a coarse clock does to a constant rate."""
_TAGS = (
    "h264_metadata=colour_primaries=1:transfer_characteristics=1:matrix_coefficients=1"
    ":video_full_range_flag=0"
)


def can_be_remuxed(part: Part, frame: Frame, *, fps: int) -> bool:
    """Whether nothing about its pictures has to change: number, times, size and coding."""
    clip = part.clip
    if clip.turned or (clip.width, clip.height) != (frame.width, frame.height):
        return False
    with opened(clip.path) as film:
        context = only_picture(film).codec_context
        if not _is_delivered_so(context, frame):
            return False
    return clip.pictures == part.used_s * fps and _order(clip, fps) is not None


def remuxed(path: str, part: Part, *, fps: int, told: Callable[[int, int], None]) -> bool:
    """Write the film to `path`; False when what came out is not exact, and must be encoded."""
    clip = part.clip
    order = _order(clip, fps)
    if order is None:
        return False
    with av.open(path, "w", format="mp4", options=MUX) as output:
        pictures = _pictures(clip, output, order, fps)
        first = next(pictures)  # with it the file's first track stands
        sound = _sound(part, output)
        for n, packet in enumerate(itertools.chain((first,), pictures), start=1):
            output.mux(packet)
            told(n, clip.pictures)
            if sound is not None:
                sound.until(n * RATE // fps)
        if sound is not None:
            sound.finish()
    return _is_exact(Path(path), clip.pictures, fps)


def _is_delivered_so(context: VideoCodecContext, frame: Frame) -> bool:
    """H.264 High, 4:2:0, of this size, in the colours that players take it for."""
    is_bt709 = context.colorspace == _BT709 or (
        context.colorspace == _UNTAGGED and frame.height >= _HD_HEIGHT
    )
    return (
        context.codec.canonical_name == "h264"
        and context.profile == "High"
        and context.pix_fmt == "yuv420p"
        and (context.width, context.height) == (frame.width, frame.height)
        and is_bt709
        and context.color_primaries in {_BT709, _UNTAGGED}
        and context.color_trc in {_BT709, _UNTAGGED}
        and context.color_range != _FULL_RANGE
    )


def _order(clip: Clip, fps: int) -> list[int] | None:
    """The place in the film of each packet, as they stand in the file.

    None when they are not one for each place, or need what an edit list hides before them.
    """
    places: list[int] = []
    with opened(clip.path) as film:
        stream = only_picture(film)
        assert stream.time_base is not None
        for packet in film.demux(stream):
            if not packet.size:
                continue
            if packet.pts is None or packet.is_discard or not (places or packet.is_keyframe):
                return None
            at = (packet.pts * stream.time_base - clip.start_s) * fps
            if abs(at - round(at)) > _JITTER:
                return None
            places.append(round(at))
    return places if sorted(places) == list(range(len(places))) else None


def _pictures(
    clip: Clip, output: OutputContainer, order: list[int], fps: int
) -> "Iterator[Packet[VideoStream]]":
    """The clip's packets, tagged BT.709, at the film's own times."""
    delay = max(n - place for n, place in enumerate(order))
    with opened(clip.path) as film:
        source = only_picture(film)
        target = output.add_stream_from_template(source)
        target.metadata.clear()
        target.time_base = Fraction(1, fps)
        tags = BitStreamFilterContext(_TAGS, source, target)
        ready = (out for packet in film.demux(source) for out in _tagged(tags, packet))
        for n, (packet, place) in enumerate(zip(ready, order, strict=True)):
            packet.stream, packet.time_base = target, Fraction(1, fps)
            packet.pts, packet.dts, packet.duration = place, n - delay, 1
            yield packet


def _tagged(
    tags: BitStreamFilterContext, packet: "Packet[VideoStream]"
) -> "Iterator[Packet[VideoStream]]":
    for out in tags.filter(packet if packet.size else None):
        yield cast("Packet[VideoStream]", out)


def _sound(part: Part, output: OutputContainer) -> "AacTrack | _CopiedSound | None":
    clip, samples = part.clip, part.used_s * RATE
    if not clip.has_sound:
        return None
    begin = _aac_begin(clip, samples)
    if begin is not None:
        return _CopiedSound(clip, output, begin, samples)
    track, soundtrack = AacTrack(output, samples), Soundtrack()
    track.add(soundtrack.then(sound_in(part)))
    track.add(soundtrack.end())
    return track


def _aac_begin(clip: Clip, samples: int) -> int | None:
    """The time of the AAC packet that begins with the picture.

    None when there is none, when packets are missing, or when it is not 48 kHz stereo.
    """
    with opened(clip.path) as film:
        stream = only_sound(film)
        if stream is None:
            return None
        context = stream.codec_context
        is_ours = (context.codec.canonical_name, context.profile) == ("aac", "LC")
        if not is_ours or (context.sample_rate, len(context.layout.channels)) != (RATE, 2):
            return None
        if stream.time_base != Fraction(1, RATE):
            return None
        begin = round(clip.start_s * RATE)
        times = [packet.pts for packet in film.demux(stream) if packet.size]
    needed = range(begin, begin + samples, AAC_SAMPLES)
    return begin if set(needed) <= set(times) else None


class _CopiedSound:
    """The clip's own AAC packets from `begin` on, as far as the film goes."""

    def __init__(self, clip: Clip, output: OutputContainer, begin: int, samples: int) -> None:
        self._output = output
        self._samples = samples
        self._packets = self._all(clip, begin)
        self._next = next(self._packets, None)

    def until(self, sample: int) -> None:
        while self._next is not None and (self._next.pts or 0) < sample:
            self._output.mux(self._next)
            self._next = next(self._packets, None)

    def finish(self) -> None:
        self.until(self._samples)

    def _all(self, clip: Clip, begin: int) -> "Iterator[Packet[AudioStream]]":
        with opened(clip.path) as film:
            source = only_sound(film)
            assert source is not None
            target = self._output.add_stream_from_template(source)
            target.metadata.clear()
            for packet in film.demux(source):
                at = (packet.pts or 0) - begin
                if packet.size and 0 <= at < self._samples:
                    packet.stream = target
                    packet.pts = packet.dts = at
                    packet.duration = min(AAC_SAMPLES, self._samples - at)
                    yield packet


def _is_exact(path: Path, pictures: int, fps: int) -> bool:
    """Whether what was written begins at 0, sound and picture, and has every picture in its place."""
    with opened(path) as film:
        for stream in film.streams:
            assert stream.time_base is not None
            times = [packet.pts for packet in film.demux(stream) if packet.size]
            film.seek(0)
            if min(times, default=None, key=lambda pts: -1 if pts is None else pts) != 0:
                return False
            is_video = stream.type == "video"
            if is_video and sorted(round((pts or 0) * stream.time_base * fps) for pts in times) != (
                list(range(pictures))
            ):
                return False
    return True
