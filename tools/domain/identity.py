"""The names things go by: opaque strings, minted by the server, never reused."""

from collections.abc import Callable
from typing import NewType

TenantId = NewType("TenantId", str)
UserId = NewType("UserId", str)
CampaignId = NewType("CampaignId", str)
SessionId = NewType("SessionId", str)
TurnId = NewType("TurnId", str)
MessageId = NewType("MessageId", str)
CallId = NewType("CallId", str)
UploadId = NewType("UploadId", str)
JobId = NewType("JobId", str)
CreativeId = NewType("CreativeId", str)
PredictionId = NewType("PredictionId", str)

MintId = Callable[[str], str]
"""Makes a new id from its kind: `mint("job")` -> `"job-0r7…"`. At least 80 random bits."""
