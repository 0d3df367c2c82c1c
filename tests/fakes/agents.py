"""Somebody else's agent: the SDK's own client, beside a person who may be asked."""

import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters, stdio_client, types
from mcp.client import stdio

from server.mcp.caller import Caller, Means
from server.mcp.door import Door
from tests.fakes.house import SECRET, OpenHouse
from tests.patience import IN_THE_END_S

ERAS = ("legacy", "2026-07-28")
"""With a handshake, questions in the midst of a call; and without, the call made again."""


@dataclass
class Person:
    """In front of the agent: `answers` every question alike, and keeps them."""

    answers: types.ElicitResult
    asked: list[types.ElicitRequestFormParams] = field(default_factory=list)

    async def __call__(self, context: Any, params: types.ElicitRequestParams) -> types.ElicitResult:
        assert isinstance(params, types.ElicitRequestFormParams)
        self.asked.append(params)
        return self.answers


def yes() -> Person:
    return Person(types.ElicitResult(action="accept", content={"approve": True}))


@asynccontextmanager
async def agent_of(
    studio: OpenHouse,
    user: str = "ada",
    *,
    mode: str = "legacy",
    person: Person | None = None,
    token: str | None = None,
    campaign: str | None = None,
    session: str | None = None,
    **claims: Any,
) -> AsyncIterator[Client]:
    """At the MCP door of a studio in this process."""
    given = studio.token(user, **claims) if token is None else token
    means = Means(token=given, campaign_id=campaign, session_id=session)
    door = Door(studio.house, Caller(studio.house, means))
    async with Client(door.server(), mode=mode, elicitation_callback=person) as client:
        yield client


def process(*arguments: str, **environment: str) -> StdioServerParameters:
    kept = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "TMPDIR"}}
    return StdioServerParameters(
        command=sys.executable,
        args=["-m", "server", "mcp", *arguments],
        env={**kept, **environment},
    )


@asynccontextmanager
async def agent_process(
    folder: Path,
    *arguments: str,
    env: Mapping[str, str],
    mode: str = "legacy",
    person: Person | None = None,
) -> AsyncIterator[Client]:
    """As a client starts it: `reelroom mcp` in a process of its own, on `folder/data`."""
    data = {"DATA_DIR": str(folder / "data"), "JWT_SECRET": SECRET, **env}
    with (folder / "mcp.log").open("a") as errors, pytest.MonkeyPatch.context() as patch:
        # A process that ends slowly would be ended by the SDK, in the middle of what it still does.
        patch.setattr(stdio, "PROCESS_TERMINATION_TIMEOUT", IN_THE_END_S)
        wire = stdio_client(process(*arguments, **data), errlog=errors)
        async with Client(wire, mode=mode, elicitation_callback=person) as client:
            yield client


async def asked(client: Client, **arguments: Any) -> dict[str, Any]:
    """A film that is taken: what is told of it."""
    answer = await client.call_tool("generate-video", arguments)
    assert not answer.is_error, answer.content
    told = answer.structured_content
    assert isinstance(told, dict)
    return told


async def refusal(client: Client, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The error object of a call that is refused."""
    answer = await client.call_tool(tool, arguments)
    assert answer.is_error
    words, told = answer.content
    assert isinstance(words, types.TextContent)
    assert isinstance(told, types.TextContent)
    error: dict[str, Any] = json.loads(told.text)["error"]
    assert words.text == error["message"]
    return error


async def job(client: Client, uri: str) -> dict[str, Any]:
    (contents,) = (await client.read_resource(uri)).contents
    assert isinstance(contents, types.TextResourceContents)
    told: dict[str, Any] = json.loads(contents.text)
    return told
