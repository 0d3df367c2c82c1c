"""A provider that sells and forgets nothing, and whose answers get lost: the hard half of buying once.

    Dealer(film)                      an order is taken at once; its clip is ready after `polls` polls
    dealer.will(Fails(...), ...)      what becomes of the next orders
    dealer.answers(Taken, Unheard, Refuses(...), ...)   how the next orders are answered
    dealer.list_lag_s                 how late an order turns up when it is looked for

Like a real one it knows no idempotency keys, and outlives whoever asks it.
"""

import asyncio
import shutil
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tools.domain.clips import Outcome
from tools.domain.events import Charged
from tools.domain.failures import Failure
from tools.domain.identity import PredictionId
from tools.errors import OutputLost
from tools.rendering.ports import (
    Image,
    Order,
    OrderInDoubt,
    OrderRefused,
    Remedy,
    Rendered,
    RenderFailed,
    Rendering,
    RenderStatus,
    Window,
)

GRACE_S = 60.0


@dataclass(frozen=True)
class Taken:
    """The answer comes back."""


@dataclass(frozen=True)
class Unheard:
    """The order is taken, and its answer is lost."""


@dataclass(frozen=True)
class NeverCame:
    """The order did not arrive; nobody can tell that from Unheard."""


@dataclass(frozen=True)
class Refuses:
    failure: Failure
    remedy: Remedy = Remedy.STOP
    retry_after_s: float | None = None


Answer = Taken | Unheard | NeverCame | Refuses


@dataclass
class Sold:
    """One order in the books."""

    id: PredictionId
    order: Order
    at: datetime
    polls: int
    fate: RenderFailed | None = None
    billed_s: float | None = None
    is_cancelled: bool = False
    """Told to stop; one that was over by then stays as it ended."""
    was_stopped: bool = False

    def charged(self, when_stopped: Charged) -> Charged:
        """What it comes to, as the dealer's own books have it."""
        if self.was_stopped:
            return when_stopped
        return "yes" if self.fate is None else self.fate.charged


class Dealer:
    """Implements `tools.rendering.ports.VideoProvider`."""

    name = "replicate"
    grace_s = GRACE_S

    def __init__(
        self,
        film: Callable[[int], Path],
        *,
        clock: Callable[[], datetime],
        polls: int = 1,
        list_lag_s: float = 0.0,
    ) -> None:
        self.sold: list[Sold] = []
        self.looked: int = 0
        self.list_lag_s = list_lag_s
        self.charges: Charged = "yes"
        """What a cancelled order costs."""
        self.bills: float | None = None
        self.took_s: float | None = 30.0
        self.loses_it_at: datetime | None = None
        self.clock_ahead_s: float = 0.0
        """By how much its clock is before ours."""
        self.knows_seeds = True
        """Whether orders of the same words can be told from each other; not every model takes one."""
        self.may: Callable[[str], None] = lambda call: None
        """Called with the name of each call before and after it: it may raise."""
        self._film = film
        self._clock = clock
        self._polls = polls
        self._fates: deque[RenderFailed | None] = deque()
        self._answers: deque[Answer] = deque()

    def will(self, *fates: RenderFailed | None) -> None:
        self._fates.extend(fates)

    def answers(self, *answers: Answer) -> None:
        self._answers.extend(answers)

    @property
    def clips(self) -> list[tuple[str, int]]:
        """Which clips were sold, as often as they were."""
        return [(each.order.job_id, each.order.clip) for each in self.sold]

    @property
    def wanted(self) -> list[Sold]:
        """What was sold and not cancelled."""
        return [each for each in self.sold if not each.is_cancelled]

    def pause_s(self, watched_s: float) -> float:
        return 2.0 if watched_s < 20 else 10.0

    async def hand_over(self, images: tuple[Image, ...]) -> tuple[Image, ...]:
        self.may("hand over")
        return images

    async def submit(self, order: Order) -> PredictionId:
        self.may("submit: before")
        answer = self._answers.popleft() if self._answers else Taken()
        match answer:
            case Refuses(failure=failure, remedy=remedy, retry_after_s=retry_after_s):
                raise OrderRefused(failure, remedy, retry_after_s=retry_after_s)
            case NeverCame():
                raise OrderInDoubt
        sold = Sold(
            id=PredictionId(f"p-{len(self.sold) + 1}"),
            order=order,
            at=self._clock() + timedelta(seconds=self.clock_ahead_s),
            polls=self._polls,
            fate=self._fates.popleft() if self._fates else None,
            billed_s=self.bills,
        )
        self.sold.append(sold)
        self.may("submit: after")
        if isinstance(answer, Unheard):
            raise OrderInDoubt
        return sold.id

    async def find(
        self, order: Order, window: Window, is_free: Callable[[PredictionId], Awaitable[bool]]
    ) -> PredictionId | None:
        self.may("find")
        self.looked += 1
        seen = self._clock() + timedelta(seconds=self.clock_ahead_s - self.list_lag_s)
        latest = min(seen, window.until + timedelta(seconds=self.grace_s))
        for sold in self.sold:
            is_in_time = window.since <= sold.at <= latest
            if is_in_time and self._is_like(sold.order, order) and await is_free(sold.id):
                return sold.id
        return None

    def _is_like(self, one: Order, other: Order) -> bool:
        if self.knows_seeds and one.seed != other.seed:
            return False
        return (one.sent_prompt, one.model.key, one.length_s, len(one.images)) == (
            other.sent_prompt,
            other.model.key,
            other.length_s,
            len(other.images),
        )

    async def poll(self, prediction_id: PredictionId) -> RenderStatus:
        self.may("poll")
        sold = self._sold(prediction_id)
        if sold.was_stopped:
            stopped = Failure(code="provider_unavailable", message="It was stopped.")
            return RenderFailed(failure=stopped, charged=self.charges, outcome=Outcome.CANCELLED)
        if sold.polls > 0:
            sold.polls -= 1
            return Rendering()
        if sold.fate is not None:
            return sold.fate
        return Rendered(billed_s=sold.billed_s, took_s=self.took_s, loses_it_at=self.loses_it_at)

    async def cancel(self, prediction_id: PredictionId) -> Charged:
        self.may("cancel")
        sold = self._sold(prediction_id)
        sold.is_cancelled = True
        sold.was_stopped = sold.was_stopped or sold.polls > 0
        return sold.charged(self.charges)

    async def collect(self, prediction_id: PredictionId, into: Path) -> Path:
        self.may("collect: before")
        sold = self._sold(prediction_id)
        if sold.was_stopped:
            raise OutputLost("It was cancelled.")
        target = into / f"{prediction_id}.mp4"
        await asyncio.to_thread(shutil.copyfile, self._film(sold.order.length_s), target)
        self.may("collect: after")
        return target

    async def discard(self, prediction_id: PredictionId) -> None:
        return None

    def _sold(self, prediction_id: PredictionId) -> Sold:
        return next(each for each in self.sold if each.id == prediction_id)
