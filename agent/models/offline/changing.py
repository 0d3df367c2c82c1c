"""The settings of the last film, and what "shorter" and "longer" make of them."""

from collections.abc import Mapping

from agent.models.offline import voice
from agent.models.offline.meanings import WantsAgain
from agent.models.offline.recall import Done, Talk
from agent.models.offline.wording import DEFAULT_LENGTH_S, Settings

_SHORTEST_S, _LONGEST_S = 4, 60
_SECOND_BY_SECOND_S = 8
"""Up to here "shorter" takes one second off; above it, a third."""


def settings_of(order: Mapping[str, object]) -> Settings:
    length_s, ratio, model = (order.get(name) for name in ("duration", "aspectRatio", "model"))
    return Settings(
        length_s=length_s if isinstance(length_s, int) else None,
        ratio=ratio if isinstance(ratio, str) else None,
        model=model if isinstance(model, str) else None,
    )


def last_length_s(talk: Talk, at: int) -> int:
    order = talk.last_order(at)
    return (settings_of(order.arguments).length_s if order else None) or DEFAULT_LENGTH_S


def new_length(order: Mapping[str, object], meaning: WantsAgain) -> tuple[int | None, str]:
    """(seconds, or None for unchanged; why it cannot be, or "")."""
    now = settings_of(order).length_s or DEFAULT_LENGTH_S
    match meaning.pace:
        case "shorter" if now <= _SHORTEST_S:
            return None, voice.TOO_SHORT.format(length_s=now)
        case "shorter":
            less = now - 1 if now <= _SECOND_BY_SECOND_S else round(now * 2 / 3)
            return max(_SHORTEST_S, less), ""
        case "longer" if now >= _LONGEST_S:
            return None, voice.TOO_LONG_FILM.format(length_s=now)
        case "longer":
            return min(_LONGEST_S, now + max(2, now // 3)), ""
        case None:
            return meaning.settings.length_s, ""


def stand_in_for(order: Done, length_s: int | None, talk: Talk) -> str | None:
    """Who made it in place of the model that was asked for, where only that one makes this length."""
    asked = (offer.model for offer in talk.models if offer.model.key == order.requested)
    is_in_range = any(length_s in model.lengths for model in asked if length_s is not None)
    return None if is_in_range else order.stand_in
