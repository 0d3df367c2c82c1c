"""What a verb needs around it, in memory: job records, uploads, and a context of one session."""

from collections.abc import Iterable
from datetime import UTC, datetime

from tools.contract import ToolContext
from tools.domain.identity import (
    CallId,
    CampaignId,
    JobId,
    SessionId,
    TenantId,
    TurnId,
    UploadId,
    UserId,
)
from tools.domain.jobs import Change, VideoJob
from tools.domain.uploads import ReferenceRole, Upload
from tools.errors import NotFound
from tools.rendering.ports import JobMoved

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def context(*, session: str = "session-1", call: str = "call-1") -> ToolContext:
    return ToolContext(
        tenant_id=TenantId("tenant-1"),
        user_id=UserId("user-1"),
        campaign_id=CampaignId("spring-26"),
        session_id=SessionId(session),
        turn_id=TurnId("turn-1"),
        call_id=CallId(call),
    )


def upload(
    name: str, *, session: str = "session-1", tenant: str = "tenant-1", role: str = "logo"
) -> Upload:
    return Upload(
        id=UploadId(name),
        tenant_id=TenantId(tenant),
        user_id=UserId("user-1"),
        session_id=SessionId(session),
        role=ReferenceRole(role),
        path=f"videos/references/{name}.png",
        content_type="image/png",
        size_bytes=1000,
        width=600,
        height=600,
        uploaded_at=NOW,
    )


class JobsInMemory:
    """The JobRecords port without a database: one process, nothing durable."""

    def __init__(self) -> None:
        self.jobs: dict[JobId, VideoJob] = {}
        self._keys: dict[tuple[SessionId, str], JobId] = {}

    async def add(self, change: Change, *, key: str | None = None) -> VideoJob:
        session_id = change.job.session_id
        if key is not None and (session_id, key) in self._keys:
            return self.jobs[self._keys[session_id, key]]
        self.jobs[change.job.id] = change.job
        if key is not None:
            self._keys[session_id, key] = change.job.id
        return change.job

    async def load(self, job_id: JobId) -> VideoJob:
        if job_id not in self.jobs:
            raise NotFound("That job")
        return self.jobs[job_id]

    async def commit(self, change: Change) -> VideoJob:
        if self.jobs[change.job.id].version != change.job.version - 1:
            raise JobMoved
        self.jobs[change.job.id] = change.job
        return change.job

    async def asked_since(self, session_id: SessionId, since: datetime) -> tuple[VideoJob, ...]:
        return tuple(
            job
            for job in self.jobs.values()
            if job.session_id == session_id and job.created_at >= since
        )

    async def unfinished(self) -> tuple[JobId, ...]:
        return tuple(job.id for job in self.jobs.values() if not job.stage.is_final)


class UploadsInMemory:
    """The UploadRecords port without a database."""

    def __init__(self, uploads: Iterable[Upload] = ()) -> None:
        self._uploads = {one.id: one for one in uploads}

    async def of_session(self, session_id: SessionId) -> tuple[Upload, ...]:
        return tuple(one for one in self._uploads.values() if one.session_id == session_id)

    async def find(self, upload_id: UploadId) -> Upload | None:
        return self._uploads.get(upload_id)
