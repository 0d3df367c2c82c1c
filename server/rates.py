"""How often: what one person, and all of one tenant, may set in motion within a minute.

Counted in this process's memory by a moving window: a restart lets everybody begin anew. Only what
is done counts; an answer that is given again does not.
"""

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from tools.domain.identity import TenantId, UserId
from tools.errors import RateLimited

WINDOW_S = 60
KEYS = 1_000
"""So many may be kept before those that ran out are looked for."""


class Kind(StrEnum):
    MESSAGES = "messages"
    UPLOADS = "uploads"
    GENERATIONS = "generations"


class Scope(StrEnum):
    USER = "user"
    TENANT = "tenant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How many of a kind within a window. None: as many as they like."""

    of_user: int | None
    of_tenant: int | None


@dataclass(frozen=True, slots=True)
class _Count:
    """One count that is kept: of whom, and up to what."""

    scope: Scope
    item: RateLimitItem
    whose: str


class Rates:
    """May be asked from the event loop and from the database's thread alike.

    `refused` hears of each refusal: (kind, scope).
    """

    def __init__(
        self,
        rates: Mapping[Kind, Rate],
        *,
        refused: Callable[[Kind, Scope], None],
        window_s: int = WINDOW_S,
    ) -> None:
        self._rates = rates
        self._refused = refused
        self._window_s = window_s
        self._storage = MemoryStorage()
        self._limiter = MovingWindowRateLimiter(self._storage)
        # Both counts or neither: a refusal of the tenant's must not use up the user's.
        self._lock = threading.Lock()
        self._keys_left = 0

    def take(self, kind: Kind, tenant_id: TenantId, user_id: UserId) -> None:
        """Count one more. Raises RateLimited, and then counts nothing."""
        counts = tuple(self._counts(kind, tenant_id, user_id))
        with self._lock:
            self._check(kind, counts)
            for count in counts:
                self._limiter.hit(count.item, count.whose)
            self._forget()

    def check(self, kind: Kind, tenant_id: TenantId, user_id: UserId) -> None:
        """Raises RateLimited where `take` would now. Counts nothing."""
        with self._lock:
            self._check(kind, tuple(self._counts(kind, tenant_id, user_id)))

    def _check(self, kind: Kind, counts: tuple[_Count, ...]) -> None:
        full = [each for each in counts if not self._limiter.test(each.item, each.whose)]
        if not full:
            return
        self._refused(kind, full[0].scope)
        raise self._refusal(kind, full)

    def _refusal(self, kind: Kind, full: list[_Count]) -> RateLimited:
        wait_s = max(self._wait_s(each) for each in full)
        seconds = math.ceil(wait_s)
        whose = "your organisation" if full[0].scope is Scope.TENANT else "you"
        return RateLimited(
            f"Too many {_WHAT[kind]} from {whose} within {self._window_s} seconds (the most is "
            f"{full[0].item.amount}). Please try again in {seconds} second{'s'[: seconds != 1]}.",
            # A millisecond more: at the very end of the window it is still full.
            retry_after_ms=math.ceil(wait_s * 1000) + 1,
            details={"limit": full[0].item.amount, "scope": full[0].scope.value},
        )

    def _wait_s(self, count: _Count) -> float:
        free_at = self._limiter.get_window_stats(count.item, count.whose).reset_time
        # The library goes by the wall's clock; somebody may have set it.
        return min(max(free_at - time.time(), 0.0), float(self._window_s))

    def _counts(self, kind: Kind, tenant_id: TenantId, user_id: UserId) -> Iterator[_Count]:
        rate = self._rates.get(kind)
        if rate is None:
            return
        if rate.of_user is not None:
            # A user's name means one person within one tenant; either may hold any letters.
            yield self._count(Scope.USER, kind, rate.of_user, repr((tenant_id, user_id)))
        if rate.of_tenant is not None:
            yield self._count(Scope.TENANT, kind, rate.of_tenant, repr(tenant_id))

    def _count(self, scope: Scope, kind: Kind, amount: int, whose: str) -> _Count:
        item = RateLimitItemPerSecond(amount, self._window_s, namespace=f"{kind}-of-{scope}")
        return _Count(scope=scope, item=item, whose=whose)

    def _forget(self) -> None:
        """Drop who did nothing lately: the library lets go of what was counted, never of for whom.

        Looked for when there are twice as many as the last look left, so that each costs next to nothing.
        """
        events = self._storage.events
        if len(events) < max(KEYS, 2 * self._keys_left):
            return
        for key in list(events):
            _, left = self._storage.get_moving_window(key, 0, self._window_s)
            if not left:
                self._storage.clear(key)
        self._keys_left = len(events)

    def __len__(self) -> int:
        """How many counts are kept."""
        return len(self._storage.events)


_WHAT = {Kind.MESSAGES: "messages", Kind.UPLOADS: "images", Kind.GENERATIONS: "films"}
