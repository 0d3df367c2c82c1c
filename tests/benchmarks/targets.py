"""Every figure that is reported, in the order people read them, and what it must be.

Most are ratios to a plain relay that plays the same load in the same run, with the same language
model behind it.
"""

from dataclasses import dataclass
from typing import Literal

Against = Literal["relay", "unlogged", "readall", "new", "itself"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A bound."""

    at_most: float | None = None
    at_least: float | None = None

    def is_met(self, value: float) -> bool:
        return (self.at_most is None or value <= self.at_most) and (
            self.at_least is None or value >= self.at_least
        )

    def __str__(self) -> str:
        return f"<= {self.at_most:g}" if self.at_most is not None else f">= {self.at_least:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`key` of the figures of `load`; judged by its ratio to another server, or as it is."""

    name: str
    unit: str
    load: str
    key: str
    against: Against = "relay"
    target: Target | None = None


def _crowd(name: str, unit: str, key: str, target: Target | None = None) -> Figure:
    return Figure(name=name, unit=unit, load="crowd", key=key, target=target)


def _paced(name: str, unit: str, key: str, target: Target | None = None) -> Figure:
    return Figure(name=name, unit=unit, load="paced", key=key, target=target)


def _stalls(name: str, key: str, target: Target | None = None) -> Figure:
    return Figure(name=name, unit="ms", load="stalls", key=key, against="itself", target=target)


def _stored(
    name: str, unit: str, key: str, against: Against, target: Target | None = None
) -> Figure:
    return Figure(name=name, unit=unit, load="stored", key=key, against=against, target=target)


def _watched(
    name: str, unit: str, key: str, against: Against, target: Target | None = None
) -> Figure:
    return Figure(name=name, unit=unit, load="watched", key=key, against=against, target=target)


FIGURES = (
    _watched(
        "widget: 1,500 rich messages are there", "ms", "open_ms", "itself", Target(at_most=1_000)
    ),
    _watched("  beside a new session", "ms", "open_ms", "new", Target(at_most=4)),
    _watched(
        "  a streamed piece costs the main thread", "ms", "delta_ms", "itself", Target(at_most=16)
    ),
    _watched("  beside a new session", "ms", "delta_ms", "new", Target(at_most=2)),
    _watched("  heap after 600 pieces", "MB", "heap_mb", "itself", Target(at_most=3)),
    _crowd("memory of an idle session", "KB", "idle_kb", Target(at_most=0.40)),
    _crowd("memory of a used session", "KB", "used_kb", Target(at_most=0.45)),
    _paced("more memory of an active stream", "KB", "stream_kb"),
    _crowd("accept the connections of a crowd", "s", "accept_s", Target(at_most=1.2)),
    _crowd("  its processor time", "s", "accept_cpu_s"),
    _crowd("  and open a session on each", "s", "open_s"),
    Figure(
        name="memory of the empty server",
        unit="MB",
        load="crowd",
        key="empty_mb",
        against="itself",
        target=Target(at_most=110),
    ),
    Figure(name="start to first answer", unit="s", load="crowd", key="start_s", against="itself"),
    _paced("loop lag under 25 streams, p99", "ms", "lag_p99_ms"),
    _paced("loop lag under 25 streams, max", "ms", "lag_max_ms"),
    Figure(
        name="  of its own making, max",
        unit="ms",
        load="paced",
        key="lag_own_max_ms",
        against="itself",
        target=Target(at_most=50),
    ),
    _crowd("loop lag with a crowd's short turns, p99", "ms", "lag_p99_ms"),
    _crowd("loop lag with a crowd's short turns, max", "ms", "lag_max_ms"),
    Figure(
        name="  of its own making, max",
        unit="ms",
        load="crowd",
        key="lag_own_max_ms",
        against="itself",
        target=Target(at_most=50),
    ),
    _stalls("loop lag while long timelines are opened, p99", "timelines_lag_p99_ms"),
    _stalls("loop lag while long timelines are opened, max", "timelines_lag_max_ms"),
    _stalls("  of its own making, max", "timelines_lag_own_max_ms", Target(at_most=50)),
    _stalls("loop lag while a film is made and stored, p99", "film_lag_p99_ms"),
    _stalls("loop lag while a film is made and stored, max", "film_lag_max_ms"),
    _stalls("  of its own making, max", "film_lag_own_max_ms", Target(at_most=20)),
    _stored("a film is stored in a bucket", "MB/s", "mb_per_s", "readall", Target(at_least=0.9)),
    _stored("  memory for it over idle", "MB", "peak_mb", "itself", Target(at_most=25)),
    _stored("  loop lag meanwhile, p99", "ms", "lag_p99_ms", "readall"),
    _stored("  loop lag meanwhile, max", "ms", "lag_max_ms", "readall"),
    _stored("  of its own making, max", "ms", "lag_own_max_ms", "itself", Target(at_most=20)),
    _stored("  its processor time", "s", "cpu_s", "readall"),
    Figure(
        name="processor time with event log / without, paced",
        unit="s",
        load="paced",
        key="cpu_s_per_1000",
        against="unlogged",
        target=Target(at_most=1.5),
    ),
    Figure(
        name="processor time with event log / without, 300 streams",
        unit="s",
        load="sat",
        key="cpu_s_per_1000",
        against="unlogged",
        target=Target(at_most=1.15),
    ),
    _paced("processor time of 1,000 tokens", "s", "cpu_s_per_1000", Target(at_most=0.45)),
    _paced("added to a token, p50", "ms", "late_p50_ms", Target(at_most=0.7)),
    _paced("added to a token, p99", "ms", "late_p99_ms", Target(at_most=0.7)),
    _crowd("added to the first token, p50", "ms", "first_late_p50_ms"),
    _crowd("added to the first token, p99", "ms", "first_late_p99_ms", Target(at_most=0.6)),
    _paced("send to first token, 25 streams, p50", "ms", "wait_p50_ms", Target(at_most=0.8)),
    _crowd("send to first token, short turns, p50", "ms", "wait_p50_ms", Target(at_most=0.8)),
    _crowd("processor time of a short turn", "ms", "turn_cpu_ms", Target(at_most=0.8)),
    Figure(name="whole replies of 200 tokens", unit="turns/s", load="whole", key="turns_per_s"),
    Figure(
        name="  in a second of processor",
        unit="turns",
        load="whole",
        key="turns_per_cpu_s",
        target=Target(at_least=5),
    ),
    Figure(
        name="300 streams: delivered",
        unit="tokens/s",
        load="sat",
        key="tokens_per_s",
        target=Target(at_least=3),
    ),
    Figure(
        name="  added to a token, p99",
        unit="ms",
        load="sat",
        key="late_p99_ms",
        against="itself",
        target=Target(at_most=1_000),
    ),
    Figure(name="  beside the relay's, p99", unit="ms", load="sat", key="late_p99_ms"),
)
