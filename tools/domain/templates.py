"""Film templates: parameters in, a request out. The texts are data in `tools/library`."""

from dataclasses import dataclass
from enum import StrEnum

from tools.domain.frames import AspectRatio
from tools.domain.uploads import ReferenceRole


class ParameterKind(StrEnum):
    TEXT = "text"
    CHOICE = "choice"
    INTEGER = "integer"
    UPLOAD = "upload"
    """An image of the session, by its upload id: it goes with the film, never into its words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One thing a template wants to know. `question` asks a person for it."""

    name: str
    question: str
    kind: ParameterKind = ParameterKind.TEXT
    required: bool = True
    default: str | int = ""
    """What is taken where nothing is given; "" where there is none."""
    choices: tuple[str, ...] = ()
    low: int = 0
    high: int = 1_000_000
    """The least and the most an integer may be."""
    max_chars: int = 500
    role: ReferenceRole | None = None
    """What an image of the kind `upload` should show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """How a platform shows films: ratio and advised length, with where and when that was read."""

    aspect_ratio: AspectRatio
    length_s: int
    style: str
    source: str
    checked_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """`prompt` is text in the language of `tools.library.language`; `placements` are by platform."""

    key: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    prompt: str
    refinement: str
    aspect_ratio: AspectRatio
    length_s: int
    model_key: str
    placements: tuple[tuple[str, Placement], ...] = ()
