"""The shelf of film templates, and how one is filled with what a person gave."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from string import Template as Text

from tools.domain.frames import AspectRatio
from tools.domain.templates import Parameter, Placement, Template
from tools.errors import InvalidPayload, UnknownTemplate
from tools.library.reading import PLACEMENT_PARAMETER


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A template with its values in place. While something is `missing`, `prompt` is empty.

    `missing`: (parameter, question for a person), in the template's order.
    """

    template_key: str
    prompt: str
    refinement: str
    aspect_ratio: AspectRatio
    length_s: int
    model_key: str
    missing: tuple[tuple[str, str], ...] = ()


class Library:
    """Templates by key or title, however they are written."""

    def __init__(self, templates: Iterable[Template]) -> None:
        self._templates = tuple(templates)
        self._by_name = {
            _plain(name): template
            for template in self._templates
            for name in (template.title, template.key)
        }

    def templates(self) -> tuple[Template, ...]:
        return self._templates

    def template(self, name: str) -> Template:
        """By key or title. Raises UnknownTemplate."""
        found = self._by_name.get(_plain(name))
        if found is None:
            known = tuple(template.key for template in self._templates)
            raise UnknownTemplate(asked=name, known=known)
        return found


def fill(template: Template, parameters: Mapping[str, str]) -> Filled:
    """The prompt with every value in its place; values are words, never part of the template.

    Raises InvalidPayload for a name the template does not have, a value that is too long, or one
    that is not among the choices.
    """
    values = _values(template, parameters)
    missing = tuple(
        (parameter.name, parameter.question)
        for parameter in template.parameters
        if parameter.required and not values[parameter.name]
    )
    placement = dict(template.placements).get(values.get(PLACEMENT_PARAMETER, ""))
    return Filled(
        template_key=template.key,
        prompt="" if missing else _prompt(template, values, placement),
        refinement=template.refinement,
        aspect_ratio=placement.aspect_ratio if placement else template.aspect_ratio,
        length_s=placement.length_s if placement else template.length_s,
        model_key=template.model_key,
        missing=missing,
    )


def _values(template: Template, parameters: Mapping[str, str]) -> dict[str, str]:
    by_name = {_plain(parameter.name): parameter for parameter in template.parameters}
    values = {parameter.name: "" for parameter in template.parameters}
    for given, value in parameters.items():
        parameter = by_name.get(_plain(given))
        if parameter is None:
            names = ", ".join(values)
            raise InvalidPayload(
                f"{template.title} has no parameter {given[:80]!r}; it takes {names}.",
                field="parameters",
            )
        values[parameter.name] = _value(parameter, value)
    return values


def _value(parameter: Parameter, given: str) -> str:
    # One line without control characters: a value cannot open a labelled line of its own.
    value = " ".join("".join(c if c.isprintable() else " " for c in given).split())
    if len(value) > parameter.max_chars:
        raise InvalidPayload(
            f"{parameter.name} may have {parameter.max_chars} characters; this has {len(value)}.",
            field=parameter.name,
        )
    if not parameter.choices or not value:
        return value
    chosen = next((one for one in parameter.choices if _plain(one) == _plain(value)), None)
    if chosen is None:
        raise InvalidPayload(
            f"{parameter.name} is one of {', '.join(parameter.choices)}, not {value[:80]!r}.",
            field=parameter.name,
        )
    return chosen


def _prompt(template: Template, values: Mapping[str, str], placement: Placement | None) -> str:
    """Filled line by line, so that one whose only value was not given is left out."""
    words = dict(values, style=placement.style) if placement else dict(values)
    lines = []
    for line in template.prompt.splitlines():
        text = Text(line)
        names = text.get_identifiers()
        if names and not any(words[name] for name in names):
            continue
        lines.append(text.substitute(words))
    return "\n".join(lines)


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name[:200]).casefold()
