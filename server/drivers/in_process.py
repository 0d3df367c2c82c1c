"""Who calls `advance` and when, on SQLite: one task a live job, in this process.

A sweep at start and every minute takes up every job that no task holds: those of a process that was
killed, and those whose task met something it could not handle.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from tools.domain.identity import JobId
from tools.rendering.ports import JobRecords, Wake

logger = logging.getLogger("reelroom.driver")

SWEEP_EVERY_S = 60.0
Step = Callable[[JobId], Awaitable[float | None]]


class InProcessDriver:
    """`run` owns every task; `wake` may be called at any time, from the event loop.

    `tidy` is called before any job is driven: for what an earlier life left behind. `pass_on` hears
    of the jobs that are woken while nothing is driven here: another process may be at it.
    """

    def __init__(
        self,
        *,
        records: JobRecords,
        step: Step,
        tidy: Callable[[], Awaitable[None]],
        pass_on: Wake,
    ) -> None:
        self._tidy = tidy
        self._pass_on = pass_on
        self._records = records
        self._step = step
        self._wakes: dict[JobId, asyncio.Event] = {}
        self._group: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Until cancelled. Jobs that are cut off by that go on after the next start."""
        try:
            await self._tidy()
        except Exception:
            logger.exception("what an earlier life left could not be tidied")
        async with asyncio.TaskGroup() as group:
            self._group = group
            try:
                while True:
                    await self._sweep()
                    await asyncio.sleep(SWEEP_EVERY_S)
            finally:
                self._group = None

    def wake(self, job_id: JobId) -> None:
        """This job has something to do now."""
        known = self._wakes.get(job_id)
        if known is not None:
            known.set()
        elif self._group is not None:
            self._wakes[job_id] = asyncio.Event()
            self._group.create_task(self._drive(job_id), name=f"drive {job_id}")
        else:
            self._pass_on(job_id)

    async def _sweep(self) -> None:
        try:
            for job_id in await self._records.unfinished():
                if job_id not in self._wakes:
                    self.wake(job_id)
        except Exception:
            logger.exception("the sweep failed; it comes again in a minute")

    async def _drive(self, job_id: JobId) -> None:
        woken = self._wakes[job_id]
        try:
            while (wait_s := await self._step(job_id)) is not None:
                if wait_s:
                    await _until(woken, wait_s)
                woken.clear()
        except Exception:
            logger.exception("a job's task failed; the sweep takes it up again")
        finally:
            del self._wakes[job_id]


async def _until(woken: asyncio.Event, wait_s: float) -> None:
    try:
        async with asyncio.timeout(wait_s):
            await woken.wait()
    except TimeoutError:
        pass
