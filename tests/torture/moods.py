"""A Replicate with moods: now and then it drops, delays or refuses, as the real one was seen to."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp

from tests.fakes.replicate import FakeReplicate
from tests.fakes.replicate_acts import (
    AnswersLate,
    AsUsual,
    Download,
    Drops,
    DropsAfterCommit,
    RefusesAfterCommit,
    Trickles,
)
from tests.fakes.replicate_state import Hooks, Ways
from tests.fakes.replicate_words import bad_gateway, throttled

Mood = Sequence[tuple[float, Download]]
"""Answers, each with its chance; else as usual."""
CALM: Mapping[str, Mood] = {}
MOODY: Mapping[str, Mood] = {
    "create": (
        (0.06, DropsAfterCommit()),
        (0.04, RefusesAfterCommit()),
        (0.04, Drops()),
        (0.04, bad_gateway()),
        (0.04, throttled(1)),
        (0.05, AnswersLate(after_s=0.3)),
        (0.03, AnswersLate(after_s=0.3, commits="after")),
        # Longer than anybody waits for it: the order is taken, its answer is never read.
        (0.02, AnswersLate(after_s=1.5)),
    ),
    "poll": ((0.02, bad_gateway()), (0.02, Drops())),
    "list": ((0.05, bad_gateway()), (0.05, Drops())),
    "cancel": ((0.1, bad_gateway()),),
    "download": ((0.03, bad_gateway()), (0.03, Drops())),
}
_SLOW_DOWNLOAD = Trickles(pieces=6, pause_s=0.03)
_HOOKS: Sequence[Hooks] = (
    *("normal", "normal", "normal", "early", "early"),
    *("duplicate", "dropped", "dropped", "forged", "stale"),
)


class MoodyReplicate(FakeReplicate):
    """`moods` by door. Downloads last a moment always, so that one can be cut off in its midst."""

    def __init__(self, ways: Ways, http: aiohttp.ClientSession) -> None:
        super().__init__(ways, http)
        self.moods: Mapping[str, Mood] = CALM
        self.chance = random.Random(0)

    def next_answer(self, door: str) -> Download:
        if door == "create" and self.moods:
            self.ways.webhooks = self.chance.choice(_HOOKS)
        answer = super().next_answer(door)
        if isinstance(answer, AsUsual):
            answer = self._mood_of(door)
        if door == "download" and isinstance(answer, AsUsual):
            return _SLOW_DOWNLOAD
        return answer

    def _mood_of(self, door: str) -> Download:
        left = self.chance.random()
        for chance, answer in self.moods.get(door, ()):
            left -= chance
            if left < 0:
                return answer
        return AsUsual()


def ways(chance: random.Random) -> dict[str, Any]:
    """Quick films, and a list that is late."""
    return {
        "render_s": chance.uniform(0.2, 0.6),
        "list_lag_s": chance.uniform(0.5, 0.7),
        "hook_retries_s": (0.2, 0.6, 1.5),
        "hook_limit_s": 2.0,
    }
