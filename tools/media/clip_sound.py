"""A clip's sound as plain samples: 48 kHz, stereo, exactly as long as the clip was bought."""

from array import array
from collections.abc import Iterator
from fractions import Fraction

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.filter import Graph

from tools.media.clip import Clip, only_sound, opened
from tools.media.joins import RATE, Samples, faded_in, faded_out

_LAYOUTS = {1: "mono", 2: "stereo"}
_SOFT = RATE * 5 // 1000
_GAP = RATE * 40 // 1000
"""Times that are off by less are rounding, not silence."""
_TEMPO = 0.005
"""A clip that is off by more than this is made faster or slower with its picture."""


def sound_of(clip: Clip, *, from_s: Fraction, length_s: Fraction, samples: int) -> Samples:
    """The sound of that part of the clip, in `samples` samples; silence where there is none.

    `from_s` is counted from the clip's first picture: sound that begins later stays later.
    """
    tempo = float(length_s * RATE / samples)
    if abs(tempo - 1) <= _TEMPO:
        tempo = 1.0
    with opened(clip.path) as film:
        stream = only_sound(film)
        if stream is None:
            return array("f", bytes(8 * samples))
        # Spread over two sides by swresample, one channel would lose 3 dB.
        channels = 1 if stream.codec_context.channels == 1 else 2
        track = array("f", bytes(4 * channels * samples))
        pieces = _heard(film, stream, _LAYOUTS[channels], tempo)
        first, last = _place(track, channels, pieces, clip.start_s + from_s, tempo)
    out = _doubled(track) if channels == 1 else track
    # Sound that begins late or ends early would click where it meets the silence.
    if 0 < first < last:
        faded_in(out, _SOFT, first=first)
    if first < last < samples:
        faded_out(out, _SOFT, end=last)
    return out


def _doubled(mono: Samples) -> Samples:
    out = array("f", bytes(8 * len(mono)))
    out[0::2] = out[1::2] = mono
    return out


def _place(
    out: Samples, channels: int, sound: Iterator[AudioFrame], start_s: Fraction, tempo: float
) -> tuple[int, int]:
    """Write each piece where its time says; gives the first sample and the end of what is there."""
    cursor: int | None = None
    begin = end = None
    size, width = len(out) // channels, 4 * channels
    with memoryview(out).cast("B") as target:
        for piece in sound:
            cursor = _place_of(piece, cursor, start_s, tempo)
            skipped = min(max(-cursor, 0), piece.samples)
            first, last = cursor + skipped, min(cursor + piece.samples, size)
            if first < last:
                data = memoryview(piece.planes[0]).cast("B")[skipped * width :]
                target[first * width : last * width] = data[: (last - first) * width]
                begin, end = first if begin is None else begin, last
            cursor += piece.samples
            if cursor >= size:
                break
    return begin or 0, end or 0


def _place_of(piece: AudioFrame, cursor: int | None, start_s: Fraction, tempo: float) -> int:
    """The sample that the piece begins at: where the last one ended, unless there is a gap."""
    if piece.pts is None or piece.time_base is None:
        return cursor or 0
    at = round(float(piece.pts * piece.time_base - start_s) * RATE / tempo)
    return at if cursor is None or abs(at - cursor) > _GAP else cursor


def _heard(
    film: InputContainer, stream: AudioStream, layout: str, tempo: float
) -> Iterator[AudioFrame]:
    """Interleaved 32 bit samples at 48 kHz, its times still those of the clip."""
    resampler = AudioResampler(format="flt", layout=layout, rate=RATE)
    pieces = _resampled(film, stream, resampler)
    return pieces if tempo == 1.0 else _retimed(pieces, layout, tempo)


def _resampled(
    film: InputContainer, stream: AudioStream, resampler: AudioResampler
) -> Iterator[AudioFrame]:
    for frame in film.decode(stream):
        yield from resampler.resample(frame)
    yield from resampler.resample(None)


def _retimed(pieces: Iterator[AudioFrame], layout: str, tempo: float) -> Iterator[AudioFrame]:
    """Faster or slower at the same pitch; each piece says its time in the clip it came from."""
    graph = Graph()
    time_base = Fraction(1, RATE)
    source = graph.add_abuffer(sample_rate=RATE, format="flt", layout=layout, time_base=time_base)
    graph.link_nodes(
        source, graph.add("atempo", f"{tempo:.6f}"), graph.add("abuffersink")
    ).configure()
    done, begin = 0, None
    for piece in pieces:
        if begin is None:
            begin = (piece.pts or 0) * (piece.time_base or time_base)
        graph.push(piece)
        for out in _pulled(graph):
            out.pts = round(float(begin) * RATE + done * tempo)
            out.time_base = time_base
            done += out.samples
            yield out
    graph.push(None)
    for out in _pulled(graph):
        out.pts, out.time_base = round(float(begin or 0) * RATE + done * tempo), time_base
        done += out.samples
        yield out


def _pulled(graph: Graph) -> Iterator[AudioFrame]:
    while True:
        try:
            out = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        assert isinstance(out, AudioFrame)
        yield out
