"""How an order that was answered with an error is understood: refused for certain, or in doubt.

Whoever is told "refused" may order again at once, so nothing is called so that might have been
taken: a timeout, a broken connection, an error of the server, an answer that cannot be read.
"""

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx
from replicate import APIConnectionError, APIError, APIStatusError

from tools.domain.failures import Failure
from tools.domain.models import VideoModel
from tools.providers.replicate.client import INVALID_KEY, UNREACHABLE
from tools.rendering.ports import OrderInDoubt, OrderRefused, Remedy

logger = logging.getLogger("reelroom.ReplicateClient")

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_LONGEST_REST_S = 3600.0
_CLIENT_ERROR, _THROTTLED, _SERVER_ERROR = 400, 429, 500
_IN_DOUBT = frozenset((408, 425))
_FIELD = re.compile(r"[A-Za-z][\w.\[\]]{0,59}")
_IN_TEXT = re.compile(r"resets in ~?\s*(\d+(?:\.\d+)?)\s*s")


@dataclass(frozen=True, slots=True)
class _Refusal:
    """What an error means. `for_operator`: what whoever runs the studio has to know of it."""

    code: str
    words: str
    remedy: Remedy
    for_operator: str | None = None


_NO_KEY = _Refusal("provider_refused", INVALID_KEY, Remedy.STOP, "the provider refused the key")
_REFUSALS: Mapping[int, _Refusal] = {
    401: _NO_KEY,
    # Their text names a page where money is paid in: nothing for a customer's eyes.
    402: _Refusal(
        "provider_unavailable",
        "Video generation failed: the studio's account with the video provider needs attention. "
        "Whoever runs the studio can put it right.",
        Remedy.STOP,
        "the account with the provider has no credit left",
    ),
    403: _NO_KEY,
    404: _Refusal(
        "model_unavailable",
        "{model} cannot be had from the video provider right now.",
        Remedy.ANOTHER_MODEL,
        "the provider does not know the model",
    ),
    409: _Refusal("provider_unavailable", UNREACHABLE, Remedy.AGAIN),
}


def answered(error: APIError, model: VideoModel, now: datetime) -> OrderRefused | OrderInDoubt:
    """What has become of an order, by the error it was answered with."""
    if isinstance(error, APIConnectionError) and isinstance(error.__cause__, _NEVER_SENT):
        return OrderRefused(_failure("provider_unavailable", UNREACHABLE), Remedy.AGAIN)
    if not isinstance(error, APIStatusError):
        return OrderInDoubt()
    status = error.status_code
    logger.warning("an order was answered with an error", extra={"status": status})
    if not _CLIENT_ERROR <= status < _SERVER_ERROR or status in _IN_DOUBT:
        return OrderInDoubt()
    if status == _THROTTLED:
        return _throttled(rest_s(error.response, error.body, now))
    refusal = _REFUSALS.get(status)
    if refusal is None:
        return _not_understood(model, status, error.body)
    if refusal.for_operator is not None:
        logger.error(refusal.for_operator, extra={"model": model.slug, "status": status})
    words = refusal.words.format(model=model.name)
    return OrderRefused(_failure(refusal.code, words), refusal.remedy)


def _throttled(after_s: float | None) -> OrderRefused:
    words = "The video provider takes no more orders for a moment."
    failure = Failure(
        code="provider_unavailable",
        message=words,
        retryable=True,
        retry_after_ms=None if after_s is None else round(after_s * 1000),
    )
    return OrderRefused(failure, Remedy.AGAIN, retry_after_s=after_s)


def _not_understood(model: VideoModel, status: int, body: object) -> OrderRefused:
    """The model's inputs are no longer those of the catalogue, or we made a mistake."""
    fields = _fields_in(body)
    logger.error(
        "schema drift: an order was not understood",
        extra={"model": model.slug, "status": status, "fields": fields},
    )
    failure = Failure(
        code="provider_refused",
        message=f"The video provider did not take the order for {model.name}: this model wants to "
        "be asked in another way now. Whoever runs the studio can see in its log how.",
        details={"fields": fields},
    )
    return OrderRefused(failure, Remedy.ANOTHER_MODEL)


def _fields_in(body: object) -> list[str]:
    """The names of the inputs that were refused, as `input.seconds`; no text of theirs."""
    told = body.get("invalid_fields") if isinstance(body, Mapping) else None
    if not isinstance(told, Iterable) or isinstance(told, str):
        return []
    names = (each.get("field") for each in told if isinstance(each, Mapping))
    return [name for name in names if isinstance(name, str) and _FIELD.fullmatch(name)][:20]


def rest_s(response: httpx.Response, body: object, now: datetime) -> float | None:
    """How long to wait, in seconds: said in the body, else in the header, else in the text."""
    told = body if isinstance(body, Mapping) else {}
    text = told.get("detail")
    in_text = _IN_TEXT.search(text) if isinstance(text, str) else None
    for value in (
        _number(told.get("retry_after")),
        _of_header(response.headers.get("retry-after", ""), now),
        _number(in_text.group(1) if in_text else None),
    ):
        if value is not None:
            return min(max(value, 0.0), _LONGEST_REST_S)
    return None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


def _of_header(value: str, now: datetime) -> float | None:
    """Seconds, or the day and time of HTTP."""
    if (seconds := _number(value)) is not None:
        return seconds
    try:
        return (parsedate_to_datetime(value) - now).total_seconds()
    except (ValueError, TypeError):
        return None


def _failure(code: str, message: str) -> Failure:
    return Failure(code=code, message=message, retryable=code != "provider_refused")
