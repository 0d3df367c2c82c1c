"""Does it ever pay twice? Studios are killed, frozen and lied to, again and again.

    python -m tests.torture [--jobs 140] [--kills 60] [--seed 1] [--only NAME …] [--keep FOLDER]

Real server processes, a Replicate on the wire that misbehaves, real files. When all is over the
provider's books, ours, and what people were told are laid side by side (`books`). The control is
the same with reconciliation switched off: it must buy twice, or this would prove nothing. The exit
code is 1 when anything is not as it must be.
"""

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

from tests.torture.plans import Plan, long, short
from tests.torture.report import table
from tests.torture.run import Result, played


def main() -> int:
    arguments = _parser().parse_args()
    # Clients that are gone in the middle of an answer are the point here, not news.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    plans = long(arguments.seed, jobs=arguments.jobs, kills=arguments.kills)
    if arguments.short:
        plans = short(arguments.seed)
    if arguments.only:
        plans = tuple(each for each in plans if each.name in arguments.only)
    results = asyncio.run(_all(plans, arguments.keep))
    sys.stdout.write(f"\n{table(results)}\n")
    return 1 if any(each.faults for each in results) else 0


async def _all(plans: tuple[Plan, ...], keep: Path | None) -> list[Result]:
    # Asked to end, it ends its studios too: a frozen one would stay for ever.
    running = asyncio.current_task()
    assert running is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    results = []
    for plan in plans:
        sys.stderr.write(f"{plan.name}: {plan.jobs} films, {len(plan.deaths)} deaths … ")
        sys.stderr.flush()
        folder = None if keep is None else keep / plan.name.replace(" ", "-")
        results.append(await played(plan, folder))
        sys.stderr.write(f"{results[-1].seconds:.0f} s, {len(results[-1].faults)} faults\n")
    return results


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Does it ever pay twice?")
    parser.add_argument("--jobs", type=int, default=140, help="films in all, without the control")
    parser.add_argument("--kills", type=int, default=60, help="deaths in all, without sleepers")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", help="the names of the runs that are wanted")
    parser.add_argument("--short", action="store_true", help="what the tests run")
    parser.add_argument("--keep", type=Path, help="a folder that keeps each run's data and logs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
