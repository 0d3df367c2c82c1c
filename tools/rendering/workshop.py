"""A folder for each job on this machine: what was brought and collected for it, until it is over."""

import asyncio
import shutil
from pathlib import Path

from tools.domain.identity import JobId


class Workshop:
    def __init__(self, root: Path) -> None:
        self._root = root

    def of(self, job_id: JobId) -> Path:
        """The job's own folder. Raises OSError where there is no room for it."""
        folder = self._root / job_id
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def jobs(self) -> tuple[JobId, ...]:
        """Those that something was left of."""
        if not self._root.is_dir():
            return ()
        return tuple(JobId(folder.name) for folder in self._root.iterdir())

    async def clear(self, job_id: JobId) -> None:
        await asyncio.to_thread(shutil.rmtree, self._root / job_id, ignore_errors=True)
