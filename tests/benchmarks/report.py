"""Medians of the runs become one line a figure: for people, and as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from tests.benchmarks.measure import Figures
from tests.benchmarks.targets import FIGURES, Figure

Runs = Mapping[tuple[str, str], Sequence[Figures]]
"""The figures of each run, by load and server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`other`: the server it is compared with, where it is. `ratio` None: the figure speaks for itself."""

    name: str
    unit: str
    ours: float
    other: float | None
    ratio: float | None
    must: str
    verdict: str


def lines(runs: Runs) -> list[Line]:
    """One for each figure that was measured."""
    made = (_line(figure, runs) for figure in FIGURES)
    return [line for line in made if line is not None]


def _line(figure: Figure, runs: Runs) -> Line | None:
    ours = _median(runs, figure, "ours")
    other = None if figure.against == "itself" else _median(runs, figure, figure.against)
    if ours is None or (other is None and figure.against != "itself"):
        return None
    ratio = None if not other else ours / other
    target = figure.target
    verdict = ""
    if target is not None and target.is_met(ours if ratio is None else ratio):
        verdict = "ok"
    elif target is not None:
        verdict = "OVER"
    return Line(
        name=figure.name,
        unit=figure.unit,
        ours=ours,
        other=other,
        ratio=ratio,
        must="" if target is None else str(target),
        verdict=verdict,
    )


def _median(runs: Runs, figure: Figure, kind: str) -> float | None:
    measured = [run[figure.key] for run in runs.get((figure.load, kind), ())]
    return median(measured) if measured else None


def table(made: Sequence[Line]) -> str:
    """For people. Without a ratio, `must` is about our own figure."""
    head = f"{'':54}{'beside':>10}{'ours':>10} {'unit':10}{'ratio':>7}  {'must':8}"
    return "\n".join([head, *(_written(line) for line in made)])


def _written(line: Line) -> str:
    other = "" if line.other is None else _short(line.other)
    ratio = "" if line.ratio is None else f"{line.ratio:.2f}"
    return (
        f"{line.name:54}{other:>10}{_short(line.ours):>10} {line.unit:10}{ratio:>7}  "
        f"{line.must:8}{line.verdict}"
    ).rstrip()


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
