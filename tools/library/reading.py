"""Reads the file of templates. A wrong one is refused whole, with the template and the reason."""

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from string import Template as Text
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tools.domain.frames import AspectRatio
from tools.domain.templates import Parameter, Placement, Template
from tools.domain.videos import PROMPT_CHARS

OWN_FILE = Path(__file__).with_name("templates.toml")
PLACEMENT_PARAMETER = "platform"
"""The parameter that chooses among a template's placements; `$style` is the placement's own."""


class WrongTemplates(Exception):
    """The operator's file cannot be used: where and why, on one line."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _ParameterRow(_Row):
    name: str = Field(pattern=r"^[a-z][A-Za-z0-9]{0,39}$")
    question: str = Field(min_length=1, max_length=200)
    required: bool = True
    choices: tuple[str, ...] = ()
    max_chars: int = Field(default=500, ge=1, le=PROMPT_CHARS)


class _PlacementRow(_Row):
    aspect_ratio: AspectRatio
    length: int = Field(ge=1, le=60)
    style: str = Field(min_length=1, max_length=400)
    source: str = Field(min_length=1)
    checked_on: date


class _TemplateRow(_Row):
    key: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    title: str = Field(min_length=1, max_length=80)
    description: str = Field(min_length=1, max_length=300)
    model: str = ""
    aspect_ratio: AspectRatio
    length: int = Field(ge=1, le=60)
    refinement: str = Field(default="", max_length=2000)
    prompt: str = Field(min_length=1, max_length=PROMPT_CHARS)
    parameter: tuple[_ParameterRow, ...] = Field(min_length=1)
    placements: Mapping[str, _PlacementRow] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        names = {parameter.name for parameter in self.parameter}
        text = Text(self.prompt)
        if not text.is_valid():
            raise ValueError("prompt: a $ that opens no name")
        unknown = set(text.get_identifiers()) - names - ({"style"} if self.placements else set())
        if unknown:
            raise ValueError(f"prompt: no parameter is called {', '.join(sorted(unknown))}")
        choices = {p.name: set(p.choices) for p in self.parameter}.get(PLACEMENT_PARAMETER)
        if self.placements and choices != set(self.placements):
            raise ValueError("placements: the choices of `platform` have to be the same")
        if len(self.prompt) + self._longest_values() > PROMPT_CHARS:
            raise ValueError(f"prompt: filled it could pass {PROMPT_CHARS} characters")
        return self

    def _longest_values(self) -> int:
        used = set(Text(self.prompt).get_identifiers())
        style = max((len(row.style) for row in self.placements.values()), default=0)
        return style + sum(p.max_chars for p in self.parameter if p.name in used)

    def template(self, default_model: str) -> Template:
        return Template(
            key=self.key,
            title=self.title,
            description=self.description,
            parameters=tuple(Parameter(**row.model_dump()) for row in self.parameter),
            prompt=self.prompt.strip(),
            refinement=self.refinement,
            aspect_ratio=self.aspect_ratio,
            length_s=self.length,
            model_key=self.model or default_model,
            placements=tuple(
                (
                    name,
                    Placement(
                        aspect_ratio=row.aspect_ratio,
                        length_s=row.length,
                        style=row.style,
                        source=row.source,
                        checked_on=row.checked_on.isoformat(),
                    ),
                )
                for name, row in self.placements.items()
            ),
        )


def read_templates(file: Path = OWN_FILE, *, default_model: str) -> tuple[Template, ...]:
    """Every template of the file, in its order. Raises WrongTemplates."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WrongTemplates(f"{file.name}: {error}") from error
    rows = data.get("template")
    if not isinstance(rows, list) or not rows or set(data) != {"template"}:
        raise WrongTemplates(f"{file.name}: it has to be a list of [[template]] and nothing else")
    templates: list[Template] = []
    for number, row in enumerate(rows, start=1):
        where = f"{file.name}, template {number}"
        try:
            template = _TemplateRow.model_validate(row).template(default_model)
        except ValidationError as error:
            raise WrongTemplates(f"{where} ({row.get('key', 'no key')}): {_why(error)}") from error
        if any(template.key == other.key for other in templates):
            raise WrongTemplates(f"{where} ({template.key}): this key is already taken")
        templates.append(template)
    return tuple(templates)


def _why(error: ValidationError) -> str:
    return "; ".join(
        ": ".join(part for part in (".".join(map(str, one["loc"])), one["msg"]) if part)
        for one in error.errors(include_url=False, include_input=False)
    )
