"""`make dialogues`: the golden dialogues on the chat model that the settings choose, as a score table.

With POE_API_KEY (and POE_API_URL, POE_MODEL) that is a real endpoint, and costs what it costs; without,
it is the offline model.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack

from agent.ports import ChatModel
from server.compose import adapters_for
from server.settings import SettingsError, load_settings
from tests.dialogues.scoring import Mark, dialogue_for, marks_of, table
from tests.dialogues.table import Golden, golden_dialogues

AT_ONCE = 4
"""Dialogues side by side: below what any endpoint's rate limit allows, and quick enough."""


async def main(kinds: list[str], names: list[str], write: Callable[[str], object]) -> int:
    """The exit code: 0 when every turn came to an end; how good it was is for a person to read."""
    try:
        model = adapters_for(load_settings()).chat_model
    except SettingsError as error:
        write(f"{error}\n")
        return 2
    chosen = [
        golden
        for golden in golden_dialogues()
        if (not kinds or golden.kind in kinds) and (not names or golden.name in names)
    ]
    async with AsyncExitStack() as stack:
        if isinstance(model, AbstractAsyncContextManager):
            await stack.enter_async_context(model)
        write(f"{len(chosen)} dialogues with {model.name}\n\n")
        played = await _play(chosen, model)
    for golden, marks in played:
        for mark in marks:
            if not mark.is_right:
                write(f"{golden.kind}: {golden.name}: {mark.what}: {mark.fault}\n")
    write("\n" + table((golden.kind, marks) for golden, marks in played) + "\n")
    ends = [mark for _, marks in played for mark in marks if mark.what == "ended"]
    return 0 if all(mark.is_right for mark in ends) else 1


async def _play(chosen: list[Golden], model: ChatModel) -> list[tuple[Golden, list[Mark]]]:
    places = asyncio.Semaphore(AT_ONCE)

    async def play(golden: Golden) -> tuple[Golden, list[Mark]]:
        async with places:
            return golden, await marks_of(golden, dialogue_for(golden, model))

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(play(golden), name=golden.name) for golden in chosen]
    return [task.result() for task in tasks]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.dialogues")
    parser.add_argument("--kind", action="append", default=[], help="journey, vague, hostile …")
    parser.add_argument("--name", action="append", default=[], help="one dialogue by its name")
    given = parser.parse_args()
    sys.exit(asyncio.run(main(given.kind, given.name, sys.stdout.write)))
