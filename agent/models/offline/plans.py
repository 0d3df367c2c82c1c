"""What the model has decided to do about a message, before it does the first step of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.models.offline.wording import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class SayOnly:
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowModels:
    """`length_s`: of the film whose price is told. `asked_s`: the length that was asked about."""

    topic: str
    length_s: int
    asked_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowRefinement:
    prompt: str
    model: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeFilm:
    """A film of the person's own words. `settled`: images were asked for once, never twice."""

    prompt: str
    settings: Settings = field(default_factory=Settings)
    refined_prompt: str | None = None
    context: str = ""
    """How it should feel."""
    hook: str = ""
    """What this version should open on; "" leaves it as it is."""
    settled: bool = False
    has_address: bool = False
    still_missing: bool = False
    """They said the image is here, and it is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeAgain:
    """The last film's arguments with something changed; nothing is refined anew."""

    arguments: Mapping[str, object]
    settings: Settings
    settled: bool = False
    still_missing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FillTemplate:
    template: str
    parameters: Mapping[str, object]
    settings: Settings
    settled: bool = False
    has_address: bool = False
    still_missing: bool = False


FilmPlan = MakeFilm | MakeAgain | FillTemplate
Plan = SayOnly | ShowModels | ShowRefinement | FilmPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one answer of the model holds: some text, then perhaps one call."""

    text: str = ""
    tool: str | None = None
    arguments: Mapping[str, object] = field(default_factory=dict)


def given(arguments: Mapping[str, object]) -> dict[str, object]:
    """The arguments without those that say nothing."""
    return {name: value for name, value in arguments.items() if value is not None and value != ""}
