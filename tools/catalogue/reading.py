"""Reads the file of video models. A wrong one is refused whole, with the row and the reason."""

import tomllib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tools.domain.frames import AspectRatio
from tools.domain.models import Lifecycle, LifecycleState, Quality, Span, VideoModel
from tools.domain.money import Money
from tools.domain.videos import MAX_REFERENCES

OWN_FILE = Path(__file__).with_name("models.toml")


class WrongCatalogue(Exception):
    """The operator's file cannot be used: where and why, on one line each."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _SpanRow(_Row):
    min: int = Field(ge=1, le=3600)
    max: int = Field(ge=1, le=3600)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.max < self.min:
            raise ValueError("max is less than min")
        return self

    def span(self) -> Span:
        return Span(low_s=self.min, high_s=self.max)


class _ModelRow(_Row):
    key: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")
    name: str = Field(min_length=1, max_length=80)
    description: str = Field(min_length=1, max_length=300)
    provider: str = Field(min_length=1, max_length=40)
    lengths: _SpanRow
    aspect_ratios: tuple[AspectRatio, ...] = Field(min_length=1)
    max_reference_images: int = Field(ge=0, le=MAX_REFERENCES)
    quality: Quality
    typical_s: _SpanRow
    price_per_second: str | None = Field(default=None, pattern=r"^\d{1,4}(\.\d{1,6})?$")
    state: LifecycleState = LifecycleState.ACTIVE
    retired_on: date | None = None
    replacements: tuple[str, ...] = ()
    is_draft: bool = False

    @model_validator(mode="after")
    def _can_be_sold(self) -> Self:
        is_retired = self.state is LifecycleState.RETIRED
        if not is_retired and self.price_per_second is None:
            raise ValueError("price_per_second is missing (only a retired model has none)")
        if not is_retired and (self.retired_on or self.replacements):
            raise ValueError('retired_on and replacements want state = "retired"')
        return self

    def model(self) -> VideoModel:
        price = self.price_per_second
        return VideoModel(
            key=self.key,
            name=self.name,
            description=self.description,
            provider=self.provider,
            lengths=self.lengths.span(),
            aspect_ratios=self.aspect_ratios,
            max_reference_images=self.max_reference_images,
            quality=self.quality,
            lifecycle=Lifecycle(
                state=self.state, retired_on=self.retired_on, replacements=self.replacements
            ),
            price_per_second=None if price is None else Money.usd(price),
            typical=self.typical_s.span(),
            is_draft=self.is_draft,
        )


def read_models(file: Path = OWN_FILE) -> tuple[VideoModel, ...]:
    """Every model of the file, in its order. Raises WrongCatalogue."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WrongCatalogue(f"{file.name}: {error}") from error
    rows = data.get("model")
    if not isinstance(rows, list) or not rows or set(data) != {"model"}:
        raise WrongCatalogue(f"{file.name}: it has to be a list of [[model]] and nothing else")
    models = tuple(_model(file, number, row) for number, row in enumerate(rows, start=1))
    _check_together(file, models)
    return models


def _model(file: Path, number: int, row: object) -> VideoModel:
    try:
        return _ModelRow.model_validate(row).model()
    except ValidationError as error:
        key = row.get("key") if isinstance(row, dict) else None
        raise WrongCatalogue(
            f"{file.name}, model {number} ({key or 'without a key'}): {_reasons(error)}"
        ) from error


def _reasons(error: ValidationError) -> str:
    return "; ".join(
        ": ".join(part for part in (".".join(map(str, one["loc"])), one["msg"]) if part)
        for one in error.errors(include_url=False, include_input=False)
    )


def _check_together(file: Path, models: Sequence[VideoModel]) -> None:
    keys = [model.key for model in models]
    for number, model in enumerate(models, start=1):
        where = f"{file.name}, model {number} ({model.key})"
        if keys.index(model.key) != number - 1:
            raise WrongCatalogue(f"{where}: this key is already taken")
        for replacement in model.lifecycle.replacements:
            if replacement not in keys or replacement == model.key:
                raise WrongCatalogue(f"{where}: there is no other model {replacement!r}")
