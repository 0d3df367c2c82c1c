"""The verb that turns a template and a few answers into a request. It asks for no film itself."""

from collections.abc import Mapping
from typing import Protocol

from pydantic import Field, StrictInt

from tools.contract import Arguments, ToolContext, ToolOutput
from tools.domain.templates import Parameter, ParameterKind, Template
from tools.domain.videos import MAX_REFERENCES
from tools.errors import InvalidPayload, UnknownTemplate
from tools.library.library import Filled, fill

IMAGE_PARAMETERS = ("brandLogoUrl", "referenceImageUrls", "brandImages")
"""The seed's names for images, one for each template; any of them is taken with any template."""


class Shelf(Protocol):
    def template(self, name: str) -> Template:
        """By key or title. Raises UnknownTemplate."""
        ...

    def templates(self) -> tuple[Template, ...]: ...


class ApplyTemplateArguments(Arguments):
    template: str = Field(min_length=1, max_length=200, description="Key or title of a template")
    parameters: dict[str, str | StrictInt | list[str] | None] = Field(
        default_factory=dict,
        max_length=40,
        description="What is known so far, by parameter name; images as URLs in brandLogoUrl, "
        "referenceImageUrls or brandImages",
    )


class ApplyTemplate:
    """`{template, parameters}` -> `{request, missing[]}`.

    `request` is generate-video's body, or null while something is missing; `missing` is
    `[{name, question}]`.
    """

    name = "apply-template"
    arguments = ApplyTemplateArguments
    is_free_of_effects = True

    def __init__(self, library: Shelf) -> None:
        self._library = library
        listed = "; ".join(
            f"{template.key} ({', '.join(_parameter_words(template))}): {template.description}"
            for template in library.templates()
        )
        self.description = (
            "Fill a film template. Returns a request for generate-video, or the questions still to "
            f"be asked. Templates: {listed}."
        )

    def title(self, arguments: ApplyTemplateArguments) -> str:
        try:
            return f"Filling the template {self._library.template(arguments.template).title}"
        except UnknownTemplate:
            return "Looking for a template"

    async def call(
        self,
        context: ToolContext,  # noqa: ARG002  the port's shape
        arguments: ApplyTemplateArguments,
    ) -> ToolOutput:
        template = self._library.template(arguments.template)
        words, images = _sorted(arguments.parameters)
        filled = fill(template, words)
        return ToolOutput(
            result={
                "request": None if filled.missing else _request(filled, images),
                "missing": [
                    {"name": name, "question": question} for name, question in filled.missing
                ],
            }
        )


def _parameter_words(template: Template) -> list[str]:
    """As in "productName", "tagline?", "platform? instagram|tiktok" and "daysLeft? 1 to 5"."""
    return [
        f"{parameter.name}{'' if _has_to_be_asked(parameter) else '?'}{_kind_words(parameter)}"
        for parameter in template.parameters
    ]


def _has_to_be_asked(parameter: Parameter) -> bool:
    return parameter.required and parameter.default == ""


def _kind_words(parameter: Parameter) -> str:
    match parameter.kind:
        case ParameterKind.CHOICE:
            return f" {'|'.join(parameter.choices)}"
        case ParameterKind.INTEGER:
            return f" {parameter.low} to {parameter.high}"
        case ParameterKind.UPLOAD:
            return " uploadId"
        case ParameterKind.TEXT:
            return ""


def _sorted(
    parameters: Mapping[str, str | int | list[str] | None],
) -> tuple[dict[str, str | int], tuple[str, ...]]:
    """Words and numbers by parameter name, and every image once in the order given."""
    words: dict[str, str | int] = {}
    images: dict[str, None] = {}
    for name, value in parameters.items():
        if value is None:
            continue
        if name in IMAGE_PARAMETERS and not isinstance(value, int):
            images.update(dict.fromkeys([value] if isinstance(value, str) else value))
        elif isinstance(value, str | int):
            words[name] = value
        else:
            raise InvalidPayload(f"{name[:80]} wants words, not a list.", field="parameters")
    images.pop("", None)
    if len(images) > MAX_REFERENCES:
        raise InvalidPayload(
            f"A film takes {MAX_REFERENCES} reference images at most.", field="parameters"
        )
    return words, tuple(images)


def _request(filled: Filled, images: tuple[str, ...]) -> dict[str, object]:
    """Generate's body; what happens to the images' URLs is decided when the film is asked for."""
    request: dict[str, object] = {
        "prompt": filled.prompt,
        "model": filled.model_key,
        "duration": filled.length_s,
        "aspectRatio": filled.aspect_ratio.value,
    }
    if filled.refinement:
        request["refinementPrompt"] = filled.refinement
    if filled.uploads:
        request["uploadIds"] = list(filled.uploads)
    if images:
        request["referenceImageUrls"] = list(images)
    return request
