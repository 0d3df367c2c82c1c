"""Errors as answers: what a StudioError, or a bug, becomes at a door."""

import logging
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from server.wire.base import ErrorOut
from tools.domain.failures import Failure, failure_from
from tools.errors import Internal, InvalidPayload, StudioError

logger = logging.getLogger("reelroom.replies")

STATUS: Mapping[str, int] = {
    "invalid_payload": 400,
    "unauthenticated": 401,
    "token_expired": 401,
    "budget_exceeded": 402,
    "forbidden": 403,
    "origin_denied": 403,
    "not_found": 404,
    "already_final": 409,
    "approval_required": 409,
    "busy": 409,
    "too_large": 413,
    "unsupported_media": 415,
    "duration_out_of_range": 422,
    "unknown_model": 422,
    "unknown_template": 422,
    "missing_placeholder": 422,
    "content_rejected": 422,
    "idempotency_mismatch": 422,
    "reference_unreachable": 422,
    "rate_limited": 429,
    "internal": 500,
    "provider_refused": 502,
    "output_lost": 502,
    "model_unavailable": 503,
    "provider_unavailable": 503,
    "storage_unavailable": 503,
    "interrupted": 503,
    "unknown_command": 400,
    "unsupported_protocol": 400,
}
"""HTTP statuses by code (contract section 3). The socket sends the same codes without them."""


def failure_of(error: BaseException) -> Failure:
    """The error as a value. A bug is logged whole and told as Internal."""
    if isinstance(error, ValidationError):
        error = invalid(error)
    if not isinstance(error, StudioError):
        logger.error("a bug", exc_info=error)
        error = Internal()
    return failure_from(error)


def error_json(error: BaseException) -> dict[str, Any]:
    """`{code, message, retryable, field?, …}`."""
    return ErrorOut.of(failure_of(error)).json_ready()


_WORDS: Mapping[str, str] = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of this request",
    "string_type": "must be text",
    "string_unicode": "must be text in valid unicode",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "has characters that do not belong there",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "too_long": "must have at most {max_length} entries",
    "model_type": "must be an object",
    "dict_type": "must be an object",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "url_parsing": "must be a web address",
    "url_scheme": "must be an address that begins with https:// or http://",
    "url": "must be an address that begins with https:// or http://",
}
"""Pydantic's kinds of findings, as a person who filled in the field is told."""


def invalid(error: ValidationError) -> InvalidPayload:
    """Pydantic's findings in words: the first one, with the field it is about."""
    first = error.errors(include_url=False, include_input=False)[0]
    # A key that the sender invented is theirs: it is cut, and only shown back to them.
    field = ".".join(str(part)[:40] for part in first["loc"])[:120]
    words = _WORDS.get(first["type"])
    if words is None:
        about = f"{field}: " if field else ""
        return InvalidPayload(f"{about}{first['msg']}.", field=field or None)
    found = words.format_map(first.get("ctx", {}))
    return InvalidPayload(f"{field or 'The request'} {found}.", field=field or None)
