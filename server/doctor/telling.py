"""What the doctor saw, for people and for programs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import orjson

State = Literal["ok", "warning", "failed", "absent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One thing that was looked at. `words` for people; they hold no key and no address with one."""

    part: str
    state: State
    words: str


def is_healthy(seen: Iterable[Observation]) -> bool:
    return not any(each.state == "failed" for each in seen)


def as_table(seen: Sequence[Observation]) -> str:
    width = max(len(each.part) for each in seen)
    rows = (f"  {each.state:<8} {each.part:<{width}}  {each.words}" for each in seen)
    return "\n".join(rows) + "\n"


def as_json(seen: Sequence[Observation]) -> str:
    checks = [{"part": each.part, "state": each.state, "words": each.words} for each in seen]
    return orjson.dumps({"healthy": is_healthy(seen), "checks": checks}).decode() + "\n"
