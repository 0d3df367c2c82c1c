"""Film templates: parameters in, a request out. The texts are data in `tools/library`."""

from dataclasses import dataclass

from tools.domain.frames import AspectRatio


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One thing a template wants to know. `question` asks a person for it."""

    name: str
    question: str
    required: bool = True
    choices: tuple[str, ...] = ()
    max_chars: int = 500


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
    """`prompt` is text with `$name` places for parameters; `placements` are keyed by platform."""

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
