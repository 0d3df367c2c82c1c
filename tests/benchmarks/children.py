"""Processes of the benchmark: started, pinned, asked over JSON lines, and ended with it."""

import asyncio
import contextlib
import itertools
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

Answer = Callable[[dict[str, Any]], Awaitable[Mapping[str, Any]]]
ROOT = Path(__file__).parents[2]
LOG = ROOT / "artefacts" / "bench.log"
"""What the processes said of themselves, for when a run fails."""
ASK_LIMIT_S = 120.0
LINE_BYTES = 1_000_000


class ChildFailed(Exception):
    """It could not do what it was asked; the words are its own."""


class Child:
    """One process, seen from the benchmark."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def ask(self, do: str, **fields: Any) -> dict[str, Any]:
        """Raises ChildFailed when it could not do it, TimeoutError when it does not answer."""
        assert self._process.stdin is not None
        number = next(self._numbers)
        waiting: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = waiting
        line = {"number": number, "do": do, **fields}
        self._process.stdin.write(json.dumps(line).encode() + b"\n")
        async with asyncio.timeout(ASK_LIMIT_S):
            answer = await waiting
        if "failed" in answer:
            raise ChildFailed(f"{do}: {answer['failed']}")
        return answer

    async def listen(self) -> None:
        """Hand out its answers, until it ends."""
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            answer: dict[str, Any] = json.loads(line)
            self._waiting.pop(answer.pop("number")).set_result(answer)
        gone = f"the process ended with {await self._process.wait()}"
        for waiting in self._waiting.values():
            waiting.set_result({"failed": gone})

    def pin(self, cpus: set[int]) -> None:
        """Keep it to these processors, where that is possible and the machine has them."""
        if hasattr(os, "sched_setaffinity"):
            allowed = os.sched_getaffinity(0)
            os.sched_setaffinity(self._process.pid, cpus & allowed or allowed)


@asynccontextmanager
async def child(module: str, *arguments: str, cpus: set[int]) -> AsyncIterator[Child]:
    """Start `tests.benchmarks.<module>`; it is gone when the block ends."""
    LOG.parent.mkdir(exist_ok=True)
    with LOG.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            f"tests.benchmarks.{module}",
            *arguments,
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            limit=LINE_BYTES,
        )
    started = Child(process)
    started.pin(cpus)
    listening = asyncio.create_task(started.listen())
    try:
        yield started
    finally:
        listening.cancel()
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def obey(answers: Mapping[str, Answer]) -> None:
    """The child's half: answer every line on stdin, side by side, until the benchmark is gone."""
    async with asyncio.TaskGroup() as group:
        while line := await asyncio.to_thread(sys.stdin.readline):
            asked = json.loads(line)
            number, do = asked.pop("number"), answers[asked.pop("do")]
            group.create_task(_answer(number, do, asked))


async def _answer(number: int, do: Answer, asked: dict[str, Any]) -> None:
    try:
        answer = await do(asked)
    except Exception as error:  # noqa: BLE001  told to the benchmark, which reports the run as failed
        answer = {"failed": f"{type(error).__name__}: {error}"}
    sys.stdout.write(json.dumps({"number": number, **answer}) + "\n")
    sys.stdout.flush()
