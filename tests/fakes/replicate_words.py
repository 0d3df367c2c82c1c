"""What Replicate and the makers behind it say when something goes wrong, as it was seen."""

from collections.abc import Mapping
from typing import Any

from tests.fakes.replicate_acts import BAD_GATEWAY, Refuses

UPSTREAM_BILL = "An error occurred while processing your request. (E001) (uIJ6l3ruRD)"
UPSTREAM_KEY = "An error occurred while processing your request. (E002) (Qe83kdmN1a)"
HIGH_DEMAND = "Service is currently unavailable due to high demand. Please try again later. (E003) (bT5s0kXw2P)"
UNAVAILABLE = "Service is temporarily unavailable. Please try again later. (E004) (zR7c1mLq9V)"
SENSITIVE = (
    "The input or output was flagged as sensitive. Please try again with different inputs. "
    "(E005) (hJ2n8vYf4K)"
)
WRAPPED_SENSITIVE = f"Prediction failed: Async prediction failed: ModelError: {SENSITIVE}"
SORA_SIZE = "Inpaint image must match the requested width and height"
SORA_SENTINEL = "Hmmm something didn't look right with your request. (sentinel_block)"
SORA_MODERATION = "Your request was blocked by our moderation system. (moderation_blocked)"
VEO_AUDIO = (
    "We encountered an issue with the audio for your prompt. "
    "Try again, or change the prompt and then try again."
)
START_TIMEOUT = "Prediction timed out before it could start. (code: E6716)"
OUT_OF_MEMORY = "The model ran out of memory. (code: E1001)"


def problem(
    status: int, title: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any
) -> Refuses:
    """An RFC 7807-like error."""
    body = {"title": title, "detail": detail, "status": status, **more}
    return Refuses(status=status, body=body, headers=headers or {})


def unauthenticated() -> Refuses:
    detail = "You did not pass a valid authentication token"
    return problem(401, "Unauthenticated", detail)


def insufficient_credit() -> Refuses:
    detail = (
        "You have insufficient credit to run this model. Go to "
        "https://replicate.com/account/billing#billing to purchase credit."
    )
    return problem(402, "Insufficient credit", detail)


def not_found() -> Refuses:
    return problem(404, "Not found", "The requested resource could not be found.")


def already_finished() -> Refuses:
    return problem(409, "Conflict", "The prediction has already finished and cannot be canceled.")


def invalid(*fields: Mapping[str, str]) -> Refuses:
    """`fields`: {type, field, description} each."""
    lines = "".join(f"- {each['field']}: {each['description']}\n" for each in fields)
    return problem(422, "Input validation failed", lines, invalid_fields=list(fields))


def invalid_field(kind: str, name: str, description: str) -> dict[str, str]:
    return {"type": kind, "field": name, "description": description}


def throttled(after_s: int = 5, *, told: str = "body") -> Refuses:
    """Where the wait is told: "body" (`retry_after`), "header", or only in the "text"."""
    detail = (
        "Request was throttled. Your rate limit for creating predictions is reduced to 6 requests "
        "per minute with a burst of 1 requests while you have less than $5.0 in credit. "
        f"Your rate limit resets in ~{after_s}s."
    )
    if told == "header":
        headers = {"Retry-After": str(after_s)}
        return problem(429, "Too many requests", "Request was throttled.", headers)
    more = {"retry_after": after_s} if told == "body" else {}
    return Refuses(status=429, body={"detail": detail, "status": 429, **more})


def bad_gateway() -> Refuses:
    return Refuses(status=502, body=BAD_GATEWAY)


def internal_error() -> Refuses:
    return problem(500, "Internal server error", "Something went wrong.")
