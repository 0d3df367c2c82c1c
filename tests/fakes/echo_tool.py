"""Small tools at the Tool port, for tests of the turn and of the toolbox."""

import asyncio
from typing import Annotated

from pydantic import Field

from tools.contract import Arguments, ToolContext, ToolOutput


class EchoArguments(Arguments):
    text: Annotated[str, Field(min_length=1, max_length=20)]
    times_said: int = 1


class Echo:
    """Says it back; remembers on whose behalf."""

    name = "echo"
    description = "Says it back."
    arguments = EchoArguments
    is_free_of_effects = False

    def __init__(self) -> None:
        self.contexts: list[ToolContext] = []

    def title(self, arguments: EchoArguments) -> str:
        return f"Echoing {arguments.text}"

    async def call(self, context: ToolContext, arguments: EchoArguments) -> ToolOutput:
        self.contexts.append(context)
        return ToolOutput(result={"echo": arguments.text * arguments.times_said})


class NoArguments(Arguments):
    pass


class Broken:
    """Raises what it is given."""

    description = "Does not work."
    arguments = NoArguments
    is_free_of_effects = False

    def __init__(self, error: Exception, name: str = "broken") -> None:
        self.name = name
        self._error = error

    def title(self, arguments: NoArguments) -> str:
        return "Breaking"

    async def call(self, context: ToolContext, arguments: NoArguments) -> ToolOutput:
        raise self._error


class Meeting:
    """Answers when as many calls of it run at once as it was told to wait for."""

    description = "Waits for others."
    arguments = EchoArguments

    def __init__(
        self, guests: int, *, name: str = "meeting", is_free_of_effects: bool = True
    ) -> None:
        self.name = name
        self.is_free_of_effects = is_free_of_effects
        self.most_at_once = 0
        self._here = 0
        self._guests = guests
        self._all_here = asyncio.Event()

    def title(self, arguments: EchoArguments) -> str:
        return "Meeting"

    async def call(self, context: ToolContext, arguments: EchoArguments) -> ToolOutput:
        self._here += 1
        self.most_at_once = max(self.most_at_once, self._here)
        if self._here >= self._guests:
            self._all_here.set()
        await self._all_here.wait()
        self._here -= 1
        return ToolOutput(result={"echo": arguments.text})


class Endless:
    """Runs until it is cancelled."""

    name = "endless"
    description = "Never answers."
    arguments = NoArguments
    is_free_of_effects = False

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.was_cancelled = False

    def title(self, arguments: NoArguments) -> str:
        return "Waiting"

    async def call(self, context: ToolContext, arguments: NoArguments) -> ToolOutput:
        self.reached.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise
        return ToolOutput(result={})
