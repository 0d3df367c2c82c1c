"""The JSON that tools answer with, read without trust: what is not there is empty."""

from collections.abc import Mapping, Sequence

Json = Mapping[str, object]
FREE = "free"


def as_object(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}


def as_sequence(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()


def as_text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def amount(value: object) -> int | None:
    """Of a money row, in millionths."""
    found = as_object(value).get("amount")
    return found if isinstance(found, int) else None


def money(value: object) -> str:
    """For people, as in "$0.48", rounded up to the cent, or "free"; "" where there is no amount."""
    micros = amount(value)
    if micros is None:
        return ""
    if micros == 0:
        return FREE
    cents = -(-micros // 10_000)
    return f"${cents // 100}.{cents % 100:02d}"


def times(value: object, seconds: int) -> Json:
    """The price of so many seconds, from that of one."""
    micros = amount(value)
    return {} if micros is None else {"amount": micros * seconds}
