"""Whose is it? Every id belongs to somebody else until it was looked up here."""

from typing import Protocol

import sqlalchemy as sa

from server.auth import Principal
from server.memory import conversations, creatives, jobs, uploads
from server.memory.conversations import Session
from tools.contract import ToolContext
from tools.domain.creatives import Creative
from tools.domain.identity import CampaignId, CreativeId, JobId, SessionId, TenantId
from tools.domain.jobs import VideoJob
from tools.domain.uploads import Upload
from tools.errors import Forbidden, NotFound

DEFAULT_CAMPAIGN = CampaignId("default")


class Somebody(Protocol):
    """A principal, or a tool on behalf of one."""

    @property
    def tenant_id(self) -> TenantId: ...

    def may_see(self, tenant_id: TenantId, campaign_id: CampaignId) -> bool: ...


def campaign_for(principal: Principal, asked: str | None) -> CampaignId:
    """The campaign that is meant. Raises Forbidden when the token does not have it."""
    campaign_id = CampaignId(asked or DEFAULT_CAMPAIGN)
    if asked is None and principal.campaigns and campaign_id not in principal.campaigns:
        campaign_id = min(principal.campaigns)
    if not principal.may_use(campaign_id):
        raise Forbidden("You have no access to this campaign.")
    return campaign_id


def session_for(connection: sa.Connection, principal: Principal, session_id: str) -> Session:
    """Raises NotFound: another tenant's answers exactly like one that is not there."""
    session = conversations.find_session(connection, SessionId(session_id))
    if session is None or not principal.may_see(session.tenant_id, session.campaign_id):
        raise NotFound("That session")
    return session


def job_for(connection: sa.Connection, principal: Principal, job_id: str) -> VideoJob:
    job = jobs.find(connection, JobId(job_id))
    if job is None or not principal.may_see(job.tenant_id, job.campaign_id):
        raise NotFound("That job")
    return job


def creative_for(connection: sa.Connection, principal: Principal, creative_id: str) -> Creative:
    creative = creatives.find(connection, CreativeId(creative_id))
    if creative is None or not principal.may_see(creative.tenant_id, creative.campaign_id):
        raise NotFound("That creative")
    return creative


def upload_for(connection: sa.Connection, somebody: Somebody, path: str) -> Upload:
    """An image belongs to its session's campaign; one of no session, to all of its tenant."""
    upload = uploads.find_by_path(connection, path)
    if upload is None or upload.tenant_id != somebody.tenant_id:
        raise NotFound("That file")
    if upload.session_id is not None:
        session = conversations.find_session(connection, upload.session_id)
        if session is None or not somebody.may_see(session.tenant_id, session.campaign_id):
            raise NotFound("That file")
    return upload


def context_for(principal: Principal, session: Session) -> ToolContext:
    """On whose behalf something is asked for."""
    return ToolContext(
        tenant_id=session.tenant_id,
        user_id=principal.user_id,
        campaign_id=session.campaign_id,
        session_id=session.id,
        other_campaigns=principal.campaigns,
    )
