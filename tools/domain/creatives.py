"""Finished films in a session's list, and a person's verdict on them."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from tools.domain.failures import Notice
from tools.domain.identity import CampaignId, CreativeId, JobId, SessionId, TenantId
from tools.domain.money import Money
from tools.domain.videos import Film, VideoRequest


class ReviewStatus(StrEnum):
    NEEDS_REVIEW = "needsReview"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Creative:
    """One film and how it came to be. `model_key` is what really made it."""

    id: CreativeId
    tenant_id: TenantId
    session_id: SessionId
    campaign_id: CampaignId
    job_id: JobId
    status: ReviewStatus
    request: VideoRequest
    refined_prompt: str | None
    model_key: str
    requested_key: str | None
    film: Film
    cost: Money
    warnings: tuple[Notice, ...]
    created_at: datetime
    updated_at: datetime
    note: str | None = None


def reviewed(
    creative: Creative, *, status: ReviewStatus, note: str | None, at: datetime
) -> Creative:
    """The creative after a person's verdict; a verdict without a note clears the last one."""
    return replace(creative, status=status, note=note, updated_at=at)
