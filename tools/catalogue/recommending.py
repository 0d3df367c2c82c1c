"""Which model to take for a need, of those that can be had; and why, in words for a person."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf

from tools.domain.models import ModelOffer, Quality, Span, VideoModel
from tools.domain.money import Money, total
from tools.domain.plans import plan_clips, quote_lines


class Need(StrEnum):
    PREMIUM = "premium"
    FAST = "fast"
    CHEAP = "cheap"
    REFERENCES = "references"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    model_key: str
    because: str


_QUALITIES = (Quality.HIGHEST, Quality.HIGH, Quality.GOOD)
_MINUTES_FROM_S = 120


def recommend(
    offers: Sequence[ModelOffer], *, need: Need | None = None, length_s: int | None = None
) -> Recommendation | None:
    """The best one that can be had and makes `length_s` seconds; None where none does.

    A draft is only recommended where nothing else can be had: it is no finished film.
    """
    fitting = [offer for offer in offers if length_s is None or length_s in offer.model.lengths]
    by_need = _RANKS[need or Need.PREMIUM]

    def rank(offer: ModelOffer) -> tuple[float, ...]:
        return by_need(offer, length_s)

    ready = sorted((offer for offer in fitting if offer.is_available), key=rank)
    if not ready:
        return None
    chosen = next((offer for offer in ready if not offer.model.is_draft), ready[0])
    sentences = (
        _praise(chosen, need, length_s),
        *_draft_words(chosen.model, ready, need),
        *_better(chosen, fitting, rank),
    )
    return Recommendation(model_key=chosen.model.key, because=" ".join(sentences))


Rank = Callable[[ModelOffer], tuple[float, ...]]
"""Smaller is better; where two are equal, the catalogue's order decides."""


def _by_quality(offer: ModelOffer, length_s: int | None) -> tuple[float, ...]:  # noqa: ARG001  a rank
    """Then the larger picture, then sound."""
    model = offer.model
    pixels = max(frame.width * frame.height for frame in model.sizes.values())
    return (_QUALITIES.index(model.quality), -pixels, not model.has_sound)


def _by_time(offer: ModelOffer, length_s: int | None) -> tuple[float, ...]:
    took = _took(offer, length_s)
    return (took.high_s, took.low_s)


def _by_price(offer: ModelOffer, length_s: int | None) -> tuple[float, ...]:
    price = _film_price(offer.model, length_s) if length_s else offer.model.price_per_second
    return (inf if price is None else price.micros, *_by_quality(offer, length_s))


def _by_references(offer: ModelOffer, length_s: int | None) -> tuple[float, ...]:
    return (-offer.model.max_reference_images, *_by_quality(offer, length_s))


_RANKS: dict[Need, Callable[[ModelOffer, int | None], tuple[float, ...]]] = {
    Need.PREMIUM: _by_quality,
    Need.FAST: _by_time,
    Need.CHEAP: _by_price,
    Need.REFERENCES: _by_references,
}


def _took(offer: ModelOffer, length_s: int | None) -> Span:
    """Clip after clip: each goes on from the last picture of the one before."""
    clips = len(plan_clips(offer.model, length_s)) if length_s else 1
    one = offer.typical or offer.model.typical
    return Span(low_s=one.low_s * clips, high_s=one.high_s * clips)


def _film_price(model: VideoModel, length_s: int) -> Money | None:
    """Of the clips it is made of: a length between two clips costs more than its seconds."""
    lines = quote_lines(model, plan_clips(model, length_s))
    return total([line.amount for line in lines]) if lines else None


def _praise(offer: ModelOffer, need: Need | None, length_s: int | None) -> str:
    model = offer.model
    ending = f" for {length_s} seconds" if length_s else ""
    match need:
        case Need.PREMIUM:
            return f"{model.name} has the best quality that can be had here{ending}."
        case Need.FAST:
            took = _took(offer, length_s)
            about = _span(took.low_s, took.high_s)
            return f"{model.name} is the quickest that can be had here{ending}: about {about}."
        case Need.CHEAP:
            price = _price(model, length_s)
            return f"{model.name} is the cheapest that can be had here{ending}: {price}."
        case Need.REFERENCES:
            count = model.max_reference_images
            images = f"{count} image{'' if count == 1 else 's'}" if count else "no images"
            return f"{model.name} can use the most of your images here{ending}: {images}."
        case None:
            return f"{model.name} is the best that can be had here{ending}."


def _price(model: VideoModel, length_s: int | None) -> str:
    per_second = model.price_per_second
    if not per_second:
        return "it is free"
    film = _film_price(model, length_s) if length_s else None
    return f"about {per_second} a second{f', {film} for the film' if film else ''}"


def _draft_words(
    chosen: VideoModel, ready: Sequence[ModelOffer], need: Need | None
) -> Iterator[str]:
    if chosen.is_draft:
        yield "It is a draft to judge timing and layout, not a final film."
    elif need in {Need.CHEAP, Need.FAST} and any(offer.model.is_draft for offer in ready):
        yield "A draft is free and takes seconds: good to judge timing and layout first."


def _better(chosen: ModelOffer, fitting: Sequence[ModelOffer], rank: Rank) -> Iterator[str]:
    """What would come first if it could be had, why it cannot, and whether this one stands in."""
    is_draft = chosen.model.is_draft
    missed = [offer for offer in fitting if not offer.is_available and not offer.model.is_draft]
    if not is_draft:
        missed = [offer for offer in missed if rank(offer) < rank(chosen)]
    if not missed:
        if is_draft:
            yield "No model here makes a finished film of that length."
        return
    best = min(missed, key=lambda offer: (offer.model.is_retired, rank(offer)))
    would = "would make a finished film" if is_draft else "would come first"
    reason = _reason(best, chosen.model)
    yield f"{best.model.name} {would}, but it cannot be had here. {reason}"


def _reason(offer: ModelOffer, chosen: VideoModel) -> str:
    """Without who usually stands in for it, where that is another one than is recommended."""
    why, _, stand_in = (offer.unavailable_reason or "").partition(". ")
    return f"{why}. {stand_in}" if stand_in.startswith(chosen.name) else f"{why.rstrip('.')}."


def _span(low_s: float, high_s: float) -> str:
    unit = "seconds"
    if high_s >= _MINUTES_FROM_S:
        low_s, high_s, unit = low_s / 60, high_s / 60, "minutes"
    return f"{low_s:.0f} to {high_s:.0f} {unit}" if low_s != high_s else f"{low_s:.0f} {unit}"
