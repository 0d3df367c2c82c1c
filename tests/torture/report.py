"""What came of it, as a table for people."""

from collections.abc import Sequence

from tests.torture.run import Result

_HEAD = (
    "run", "films", "clips", "kills", "stops", "freezes", "orders", "per clip", "strays",
    "found by list", "by webhook", "finished", "seconds", "verdict",
)  # fmt: skip


def table(results: Sequence[Result]) -> str:
    """One line a run, then what was done in each, then every fault."""
    rows = [_HEAD, *(_row(each) for each in results)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_HEAD))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    for each in results:
        lines += ["", f"{each.plan.name}: {'; '.join(each.struck)}"]
        lines += [f"  FAULT {fault}" for fault in each.faults]
    return "\n".join(lines)


def _row(result: Result) -> tuple[str, ...]:
    per_clip = (result.predictions - result.strays) / result.clips if result.clips else 0.0
    verdict = "FAULTS" if result.faults else "as it must be"
    return (
        result.plan.name,
        str(result.jobs),
        str(result.clips),
        str(result.kills),
        str(result.stops),
        str(result.freezes),
        str(result.predictions),
        f"{per_clip:.2f}" if result.doubles else f"{per_clip:.0f}",
        str(result.strays),
        str(result.by_list),
        str(result.by_webhook),
        str(result.finished),
        f"{result.seconds:.0f}",
        verdict,
    )
