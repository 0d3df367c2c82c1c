"""Work that may crash, hang or eat memory, done in a process of its own and never left behind.

A child is one of our modules (`python -I -m tools.media.…`): JSON on stdin, JSON lines on stdout.
It sees none of our environment, so no key of ours is there to be stolen.
"""

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

logger = logging.getLogger(__name__)

_LINE_BYTES = 65_536
_COMPLAINT_BYTES = 4096
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")

Facts = Mapping[str, object]


class ChildFailed(Exception):
    """The child ended without its result. `reason` is its own word for it, None when it crashed."""

    def __init__(self, module: str, code: int, reason: str | None) -> None:
        super().__init__(f"{module} ended with {code}")
        self.code = code
        self.reason = reason


async def run_child(
    module: str, order: bytes, *, limit_s: float, told: Callable[[Facts], None] | None = None
) -> Facts:
    """Run `module` with `order` on stdin; the last line it said is the answer.

    Every line is also handed to `told`. Raises ChildFailed; TimeoutError after `limit_s`. However
    this ends (also by cancellation), the child has ended before it.
    """
    last: Facts = {}
    async with asyncio.timeout(limit_s), _child(module) as process:
        async with asyncio.TaskGroup() as group:
            complaint = group.create_task(_complaint(process))
            group.create_task(_give(process, order))
            async for facts in _lines(process):
                last = facts
                if told is not None:
                    told(facts)
        code = await process.wait()
    if code != 0:
        reason = last.get("refused")
        if not isinstance(reason, str):
            reason = None
            # Our own traceback, never a person's words: children do not print what they are given.
            facts_of_it = {"child": module, "code": code, "complaint": complaint.result()}
            logger.warning("a child crashed", extra=facts_of_it)
        raise ChildFailed(module, code, reason)
    return last


@asynccontextmanager
async def _child(module: str) -> AsyncIterator[asyncio.subprocess.Process]:
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-m",
            module,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_LINE_BYTES,
            env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            start_new_session=True,
        )
    )
    try:
        process = await asyncio.shield(starting)
    except asyncio.CancelledError:
        # Cancelled between fork and here: without this nobody would know the child.
        await _end(await starting)
        raise
    try:
        yield process
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill the whole process group and wait until it is gone, also while we are cancelled."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    waiting = asyncio.ensure_future(process.wait())
    try:
        await asyncio.shield(waiting)
    except asyncio.CancelledError:
        await waiting
        raise


async def _give(process: asyncio.subprocess.Process, order: bytes) -> None:
    stdin = process.stdin
    assert stdin is not None
    # A child that died early closed the pipe; its exit code says more.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        stdin.write(order)
        await stdin.drain()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        stdin.close()
        await stdin.wait_closed()


async def _lines(process: asyncio.subprocess.Process) -> AsyncIterator[Facts]:
    stdout = process.stdout
    assert stdout is not None
    while True:
        # ValueError: a line longer than any of ours, or no JSON; neither says anything.
        with contextlib.suppress(ValueError):
            line = await stdout.readline()
            if not line:
                return
            facts = json.loads(line)
            if isinstance(facts, dict):
                yield facts


async def _complaint(process: asyncio.subprocess.Process) -> str:
    """The end of what it wrote to stderr; all of it is read, so that it never blocks there."""
    stderr = process.stderr
    assert stderr is not None
    kept = b""
    while chunk := await stderr.read(_COMPLAINT_BYTES):
        kept = (kept + chunk)[-_COMPLAINT_BYTES:]
    return kept.decode(errors="replace")
