"""Models, quotes and money as the public JSON of the verbs and of `GET /api/video/models`."""

from tools.domain.models import Lifecycle, ModelOffer
from tools.domain.money import Money
from tools.domain.videos import Quote


def money_row(money: Money) -> dict[str, object]:
    return {"amount": money.micros, "currency": "USD"}


def quote_row(quote: Quote) -> dict[str, object]:
    """`requestedModel` is there only where another model stands in for it."""
    stands_in = {"requestedModel": quote.requested_key} if quote.requested_key else {}
    return {
        "model": quote.model_key,
        **stands_in,
        "total": money_row(quote.total),
        "lines": [
            {
                "description": line.description,
                "seconds": line.seconds,
                "amount": money_row(line.amount),
            }
            for line in quote.lines
        ],
        "warnings": [{"code": notice.code, "message": notice.message} for notice in quote.warnings],
    }


def model_row(offer: ModelOffer) -> dict[str, object]:
    """One row of the list of models: the seed's six fields first, then ours."""
    model = offer.model
    row: dict[str, object] = {
        "key": model.key,
        "name": model.name,
        "description": model.description,
        "durationRange": {"min": model.lengths.low_s, "max": model.lengths.high_s},
        "supportsReferenceImages": model.supports_references,
        "quality": model.quality.value,
        "available": offer.is_available,
    }
    if offer.unavailable_reason is not None:
        row["unavailableReason"] = offer.unavailable_reason
    if offer.stand_in_key is not None:
        row["standIn"] = offer.stand_in_key
    row["lifecycle"] = _lifecycle_row(model.lifecycle)
    row["aspectRatios"] = [ratio.value for ratio in model.aspect_ratios]
    row["maxReferenceImages"] = model.max_reference_images
    # What cannot be bought has no price, though its row may still know what it was.
    if model.price_per_second is not None and not model.is_retired:
        row["pricePerSecond"] = money_row(model.price_per_second)
    took = offer.typical or model.typical
    row["typicalSeconds"] = {
        "min": took.low_s,
        "max": took.high_s,
        "estimate": offer.typical is None,
    }
    if model.is_draft:
        row["draft"] = True
    return row


def _lifecycle_row(lifecycle: Lifecycle) -> dict[str, object]:
    row: dict[str, object] = {"state": lifecycle.state.value}
    if lifecycle.retired_on is not None:
        row["retiredOn"] = lifecycle.retired_on.isoformat()
    if lifecycle.replacements:
        row["replacements"] = list(lifecycle.replacements)
    return row
