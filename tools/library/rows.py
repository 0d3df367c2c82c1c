"""One template as it stands in a file: every field checked, and whether they fit together."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from tools.domain.frames import AspectRatio
from tools.domain.templates import Parameter, ParameterKind, Placement, Template
from tools.domain.uploads import ReferenceRole
from tools.domain.videos import PROMPT_CHARS
from tools.errors import InvalidPayload
from tools.library.language import Text, WrongText, read_text
from tools.library.values import value_of

PLACEMENT_PARAMETER = "platform"
"""The parameter that chooses among a template's placements."""
STYLE = "style"
"""The name under which a placement's own style stands in the prompt."""

Words = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ParameterRow(_Row):
    name: str = Field(pattern=r"^[a-z][A-Za-z0-9]{0,39}$")
    question: Words
    type: ParameterKind = ParameterKind.TEXT
    required: bool = True
    default: str | int = ""
    choices: tuple[Words, ...] = ()
    min: int = Field(default=0, ge=-1_000_000, le=1_000_000)
    max: int = Field(default=1_000_000, ge=-1_000_000, le=1_000_000)
    max_chars: int = Field(default=500, ge=1, le=PROMPT_CHARS)
    role: ReferenceRole | None = None

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        if bool(self.choices) != (self.type is ParameterKind.CHOICE):
            raise ValueError("choices belong to the type “choice”, and it needs them")
        if {"min", "max"} & self.model_fields_set and self.type is not ParameterKind.INTEGER:
            raise ValueError("min and max belong to the type “integer”")
        if self.max < self.min:
            raise ValueError("max is less than min")
        if self.type is ParameterKind.UPLOAD and self.default:
            raise ValueError("an image has no default")
        if self.role is not None and self.type is not ParameterKind.UPLOAD:
            raise ValueError("role belongs to the type “upload”")
        if self.name == STYLE:
            raise ValueError("`style` is the placement's own word")
        self.parameter()
        return self

    def parameter(self) -> Parameter:
        bare = Parameter(
            name=self.name,
            question=self.question,
            kind=self.type,
            required=self.required,
            choices=self.choices,
            low=self.min,
            high=self.max,
            max_chars=self.max_chars,
            role=self.role,
        )
        return bare if self.default == "" else _with_default(bare, self.default)


class PlacementRow(_Row):
    aspect_ratio: AspectRatio
    length: int = Field(ge=1, le=60)
    style: str = Field(min_length=1, max_length=400)
    source: str = Field(min_length=1, max_length=400)
    checked_on: date

    def placement(self) -> Placement:
        return Placement(
            aspect_ratio=self.aspect_ratio,
            length_s=self.length,
            style=self.style,
            source=self.source,
            checked_on=self.checked_on.isoformat(),
        )


class TemplateRow(_Row):
    key: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    title: str = Field(min_length=1, max_length=80)
    description: str = Field(min_length=1, max_length=300)
    model: str = Field(default="", max_length=80)
    aspect_ratio: AspectRatio
    length: int = Field(ge=1, le=60)
    refinement: str = Field(default="", max_length=2000)
    prompt: str = Field(min_length=1, max_length=PROMPT_CHARS)
    parameter: tuple[ParameterRow, ...] = Field(min_length=1, max_length=40)
    placements: Mapping[str, PlacementRow] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        names = [row.name for row in self.parameter]
        if len({name.casefold() for name in names}) < len(names):
            raise ValueError("parameter: two have the same name")
        self._check_placements()
        try:
            text = read_text(self.prompt)
        except WrongText as error:
            raise ValueError(f"prompt, {error}") from error
        self._check_names(text)
        if text.own_chars + self._longest_values(text) > PROMPT_CHARS:
            raise ValueError(f"prompt: filled it could pass {PROMPT_CHARS} characters")
        for values in self._samples():
            _try(text, values)
        return self

    def _check_placements(self) -> None:
        if not self.placements:
            return
        platform = next((row for row in self.parameter if row.name == PLACEMENT_PARAMETER), None)
        if platform is None or set(platform.choices) != set(self.placements):
            raise ValueError("placements: the choices of `platform` have to be the same")
        if not platform.required and not platform.default:
            raise ValueError("placements: `platform` has to be required, or have a default")

    def _check_names(self, text: Text) -> None:
        known = {row.name for row in self.parameter} | ({STYLE} if self.placements else set())
        if unknown := text.names - known:
            raise ValueError(f"prompt: no parameter is called {', '.join(sorted(unknown))}")
        uploads = {row.name for row in self.parameter if row.type is ParameterKind.UPLOAD}
        if told := uploads & set(text.printed):
            raise ValueError(
                f"prompt: {', '.join(sorted(told))} is an image; it can be asked for, not printed"
            )

    def _longest_values(self, text: Text) -> int:
        chars = {row.name: row.max_chars for row in self.parameter}
        chars |= {row.name: 12 for row in self.parameter if row.type is ParameterKind.INTEGER}
        chars[STYLE] = max((len(row.style) for row in self.placements.values()), default=0)
        return sum(chars[name] for name in text.printed)

    def _samples(self) -> Iterator[dict[str, str | int]]:
        """Values to try the text with: the least that can be given, and each choice with the rest."""
        styles = {name: row.style for name, row in self.placements.items()}
        full = {row.name: _sample(row) for row in self.parameter}
        bare = {row.name: full[row.name] if row.required else row.default for row in self.parameter}
        chosen = [
            full | {row.name: choice} for row in self.parameter for choice in row.choices or ()
        ]
        for values in (bare, full, *chosen):
            yield {STYLE: styles.get(str(values.get(PLACEMENT_PARAMETER)), ""), **values}

    def template(self, default_model: str) -> Template:
        return Template(
            key=self.key,
            title=self.title,
            description=self.description,
            parameters=tuple(row.parameter() for row in self.parameter),
            prompt=self.prompt,
            refinement=self.refinement,
            aspect_ratio=self.aspect_ratio,
            length_s=self.length,
            model_key=self.model or default_model,
            placements=tuple((name, row.placement()) for name, row in self.placements.items()),
        )


def _with_default(parameter: Parameter, default: str | int) -> Parameter:
    try:
        value = value_of(parameter, default)
    except InvalidPayload as error:
        raise ValueError(f"default: {error.message}") from error
    return replace(parameter, default=value)


def _sample(row: ParameterRow) -> str | int:
    match row.type:
        case ParameterKind.INTEGER:
            return row.max
        case ParameterKind.CHOICE:
            return row.choices[0]
        case _:
            return "x"


def _try(text: Text, values: Mapping[str, str | int]) -> None:
    try:
        filled = text.fill(values)
    except Exception as error:
        # Whatever a wrong comparison raises, it is the operator's to know now, not a customer's later.
        raise ValueError(f"prompt: it cannot be filled ({error})") from error
    if not filled.strip():
        raise ValueError("prompt: it can come out empty")
