"""What a message can mean to someone who only follows rules. Nothing here knows the history."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from agent.models.offline.wording import Settings

Fact = Literal[
    "language", "sound", "captions", "limits", "ai", "example", "cost", "would cost", "budget",
    "expensive", "approve", "decline",
]  # fmt: skip
"""What is asked about the studio itself; "cost" is what the last film cost. "approve" and "decline"
answer a proposal in words, which is no answer.
"""


@dataclass(frozen=True, slots=True)
class Small:
    """Small talk and questions with one fixed kind of answer."""

    kind: (
        Literal[
            "silence",
            "greeting",
            "help",
            "about me",
            "thanks",
            "stop",
            "let go",
            "status",
            "uploads",
            "how to upload",
            "unhappy",
            "elsewhere",
            "rules",
            "address",
            "question",
        ]
        | Fact
    )


ModelTopic = Literal["all", "price", "fast", "cheap", "best", "images", "use"]
"""The list, what a film costs, which is quickest, cheapest, best, best with images; or which to use."""


@dataclass(frozen=True, slots=True)
class AsksModels:
    """`topic`: what they want to know of the models."""

    topic: ModelTopic
    settings: Settings = field(default_factory=Settings)


@dataclass(frozen=True, slots=True)
class WantsRefinement:
    """`prompt` is "" when they did not say which."""

    prompt: str
    settings: Settings = field(default_factory=Settings)


@dataclass(frozen=True, slots=True)
class WantsTemplate:
    template: str
    parameters: Mapping[str, str]
    settings: Settings


@dataclass(frozen=True, slots=True)
class WantsFilm:
    """`has_subject`: something is left to film when the asking and the settings are taken out."""

    prompt: str
    settings: Settings
    has_subject: bool


@dataclass(frozen=True, slots=True)
class WantsAgain:
    """The last film once more. `change`: what else should be different, in their words."""

    settings: Settings
    pace: Literal["shorter", "longer"] | None = None
    is_new_hook: bool = False
    change: str = ""


@dataclass(frozen=True, slots=True)
class GoesOn:
    """Yes, go on, here it is. `without`: they said to do without what is missing."""

    without: bool = False


@dataclass(frozen=True, slots=True)
class Foreign:
    """Not English. `language` is a code such as "de", "" when it cannot be told."""

    language: str


@dataclass(frozen=True, slots=True)
class Describes:
    """Something that could be filmed, but nobody asked for a film."""

    text: str


Meaning = (
    Small
    | AsksModels
    | WantsRefinement
    | WantsTemplate
    | WantsFilm
    | WantsAgain
    | GoesOn
    | Foreign
    | Describes
)
