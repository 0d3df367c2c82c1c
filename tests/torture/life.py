"""One life of a studio process, from its start to its end, and what can be done to it from outside."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from server.auth import TokenMaker
from server.clocks import utc_now
from tests.fakes.house import AS_OFTEN_AS_THEY_LIKE, SECRET

ROOT = Path(__file__).parents[2]
START_LIMIT_S = 60.0
END_LIMIT_S = 30.0
LOOK_S = 0.02
_STATE_AFTER_NAME = 2


class DidNotStart(Exception):
    """The studio ended before it was open."""


class Life:
    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self._process = process
        self.url = url

    @classmethod
    async def begin(cls, folder: Path, settings: Mapping[str, str]) -> Self:
        """On the data of earlier lives. Raises DidNotStart, TimeoutError."""
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environment |= {
            "PYTHONPATH": str(ROOT),
            "DATA_DIR": str(folder / "data"),
            "LOG_DIR": str(folder / "logs"),
            "JWT_SECRET": SECRET,
            "PORT": "0",
            **{name.upper(): str(value) for name, value in AS_OFTEN_AS_THEY_LIKE.items()},
            **settings,
        }
        with (folder / "stderr.log").open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.torture.studio",
                env=environment,
                cwd=folder,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
            )
        assert process.stdout is not None
        async with asyncio.timeout(START_LIMIT_S):
            line = await process.stdout.readline()
        if not line.startswith(b"open at"):
            raise DidNotStart((folder / "stderr.log").read_text()[-2000:])
        return cls(process, line.decode().split()[-1])

    @property
    def is_over(self) -> bool:
        return self._process.returncode is not None

    @property
    def is_frozen(self) -> bool:
        """By the system's own word, whoever stopped it."""
        try:
            stat = Path(f"/proc/{self._process.pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return False
        return stat[stat.rindex(")") + _STATE_AFTER_NAME] == "T"

    async def until_struck(self) -> None:
        """By itself, at one of its steps: dead or frozen."""
        while not (self.is_over or self.is_frozen):  # noqa: ASYNC110  nobody tells of a stop
            await asyncio.sleep(LOOK_S)

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    async def kill(self) -> None:
        await self._ended(signal.SIGKILL)

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        return await self._ended(signal.SIGTERM)

    async def _ended(self, number: signal.Signals) -> int:
        if not self.is_over:
            self._process.send_signal(number)
        async with asyncio.timeout(END_LIMIT_S):
            return await self._process.wait()


def token(user: str, tenant: str) -> str:
    return TokenMaker(SECRET, clock=utc_now).make_token(user, tenant=tenant)
