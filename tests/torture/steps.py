"""The named steps at which a studio dies or falls asleep by its own hand, and how it is told so.

`fence.after=kill@1,store.film.before=stop@2`: SIGKILL when that step is reached the first time,
SIGSTOP when this one is the second time. `collect.mid=kill%0.05`: each time with this chance.
"""

import os
import random
import re
import signal
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FILES = ("film", "poster", "preview", "handed")
"""What is stored; `handed` is the last picture of a clip, for the next one to go on from."""
COMMITS = ("added", "fence", "bought", "collected", "finished")
"""`before` is inside the transaction, when all is written and nothing is committed."""
STEPS = (
    *(f"{commit}.{when}" for commit in COMMITS for when in ("before", "after")),
    "order.before",
    "order.after",
    "look.before",
    "look.after",
    "collect.before",
    "collect.mid",
    "collect.after",
    "assemble.mid",
    "press.mid",
    *(f"store.{file}.{when}" for file in FILES for when in ("before", "after")),
)
ORDER_SENT, ORDER_TAKEN = "order.mid.sent", "order.mid.taken"
"""Struck from outside, where the order has arrived: before it is taken, and after it was."""
PURCHASE = (
    "fence.before",
    "fence.after",
    "order.before",
    ORDER_SENT,
    ORDER_TAKEN,
    "order.after",
    "bought.before",
    "bought.after",
)
AFTERWARDS = tuple(
    each for each in STEPS if each not in PURCHASE and not each.startswith(("added", "look"))
)
_SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}
_RULE = re.compile(r"([a-z.]+)=(kill|stop)(?:@(\d+)|%(0?\.\d+|1))")


@dataclass(frozen=True, kw_only=True)
class Rule:
    signal: signal.Signals
    turn: int | None = None
    """The how manieth time; None: each time with this chance."""
    chance: float = 0.0


def rules_in(text: str) -> Mapping[str, Rule]:
    """Raises ValueError for a step that nobody ever reaches."""
    rules = {}
    for part in filter(None, text.split(",")):
        found = _RULE.fullmatch(part)
        if found is None or found[1] not in STEPS:
            raise ValueError(part)
        rules[found[1]] = Rule(
            signal=_SIGNALS[found[2]],
            turn=None if found[3] is None else int(found[3]),
            chance=float(found[4] or 0),
        )
    return rules


class Steps:
    """`note`: the file in which a blow is written down before it falls."""

    def __init__(self, rules: Mapping[str, Rule], *, seed: int, note: Path) -> None:
        self._rules = rules
        self._chance = random.Random(seed)
        self._note = note
        self._reached: Counter[str] = Counter()

    @classmethod
    def from_environment(cls) -> "Steps":
        return cls(
            rules_in(os.environ.get("TORTURE_STEPS", "")),
            seed=int(os.environ.get("TORTURE_SEED", "0")),
            note=Path(os.environ["TORTURE_NOTE"]),
        )

    def reach(self, step: str) -> None:
        """Called from any thread. What is killed here does not come back."""
        assert step in STEPS, step
        rule = self._rules.get(step)
        if rule is None:
            return
        self._reached[step] += 1
        is_due = (
            self._chance.random() < rule.chance
            if rule.turn is None
            else self._reached[step] == rule.turn
        )
        if is_due:
            with self._note.open("a") as note:
                note.write(f"{step} {rule.signal.name} {os.getpid()}\n")
            os.kill(os.getpid(), rule.signal)
