"""What is asked for, and what was made."""

from dataclasses import dataclass
from datetime import datetime

from tools.domain.failures import Notice
from tools.domain.frames import AspectRatio, Frame
from tools.domain.identity import UploadId
from tools.domain.money import Money
from tools.domain.uploads import ReferenceRole

PROMPT_CHARS = 4000
MAX_REFERENCES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """An image the film should use: an upload of ours, or somebody else's address.

    `given_url` is kept as the asker wrote it, None for an upload id. `path` and `upload_id` are None
    for an address elsewhere: it is fetched when the film is made, through a guard.
    """

    upload_id: UploadId | None
    path: str | None
    role: ReferenceRole | None
    uploaded_at: datetime
    given_url: str | None = None

    @property
    def source(self) -> str:
        """What makes two references the same image."""
        return self.upload_id or self.given_url or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoRequest:
    """One film as it was asked for, checked: `prompt` holds the person's own words."""

    prompt: str
    model_key: str
    length_s: int
    aspect_ratio: AspectRatio = AspectRatio.WIDE
    references: tuple[Reference, ...] = ()
    refinement_prompt: str | None = None
    refined_prompt: str | None = None
    """Set when the prompt was refined before it was asked for (the agent does); sent in its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteLine:
    """One thing that would be bought: a clip of `seconds` seconds."""

    description: str
    seconds: int
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What a film would cost, by which model. `requested_key` only when another one stands in for it.

    The lines are the plan: one clip each, in the order they are made.
    """

    model_key: str
    requested_key: str | None
    lines: tuple[QuoteLine, ...]
    warnings: tuple[Notice, ...] = ()

    @property
    def total(self) -> Money:
        return Money(sum(line.amount.micros for line in self.lines))


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """A stored film: paths in the studio's storage, exact size and length as measured in the file."""

    path: str
    poster_path: str
    preview_path: str
    size_bytes: int
    frame: Frame
    length_s: int
    provider: str
    generated_at: datetime
