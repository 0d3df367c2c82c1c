"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta


class StillClock:
    def __init__(self, now: datetime = datetime(2026, 11, 22, 12, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def passes(self, *, seconds: float = 0, hours: float = 0) -> None:
        self.now += timedelta(seconds=seconds, hours=hours)
