"""A row of the catalogue as it is written in a file: the fields, their shapes, and the model it becomes."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    model_validator,
)

from tools.domain.frames import AspectRatio, Frame
from tools.domain.models import (
    ImageInput,
    ImageUse,
    Inputs,
    Lifecycle,
    LifecycleState,
    Price,
    Quality,
    Sound,
    Span,
    VideoModel,
)
from tools.domain.money import Money
from tools.domain.videos import MAX_REFERENCES

Dollars = Annotated[str, Field(pattern=r"^\d{1,4}(\.\d{1,6})?$")]
"""As text: a price is never a float."""
Seconds = Annotated[int, Field(ge=1, le=600, strict=True)]
ClipLength = Annotated[int, Field(ge=1, le=600)]
"""Seconds as a key: TOML has only texts there."""
InputName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
SLUG = r"^[A-Za-z0-9_.-]{1,60}/[A-Za-z0-9_.-]{1,60}$"
"""Spelt out: pydantic's expressions hold each `\\w` of a count as all letters of all scripts, 11 MB of them."""
Size = Annotated[str, Field(pattern=r"^[1-9]\d{1,3}x[1-9]\d{1,3}$")]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class SpanRow(_Row):
    min: int = Field(ge=1, le=3600, strict=True)
    max: int = Field(ge=1, le=3600, strict=True)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.max < self.min:
            raise ValueError("max is less than min")
        return self

    def span(self) -> Span:
        return Span(low_s=self.min, high_s=self.max)


class PricesRow(_Row):
    """For one second of film, or for whole clips by their length."""

    with_sound: Dollars | dict[ClipLength, Dollars] | None = None
    without_sound: Dollars | dict[ClipLength, Dollars] | None = None

    def of(self, *, sound: bool) -> Price | None:
        written = self.with_sound if sound else self.without_sound
        if written is None:
            return None
        if isinstance(written, str):
            return Price(sound=sound, per_second=Money.usd(written))
        per_clip = {clip_s: Money.usd(price) for clip_s, price in written.items()}
        return Price(sound=sound, per_clip=per_clip)


class ImageRow(_Row):
    name: InputName
    use: ImageUse
    most: int = Field(ge=1, le=MAX_REFERENCES, strict=True)
    list: bool = False
    as_given: bool = False
    mention: str | None = Field(default=None, pattern=r"^[^{}]{0,20}\{n\}[^{}]{0,20}$")
    aspect_ratios: tuple[AspectRatio, ...] = ()
    clip_lengths: tuple[Seconds, ...] = ()

    def input(self) -> ImageInput:
        return ImageInput(
            name=self.name,
            use=self.use,
            most=self.most,
            is_list=self.list,
            as_given=self.as_given,
            mention=self.mention,
            aspect_ratios=self.aspect_ratios,
            clip_lengths=self.clip_lengths,
        )


class InputsRow(_Row):
    prompt: InputName = "prompt"
    length: InputName = "duration"
    aspect_ratio: InputName | None = None
    aspect_values: dict[AspectRatio, str] = Field(default_factory=dict)
    sound: InputName | None = None
    seed: InputName | None = None
    images: tuple[ImageRow, ...] = ()
    fixed: dict[InputName, StrictBool | StrictInt | StrictFloat | StrictStr] = Field(
        default_factory=dict
    )

    def inputs(self, sizes: Mapping[AspectRatio, object]) -> Inputs:
        """A shape whose value is not written is called as we call it."""
        values = {ratio: self.aspect_values.get(ratio, ratio.value) for ratio in sizes}
        return Inputs(
            prompt=self.prompt,
            length=self.length,
            aspect_ratio=self.aspect_ratio,
            aspect_values=values if self.aspect_ratio else {},
            sound=self.sound,
            seed=self.seed,
            images=tuple(image.input() for image in self.images),
            fixed=self.fixed,
        )


class ModelRow(_Row):
    key: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")
    name: str = Field(min_length=1, max_length=80)
    description: str = Field(min_length=1, max_length=300)
    provider: Literal["local", "replicate"]
    slug: str | None = Field(default=None, pattern=SLUG)
    quality: Quality
    is_draft: bool = False
    state: LifecycleState = LifecycleState.ACTIVE
    retired_on: date | None = None
    gone_by: date | None = None
    replacements: tuple[str, ...] = ()
    lengths: SpanRow
    clip_lengths: SpanRow | tuple[Seconds, ...] = ()
    sizes: dict[AspectRatio, Size] = Field(min_length=1)
    sound: Sound = Sound.NEVER
    prices: PricesRow = PricesRow()
    prices_read_on: date | None = None
    typical_s: SpanRow
    schema_read_on: date | None = None
    inputs: InputsRow = InputsRow()

    @property
    def is_retired(self) -> bool:
        return self.state is LifecycleState.RETIRED

    @property
    def is_local(self) -> bool:
        """Made on this machine: nothing is ordered, and nothing has to be named for it."""
        return self.provider == "local"

    @property
    def lengths_of_clips(self) -> tuple[int, ...]:
        written = self.clip_lengths
        if isinstance(written, SpanRow):
            return tuple(range(written.min, written.max + 1))
        return tuple(sorted(set(written)))

    @property
    def sound_options(self) -> tuple[bool, ...]:
        """With sound, without, or both: what is sold of it."""
        return {Sound.ALWAYS: (True,), Sound.NEVER: (False,), Sound.SWITCH: (True, False)}[
            self.sound
        ]

    def model(self) -> VideoModel:
        priced = (self.prices.of(sound=sound) for sound in self.sound_options)
        return VideoModel(
            key=self.key,
            name=self.name,
            description=self.description,
            provider=self.provider,
            slug=self.slug,
            lengths=self.lengths.span(),
            clip_lengths=self.lengths_of_clips,
            sizes={ratio: _frame(size) for ratio, size in self.sizes.items()},
            quality=self.quality,
            lifecycle=Lifecycle(
                state=self.state,
                # One that was revived by `state` alone still has the day of its end in our file.
                retired_on=self.retired_on if self.is_retired else None,
                gone_by=self.gone_by if self.is_retired else None,
                replacements=self.replacements,
            ),
            sound=self.sound,
            prices=tuple(price for price in priced if price is not None),
            prices_read_on=self.prices_read_on,
            typical=self.typical_s.span(),
            inputs=self.inputs.inputs(self.sizes),
            schema_read_on=self.schema_read_on,
            is_draft=self.is_draft,
        )


def _frame(size: str) -> Frame:
    width, height = size.split("x")
    return Frame(int(width), int(height))
