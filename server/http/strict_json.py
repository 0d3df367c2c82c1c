"""JSON bodies, read so that no two programs could read them differently."""

import json
from typing import Any

import orjson
from aiohttp import web

from tools.errors import InvalidPayload, UnsupportedMedia

MAX_FIELDS = 1_000
_WRONG = "The body is not valid JSON in UTF-8."


def check_type(request: web.Request) -> None:
    """Raises UnsupportedMedia: a form or a text that a page elsewhere may send unasked is no JSON."""
    kind = request.content_type
    is_json = kind == "application/json" or (
        kind.startswith("application/") and kind.endswith("+json")
    )
    if not is_json or (request.charset or "utf-8").lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise UnsupportedMedia("Send JSON in UTF-8, with Content-Type: application/json.")


def object_in(raw: bytes) -> dict[str, Any]:
    """The body's object. Raises InvalidPayload: also for NaN, a key that is there twice, a deep nest."""
    try:
        body: Any = orjson.loads(raw)
        _check_keys(raw)
    except (ValueError, RecursionError) as error:
        raise InvalidPayload(_WRONG) from error
    if not isinstance(body, dict):
        raise InvalidPayload("The body must be a JSON object.")
    return body


def _check_keys(raw: bytes) -> None:
    """Some readers take the first of two, orjson takes the last. Raises InvalidPayload."""
    json.loads(raw, object_pairs_hook=_once_each, parse_int=_unread, parse_float=_unread)


def _once_each(pairs: list[tuple[str, Any]]) -> None:
    if len(pairs) > MAX_FIELDS:
        # Each unknown one would be found, and told: half a second for a megabyte of them.
        raise InvalidPayload("That is more fields than anything here has.")
    seen = set()
    for key, _ in pairs:
        if key in seen:
            raise InvalidPayload(f"{key[:40]}: it is there twice.", field=key[:40])
        seen.add(key)


def _unread(_number: str) -> None:
    """Its value is known already: a number of a million digits would take seconds to read."""
