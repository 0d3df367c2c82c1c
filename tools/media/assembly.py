"""One film out of clips, each of which begins where the one before it ended."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import av

from tools.domain.frames import Frame
from tools.media.clip import Clip, Refused, decoded
from tools.media.clip_sound import sound_of
from tools.media.cut_file import CutFile
from tools.media.joins import RATE, Samples, between, is_cut
from tools.media.screen import Screen
from tools.media.soundtrack import Soundtrack

RATES = (24, 25, 30, 50, 60)
_SHORT, _LONG = Fraction(9, 10), Fraction(11, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A clip's part of the film: `bought_s` seconds of it, of which the film shows `used_s`.

    What fills the bought seconds is `seen_s` of the clip from `from_s` on.
    """

    clip: Clip
    bought_s: int
    used_s: int
    from_s: Fraction
    seen_s: Fraction


def snapped(clip: Clip) -> int:
    """The common frame rate that is nearest to the clip's own."""
    return min(RATES, key=lambda rate: abs(rate - clip.rate))


def even_size(clip: Clip) -> Frame:
    return Frame(max(clip.width // 2 * 2, 2), max(clip.height // 2 * 2, 2))


def parts_of(clips: Sequence[tuple[Clip, int]], length_s: int) -> tuple[Part, ...]:
    """Which clip fills which seconds; the last is cut where the film ends. Raises Refused."""
    parts: list[Part] = []
    left_s = length_s
    for clip, bought_s in clips:
        if clip.length_s < bought_s * _SHORT:
            raise Refused("short")
        if left_s > 0:
            parts.append(_part(clip, bought_s, left_s))
        left_s -= bought_s
    if left_s > 0:
        raise Refused("short")
    return tuple(parts)


def _part(clip: Clip, bought_s: int, left_s: int) -> Part:
    """A frame or two too many are spread; far too long a clip is not played faster.

    Of that the film shows the end, where the next clip takes up, and of the last its beginning.
    """
    is_far_too_long = clip.length_s > bought_s * _LONG
    seen_s = Fraction(bought_s) if is_far_too_long else clip.length_s
    return Part(
        clip=clip,
        bought_s=bought_s,
        used_s=min(bought_s, left_s),
        from_s=clip.length_s - seen_s if bought_s < left_s else Fraction(0),
        seen_s=seen_s,
    )


def assembled(
    path: str, parts: Sequence[Part], frame: Frame, *, fps: int, told: Callable[[int, int], None]
) -> None:
    """Write the film of these parts to `path`. Raises Refused."""
    pictures = sum(part.used_s for part in parts) * fps
    has_sound = any(part.clip.has_sound for part in parts)
    soundtrack, screen, done = Soundtrack(), Screen(frame), 0
    with CutFile(path, frame, fps=fps, pictures=pictures, has_sound=has_sound) as film:
        last: av.VideoFrame | None = None
        for part in parts:
            if has_sound:
                film.hear(soundtrack.then(sound_in(part)))
            for picture in _joined(last, _spread(part, screen, fps)):
                film.show(picture)
                last, done = picture, done + 1
                told(done, pictures)
        film.hear(soundtrack.end())
        film.finish()


def sound_in(part: Part) -> Samples:
    """What is heard of the clip, exactly as long as what is seen of it."""
    whole = sound_of(
        part.clip, from_s=part.from_s, length_s=part.seen_s, samples=part.bought_s * RATE
    )
    return whole[: 2 * part.used_s * RATE]


def _joined(
    last: av.VideoFrame | None, pictures: Iterator[av.VideoFrame]
) -> Iterator[av.VideoFrame]:
    """The pictures of a clip that follows `last`.

    The first of them is the last once more, for the clip was made from it. It may not stand twice,
    nor may a picture be missing: its place is taken by one half way between its neighbours.
    """
    first = next(pictures, None)
    if last is not None and first is not None and not is_cut(last, first):
        second = next(pictures, None)
        if second is not None:
            yield between(last, second)
            first = second
    if first is not None:
        yield first
    yield from pictures


def _spread(part: Part, screen: Screen, fps: int) -> Iterator[av.VideoFrame]:
    """`used_s` seconds of pictures: of each moment the one that the clip shows in its middle.

    That is every picture once where there are as many as there should be.
    """
    clip, places = part.clip, part.bought_s * fps
    wanted, n = part.used_s * fps, 0

    def until(end_s: Fraction) -> int:
        """How many places of the film lie before that moment of the clip."""
        place = (end_s - part.from_s) * places / part.seen_s - Fraction(1, 2)
        return min(max(-(-place.numerator // place.denominator), 0), wanted)

    shown: av.VideoFrame | None = None
    for picture in decoded(clip):
        if shown is not None:
            for _ in range(n, until(picture.at_s)):
                yield screen.shown(shown, (clip.width, clip.height))
            n = max(n, until(picture.at_s))
        if n >= wanted:
            return
        shown = picture.frame
    if shown is None:
        raise Refused("truncated")
    for _ in range(n, wanted):
        yield screen.shown(shown, (clip.width, clip.height))
