"""Tool results put into words: which models there are and what they cost; what went wrong."""

from collections.abc import Mapping, Sequence
from datetime import date

from agent.models.offline.recall import Done
from agent.models.offline.rows import Json, amount, as_object, as_sequence, money, times
from tools.domain.models import ModelOffer


def failed(done: Done, offers: Sequence[ModelOffer] = ()) -> str:
    """Why a call was refused, and what works instead of those that can be had."""
    words = str(done.error.get("message") or "Something went wrong.")
    return f"{words} {_fix(done.error, done.arguments, offers)}".strip()


def _fix(error: Json, arguments: Json, offers: Sequence[ModelOffer]) -> str:
    code = str(error.get("code"))
    other = _other_model(arguments, offers)
    if code == "duration_out_of_range":
        limits = as_object(error.get("details"))
        nearest = _nearest(limits, arguments.get("duration"))
        if "model" not in limits:
            return f"Say “make it {nearest} seconds”."
        return (
            f"Say “make it {nearest} seconds”, or name another model, as in “again with {other}”."
        )
    if error.get("field") == "aspectRatio":
        return f"Say “make it 16:9”, or name another model, as in “again with {other}”."
    otherwise = (
        "Say “again” to try once more."
        if error.get("retryable") is True
        else "Tell me what to change, and I will try again."
    )
    return _FIXES.get(code, otherwise)


def _other_model(arguments: Json, offers: Sequence[ModelOffer]) -> str:
    """The first that makes this length in this shape, a finished film if one does."""
    length_s, ratio = arguments.get("duration"), arguments.get("aspectRatio", "16:9")
    able = [
        offer.model
        for offer in offers
        if offer.is_available
        and ratio in offer.model.aspect_ratios
        and isinstance(length_s, int)
        and length_s in offer.model.lengths
        and offer.model.key != arguments.get("model")
    ]
    return min(able, key=lambda model: model.is_draft).key if able else "draft"


_FIXES = {
    "unknown_model": "Say “What models can I use?” to see them, or “again with draft”.",
    "model_unavailable": "Say “What models can I use?” to see them, or “again with draft”.",
    "unknown_template": "Say “help” to see the templates.",
    "budget_exceeded": (
        "A shorter film costs less: “again but shorter”, or “again with the cheapest model”. “Again "
        "with draft” is free."
    ),
    "content_rejected": "Describe it differently, and I will try again.",
}


def _nearest(limits: Json, wanted: object) -> int:
    low, high = limits.get("min"), limits.get("max")
    if not isinstance(low, int) or not isinstance(high, int) or not isinstance(wanted, int):
        return 6
    return min(max(wanted, low), high)


def models(output: Json, *, topic: str, length_s: int, asked_s: int | None = None) -> str:
    """The catalogue as a list people can read: what can be used, what not and why, what is gone."""
    rows = [as_object(row) for row in as_sequence(output.get("models"))]
    retired = [row for row in rows if as_object(row.get("lifecycle")).get("state") == "retired"]
    alive = [row for row in rows if row not in retired]
    ready = [row for row in alive if row.get("available")]
    absent = [row for row in alive if not row.get("available")]
    parts = [
        _prices(ready, absent, length_s)
        if topic == "price" and ready
        else _advice(output, rows, has_any=bool(ready), asked_s=asked_s)
    ]
    for title, some, line in (
        ("Ready now", ready, _ready_line),
        ("Not available here", absent, _absent_line),
        ("Retired", retired, _retired_line),
    ):
        if some:
            parts.append(f"**{title}**\n\n" + "\n".join(line(row) for row in some))
    parts.append(
        "Prices and times are estimates. Name a model in your request, or leave the choice to me."
    )
    return "\n\n".join(part for part in parts if part)


def _advice(output: Json, rows: Sequence[Json], *, has_any: bool, asked_s: int | None) -> str:
    """The recommendation, its model in bold; why there is none, where one was wanted."""
    if not has_any:
        return "No model can be used here right now."
    recommended = as_object(output.get("recommended"))
    because = str(recommended.get("because") or "")
    if because:
        row = next((row for row in rows if row.get("key") == recommended.get("model")), {})
        return because.replace(_name(row), f"**{_name(row)}**", 1)
    if asked_s is not None:
        return f"No model that can be used here makes a film of {asked_s} seconds."
    return ""


def _prices(ready: Sequence[Json], absent: Sequence[Json], length_s: int) -> str:
    priced = [_priced(row, length_s) for row in ready if _makes(row, length_s)]
    priced += [
        f"{_priced(row, length_s)} (not available here)" for row in absent if _makes(row, length_s)
    ]
    if not priced:
        return f"No model makes a film of {length_s} seconds."
    return f"A film of {length_s} seconds would cost about: {', '.join(priced)}."


def _makes(row: Json, length_s: int) -> bool:
    lengths = as_object(row.get("durationRange"))
    low, high = lengths.get("min"), lengths.get("max")
    return not isinstance(low, int) or not isinstance(high, int) or low <= length_s <= high


def _priced(row: Json, length_s: int) -> str:
    price = money(times(row.get("pricePerSecond"), length_s))
    return f"{_name(row)} {price or 'unknown'}"


def _ready_line(row: Json) -> str:
    note = " A draft to judge timing and layout, not a final film." if row.get("draft") else ""
    return f"- {_title(row)}: {_facts(row)}.{note}"


def _absent_line(row: Json) -> str:
    reason = str(row.get("unavailableReason") or "it cannot be reached").rstrip(".")
    return f"- {_title(row)}: {reason}. It would make {_facts(row)}."


def _retired_line(row: Json) -> str:
    lifecycle = as_object(row.get("lifecycle"))
    gone = _day(lifecycle.get("retiredOn"))
    others = " or ".join(f"`{key}`" for key in as_sequence(lifecycle.get("replacements")))
    instead = f"; its successor is {others}" if others else ""
    return f"- {_title(row)}: retired{f' on {gone}' if gone else ''}{instead}."


def _title(row: Json) -> str:
    return f"**{_name(row)}** (`{row.get('key')}`)"


def _name(row: Json) -> str:
    return str(row.get("name") or row.get("key"))


def _facts(row: Json) -> str:
    lengths = as_object(row.get("durationRange"))
    facts = [f"{lengths.get('min')}–{lengths.get('max')} s"] if lengths else []
    if quality := row.get("quality"):
        facts.append(f"{quality} quality")
    facts.append("uses your images" if row.get("supportsReferenceImages") else "no images")
    price = row.get("pricePerSecond")
    if price is not None:
        per_second = money(price)
        facts.append("free" if amount(price) == 0 else f"about {per_second} a second")
    if typical := _typical(row):
        facts.append(f"takes about {_span(*typical)}")
    return ", ".join(facts)


def _typical(row: Json) -> tuple[float, float] | None:
    """Seconds of making, as (low, high), from whichever of its shapes the row has."""
    given = row.get("typicalSeconds")
    if isinstance(given, Mapping):
        given = [given.get("min"), given.get("max")]
    if isinstance(given, int | float):
        given = [given, given]
    if not isinstance(given, list | tuple):
        return None
    ends = [end for end in given if isinstance(end, int | float)]
    return (ends[0], ends[-1]) if ends else None


def _span(low: float, high: float) -> str:
    if high >= 120:  # noqa: PLR2004  # from two minutes on people count in minutes
        low, high, unit = low / 60, high / 60, "min"
    else:
        unit = "s"
    return f"{low:.0f} {unit}" if round(low) == round(high) else f"{low:.0f}–{high:.0f} {unit}"


def _day(value: object) -> str:
    try:
        day = date.fromisoformat(str(value)[:10])
    except ValueError:
        return ""
    return f"{day.day} {day:%B %Y}"
