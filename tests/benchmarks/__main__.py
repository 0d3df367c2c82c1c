"""How fast is it, beside a plain relay?

    python -m tests.benchmarks [--quick] [--only LOAD …]

The relay (relay.py) and our whole server (product.py) play the same loads (measure.py) with the same
language model behind them (completions.py), one after the other in turns A B B A, each in a process
of its own. Every answer is checked to its last character; a
run with an error counts as failed and gives no figures. Read the ratios: the figures are this
machine's, today. The table goes to stdout, everything to artefacts/bench.json.
"""

import argparse
import asyncio
import json
import os
import platform
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks.children import ROOT, ChildFailed
from tests.benchmarks.measure import Figures, Kind, Size, crowd, paced, sat, stalls, whole
from tests.benchmarks.report import Line, lines, table
from tests.benchmarks.storing import stored
from tests.benchmarks.watching import watched

LOADS: dict[str, Callable[[Kind, Size], Awaitable[Figures]]] = {
    "crowd": crowd,
    "paced": paced,
    "whole": whole,
    "sat": sat,
    "stalls": stalls,
    "stored": stored,
    "watched": watched,
}
FULL: Sequence[tuple[str, Sequence[Kind]]] = (
    ("crowd", ("relay", "ours", "ours", "relay")),
    ("paced", ("relay", "ours", "unlogged", "unlogged", "ours", "relay")),
    ("whole", ("relay", "ours", "ours", "relay")),
    ("sat", ("relay", "ours", "unlogged", "unlogged", "ours", "relay")),
    ("stalls", ("ours", "ours")),
    ("stored", ("readall", "ours", "ours", "readall")),
    ("watched", ("new", "ours", "ours", "new")),
)
QUICK: Sequence[tuple[str, Sequence[Kind]]] = (
    ("crowd", ("relay", "ours")),
    ("paced", ("relay", "ours")),
    ("whole", ("relay", "ours")),
    ("stalls", ("ours",)),
    ("stored", ("readall", "ours")),
    ("watched", ("new", "ours")),
)
QUICK_SIZE = Size(sessions=300, paced_s=3.0, whole_s=2.0, timelines=2, film_s=4, stored_mb=100)


async def play(plan: Sequence[tuple[str, Sequence[Kind]]], size: Size) -> int:
    """All of the plan; the number of runs that failed."""
    begun = time.monotonic()
    runs: defaultdict[tuple[str, str], list[Figures]] = defaultdict(list)
    failed: list[str] = []
    for load, kinds in plan:
        for kind in kinds:
            _say(f"{load:8}{kind:10}")
            try:
                figures = await LOADS[load](kind, size)
            except (ChildFailed, TimeoutError) as error:
                failed.append(f"{load} {kind}: {error}")
                _say(f"FAILED: {error}\n")
            else:
                runs[load, kind].append(figures)
                _say("every word was right\n")
    made = lines(runs)
    took_s = time.monotonic() - begun
    right = sum(len(each) for each in runs.values())
    _say(
        f"\n{table(made)}\n\n{right} runs without a wrong or short turn, {len(failed)} failed; "
        f"{took_s:.0f} s. 'Beside' is the relay, our server without "
        "its event log, a film that is read whole, or a new session.\n"
    )
    _keep(made, runs, failed)
    return len(failed)


def _keep(
    made: Sequence[Line], runs: dict[tuple[str, str], list[Figures]], failed: Sequence[str]
) -> None:
    kept = {
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version()},
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "lines": [asdict(line) for line in made],
        "runs": {" ".join(key): figures for key, figures in runs.items()},
        "failed": list(failed),
    }
    file: Path = ROOT / "artefacts" / "bench.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(kept, indent=2))


def _say(words: str) -> None:
    sys.stdout.write(words)
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--quick", action="store_true", help="one round, smaller, about a minute")
    parser.add_argument("--only", nargs="+", choices=LOADS, default=tuple(LOADS))
    chosen = parser.parse_args()
    plan = [each for each in (QUICK if chosen.quick else FULL) if each[0] in chosen.only]
    return min(asyncio.run(play(plan, QUICK_SIZE if chosen.quick else Size())), 1)


if __name__ == "__main__":
    sys.exit(main())
