"""What a child process does to itself before it reads anything that a person gave us."""

import asyncio
import os
import sys

import pytest

from tests.patience import IN_THE_END_S

CHILD = """
import sys
from tools.media.limits import limit_this_process
limit_this_process(cpu_s=20)
print("ready", flush=True)
sys.stdin.read()
"""
PARENT = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {CHILD!r}], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
child.wait()
"""


async def _ends(watched: int) -> None:
    """The process of this descriptor. Raises TimeoutError when it does not."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(watched, ended.set)
    try:
        async with asyncio.timeout(IN_THE_END_S):
            await ended.wait()
    finally:
        loop.remove_reader(watched)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such signal")
async def test_a_child_ends_with_a_killed_parent_though_its_input_stays_open():
    ours, theirs = os.pipe()
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, stdin=ours, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    try:
        # Before the end of the parent: once both are gone, the child's number is nobody's.
        child = os.pidfd_open(int(await parent.stdout.readline()))
        parent.kill()
        try:
            await _ends(child)
        finally:
            os.close(child)
    finally:
        os.close(ours)
        os.close(theirs)
        await parent.wait()
