"""What Replicate tells of a prediction, read so that nothing it may add or leave out can hurt us.

The SDK's own classes are not used for reading: they know five of the six statuses, and take for
granted fields that were seen to be missing.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tools.domain.identity import PredictionId

WAITING, RENDERING = "starting", "processing"
SUCCEEDED, FAILED, CANCELED, ABORTED = "succeeded", "failed", "canceled", "aborted"
FINAL = frozenset((SUCCEEDED, FAILED, CANCELED, ABORTED))
_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")


class Unreadable(Exception):
    """An answer that does not have the shape of what was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """`model` is `owner/name`. `webhook`: the address it reports to, where that is shown."""

    id: PredictionId
    status: str
    model: str | None = None
    input: Mapping[str, object] = field(default_factory=dict)
    output: object = None
    error: str = ""
    logs: str = ""
    is_removed: bool = False
    """Input, output and logs were deleted: an hour after the end."""
    created_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    metrics: Mapping[str, object] = field(default_factory=dict)
    webhook: str | None = None

    @property
    def is_over(self) -> bool:
        return self.status in FINAL

    @property
    def film_s(self) -> float | None:
        """Seconds of film that were made, by its own measure: what it bills by. None: not told."""
        return _seconds(self.metrics.get("video_output_duration_seconds"))

    @property
    def took_s(self) -> float | None:
        if self.created_at is None or self.completed_at is None:
            return None
        return max((self.completed_at - self.created_at).total_seconds(), 0.0)


@dataclass(frozen=True, slots=True)
class Film:
    """Where a film can be fetched, and how that was told: string, list or object."""

    url: str
    told_as: str


def is_id(text: str) -> bool:
    """Whether it can be a prediction's: an id becomes part of an address."""
    return _ID.fullmatch(text) is not None


def prediction_from(told: object) -> Prediction:
    """Raises Unreadable where there is no id or no status."""
    if not isinstance(told, Mapping):
        raise Unreadable("no object")
    prediction_id, status = told.get("id"), told.get("status")
    if not isinstance(prediction_id, str) or not is_id(prediction_id):
        raise Unreadable("no id")
    if not isinstance(status, str):
        raise Unreadable("no status")
    return Prediction(
        id=PredictionId(prediction_id),
        status=status,
        model=_text(told.get("model")),
        input=_mapping(told.get("input")),
        output=told.get("output"),
        error=_text(told.get("error")) or "",
        logs=_text(told.get("logs")) or "",
        is_removed=told.get("data_removed") is True,
        created_at=_moment(told.get("created_at")),
        started_at=_moment(told.get("started_at")),
        completed_at=_moment(told.get("completed_at")),
        metrics=_mapping(told.get("metrics")),
        webhook=_text(told.get("webhook")),
    )


def film_in(output: object) -> Film | None:
    """The first address in the output; None where there is none."""
    match output:
        case str() if output.strip():
            return Film(output.strip(), "string")
        case Mapping():
            found = film_in(output.get("url") or output.get("video"))
            return None if found is None else Film(found.url, "object")
        case Sequence() if not isinstance(output, str | bytes):
            found = next((film for each in output if (film := film_in(each))), None)
            return None if found is None else Film(found.url, "list")
    return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and value >= 0 else None


def _moment(value: object) -> datetime | None:
    """Also with the nanoseconds that were seen: what is finer than microseconds is cut off."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", value))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
