"""The studio's ports onto memory: jobs and uploads, each change told in its own transaction."""

from collections.abc import Callable
from datetime import datetime

from server.memory import creatives, jobs, ledger, purchases, request_keys, uploads
from server.memory.conversations import recall, remember
from server.memory.journal import Journal, Transaction
from server.memory.ledger import Limits
from server.memory.line import place_in_line
from tools.domain.clips import Purchase
from tools.domain.identity import JobId, PredictionId, SessionId, UploadId
from tools.domain.jobs import Change, Stage, VideoJob
from tools.domain.money import Money
from tools.domain.uploads import Upload
from tools.errors import NotFound
from tools.rendering.ports import Places, ProgramKey


class Jobs:
    """`tools.rendering.ports.JobRecords`.

    `budget`: of each campaign. `user_limit`: what each user may spend in 24 hours, None: no limit.
    `asked` hears of each new job last of all before it is kept, on the database's thread, and may
    refuse it by raising; `over` of each that has ended, and what it came to.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        budget: Money,
        user_limit: Money | None = None,
        asked: Callable[[VideoJob], None] = lambda _job: None,
        over: Callable[[VideoJob, Money], None] = lambda _job, _spent: None,
    ) -> None:
        self._journal = journal
        self._limits = Limits(budget=budget, user=user_limit)
        self._asked = asked
        self._over = over

    async def add(self, change: Change, *, key: str | ProgramKey | None = None) -> VideoJob:
        job = change.job

        def work(transaction: Transaction) -> VideoJob:
            known = _known(transaction, job, key)
            if known is not None:
                return _existing(transaction, known)
            jobs.add(transaction, job)
            if change.reserves is None:
                ledger.afford(transaction, job, job.quote.total, limits=self._limits)
            self._keep_facts(transaction, change)
            _remember(transaction, job, key)
            self._asked(job)
            return job

        return await self._journal.write(work)

    async def load(self, job_id: JobId) -> VideoJob:
        job = await self._journal.read(lambda connection: jobs.find(connection, job_id))
        if job is None:
            raise NotFound("That job")
        return job

    async def commit(self, change: Change) -> VideoJob:
        def work(transaction: Transaction) -> VideoJob:
            jobs.move(transaction, change.job)
            self._keep_facts(transaction, change)
            return change.job

        job = await self._journal.write(work)
        if change.settles is not None:
            self._over(job, change.settles)
        return job

    async def admit(self, change: Change, places: Places) -> int:
        def work(transaction: Transaction) -> int:
            # The line is read under the lock that the move is written under: two processes at once
            # would both take the last place.
            jobs.expect(transaction.connection, change.job)
            place = place_in_line(transaction.connection, change.job, places)
            if place == 0:
                jobs.move(transaction, change.job)
                self._keep_facts(transaction, change)
            return place

        return await self._journal.write(work)

    async def asked_since(self, session_id: SessionId, since: datetime) -> tuple[VideoJob, ...]:
        return await self._journal.read(lambda tables: jobs.asked_since(tables, session_id, since))

    async def unfinished(self) -> tuple[JobId, ...]:
        return await self._journal.read(jobs.unfinished_ids)

    async def purchase(self, prediction_id: PredictionId) -> Purchase | None:
        return await self._journal.read(lambda tables: purchases.find(tables, prediction_id))

    async def keep_purchase(self, purchase: Purchase) -> None:
        await self._journal.write(lambda each: purchases.keep_unknown(each, purchase))

    async def times(self, model_key: str, clip_s: int) -> tuple[float, ...]:
        return await self._journal.read(lambda tables: purchases.times(tables, model_key, clip_s))

    def _keep_facts(self, transaction: Transaction, change: Change) -> None:
        """What a change does beside the job's own rows: the orders, the books, the list, the telling."""
        job = change.job
        for purchase in change.purchases:
            purchases.keep(transaction, purchase)
        if change.reserves is not None:
            ledger.reserve(transaction, job, change.reserves, limits=self._limits)
        if change.settles is not None:
            ledger.settle(transaction, job, change.settles)
        if job.stage in _ASKED_FOR:
            uploads.use(transaction, job.request.references)
        if job.creative is not None:
            creatives.add(transaction, job.creative)
        if change.events:
            transaction.tell(job.session_id, *change.events)


_ASKED_FOR = frozenset({Stage.PROPOSED, Stage.QUEUED})
"""Where a job stands when it may have come with another request."""


class Uploads:
    """`tools.rendering.ports.UploadRecords`."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def of_session(self, session_id: SessionId) -> tuple[Upload, ...]:
        return await self._journal.read(lambda tables: uploads.of_session(tables, session_id))

    async def find(self, upload_id: UploadId) -> Upload | None:
        return await self._journal.read(lambda tables: uploads.find(tables, upload_id))


def _known(transaction: Transaction, job: VideoJob, key: str | ProgramKey | None) -> JobId | None:
    """The job that has this key already. Raises IdempotencyMismatch."""
    match key:
        case None:
            return None
        case ProgramKey():
            return request_keys.find(transaction.connection, job.tenant_id, job.user_id, key)
        case _:
            known = recall(transaction, job.session_id, key, _asked(job))
            return None if known is None else JobId(known["job_id"])


def _remember(transaction: Transaction, job: VideoJob, key: str | ProgramKey | None) -> None:
    match key:
        case None:
            return
        case ProgramKey():
            request_keys.keep(transaction, job, key)
        case _:
            remember(transaction, job.session_id, key, _asked(job), {"job_id": job.id})


def _asked(job: VideoJob) -> dict[str, object]:
    """What makes two requests under one key the same: what was asked, not when."""
    request = job.request
    return {
        "origin": job.origin.value,
        "prompt": request.prompt,
        "model": request.model_key,
        "seconds": request.length_s,
        "ratio": request.aspect_ratio.value,
        "references": [reference.source for reference in request.references],
        "refinement": request.refinement_prompt,
        "refined": request.refined_prompt,
    }


def _existing(transaction: Transaction, job_id: JobId) -> VideoJob:
    job = jobs.find(transaction.connection, job_id)
    if job is None:
        raise NotFound("That job")
    return job
