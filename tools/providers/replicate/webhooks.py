"""Replicate's webhooks: who really sent one, and what it is about.

A notice only hastens the next poll; it is never believed about the film itself. Whatever is wrong
with it (unsigned, forged, old, no bytes of ours) is one refusal, and no reason is given away.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tools.domain.identity import PredictionId
from tools.errors import Unauthenticated
from tools.providers.replicate.prediction import is_id

TOLERANCE_S = 300
_SIGNATURES = 10
"""More than one while a secret is changed; a header of thousands is no header of theirs."""
_REFUSED = "This webhook is not signed by the video provider."


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookNotice:
    """`id` is the same each time the notice is sent again."""

    id: str
    prediction_id: PredictionId
    status: str


def verify(
    headers: Mapping[str, str], raw_body: bytes, secret: str, now: datetime
) -> WebhookNotice:
    """What a webhook tells, once it is certain who tells it. `raw_body`: the bytes as they came.

    Raises Unauthenticated.
    """
    told = {name.lower(): value for name, value in headers.items()}
    notice_id = told.get("webhook-id", "")
    sent_at = told.get("webhook-timestamp", "")
    key = _decoded(secret.strip().removeprefix("whsec_"))
    if not notice_id or not key or not _is_recent(sent_at, now):
        raise Unauthenticated(_REFUSED)
    signed = f"{notice_id}.{sent_at}.".encode() + raw_body
    expected = hmac.new(key, signed, hashlib.sha256).digest()
    # Every signature is compared, so that the time taken says nothing of which one is right.
    matches = [
        hmac.compare_digest(expected, each) for each in _signatures(told.get("webhook-signature"))
    ]
    if not any(matches):
        raise Unauthenticated(_REFUSED)
    return _read(notice_id, raw_body)


def _is_recent(sent_at: str, now: datetime) -> bool:
    """Either way: a notice from the future could be kept and used later."""
    if not sent_at.isascii() or not sent_at.isdigit() or len(sent_at) > 12:  # noqa: PLR2004  # seconds since 1970 for 30,000 years
        return False
    return abs(now.timestamp() - int(sent_at)) <= TOLERANCE_S


def _signatures(header: str | None) -> list[bytes]:
    labelled = (each.partition(",") for each in (header or "").split()[:_SIGNATURES])
    return [_decoded(value) for label, _, value in labelled if label == "v1"]


def _decoded(text: str) -> bytes:
    """Empty for what is no base64."""
    try:
        return base64.b64decode(text.encode(), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _read(notice_id: str, raw_body: bytes) -> WebhookNotice:
    try:
        body = json.loads(raw_body)
    except (ValueError, RecursionError):
        body = None
    prediction_id = body.get("id") if isinstance(body, Mapping) else None
    status = body.get("status") if isinstance(body, Mapping) else None
    if (
        not isinstance(prediction_id, str)
        or not isinstance(status, str)
        or not is_id(prediction_id)
    ):
        raise Unauthenticated(_REFUSED)
    return WebhookNotice(id=notice_id, prediction_id=PredictionId(prediction_id), status=status)
