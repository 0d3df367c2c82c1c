"""How a film of a given length is made of clips, and what each clip costs."""

from functools import lru_cache

from tools.domain.models import VideoModel
from tools.domain.money import Money
from tools.domain.videos import QuoteLine

LONGEST_FILM_S = 60


def plan_clips(model: VideoModel, length_s: int) -> tuple[int, ...]:
    """The lengths of the clips that are bought for a film of `length_s`, longest first.

    Of all ways to reach the length: least left over, then least money, then fewest clips, then the
    longest first. Empty where the model cannot make it. What is left over is cut off the last clip.
    """
    longest = max(model.lengths.high_s, LONGEST_FILM_S)
    if not 1 <= length_s <= longest or not model.prices:
        return ()
    if model.continues is None:
        # It cannot go on from another clip: one piece has to do.
        enough = [clip_s for clip_s in model.clip_lengths if clip_s >= length_s]
        return (min(enough),) if enough else ()
    prices = tuple(
        (clip_s, model.price(clip_s, sound=model.has_sound).micros) for clip_s in model.clip_lengths
    )
    return _cheapest(prices, length_s)


_Way = tuple[int, int, tuple[int, ...]]
"""Money, number of clips, and their lengths negated, longest first: the least is the best."""


@lru_cache(maxsize=2048)
def _cheapest(prices: tuple[tuple[int, int], ...], length_s: int) -> tuple[int, ...]:
    longest = max((clip_s for clip_s, _ in prices), default=0)
    # By the seconds reached. A way of several seconds is final when the loop comes to it.
    best: dict[int, _Way] = {0: (0, 0, ())}
    for reached in range(length_s + longest):
        way = best.get(reached)
        if way is None:
            continue
        if reached >= length_s:
            return tuple(-clip for clip in way[2])
        for clip_s, price in prices:
            longer = (way[0] + price, way[1] + 1, tuple(sorted((*way[2], -clip_s))))
            known = best.get(reached + clip_s)
            if known is None or longer < known:
                best[reached + clip_s] = longer
    return ()


def quote_lines(model: VideoModel, clips: tuple[int, ...]) -> tuple[QuoteLine, ...]:
    """The price of each clip, in the order they are made."""
    of = f" ({{}} of {len(clips)})" if len(clips) > 1 else ""
    return tuple(
        QuoteLine(
            description=f"{clip_s} s with {model.name}{of.format(number)}",
            seconds=clip_s,
            amount=model.price(clip_s, sound=model.has_sound) if model.prices else Money(),
        )
        for number, clip_s in enumerate(clips, start=1)
    )
