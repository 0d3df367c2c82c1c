"""The sound of a whole film, clip after clip, to the sample."""

from array import array
from collections.abc import Iterator
from fractions import Fraction

from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet

from tools.media.joins import EDGE, HALF_FADE, RATE, Samples, crossed, faded_in, faded_out

AAC_SAMPLES = 1024
_BEGINNING = RATE * 5 // 1000
_BIT_RATE = 192_000


class Soundtrack:
    """Takes the clips' sounds one by one and gives them back joined.

    The last few milliseconds of a clip are kept until it is known what comes after them.
    """

    def __init__(self) -> None:
        self._kept: Samples | None = None

    def then(self, sound: Samples) -> Samples:
        """What can be heard once this clip follows; together as long as all the clips so far,
        but for what is kept.
        """
        edge = 2 * EDGE  # two sides
        head, middle, tail = sound[:edge], sound[edge:-edge], sound[-edge:]
        if self._kept is None:
            faded_in(sound, _BEGINNING)
            begun = sound[:-edge]
        else:
            begun = crossed(self._kept, head) + middle
        self._kept = tail
        return begun

    def end(self) -> Samples:
        kept, self._kept = self._kept, None
        if kept is None:
            return array("f")
        faded_out(kept, HALF_FADE)
        return kept


class AacTrack:
    """Sound as AAC packets from 0 to exactly `samples`, a packet at a time.

    The encoder's first packet is its run-up, before time 0; without an edit list to hide it, it
    would push the sound behind the picture. The last packet is told to be as short as what is left.
    """

    def __init__(self, output: OutputContainer, samples: int) -> None:
        stream = output.add_stream("aac", rate=RATE, layout="stereo", bit_rate=_BIT_RATE)
        assert isinstance(stream, AudioStream)
        self._stream = stream
        self._output = output
        self._samples = samples
        self._waiting: Samples = array("f")
        self._begun = 0
        self._taken = 0

    def add(self, sound: Samples) -> None:
        """More sound; it is written by `until`."""
        self._waiting.extend(sound)

    def until(self, sample: int) -> None:
        """Write what there is, up to about that sample: beside the picture, not after it, else the
        muxer holds the whole film in memory.
        """
        while self._begun < sample and len(self._waiting) - self._taken >= 2 * AAC_SAMPLES:
            piece = self._waiting[self._taken : self._taken + 2 * AAC_SAMPLES]
            self._taken += len(piece)
            self._encode(piece)
        if self._taken > 20 * RATE:
            del self._waiting[: self._taken]
            self._taken = 0

    def finish(self) -> None:
        """All of the rest; silence where sound is missing."""
        missing = self._samples + 2 * AAC_SAMPLES - self._begun
        self.add(array("f", bytes(8 * max(missing, 0))))
        self.until(self._samples + AAC_SAMPLES)
        for packet in self._whole(self._stream.encode(None)):
            self._output.mux(packet)

    def _encode(self, piece: Samples) -> None:
        frame = AudioFrame(format="fltp", layout="stereo", samples=AAC_SAMPLES)
        for side, plane in enumerate(frame.planes):
            plane.update(piece[side::2].tobytes())
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._begun, Fraction(1, RATE)
        self._begun += AAC_SAMPLES
        for packet in self._whole(self._stream.encode(frame)):
            self._output.mux(packet)

    def _whole(self, packets: "list[Packet[AudioStream]]") -> "Iterator[Packet[AudioStream]]":
        for packet in packets:
            pts = packet.pts or 0
            if 0 <= pts < self._samples:
                packet.duration = min(AAC_SAMPLES, self._samples - pts)
                yield packet
