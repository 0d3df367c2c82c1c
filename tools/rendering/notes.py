"""What this life knows of a job beyond its row. A restart goes on without."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tools.domain.identity import PredictionId

Seconds = Callable[[], float]
"""A clock that only goes forward; what it shows has no meaning but by difference."""


def boot_seconds() -> float:
    """Seconds that also count while the process or the machine slept, where the system tells them."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing to commit: ask again after so many seconds, or when somebody wakes the job."""

    seconds: float


@dataclass(slots=True)
class Notes:
    failures: int = 0
    """Steps that failed one after the other."""
    ordered: PredictionId | None = None
    """Placed with the provider, and not yet written down; for the clip `ordered_clip`."""
    ordered_clip: int = 0
    look_at: float | None = None
    """When an order in doubt can be looked for, by the boot clock."""
    not_before: float | None = None
    """No new order before that, by the boot clock."""
    refusals: int = 0
    """Orders in a row that the provider was too busy to take."""
    losses: int = 0
    """Orders that the provider forgot."""
    watched_since: datetime | None = None
    was_waiting: bool = False
    times: tuple[float, ...] | None = None
    """How long clips like the running one took before; None: not yet asked."""
