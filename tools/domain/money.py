"""Money as whole micro-units: a film's price is never a float."""

from dataclasses import dataclass
from math import ceil
from typing import Self

MICROS_PER_UNIT = 1_000_000


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in millionths of a US dollar."""

    micros: int = 0

    @classmethod
    def usd(cls, amount: str) -> Self:
        """From a decimal in words, `"0.48"`: exact, because it never passes through a float."""
        whole, _, fraction = amount.partition(".")
        return cls(int(whole or "0") * MICROS_PER_UNIT + int(fraction.ljust(6, "0")[:6]))

    def __add__(self, other: "Money") -> "Money":
        return Money(self.micros + other.micros)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.micros - other.micros)

    def __mul__(self, times: int) -> "Money":
        return Money(self.micros * times)

    def __bool__(self) -> bool:
        return self.micros != 0

    def for_part(self, part: float) -> "Money":
        """Times a measured number (billed seconds), rounded up to the millionth."""
        return Money(ceil(round(self.micros * part, 3)))

    def __str__(self) -> str:
        """For people: `$0.48`, rounded up to the cent, so that nobody pays more than was shown."""
        cents = -(-self.micros // 10_000)
        return f"${cents // 100}.{cents % 100:02d}"


def total(amounts: "tuple[Money, ...] | list[Money]") -> Money:
    return Money(sum(each.micros for each in amounts))
