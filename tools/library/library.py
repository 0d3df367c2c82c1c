"""The shelf of film templates, and how one is filled with what a person gave."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tools.domain.frames import AspectRatio
from tools.domain.templates import ParameterKind, Template
from tools.domain.videos import PROMPT_CHARS
from tools.errors import InvalidPayload, UnknownTemplate
from tools.library.language import read_text
from tools.library.rows import PLACEMENT_PARAMETER, STYLE
from tools.library.values import plain, value_of

Values = dict[str, str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A template with its values in place. While something is `missing`, `prompt` is empty.

    `missing`: (parameter, question for a person), in the template's order. `uploads`: ids of images.
    """

    template_key: str
    prompt: str
    refinement: str
    aspect_ratio: AspectRatio
    length_s: int
    model_key: str
    missing: tuple[tuple[str, str], ...] = ()
    uploads: tuple[str, ...] = ()


class Library:
    """Templates by key or title, however they are written."""

    def __init__(self, templates: Iterable[Template]) -> None:
        self._templates = tuple(templates)
        self._by_name = {
            plain(name): template
            for template in self._templates
            for name in (template.title, template.key)
        }

    def templates(self) -> tuple[Template, ...]:
        return self._templates

    def template(self, name: str) -> Template:
        """By key or title. Raises UnknownTemplate."""
        found = self._by_name.get(plain(name))
        if found is None:
            known = tuple(template.key for template in self._templates)
            raise UnknownTemplate(asked=name, known=known)
        return found


def fill(template: Template, parameters: Mapping[str, str | int]) -> Filled:
    """The prompt with every value in its place; values are words, never part of the template.

    Raises InvalidPayload for a name the template does not have and for a value its parameter does not take.
    """
    values = _values(template, parameters)
    missing = tuple(
        (parameter.name, parameter.question)
        for parameter in template.parameters
        if parameter.required and values[parameter.name] == ""
    )
    placement = dict(template.placements).get(str(values.get(PLACEMENT_PARAMETER, "")))
    words = {STYLE: placement.style if placement else "", **values}
    return Filled(
        template_key=template.key,
        prompt="" if missing else _prompt(template, words),
        refinement=template.refinement,
        aspect_ratio=placement.aspect_ratio if placement else template.aspect_ratio,
        length_s=placement.length_s if placement else template.length_s,
        model_key=template.model_key,
        missing=missing,
        uploads=_uploads(template, values),
    )


def _values(template: Template, parameters: Mapping[str, str | int]) -> Values:
    by_name = {plain(parameter.name): parameter for parameter in template.parameters}
    values: Values = {parameter.name: parameter.default for parameter in template.parameters}
    for given, value in parameters.items():
        parameter = by_name.get(plain(given))
        if parameter is None:
            names = ", ".join(values)
            raise InvalidPayload(
                f"{template.title} has no parameter {given[:80]!r}; it takes {names}.",
                field="parameters",
            )
        taken = value_of(parameter, value)
        values[parameter.name] = parameter.default if taken == "" else taken
    return values


def _prompt(template: Template, values: Mapping[str, str | int]) -> str:
    prompt = read_text(template.prompt).fill(values)
    if len(prompt) > PROMPT_CHARS:  # ß becomes SS: a filter can make more of what was measured
        raise InvalidPayload(
            f"{template.title} would have {len(prompt):,} characters with these words, and "
            f"{PROMPT_CHARS:,} is the most. Please shorten them.",
            field="parameters",
        )
    return prompt


def _uploads(template: Template, values: Mapping[str, str | int]) -> tuple[str, ...]:
    images = (p.name for p in template.parameters if p.kind is ParameterKind.UPLOAD)
    return tuple(dict.fromkeys(str(values[name]) for name in images if values[name] != ""))
