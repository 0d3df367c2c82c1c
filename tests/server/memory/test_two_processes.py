"""A second, real process on the same file: what a rolling restart is to the memory."""

import asyncio
import sys
from pathlib import Path

from server.memory.timeline import append, read
from tests.fakes.samples import NOW, SESSION, said, waits_for_locks
from tests.patience import IN_THE_END_S

EACH = 60
OTHER = """
import asyncio, sys
from pathlib import Path
from server.memory.database import Database
from server.memory.migrate import migrate
from server.memory.timeline import append
from tests.fakes.samples import NOW, SESSION, said, waits_for_locks

async def main():
    database = Database(Path(sys.argv[1]))
    await database.open(migrate)
    await database.read(waits_for_locks)
    print("open", flush=True)
    sys.stdin.readline()
    for number in range(int(sys.argv[2])):
        event = said("from there", number=1000 + number)
        await database.write(lambda tables: append(tables, SESSION, [event], NOW))
    await database.close()

asyncio.run(main())
"""


OPENING = """
import asyncio, sys
from pathlib import Path
from server.memory import conversations
from server.memory.database import Database
from server.memory.migrate import migrate
import alembic.command, alembic.config

async def main():
    database = Database(Path(sys.argv[1]))
    print("ready", flush=True)
    sys.stdin.readline()
    await database.open(migrate)
    print(await database.read(conversations.epoch))
    await database.close()

asyncio.run(main())
"""


async def test_two_processes_may_open_a_new_file_at_the_same_moment(file):
    openers = [await _python(OPENING, str(file)) for _ in range(2)]
    async with asyncio.timeout(IN_THE_END_S):
        for opener in openers:
            await _line(opener)
        answers = await asyncio.gather(*(opener.communicate(b"go\n") for opener in openers))

    epochs = {epoch for epoch, _ in answers}
    assert [opener.returncode for opener in openers] == [0, 0]
    assert len(epochs) == 1


async def test_numbers_have_no_holes_when_another_process_writes_too(database, file):
    await database.read(waits_for_locks)
    other = await _python(OTHER, str(file), str(EACH))
    async with asyncio.timeout(IN_THE_END_S):
        await _line(other)
        answer = asyncio.ensure_future(other.communicate(b"go\n"))
        for number in range(EACH):
            event = said("from here", number=number)
            await database.write(lambda tables, e=event: append(tables, SESSION, [e], NOW))
        await answer

    page = await database.read(lambda tables: read(tables, SESSION))
    texts = [getattr(entry.event, "text", "") for entry in page.entries]
    assert [entry.seq for entry in page.entries] == list(range(1, 2 * EACH + 1))
    assert texts.count("from there") == texts.count("from here") == EACH


async def _python(script: str, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        script,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )


async def _line(process: asyncio.subprocess.Process) -> None:
    """Wait until it says that it is ready."""
    assert process.stdout is not None
    await process.stdout.readline()
