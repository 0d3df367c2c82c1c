"""What is done to a studio: how often, where, and how it is killed. A plan is a value."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Literal

from tests.torture.moods import CALM, MOODY, Mood
from tests.torture.steps import AFTERWARDS, ORDER_SENT, ORDER_TAKEN, PURCHASE, STEPS

A_LIFE_S = 5.0
"""About how long one life lasts: orders come in for as long as studios are killed."""
Blow = Literal["kill", "term", "freeze"]


@dataclass(frozen=True, kw_only=True)
class Death:
    """`step`: where, and `turn` the how manieth time it is reached; None: `after_s` from the start on."""

    blow: Blow = "kill"
    step: str | None = None
    turn: int = 1
    after_s: float = 0.0

    @property
    def is_inside(self) -> bool:
        """Done by the studio itself."""
        return self.step in STEPS

    @property
    def told(self) -> str:
        """For the studio's environment."""
        if not self.is_inside:
            return ""
        return f"{self.step}={'stop' if self.blow == 'freeze' else 'kill'}@{self.turn}"

    def __str__(self) -> str:
        return f"{self.blow} at {self.step or f'{self.after_s:.1f} s'}"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`at_once`: so many films are ordered before the first death, the rest `every_s` after that.

    `reconciles` False: the control.
    """

    name: str
    jobs: int
    deaths: tuple[Death, ...]
    seed: int
    at_once: int
    every_s: float = 0.5
    webhooks: bool = False
    shows_webhook: bool = False
    """Whether the list tells where a prediction reports to."""
    moods: Mapping[str, Mood]
    reconciles: bool = True
    limit_s: float = 600.0

    @property
    def may_stray(self) -> bool:
        """A sleeper can wake with an order in its hand: nothing but its cancelling helps then."""
        return any(each.blow == "freeze" for each in self.deaths)


def at_steps(*steps: str, turns: int = 1, chance: random.Random) -> tuple[Death, ...]:
    return tuple(Death(step=each, turn=chance.randint(1, turns)) for each in steps)


def at_random(count: int, chance: random.Random) -> tuple[Death, ...]:
    """Mostly as a machine is switched off; some as an operator restarts."""
    return tuple(
        Death(blow="term" if number % 4 == 3 else "kill", after_s=chance.uniform(0.3, 5.0))
        for number in range(count)
    )


def short(seed: int) -> tuple[Plan, Plan]:
    """For every change: each step of a purchase, one sleeper; and the control."""
    chance = random.Random(seed)
    deaths = (
        *at_steps(*PURCHASE, chance=chance),
        Death(blow="freeze", step="fence.after"),
        *at_steps("collect.mid", "store.poster.before", chance=chance),
    )
    tortured = Plan(
        name="short",
        jobs=14,
        deaths=deaths,
        seed=seed,
        at_once=5,
        every_s=1.5,
        webhooks=False,
        moods=CALM,
        limit_s=420,
    )
    return tortured, control(seed, jobs=4, kills=2)


def control(seed: int, *, jobs: int, kills: int) -> Plan:
    steps = [ORDER_TAKEN, "order.after", "bought.before", ORDER_SENT]
    return Plan(
        name="control",
        jobs=jobs,
        deaths=tuple(Death(step=steps[number % len(steps)]) for number in range(kills)),
        seed=seed,
        at_once=jobs,
        moods=CALM,
        reconciles=False,
        limit_s=300,
    )


def long(seed: int, *, jobs: int, kills: int) -> tuple[Plan, ...]:
    """`jobs` and `kills` in all, over several ways to live; and a control of a tenth of the films."""
    chance = random.Random(seed)
    blows = max(-(-kills // 5), len(PURCHASE))
    purchases, later = cycle(PURCHASE), cycle(chance.sample(AFTERWARDS, len(AFTERWARDS)))

    def named(steps: Iterator[str], count: int) -> tuple[Death, ...]:
        return at_steps(*islice(steps, count), turns=2, chance=chance)

    def mixed() -> tuple[Death, ...]:
        third = -(-blows // 3)
        deaths = [*named(purchases, third), *named(later, third), *at_random(third, chance)]
        return tuple(chance.sample(deaths, len(deaths)))

    def plan(name: str, deaths: tuple[Death, ...], **ways: bool) -> Plan:
        films = -(-jobs // 7)
        pace_s = A_LIFE_S * len(deaths) / films
        return Plan(
            name=name,
            jobs=films,
            deaths=deaths,
            seed=seed,
            at_once=films // 3,
            every_s=pace_s,
            moods=MOODY,
            **ways,
        )

    return (
        plan("random", at_random(blows, chance)),
        plan("steps", named(cycle(PURCHASE), blows)),
        plan("webhooks", mixed(), webhooks=True),
        plan("webhooks listed", mixed(), webhooks=True, shows_webhook=True),
        plan("afterwards", named(later, blows)),
        plan("sleepers", _sleepers(chance)),
        plan("sleepers and webhooks", _sleepers(chance), webhooks=True),
        control(seed, jobs=max(jobs // 10, 4), kills=max(kills // 6, 3)),
    )


def _sleepers(chance: random.Random) -> tuple[Death, ...]:
    """Frozen where it is worst, and anywhere; two studios live for a while, then the older one ends."""
    return (
        Death(blow="freeze", step="fence.after"),
        Death(blow="freeze", step="order.before"),
        Death(blow="freeze", step="order.after"),
        Death(blow="freeze", step="collect.mid"),
        Death(blow="freeze", step="store.film.before"),
        Death(blow="freeze", after_s=chance.uniform(0.5, 3.0)),
    )
