"""Which model to take for a need, of those that can be had; and why, in words for a person."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tools.domain.models import ModelOffer, Quality, VideoModel
from tools.domain.money import Money


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
    rank = _RANKS[need or Need.PREMIUM]
    ready = sorted((o for o in fitting if o.is_available), key=lambda offer: rank(offer.model))
    if not ready:
        return None
    chosen = next((offer for offer in ready if not offer.model.is_draft), ready[0])
    sentences = (
        _praise(chosen.model, need, length_s),
        *_draft_words(chosen.model, ready, need),
        *_better(chosen.model, fitting, rank),
    )
    return Recommendation(model_key=chosen.model.key, because=" ".join(sentences))


Rank = Callable[[VideoModel], tuple[float, ...]]
"""Smaller is better."""


def _by_quality(model: VideoModel) -> tuple[float, ...]:
    return (_QUALITIES.index(model.quality), -model.max_reference_images)


def _by_time(model: VideoModel) -> tuple[float, ...]:
    return (model.typical.high_s, model.typical.low_s)


def _by_price(model: VideoModel) -> tuple[float, ...]:
    price = model.price_per_second
    return (float("inf") if price is None else price.micros, *_by_quality(model))


def _by_references(model: VideoModel) -> tuple[float, ...]:
    return (-model.max_reference_images, _QUALITIES.index(model.quality))


_RANKS: dict[Need, Rank] = {
    Need.PREMIUM: _by_quality,
    Need.FAST: _by_time,
    Need.CHEAP: _by_price,
    Need.REFERENCES: _by_references,
}


def _praise(model: VideoModel, need: Need | None, length_s: int | None) -> str:
    ending = f" for {length_s} seconds" if length_s else ""
    match need:
        case Need.PREMIUM:
            return f"{model.name} has the best quality that can be had here{ending}."
        case Need.FAST:
            took = _span(model.typical.low_s, model.typical.high_s)
            return f"{model.name} is the quickest that can be had here{ending}: about {took}."
        case Need.CHEAP:
            price = _price(model.price_per_second or Money(), length_s)
            return f"{model.name} is the cheapest that can be had here{ending}: {price}."
        case Need.REFERENCES:
            count = model.max_reference_images
            images = f"{count} image{'' if count == 1 else 's'}" if count else "no images"
            return f"{model.name} can use the most of your images here{ending}: {images}."
        case None:
            return f"{model.name} is the best that can be had here{ending}."


def _price(per_second: Money, length_s: int | None) -> str:
    if not per_second.micros:
        return "it is free"
    whole = f", {per_second * length_s} for the film" if length_s else ""
    return f"about {per_second} a second{whole}"


def _draft_words(
    chosen: VideoModel, ready: Sequence[ModelOffer], need: Need | None
) -> Iterator[str]:
    if chosen.is_draft:
        yield "It is a draft to judge timing and layout, not a final film."
    elif need in {Need.CHEAP, Need.FAST} and any(offer.model.is_draft for offer in ready):
        yield "A draft is free and takes seconds: good to judge timing and layout first."


def _better(chosen: VideoModel, fitting: Sequence[ModelOffer], rank: Rank) -> Iterator[str]:
    """What would come first if it could be had, why it cannot, and whether this one stands in."""
    missed = [offer for offer in fitting if not offer.is_available and not offer.model.is_draft]
    if not chosen.is_draft:
        missed = [offer for offer in missed if rank(offer.model) < rank(chosen)]
    if not missed:
        if chosen.is_draft:
            yield "No model here makes a finished film of that length."
        return
    best = min(missed, key=lambda offer: (offer.model.is_retired, rank(offer.model)))
    would = "would make a finished film" if chosen.is_draft else "would come first"
    yield f"{best.model.name} {would}, but it cannot be had here. {_reason(best, chosen)}"


def _reason(offer: ModelOffer, chosen: VideoModel) -> str:
    """Without who usually stands in for it, where that is another one than is recommended."""
    why, _, stand_in = (offer.unavailable_reason or "").partition(". ")
    return f"{why}. {stand_in}" if stand_in.startswith(chosen.name) else f"{why.rstrip('.')}."


def _span(low_s: float, high_s: float) -> str:
    unit = "seconds"
    if high_s >= _MINUTES_FROM_S:
        low_s, high_s, unit = low_s / 60, high_s / 60, "minutes"
    return f"{low_s:.0f} to {high_s:.0f} {unit}" if low_s != high_s else f"{low_s:.0f} {unit}"
