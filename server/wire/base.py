"""What every public shape has in common, and the small shapes that several share."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, PlainSerializer, StringConstraints, WithJsonSchema
from pydantic.alias_generators import to_camel

from tools.domain.failures import Failure
from tools.domain.money import Money


def iso_utc(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, `2026-11-22T15:04:05.123Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Moment = Annotated[
    datetime,
    PlainSerializer(iso_utc, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
Id = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9:_.-]+$")]
ClientId = Annotated[
    str, StringConstraints(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9:_-]+$")
]
Token = Annotated[str, StringConstraints(min_length=1, max_length=8192)]


class WireModel(BaseModel):
    """camelCase outside, snake_case within, nothing unknown."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        json_schema_serialization_defaults_required=True,
    )

    def json_ready(self) -> dict[str, Any]:
        """As plain JSON values: camelCase, absent instead of null."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class ErrorOut(WireModel):
    """What went wrong: a stable code, words for a person, and whether to try again."""

    code: str
    message: str
    retryable: bool
    field: str | None = None
    retry_after_ms: int | None = None
    details: dict[str, Any] | None = None

    @classmethod
    def of(cls, failure: Failure) -> "ErrorOut":
        return cls(
            code=failure.code,
            message=failure.message,
            retryable=failure.retryable,
            field=failure.field,
            retry_after_ms=failure.retry_after_ms,
            details=dict(failure.details) if failure.details else None,
        )


class MoneyOut(WireModel):
    """An amount in millionths of a US dollar."""

    amount: int
    currency: Literal["USD"] = "USD"

    @classmethod
    def of(cls, money: Money) -> "MoneyOut":
        return cls(amount=money.micros)


class NoticeOut(WireModel):
    code: str
    message: str
