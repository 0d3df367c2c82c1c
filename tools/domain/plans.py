"""How a film of a given length is made of clips, and what each clip costs."""

from dataclasses import dataclass

from tools.domain.models import VideoModel
from tools.domain.money import Money
from tools.domain.videos import QuoteLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One thing a provider is asked for, in whole seconds."""

    seconds: int


def plan_clips(model: VideoModel, length_s: int) -> tuple[Clip, ...]:
    """The clips that give exactly `length_s` seconds; empty where the model cannot.

    A model makes any length inside its range as one clip.
    """
    return (Clip(seconds=length_s),) if length_s in model.lengths else ()


def quote_lines(model: VideoModel, clips: tuple[Clip, ...]) -> tuple[QuoteLine, ...]:
    """The price of each clip, in the order they are made."""
    per_second = model.price_per_second or Money()
    return tuple(
        QuoteLine(
            description=f"{clip.seconds} s with {model.name}",
            seconds=clip.seconds,
            amount=per_second * clip.seconds,
        )
        for clip in clips
    )
