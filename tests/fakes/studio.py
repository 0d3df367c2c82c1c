"""What a verb needs around it, in memory: job records, uploads, and a context of one session."""

from collections.abc import Iterable
from datetime import UTC, datetime

from tools.contract import ToolContext
from tools.domain.clips import Purchase
from tools.domain.events import SessionEvent
from tools.domain.identity import (
    CallId,
    CampaignId,
    JobId,
    PredictionId,
    SessionId,
    TenantId,
    TurnId,
    UploadId,
    UserId,
)
from tools.domain.jobs import Change, Stage, VideoJob
from tools.domain.money import Money, total
from tools.domain.uploads import ReferenceRole, Upload
from tools.errors import BudgetExceeded, NotFound
from tools.rendering.ports import JobMoved, Places, PredictionTaken, ProgramKey

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
    """The JobRecords port without a database: one process, nothing durable.

    `held` and `spent` are its books by job, `told` what the session was told, in order.
    """

    def __init__(self, *, budget: Money | None = None) -> None:
        self.jobs: dict[JobId, VideoJob] = {}
        self.purchases: dict[PredictionId, Purchase] = {}
        self.held: dict[JobId, Money] = {}
        self.spent: dict[JobId, Money] = {}
        self.told: list[SessionEvent] = []
        self._budget = budget
        self._keys: dict[tuple[str, ...], JobId] = {}

    async def add(self, change: Change, *, key: str | ProgramKey | None = None) -> VideoJob:
        known = _scoped(change.job, key)
        if known is not None and known in self._keys:
            return self.jobs[self._keys[known]]
        if change.reserves is None:
            self._afford(change.job, change.job.quote.total)
        job = self._keep(change)
        if known is not None:
            self._keys[known] = job.id
        return job

    async def load(self, job_id: JobId) -> VideoJob:
        if job_id not in self.jobs:
            raise NotFound("That job")
        return self.jobs[job_id]

    async def commit(self, change: Change) -> VideoJob:
        self._expect(change.job)
        return self._keep(change)

    async def admit(self, change: Change, places: Places) -> int:
        self._expect(change.job)
        job = change.job
        running = [each for each in self.jobs.values() if each.stage.is_running]
        of_user = sum(each.user_id == job.user_id for each in running)
        at_provider = sum(each.provider == job.provider for each in running)
        line = [
            each.id
            for each in sorted(self.jobs.values(), key=lambda each: each.created_at)
            if each.stage is Stage.QUEUED and each.provider == job.provider
        ]
        free = None if places.of_provider is None else places.of_provider - at_provider
        in_front = line.index(job.id)
        is_full = places.of_user is not None and of_user >= places.of_user
        if is_full or (free is not None and in_front >= free):
            return in_front + 1
        self._keep(change)
        return 0

    async def asked_since(self, session_id: SessionId, since: datetime) -> tuple[VideoJob, ...]:
        return tuple(
            job
            for job in self.jobs.values()
            if job.session_id == session_id and job.created_at >= since
        )

    async def unfinished(self) -> tuple[JobId, ...]:
        return tuple(job.id for job in self.jobs.values() if not job.stage.is_final)

    async def purchase(self, prediction_id: PredictionId) -> Purchase | None:
        return self.purchases.get(prediction_id)

    async def keep_purchase(self, purchase: Purchase) -> None:
        self.purchases.setdefault(purchase.prediction_id, purchase)

    async def times(self, model_key: str, clip_s: int) -> tuple[float, ...]:
        return tuple(
            each.took_s
            for each in reversed(self.purchases.values())
            if (each.model_key, each.seconds) == (model_key, clip_s) and each.took_s is not None
        )[:20]

    def _expect(self, job: VideoJob) -> None:
        if self.jobs[job.id].version != job.version - 1:
            raise JobMoved(job.id)

    def _keep(self, change: Change) -> VideoJob:
        """All of it or nothing: what can refuse is asked first."""
        job = change.job
        for purchase in change.purchases:
            known = self.purchases.get(purchase.prediction_id, purchase)
            if (known.job_id, known.clip) != (purchase.job_id, purchase.clip):
                raise PredictionTaken(purchase.prediction_id)
        if change.reserves is not None:
            self._afford(job, change.reserves)
            self.held[job.id] = change.reserves
        if change.settles is not None:
            self.held.pop(job.id, None)
            self.spent.setdefault(job.id, change.settles)
        self.purchases.update({each.prediction_id: each for each in change.purchases})
        self.jobs[job.id] = job
        self.told += change.events
        return job

    def _afford(self, job: VideoJob, price: Money) -> None:
        if self._budget is not None and price and price > self._budget - self.used(besides=job.id):
            raise BudgetExceeded(f"This film would cost {price}; there is less left than that.")

    def used(self, *, besides: JobId | None = None) -> Money:
        """Spent or held back, by every job but this one."""
        held = [money for job_id, money in self.held.items() if job_id != besides]
        return total([*held, *self.spent.values()])


class UploadsInMemory:
    """The UploadRecords port without a database."""

    def __init__(self, uploads: Iterable[Upload] = ()) -> None:
        self._uploads = {one.id: one for one in uploads}

    async def of_session(self, session_id: SessionId) -> tuple[Upload, ...]:
        return tuple(one for one in self._uploads.values() if one.session_id == session_id)

    async def find(self, upload_id: UploadId) -> Upload | None:
        return self._uploads.get(upload_id)


def _scoped(job: VideoJob, key: str | ProgramKey | None) -> tuple[str, ...] | None:
    """What tells one key from another."""
    match key:
        case None:
            return None
        case ProgramKey():
            return ("program", job.tenant_id, job.user_id, key.text)
        case _:
            return (job.session_id, key)
