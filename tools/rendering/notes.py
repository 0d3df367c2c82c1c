"""What this life knows of a job beyond its row. A restart goes on without."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tools.domain.clips import Clip, Fence
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


@dataclass(frozen=True, slots=True)
class Ordered:
    """Placed with the provider for this clip, and not yet written down."""

    prediction_id: PredictionId
    clip: Clip


@dataclass(frozen=True, slots=True)
class Stray:
    """An order that nobody wants, and the number of the clip that it was for."""

    prediction_id: PredictionId
    clip: int


@dataclass(frozen=True, slots=True)
class Late:
    """An order that we placed so long after its mark that somebody else may have placed another by
    then, and whose answer was not heard.
    """

    fence: Fence
    clip: Clip
    look_at: float


@dataclass(slots=True)
class Notes:
    """Seconds are of the boot clock: a wall clock that is set makes nothing late."""

    failures: Counter[str] = field(default_factory=Counter)
    """Steps that failed one after the other, by the code of what went wrong."""
    ordered: Ordered | None = None
    strays: set[Stray] = field(default_factory=set)
    """Not yet stopped."""
    goodbyes: int = 0
    """Steps after the job's end: something was still to be stopped."""
    unused: Fence | None = None
    """A mark of ours after which no order was placed, for certain."""
    looked_for: Fence | None = None
    """The order in doubt that is waited for."""
    look_at: float = 0
    """When it can be looked for."""
    late: Late | None = None
    doubts: int = 0
    """Orders in a row whose answer was not heard."""
    not_before: float | None = None
    """No new order before that."""
    refusals: int = 0
    """Orders in a row that the provider was too busy to take."""
    losses: int = 0
    """Orders that the provider forgot."""
    watched: PredictionId | None = None
    watched_since: float = 0
    was_waiting: bool = False
    times: tuple[float, ...] = ()
    """How long clips like the watched one took before."""
