"""Video models: what each can make, and whether it still lives."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tools.domain.frames import AspectRatio
from tools.domain.money import Money


class Quality(StrEnum):
    HIGHEST = "highest"
    HIGH = "high"
    GOOD = "good"


class LifecycleState(StrEnum):
    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """A retired model keeps its key for ever; its work goes to `replacements`, first able one first."""

    state: LifecycleState = LifecycleState.ACTIVE
    retired_on: date | None = None
    replacements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A range of whole seconds, both ends included."""

    low_s: int
    high_s: int

    def __contains__(self, length_s: int) -> bool:
        return self.low_s <= length_s <= self.high_s


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoModel:
    """One row of the catalogue. Lengths in seconds; the price is per second of film."""

    key: str
    name: str
    description: str
    provider: str
    """Who makes it: `local` or `replicate`; the name shown as `metadata.provider`."""
    lengths: Span
    aspect_ratios: tuple[AspectRatio, ...]
    max_reference_images: int
    quality: Quality
    lifecycle: Lifecycle
    price_per_second: Money | None
    """None where nobody can buy it any more."""
    typical: Span
    """How long the making usually takes, an estimate, in seconds."""
    is_draft: bool = False

    @property
    def supports_references(self) -> bool:
        return self.max_reference_images > 0

    @property
    def is_retired(self) -> bool:
        return self.lifecycle.state is LifecycleState.RETIRED


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOffer:
    """A model as it can be had here and now. `unavailable_reason` is for people, None when available."""

    model: VideoModel
    unavailable_reason: str | None = None

    @property
    def is_available(self) -> bool:
        return self.unavailable_reason is None
