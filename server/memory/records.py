"""The studio's ports onto memory: jobs and uploads, each change told in its own transaction."""

from datetime import datetime

from server.memory import creatives, jobs, ledger, uploads
from server.memory.conversations import recall, remember
from server.memory.journal import Journal, Transaction
from tools.domain.identity import JobId, SessionId, UploadId
from tools.domain.jobs import Change, VideoJob
from tools.domain.money import Money
from tools.domain.uploads import Upload
from tools.errors import NotFound


class Jobs:
    """`tools.rendering.ports.JobRecords`."""

    def __init__(self, journal: Journal, *, budget: Money) -> None:
        self._journal = journal
        self._budget = budget

    async def add(self, change: Change, *, key: str | None = None) -> VideoJob:
        job = change.job
        payload = _asked(job)

        def work(transaction: Transaction) -> VideoJob:
            if key is not None:
                known = recall(transaction, job.session_id, key, payload)
                if known is not None:
                    return _existing(transaction, JobId(known["job_id"]))
            jobs.add(transaction, job)
            ledger.reserve(transaction, job, budget=self._budget)
            transaction.tell(job.session_id, *change.events)
            if key is not None:
                remember(transaction, job.session_id, key, payload, {"job_id": job.id})
            return job

        return await self._journal.write(work)

    async def load(self, job_id: JobId) -> VideoJob:
        job = await self._journal.read(lambda connection: jobs.find(connection, job_id))
        if job is None:
            raise NotFound("That job")
        return job

    async def commit(self, change: Change) -> VideoJob:
        job = change.job

        def work(transaction: Transaction) -> VideoJob:
            jobs.move(transaction, job)
            if job.creative is not None:
                creatives.add(transaction, job.creative)
            if change.settles is not None:
                ledger.settle(transaction, job.id, change.settles)
            if change.events:
                transaction.tell(job.session_id, *change.events)
            return job

        return await self._journal.write(work)

    async def asked_since(self, session_id: SessionId, since: datetime) -> tuple[VideoJob, ...]:
        return await self._journal.read(lambda tables: jobs.asked_since(tables, session_id, since))

    async def unfinished(self) -> tuple[JobId, ...]:
        alive = await self._journal.read(jobs.unfinished)
        return tuple(job.id for job in alive)


class Uploads:
    """`tools.rendering.ports.UploadRecords`."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def of_session(self, session_id: SessionId) -> tuple[Upload, ...]:
        return await self._journal.read(lambda tables: uploads.of_session(tables, session_id))

    async def find(self, upload_id: UploadId) -> Upload | None:
        return await self._journal.read(lambda tables: uploads.find(tables, upload_id))

    async def find_by_path(self, path: str) -> Upload | None:
        return await self._journal.read(lambda tables: uploads.find_by_path(tables, path))


def _asked(job: VideoJob) -> dict[str, object]:
    """What makes two requests under one key the same: what was asked, not when."""
    request = job.request
    return {
        "prompt": request.prompt,
        "model": request.model_key,
        "seconds": request.length_s,
        "ratio": request.aspect_ratio.value,
        "references": [reference.upload_id for reference in request.references],
        "refinement": request.refinement_prompt,
        "refined": request.refined_prompt,
    }


def _existing(transaction: Transaction, job_id: JobId) -> VideoJob:
    job = jobs.find(transaction.connection, job_id)
    if job is None:
        raise NotFound("That job")
    return job
