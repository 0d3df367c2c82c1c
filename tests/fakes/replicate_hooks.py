"""The fake Replicate's webhooks: signed as the real ones, and wrong in every way that matters."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import aiohttp

Signing = Literal["rightly", "forged", "stale", "unsigned", "other-version"]
STALE = timedelta(minutes=10)


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def new_webhook_id() -> str:
    return "msg_" + secrets.token_hex(13)


def signature(secret: str, webhook_id: str, timestamp: str, body: bytes) -> str:
    """The base64 after `v1,`."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def signed_headers(
    secret: str, webhook_id: str, body: bytes, at: datetime, signing: Signing = "rightly"
) -> dict[str, str]:
    """What a webhook is sent with; a rotated secret's signature stands first, as it may."""
    timestamp = str(int((at - STALE if signing == "stale" else at).timestamp()))
    headers = {"Content-Type": "application/json"}
    if signing == "unsigned":
        return headers
    other = signature(new_secret(), webhook_id, timestamp, body)
    right = signature(secret, webhook_id, timestamp, body)
    said = {"forged": f"v1,{other}", "other-version": f"v2,{right}"}
    return {
        **headers,
        "webhook-id": webhook_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": said.get(signing, f"v1,{other} v1,{right}"),
    }


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One attempt. `status` is None where nobody answered."""

    prediction_id: str
    event: str
    url: str
    webhook_id: str
    attempt: int
    status: int | None

    @property
    def was_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300  # a 2xx


async def post(
    http: aiohttp.ClientSession, url: str, body: bytes, headers: Mapping[str, str], limit_s: float
) -> int | None:
    """The status, or None for no answer. Redirects are not followed."""
    try:
        async with http.post(
            url,
            data=body,
            headers=headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=limit_s),
        ) as answer:
            return answer.status
    except (aiohttp.ClientError, TimeoutError):
        return None


def written(prediction: Mapping[str, Any]) -> bytes:
    return json.dumps(prediction, separators=(",", ":")).encode()
