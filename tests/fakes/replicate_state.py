"""The fake Replicate's books: what it was told to do, what it was asked, what it did."""

import asyncio
import secrets
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from tests.fakes.replicate_acts import AsUsual, Download, Fate, Output, Succeeds
from tests.fakes.replicate_hooks import Delivery, new_secret
from tests.fakes.replicate_ledger import Made, Seen, Stored
from tests.fakes.replicate_models import MODELS
from tests.fakes.replicate_schema import Model
from tests.patience import IN_THE_END_S

Door = Literal["create", "poll", "cancel", "list", "model", "account", "secret", "file", "download"]
Hooks = Literal["normal", "dropped", "forged", "stale", "unsigned", "duplicate", "early"]


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(kw_only=True)
class Ways:
    """How the fake behaves where nothing else was said. May be changed while it runs."""

    render_s: float | None = 0.05
    """From creation to the end; None: every step is the test's (`step`, `finish`)."""
    list_lag_s: float = 0.0
    retention_s: float = 3600.0
    shows_webhook_in_list: bool = False
    page_size: int = 100
    webhooks: Hooks = "normal"
    hook_retries_s: tuple[float, ...] = (0.05, 0.2, 0.5)
    """The waits before the final webhook is sent again."""
    hook_limit_s: float = 5.0
    output: Output = "string"
    output_base: str | None = None
    """Before `/delivery/…` in the films' URLs; `{port}` is ours. None: our own origin."""
    frames: Mapping[str, tuple[int, int]] = field(
        default_factory=lambda: {"16:9": (96, 54), "9:16": (54, 96), "1:1": (54, 54)}
    )
    refuses_late_cancel: bool = True
    """The cancelling of a finished prediction is 409; else it answers with it, unchanged."""
    refuses_wrong_images: bool = True
    """Sora and Kling fail on images of a size they do not take."""
    rewrites: Mapping[str, str] = field(default_factory=dict)
    """Beginnings of image URLs that cannot be reached from here, and what to fetch instead."""
    now: Callable[[], datetime] = _now


class State:
    def __init__(self, ways: Ways) -> None:
        self.ways = ways
        self.port = 0
        self.token = "r8_" + secrets.token_hex(18)  # shaped as theirs: tests look for it in logs
        self.webhook_secret = new_secret()
        self.models: dict[str, Model] = dict(MODELS)
        """May be changed: a model that is gone, an enumeration that is another."""
        self.created: list[Made] = []
        self.cancelled: list[Made] = []
        """Those that a request stopped."""
        self.files: dict[str, Stored] = {}
        self.requests: list[Seen] = []
        self.counts: Counter[str] = Counter()
        """Requests by door."""
        self.complaints: list[str] = []
        self.deliveries: list[Delivery] = []
        """Every attempt at a webhook."""
        self.token_leaks: list[str] = []
        """Requests to the films' hosts that carried an Authorization header."""
        self.strayed: list[str] = []
        """Requests that followed a redirect to the foreign host."""
        self.most_at_once = 0
        """The most predictions that were ever unfinished together."""
        self.by_id: dict[str, Made] = {}
        self._fates: deque[Fate] = deque()
        self._rules: list[tuple[Callable[[Made], bool], Fate]] = []
        self._answers: defaultdict[str, deque[Download]] = defaultdict(deque)
        self._always: dict[str, Download] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.faults: list[BaseException] = []
        """Bugs of the fake's own: raised when it ends."""
        self._moved = asyncio.Event()

    # -- what a test says -------------------------------------------------------------------------

    def will(self, *fates: Fate) -> None:
        """The fates of the next predictions, in the order of their creation."""
        self._fates.extend(fates)

    def whenever(self, holds: Callable[[Made], bool], fate: Fate) -> None:
        """The fate of every prediction of which `holds` is true and nothing was said by `will`."""
        self._rules.append((holds, fate))

    def answer(self, door: Door, *answers: Download) -> None:
        """How the next requests at `door` are answered, in order."""
        self._answers[door].extend(answers)

    def answer_create(self, *answers: Download) -> None:
        self.answer("create", *answers)

    def answer_always(self, door: Door, answer: Download | None) -> None:
        """How every request at `door` is answered for which no answer is queued; None: as usual."""
        self._always.pop(door, None)
        if answer is not None:
            self._always[door] = answer

    def forget_orders(self) -> None:
        """Everything is as usual again."""
        self._fates.clear()
        self._rules.clear()
        self._answers.clear()
        self._always.clear()

    async def until(self, holds: Callable[[], object], limit_s: float = IN_THE_END_S) -> None:
        """Wait for something in these books. Raises TimeoutError."""
        async with asyncio.timeout(limit_s):
            while not holds():
                self._moved.clear()
                await self._moved.wait()

    # -- what a test reads ------------------------------------------------------------------------

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.origin}/v1"

    @property
    def foreign_origin(self) -> str:
        """A host that is not the films' one."""
        return f"http://localhost:{self.port}"

    @property
    def films_origin(self) -> str:
        return (self.ways.output_base or self.origin).format(port=self.port).rstrip("/")

    @property
    def spent(self) -> int:
        """Micro-dollars."""
        return sum(made.cost for made in self.created)

    @property
    def unfinished(self) -> list[Made]:
        return [made for made in self.created if not made.is_over]

    # -- for the parts of the fake ----------------------------------------------------------------

    def fate_of(self, made: Made) -> Fate:
        if self._fates:
            return self._fates.popleft()
        fitting = (fate for holds, fate in self._rules if holds(made))
        return next(fitting, Succeeds())

    def next_answer(self, door: str) -> Download:
        queued = self._answers[door]
        return queued.popleft() if queued else self._always.get(door, AsUsual())

    def complain(self, complaints: Iterable[str]) -> None:
        self.complaints.extend(complaints)

    def moved(self) -> None:
        """Something is different in the books."""
        self._moved.set()

    def own(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._let_go)
        return task

    def _let_go(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()):
            self.faults.append(fault)

    async def rest(self) -> None:
        """End everything that is still under way; a bug of the fake's own comes out here."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self.faults:
            raise ExceptionGroup(
                "the fake Replicate broke",
                [fault for fault in self.faults if isinstance(fault, Exception)],
            )
