"""A failure as a value: what an entry, a row and an ack carry of an error."""

from collections.abc import Mapping
from dataclasses import dataclass

from tools.errors import StudioError


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """`code` for programs, `message` for people, `retryable`: the same again may work later."""

    code: str
    message: str
    retryable: bool = False
    field: str | None = None
    retry_after_ms: int | None = None
    details: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something the asker should know that did not stop the work (contract section 3, warnings)."""

    code: str
    message: str


def failure_from(error: StudioError) -> Failure:
    """The error as a value: its words are already for people."""
    return Failure(
        code=error.code,
        message=error.message,
        retryable=error.retryable,
        field=error.field,
        retry_after_ms=error.retry_after_ms,
        details=error.details,
    )
