"""The pieces a film is bought in, and what was ordered for each.

A clip is bought once. What makes that true is written down before it costs: a fence before the
order is placed, the prediction's id before it is first asked after.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from tools.domain.identity import JobId, PredictionId
from tools.domain.models import VideoModel
from tools.domain.money import Money
from tools.domain.videos import Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """Committed before an order is placed: from here on it may have been paid for.

    `life` is the process that set it last. `first_at`: since when an order may exist that nobody
    knows of; `last_at`: when one was last placed.
    """

    life: str
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One piece of a film, in whole seconds; `number` counts from 1."""

    number: int
    seconds: int
    model_key: str
    provider: str
    sound: bool
    price: Money
    fence: Fence | None = None
    prediction_id: PredictionId | None = None
    bought_at: datetime | None = None
    is_collected: bool = False
    """Its file is on this machine: it is paid for and will not be ordered again."""
    tries: int = 0
    """Orders that ended without a film."""
    sound_refusals: int = 0


class Outcome(StrEnum):
    """What became of an order. `STRAY`: nobody wanted it; it was cancelled when it was noticed."""

    RENDERING = "rendering"
    RENDERED = "rendered"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"
    STRAY = "stray"


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """One order that a provider took. Its id belongs to one clip of one job, for ever."""

    prediction_id: PredictionId
    job_id: JobId
    clip: int
    provider: str
    model_key: str
    seconds: int
    sound: bool
    bought_at: datetime
    outcome: Outcome = Outcome.RENDERING
    ended_at: datetime | None = None
    cost: Money | None = None
    """What the provider charged for it; an upper bound where only that is known."""
    took_s: float | None = None
    """By the provider's own clock, from the order to the film."""


def clips_for(quote: Quote, model: VideoModel) -> tuple[Clip, ...]:
    """The quote's plan as clips to be made, all by one model."""
    return tuple(
        Clip(
            number=number,
            seconds=line.seconds,
            model_key=model.key,
            provider=model.provider,
            sound=model.has_sound,
            price=line.amount,
        )
        for number, line in enumerate(quote.lines, start=1)
    )


def renumbered(clips: tuple[Clip, ...]) -> tuple[Clip, ...]:
    return tuple(replace(clip, number=number) for number, clip in enumerate(clips, start=1))
