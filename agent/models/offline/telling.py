"""Tool results put into words: what is being made, by whom, for how much; what went wrong."""

from collections.abc import Mapping, Sequence
from datetime import date

from agent.models.offline.recall import Done, Json


def ordered(done: Done, *, subject: str, notes: Sequence[str]) -> str:
    """A film was asked for: never more than that."""
    output, arguments = done.output or {}, done.arguments
    quote = _object(output.get("quote"))
    model = str(quote.get("model") or output.get("model") or arguments.get("model") or "")
    length_s, ratio = arguments.get("duration", "?"), arguments.get("aspectRatio", "16:9")
    what = f"{_article(length_s)} **{length_s} second {ratio} film**"
    about = f", “{subject}”" if subject else ""
    maker = f", made by **{model}**" if model else ""
    sentences = [f"On its way: {what}{about}{maker}."]
    requested = quote.get("requestedModel") or output.get("requestedModel")
    if requested and requested != model:
        sentences.append(_stand_in(str(requested), model, quote))
    sentences.append(_honest_price(model, quote))
    warnings = quote.get("warnings")
    if isinstance(warnings, list | tuple):
        sentences += [str(_object(warning).get("message", "")) for warning in warnings]
    sentences += notes
    sentences.append("Its card shows how far it is; it joins your creatives when it is finished.")
    return " ".join(sentence for sentence in sentences if sentence)


def _article(number: object) -> str:
    return "an" if str(number).startswith("8") or number in {11, 18} else "a"


def _stand_in(requested: str, model: str, quote: Json) -> str:
    why = str(quote.get("reason") or "")
    if not why and model == "draft":
        why = "no video provider's key is set on this server (REPLICATE_API_KEY)"
    return f"It stands in for {requested}, because {why or 'that one cannot be had here any more'}."


def _honest_price(model: str, quote: Json) -> str:
    price = money(quote.get("total"))
    if model == "draft":
        return (
            "It is a DRAFT: an animatic made on this machine to judge timing and layout. "
            "It is free."
        )
    if price == _FREE:
        return "It is free."
    return f"It will cost {price}." if price else ""


def cost(order: Done) -> str:
    """What a film that was asked for costs: its quote's total."""
    quote = _object((order.output or {}).get("quote"))
    price = money(quote.get("total"))
    film = f"Your last film ({order.arguments.get('duration', '?')} seconds, made by {quote.get('model')})"
    if not price:
        return f"{film} has no price that I know of."
    return f"{film} is free." if price == _FREE else f"{film} costs {price}, as it was quoted."


def failed(done: Done) -> str:
    """Why a call was refused, and what works instead."""
    error = done.error
    if error.get("code") == "approval_required":
        return _BEING_MADE
    words = str(error.get("message") or "Something went wrong.")
    return f"{words} {_fix(error, done.arguments)}".strip()


def _fix(error: Json, arguments: Json) -> str:
    code = str(error.get("code"))
    if code == "duration_out_of_range":
        limits = _object(error.get("details"))
        nearest = _nearest(limits, arguments.get("duration"))
        if "model" not in limits:
            return f"Say “make it {nearest} seconds”."
        return f"Say “make it {nearest} seconds”, or name another model, as in “again with draft”."
    otherwise = (
        "Say “again” to try once more."
        if error.get("retryable") is True
        else "Tell me what to change, and I will try again."
    )
    return _FIXES.get(code, otherwise)


_BEING_MADE = (
    "That very film is being made already; its card shows how far it is. Say “make it again” if you "
    "want a second one."
)
_FIXES = {
    "unknown_model": "Say “What models can I use?” to see them, or “again with draft”.",
    "model_unavailable": "Say “What models can I use?” to see them, or “again with draft”.",
    "unknown_template": "Say “help” to see the templates.",
    "budget_exceeded": "A shorter film costs less: “again but shorter”. “Again with draft” is free.",
    "content_rejected": "Describe it differently, and I will try again.",
}


def _nearest(limits: Json, wanted: object) -> int:
    low, high = limits.get("min"), limits.get("max")
    if not isinstance(low, int) or not isinstance(high, int) or not isinstance(wanted, int):
        return 6
    return min(max(wanted, low), high)


def models(output: Json, *, topic: str, length_s: int, asked_s: int | None = None) -> str:
    """The catalogue as a list people can read: what can be used, what not and why, what is gone."""
    rows = [_object(row) for row in _sequence(output.get("models"))]
    retired = [row for row in rows if _object(row.get("lifecycle")).get("state") == "retired"]
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
    recommended = _object(output.get("recommended"))
    because = str(recommended.get("because") or "")
    if because:
        row = next((row for row in rows if row.get("key") == recommended.get("model")), {})
        return because.replace(_name(row), f"**{_name(row)}**", 1)
    if asked_s is not None:
        return f"No model that can be used here makes a film of {asked_s} seconds."
    return ""


def _prices(ready: Sequence[Json], absent: Sequence[Json], length_s: int) -> str:
    priced = [*(_priced(row, length_s) for row in ready)]
    priced += [f"{_priced(row, length_s)} (not available here)" for row in absent]
    return f"A film of {length_s} seconds would cost about: {', '.join(priced)}."


def _priced(row: Json, length_s: int) -> str:
    price = money(_times(row.get("pricePerSecond"), length_s))
    return f"{_name(row)} {price or 'unknown'}"


def _ready_line(row: Json) -> str:
    note = " A draft to judge timing and layout, not a final film." if row.get("draft") else ""
    return f"- {_title(row)}: {_facts(row)}.{note}"


def _absent_line(row: Json) -> str:
    reason = str(row.get("unavailableReason") or "it cannot be reached").rstrip(".")
    return f"- {_title(row)}: {reason}. It would make {_facts(row)}."


def _retired_line(row: Json) -> str:
    lifecycle = _object(row.get("lifecycle"))
    gone = _day(lifecycle.get("retiredOn"))
    others = " or ".join(f"`{key}`" for key in _sequence(lifecycle.get("replacements")))
    instead = f"; its successor is {others}" if others else ""
    return f"- {_title(row)}: retired{f' on {gone}' if gone else ''}{instead}."


def _title(row: Json) -> str:
    return f"**{_name(row)}** (`{row.get('key')}`)"


def _name(row: Json) -> str:
    return str(row.get("name") or row.get("key"))


def _facts(row: Json) -> str:
    lengths = _object(row.get("durationRange"))
    facts = [f"{lengths.get('min')}–{lengths.get('max')} s"] if lengths else []
    if quality := row.get("quality"):
        facts.append(f"{quality} quality")
    facts.append("uses your images" if row.get("supportsReferenceImages") else "no images")
    price = row.get("pricePerSecond")
    if price is not None:
        per_second = money(price)
        facts.append("free" if _amount(price) == 0 else f"about {per_second} a second")
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


_FREE = "free"


def money(value: object) -> str:
    """For people, as in "$0.48", rounded up to the cent, or "free"; "" where there is no amount."""
    amount = _amount(value)
    if amount is None:
        return ""
    if amount == 0:
        return _FREE
    cents = -(-amount // 10_000)
    return f"${cents // 100}.{cents % 100:02d}"


def _amount(value: object) -> int | None:
    amount = _object(value).get("amount")
    return amount if isinstance(amount, int) else None


def _times(value: object, seconds: int) -> Json:
    amount = _amount(value)
    return {} if amount is None else {"amount": amount * seconds}


def _day(value: object) -> str:
    try:
        day = date.fromisoformat(str(value)[:10])
    except ValueError:
        return ""
    return f"{day.day} {day:%B %Y}"


def _object(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}


def _sequence(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()
