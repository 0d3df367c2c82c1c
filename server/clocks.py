"""The moment and new names: passed in everywhere, so that a test can hold both still."""

from datetime import UTC, datetime
from secrets import token_hex


def utc_now() -> datetime:
    return datetime.now(UTC)


def mint(kind: str) -> str:
    """`job-3f9c…`: its kind, and 96 random bits."""
    return f"{kind}-{token_hex(12)}"
