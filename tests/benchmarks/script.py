"""What both servers are asked to say, and how a listener knows that it heard exactly that.

A token is `3f.1a2b3c4d ` : its place in the answer and the moment it was written, in microseconds of
the machine's own clock. The moment lets the reader measure how late each token is; the places tell a
lost, doubled or exchanged token from a whole text.
"""

import asyncio
import time
from collections.abc import AsyncGenerator

PER_SECOND = 50.0
SECRET = "a secret of the benchmark, long enough for every HMAC"
"""Signs the listeners' tokens; our server alone asks for them."""


def now_us() -> int:
    """The same clock in every process of the machine."""
    return time.monotonic_ns() // 1000


def token(place: int, at_us: int) -> str:
    return f"{place:x}.{at_us:x} "


def order(tokens: int, *, paced: bool) -> str:
    """The message a listener sends: how long an answer it wants, and how fast."""
    return f"{'paced' if paced else 'whole'} {tokens}"


async def answer_to(asked: str) -> AsyncGenerator[str, None]:
    """Paced: 50 tokens a second by the clock, the first at once. Whole: all at once."""
    kind, _, count = asked.partition(" ")
    begun = time.monotonic()
    for place in range(int(count)):
        if kind == "paced":
            wait_s = begun + place / PER_SECOND - time.monotonic()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
        yield token(place, now_us())


class WrongText(Exception):
    """What was heard is not what was said."""


def written_at(heard: str, *, first: int) -> list[int]:
    """The moments of whole tokens, in microseconds; the first one's place is `first`. Raises WrongText."""
    if not heard.endswith(" "):
        raise WrongText(f"cut off in the middle of a token: …{heard[-30:]!r}")
    moments: list[int] = []
    for place, piece in enumerate(heard[:-1].split(" "), start=first):
        number, _, moment = piece.partition(".")
        try:
            at_us = int(moment, 16)
        except ValueError:
            raise WrongText(f"no token: {piece!r}") from None
        if token(place, at_us) != f"{piece} ":
            raise WrongText(f"token {number or piece!r} where {place:x} belongs")
        moments.append(at_us)
    return moments


def check(heard: str, tokens: int) -> None:
    """Raises WrongText unless `heard` is a whole answer of `tokens` tokens, each once, in order."""
    count = len(written_at(heard, first=0))
    if count != tokens:
        raise WrongText(f"{count} tokens instead of {tokens}")
