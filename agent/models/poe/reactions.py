"""A trouble -> what to do about it, and in what words a person is told. Pure: a table with a memory.

A model gets one more try, never two: each costs points and a person's patience. Then the next model,
then an error in words. A trouble of the account or of the machine behind all models is told at once.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.models.poe.troubles import Kind, Trouble
from tools.errors import (
    ContentRejected,
    ProviderRefused,
    ProviderUnavailable,
    StudioError,
    TooLarge,
)

STREAM_OPTIONS = "stream_options"
ECHO = "echo"
"""What an answer can do without: a field, and all that is echoed of a model's own unknown keys."""
BACKOFF_S = 0.25
LONGEST_WAIT_S = 8.0
"""A `Retry-After` beyond it is not waited for: another model answers sooner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What was already done about this model's troubles in this answer."""

    again: bool = False
    trimmed: bool = False
    dropped: frozenset[str] = frozenset()
    echoed: frozenset[str] = frozenset()
    """The keys that were sent because the model had sent them."""
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Once more, without this field (or ECHO); the model is not asked with it again."""

    field: str


@dataclass(frozen=True, slots=True)
class Trim:
    """Once more, with less of the talk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """Once more after a pause; `whole`: without streaming."""

    after_s: float
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """Another model; this one is not asked for `rest_s`. `why` continues its name in a sentence."""

    why: str
    rest_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """No model will do better. `is_ours`: the account is refused, which an operator must see."""

    error: StudioError
    is_ours: bool = False


Reaction = Drop | Trim | Again | Next | GiveUp

_SHORT_REST_S, _LONG_REST_S = 60.0, 600.0
_NEXT = {
    Kind.BAD_REQUEST: Next(why="cannot answer this", rest_s=0.0),
    Kind.FORBIDDEN: Next(why="is not open to us", rest_s=_LONG_REST_S),
    Kind.NOT_FOUND: Next(why="is not offered any more", rest_s=_LONG_REST_S),
    Kind.TOO_LARGE: Next(why="cannot read that much", rest_s=0.0),
    Kind.BUSY: Next(why="is overloaded", rest_s=_SHORT_REST_S),
    Kind.OVERLOADED: Next(why="is overloaded", rest_s=_SHORT_REST_S),
    Kind.SLOW_START: Next(why="did not start", rest_s=_SHORT_REST_S),
    Kind.BROKEN: Next(why="is not working", rest_s=_SHORT_REST_S),
    Kind.DROPPED: Next(why="is not working", rest_s=_SHORT_REST_S),
    Kind.STALLED: Next(why="stopped answering", rest_s=_SHORT_REST_S),
    Kind.CUT_OFF: Next(why="broke off its answer", rest_s=_SHORT_REST_S),
    Kind.EMPTY: Next(why="gave no answer", rest_s=0.0),
}
_HOPELESS = frozenset({Kind.UNAUTHENTICATED, Kind.NO_CREDIT, Kind.MODERATED})
_AGAIN = frozenset({Kind.SLOW_START, Kind.BROKEN, Kind.OVERLOADED, Kind.DROPPED, Kind.UNREACHABLE})
_AGAIN_WHOLE = frozenset({Kind.STALLED, Kind.CUT_OFF, Kind.EMPTY})
_NO_TOOLS = re.compile(r"\btools?\b|function call", re.IGNORECASE)
_TOO_LONG = re.compile(r"context.{0,10}(?:length|window)|too (?:long|many tokens)", re.IGNORECASE)


def reaction_to(trouble: Trouble, tried: Tried) -> Reaction:
    kind = trouble.kind
    if kind in _HOPELESS or (kind is Kind.UNREACHABLE and tried.again):
        return _give_up(kind)
    if kind is Kind.BAD_REQUEST:
        return _to_bad_request(trouble, tried)
    if kind is Kind.TOO_LARGE and not tried.trimmed:
        return Trim()
    return _once_more(trouble, tried) or _next(trouble)


def _once_more(trouble: Trouble, tried: Tried) -> Again | None:
    if tried.again:
        return None
    if trouble.kind in _AGAIN_WHOLE:
        return Again(after_s=0.0, whole=True)
    if trouble.kind in _AGAIN:
        return Again(after_s=BACKOFF_S, whole=tried.whole)
    wait_s = trouble.retry_after_s or BACKOFF_S
    if trouble.kind is Kind.BUSY and wait_s <= LONGEST_WAIT_S:
        return Again(after_s=max(wait_s, BACKOFF_S), whole=tried.whole)
    return None


def _next(trouble: Trouble) -> Next:
    reaction = _NEXT[trouble.kind]
    if trouble.kind is Kind.BUSY and trouble.retry_after_s:
        return replace(reaction, rest_s=min(trouble.retry_after_s, _LONG_REST_S))
    return reaction


def _to_bad_request(trouble: Trouble, tried: Tried) -> Reaction:
    """Mostly a field that this server or model does not take; the field is in its words or its param."""
    told = f"{trouble.param} {trouble.code} {trouble.message}"
    if STREAM_OPTIONS in told and STREAM_OPTIONS not in tried.dropped:
        return Drop(field=STREAM_OPTIONS)
    if any(key in told for key in tried.echoed) and ECHO not in tried.dropped:
        return Drop(field=ECHO)
    if _TOO_LONG.search(told):
        return _NEXT[Kind.TOO_LARGE] if tried.trimmed else Trim()
    if trouble.param == "stream" and not tried.again:
        return Again(after_s=0.0, whole=True)
    if _NO_TOOLS.search(told):
        return Next(why="cannot use the studio's tools", rest_s=_LONG_REST_S)
    return _NEXT[Kind.BAD_REQUEST]


def _give_up(kind: Kind) -> GiveUp:
    match kind:
        case Kind.UNAUTHENTICATED:
            words = (
                "The language model's provider refuses the key of this studio. "
                "Whoever runs it has to check POE_API_KEY."
            )
            return GiveUp(error=ProviderRefused(words), is_ours=True)
        case Kind.NO_CREDIT:
            words = (
                "The points of this studio at the language model's provider are used up. "
                "Whoever runs it has to add some."
            )
            return GiveUp(error=ProviderRefused(words), is_ours=True)
        case Kind.MODERATED:
            words = (
                "The language model's provider does not want to answer that. "
                "Please say it in other words."
            )
            return GiveUp(error=ContentRejected(words))
        case _:
            words = "The language model cannot be reached at the moment. Please try again shortly."
            return GiveUp(error=ProviderUnavailable(words))


def nobody_answered(troubles: Sequence[Trouble], models: Sequence[str]) -> StudioError:
    """The end of the line. `troubles`: the last one of each model, in the order they were asked."""
    kinds = {trouble.kind for trouble in troubles}
    names = ", ".join(models)
    if kinds <= {Kind.TOO_LARGE}:
        return TooLarge("That is more than the language model can read. Please send less at once.")
    if kinds <= {Kind.NOT_FOUND, Kind.FORBIDDEN, Kind.BAD_REQUEST, Kind.TOO_LARGE}:
        return ProviderRefused(
            f"No language model of this studio can answer ({names}). "
            "Whoever runs it has to check POE_MODEL and POE_API_URL."
        )
    waits = [trouble.retry_after_s for trouble in troubles if trouble.retry_after_s]
    return ProviderUnavailable(
        f"The language model did not answer ({names}). Please try again in a moment.",
        retry_after_ms=int(min(waits) * 1000) if waits else None,
    )
