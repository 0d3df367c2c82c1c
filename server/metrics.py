"""What an operator's Prometheus reads: counted where it happens, told in one page of numbers.

Labels come from closed lists (models, tools, routes, codes of errors), never from what somebody
sent: neither a prompt nor an id nor an address is in one, and a stranger cannot make new series.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

from tools.domain.events import (
    CreativeAdded,
    SessionEvent,
    ToolFinished,
    TurnFinished,
    VideoCancelled,
    VideoChanged,
    VideoFailed,
    VideoProposed,
    VideoQueued,
)
from tools.domain.jobs import Stage, VideoJob
from tools.domain.money import MICROS_PER_UNIT, Money

LAG_EVERY_S = 0.25
CURRENCY = "USD"
OTHER = "other"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# A second series beside each, of no use to a text format that cannot say which is whose.
disable_created_metrics()  # type: ignore[no-untyped-call]  # it has none

_ANSWER_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)
_PROVIDER_S = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_FILM_S = (5, 10, 20, 30, 60, 90, 120, 180, 240, 300, 450, 600, 900, 1800, 3600)
_LAG_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class Metrics:
    """`tools`: the names of those that there are; a language model may ask for any other."""

    def __init__(self, *, tools: Collection[str]) -> None:
        self._tools = frozenset(tools)
        self._registry = registry = CollectorRegistry()
        self._turns = Counter(
            "reelroom_turns",
            "Turns that ended, by how; error is the code of a failed one's.",
            ("outcome", "error"),
            registry=registry,
        )
        self._calls = Counter(
            "reelroom_tool_calls", "Tool calls that ended.", ("tool", "ok"), registry=registry
        )
        self._stages = Counter(
            "reelroom_job_stages", "Stages that films entered.", ("stage",), registry=registry
        )
        self._ended = Counter(
            "reelroom_jobs_ended",
            "Films that are over, by how; error is the code of a failed one's.",
            ("outcome", "error"),
            registry=registry,
        )
        self._live = Gauge(
            "reelroom_jobs",
            "Films that are not over, by stage: proposed waits for a person, queued for a place.",
            ("stage",),
            registry=registry,
        )
        self._film_s = Histogram(
            "reelroom_generation_seconds",
            "From the beginning of the work on a film until it is stored.",
            ("model",),
            buckets=_FILM_S,
            registry=registry,
        )
        self._spent = Counter(
            "reelroom_money_spent",
            "What films that ended have cost since this process began.",
            ("currency",),
            registry=registry,
        )
        self._reserved = Gauge(
            "reelroom_money_reserved",
            "What films that are not over hold back.",
            ("currency",),
            registry=registry,
        )
        self._provider_s = Histogram(
            "reelroom_provider_request_seconds",
            "How long a video provider took to answer, also with an error.",
            ("provider", "call"),
            buckets=_PROVIDER_S,
            registry=registry,
        )
        self._provider_errors = Counter(
            "reelroom_provider_errors",
            "Requests to a video provider that failed.",
            ("provider", "call", "error"),
            registry=registry,
        )
        self._requests = Counter(
            "reelroom_http_requests",
            "HTTP requests by the route's template.",
            ("method", "route", "status"),
            registry=registry,
        )
        self._answer_s = Histogram(
            "reelroom_http_request_seconds",
            "From a request's head until its answer is ready to be sent.",
            ("method", "route"),
            buckets=_ANSWER_S,
            registry=registry,
        )
        self._limited = Counter(
            "reelroom_rate_limited",
            "What was refused for being asked too often.",
            ("kind", "scope"),
            registry=registry,
        )
        self._lag = Histogram(
            "reelroom_loop_lag_seconds",
            "How late the event loop was.",
            buckets=_LAG_S,
            registry=registry,
        )
        self._begin()

    def _begin(self) -> None:
        """What is counted is there from the start, so that its first rise is one."""
        self._spent.labels(CURRENCY)
        for outcome in ("finished", "cancelled", "declined", "expired"):
            self._ended.labels(outcome, "")
        for outcome in ("answered", "stopped", "interrupted"):
            self._turns.labels(outcome, "")

    # -- what happened ------------------------------------------------------------------------

    def told(self, event: SessionEvent) -> None:
        """An entry that this process has just committed."""
        match event:
            case TurnFinished(outcome=outcome, error=error):
                self._turns.labels(outcome.value, error.code if error else "").inc()
            case ToolFinished(tool=tool, ok=ok):
                name = tool if tool in self._tools else OTHER
                self._calls.labels(name, "true" if ok else "false").inc()
            case VideoProposed():
                self._stages.labels(Stage.PROPOSED.value).inc()
            case VideoQueued():
                self._stages.labels(Stage.QUEUED.value).inc()
            case VideoChanged(stage=stage):
                self._stages.labels(stage).inc()
            case VideoFailed(error=error):
                self._ended.labels("failed", error.code).inc()
            case VideoCancelled(reason=reason):
                self._ended.labels(reason, "").inc()
            case CreativeAdded():
                self._ended.labels("finished", "").inc()
            case _:
                return

    def film_over(self, job: VideoJob, spent: Money) -> None:
        """A film ended in this process, and what it came to."""
        self._spent.labels(CURRENCY).inc(_amount(spent))
        if job.stage is Stage.FINISHED and job.ended_at is not None:
            took = job.ended_at - (job.started_at or job.created_at)
            # A wall clock that was set back says nothing of how long it took.
            self._film_s.labels(job.quote.model_key).observe(max(took.total_seconds(), 0.0))

    def provider_answered(
        self, provider: str, call: str, seconds: float, error: str | None
    ) -> None:
        """`error`: its code, None where it answered as it should."""
        self._provider_s.labels(provider, call).observe(seconds)
        if error is not None:
            self._provider_errors.labels(provider, call, error).inc()

    def answered(self, method: str, route: str, status: str, seconds: float) -> None:
        """`route`: its template, never the path that somebody asked for."""
        known = method if method in METHODS else OTHER
        self._requests.labels(known, route, status).inc()
        self._answer_s.labels(known, route).observe(seconds)

    def rate_limited(self, kind: str, scope: str) -> None:
        self._limited.labels(kind, scope).inc()

    # -- what is --------------------------------------------------------------------------------

    def watch(self, name: str, words: str, count: Callable[[], int]) -> None:
        """A number that is asked for when the page is: `count` must be cheap, and of any thread."""
        Gauge(f"reelroom_{name}", words, registry=self._registry).set_function(count)

    def stands(self, live: Mapping[Stage, int], reserved: Money) -> None:
        """Films that are not over, and what they hold back."""
        for stage in Stage:
            if not stage.is_final:
                self._live.labels(stage.value).set(live.get(stage, 0))
        self._reserved.labels(CURRENCY).set(_amount(reserved))

    def stands_unknown(self) -> None:
        """Nothing is told rather than what was true some time ago."""
        self._live.clear()
        self._reserved.clear()

    async def watch_the_loop(self) -> None:
        """Until cancelled: how late a task is woken that wanted to be."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_EVERY_S
            await asyncio.sleep(LAG_EVERY_S)
            self._lag.observe(max(loop.time() - due, 0.0))

    def page(self) -> bytes:
        """In Prometheus' text format 0.0.4."""
        return generate_latest(self._registry)


def _amount(money: Money) -> float:
    return money.micros / MICROS_PER_UNIT
