"""Video models: what each can make, what it takes and costs, and whether it still lives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from tools.domain.frames import AspectRatio, Frame
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
    """`replacements`: who takes over a retired model's work, or a living one's when it fails; in order.

    `gone_by`: a day by which it was retired for certain, where the day itself is not known.
    """

    state: LifecycleState = LifecycleState.ACTIVE
    retired_on: date | None = None
    gone_by: date | None = None
    replacements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A range of whole seconds, both ends included."""

    low_s: int
    high_s: int

    def __contains__(self, length_s: int) -> bool:
        return self.low_s <= length_s <= self.high_s


class Sound(StrEnum):
    """Whether a model's films have sound: `SWITCH` means that it is asked for, and paid for."""

    NEVER = "never"
    ALWAYS = "always"
    SWITCH = "switch"


class ImageUse(StrEnum):
    """What a model does with an image: opens the film with it, or shows what is in it."""

    FIRST_FRAME = "first_frame"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageInput:
    """One of a model's inputs that take images. Empty `aspect_ratios`, `clip_lengths`: in all of them.

    `as_given`: the image is handed over as it is, with its transparency; else fitted to the picture.
    `mention`: how the prompt speaks of an image, `{n}` counting from 1; None: it need not.
    """

    name: str
    use: ImageUse
    most: int
    is_list: bool = False
    as_given: bool = False
    mention: str | None = None
    aspect_ratios: tuple[AspectRatio, ...] = ()
    clip_lengths: tuple[int, ...] = ()

    def takes(self, aspect_ratio: AspectRatio, clip_s: int) -> bool:
        return (not self.aspect_ratios or aspect_ratio in self.aspect_ratios) and (
            not self.clip_lengths or clip_s in self.clip_lengths
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one clip costs with or without sound: by the second, or by its length as a whole."""

    sound: bool
    per_second: Money | None = None
    per_clip: Mapping[int, Money] = field(default_factory=dict)

    def of(self, clip_s: int) -> Money:
        if self.per_second is not None:
            return self.per_second * clip_s
        return self.per_clip[clip_s]


Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What the provider calls our words: the names of the model's real inputs.

    `fixed` is always sent as it stands: everything that costs is said, because defaults change.
    """

    prompt: str = "prompt"
    length: str = "duration"
    aspect_ratio: str | None = None
    aspect_values: Mapping[AspectRatio, str] = field(default_factory=dict)
    sound: str | None = None
    seed: str | None = None
    images: tuple[ImageInput, ...] = ()
    fixed: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoModel:
    """One row of the catalogue. Lengths in seconds.

    `lengths` is the published range of a film that is asked of it by name; `clip_lengths` are what
    the provider makes in one piece.
    """

    key: str
    name: str
    description: str
    provider: str
    """Who makes it: `local` or `replicate`; the name shown as `metadata.provider`."""
    slug: str | None = None
    """`owner/name` at the provider; None where nobody can order it any more."""
    lengths: Span
    clip_lengths: tuple[int, ...] = ()
    sizes: Mapping[AspectRatio, Frame]
    """The exact size of the picture in every ratio that it makes."""
    quality: Quality
    lifecycle: Lifecycle
    sound: Sound = Sound.NEVER
    prices: tuple[Price, ...] = ()
    """Empty where nobody can buy it any more."""
    prices_read_on: date | None = None
    typical: Span
    """How long the making usually takes, an estimate, in seconds."""
    inputs: Inputs = field(default_factory=Inputs)
    schema_read_on: date | None = None
    """The day somebody read the model's live schema; None: not to be sold before that was done."""
    is_draft: bool = False

    @property
    def aspect_ratios(self) -> tuple[AspectRatio, ...]:
        return tuple(self.sizes)

    @property
    def max_reference_images(self) -> int:
        return max((each.most for each in self.inputs.images), default=0)

    @property
    def supports_references(self) -> bool:
        return self.max_reference_images > 0

    @property
    def is_retired(self) -> bool:
        return self.lifecycle.state is LifecycleState.RETIRED

    @property
    def has_sound(self) -> bool:
        """Whether its films come with sound unless they are asked for without."""
        return self.sound is not Sound.NEVER

    @property
    def continues(self) -> ImageInput | None:
        """The input that takes the last picture of the clip before, whatever the next one's shape.

        None: it makes single clips only.
        """
        return next(
            (
                each
                for each in self.inputs.images
                if each.use is ImageUse.FIRST_FRAME
                and not each.aspect_ratios
                and not each.clip_lengths
            ),
            None,
        )

    def price(self, clip_s: int, *, sound: bool) -> Money:
        """Of one clip. Raises LookupError for what is not sold."""
        return next(each for each in self.prices if each.sound is sound).of(clip_s)

    @property
    def price_per_second(self) -> Money | None:
        """As films are usually bought, for lists; None where nobody can buy it any more."""
        for each in self.prices:
            if each.sound is self.has_sound:
                if each.per_second is not None:
                    return each.per_second
                clip_s, whole = min(each.per_clip.items())
                return Money(-(-whole.micros // clip_s))
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOffer:
    """A model as it can be had here and now. `unavailable_reason` is for people, None when available."""

    model: VideoModel
    unavailable_reason: str | None = None
    stand_in_key: str | None = None
    """The model that makes its films meanwhile; None where it can be had, or nobody may."""
    typical: Span | None = None
    """How long it really took here lately, in seconds; None: only the estimate is known."""

    @property
    def is_available(self) -> bool:
        return self.unavailable_reason is None
