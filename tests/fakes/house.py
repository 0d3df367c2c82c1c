"""A whole Reelroom for a test: the real thing, in this process on a free port or in one of its own."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from server.auth import TokenMaker
from server.clocks import utc_now
from server.compose import Adapters, House, adapters_for, compose
from server.lifecycle import address_of, bind, open_house
from server.settings import Settings
from tests.fakes.visitor import Visitor
from tests.patience import IN_THE_END_S

HTTP_LIMIT_S = 1800.0
"""Long as the wait for a film that is answered whole; the library would give up after five minutes."""
SECRET = "a secret of the tests, long enough for every HMAC that a forger might try"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenHouse:
    """An open studio, seen from outside."""

    house: House
    url: str

    def token(self, user: str = "ada", **claims: Any) -> str:
        return TokenMaker(SECRET, clock=utc_now).make_token(user, **claims)

    @asynccontextmanager
    async def visitor(self, user: str = "ada", **claims: Any) -> AsyncIterator[Visitor]:
        """A real Socket.IO client, connected."""
        async with Visitor.connected(self.url, self.token(user, **claims)) as visitor:
            yield visitor

    @asynccontextmanager
    async def http(
        self, user: str | None = "ada", **claims: Any
    ) -> AsyncIterator[aiohttp.ClientSession]:
        headers = {} if user is None else {"Authorization": f"Bearer {self.token(user, **claims)}"}
        limit = aiohttp.ClientTimeout(total=HTTP_LIMIT_S)
        async with aiohttp.ClientSession(self.url, headers=headers, timeout=limit) as session:
            yield session


@asynccontextmanager
async def open_studio(
    folder: Path,
    *,
    adapters: Callable[[Adapters], Adapters] = lambda given: given,
    **settings: Any,
) -> AsyncIterator[OpenHouse]:
    """In this process, on the loop of the test."""
    chosen = settings_for(folder, **settings)
    listener = bind(chosen)
    url = address_of(chosen, listener)
    house = compose(chosen, public_url=url, adapters=adapters(adapters_for(chosen)))
    async with open_house(house, listener):
        yield OpenHouse(house=house, url=url)


AS_OFTEN_AS_THEY_LIKE = {
    "rate_messages_per_min": 0,
    "rate_uploads_per_min": 0,
    "rate_generations_per_min": 0,
}
"""Tests are quicker than people; those of the limits set them."""


def settings_for(folder: Path, **settings: Any) -> Settings:
    given = {
        "data_dir": folder,
        "port": 0,
        "jwt_secret": SECRET,
        "_env_file": None,
        **AS_OFTEN_AS_THEY_LIKE,
    }
    return Settings(**{**given, **settings})


def reserved_port() -> socket.socket:
    """Nobody is behind it, and nobody else is given it: bound, it never listens."""
    place = socket.socket()
    # A server of ours may listen there all the same.
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    place.bind(("127.0.0.1", 0))
    return place


class StudioProcess:
    """A studio in a process of its own, that can be killed as a machine is switched off."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self._folder = folder
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None
        # Never listens: it keeps the port from others while the studio is between two lives.
        self._place = reserved_port()
        self.url = ""

    async def start(self) -> None:
        environment = {
            **{
                key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "TMPDIR"}
            },
            "DATA_DIR": str(self._folder / "data"),
            "LOG_DIR": str(self._folder / "logs"),
            "JWT_SECRET": SECRET,
            "PORT": str(self._place.getsockname()[1]),
            **{name.upper(): str(value) for name, value in AS_OFTEN_AS_THEY_LIKE.items()},
            **self._environment,
        }
        errors = (self._folder / "stderr.log").open("ab")
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "server",
            "serve",
            env=environment,
            cwd=self._folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
        errors.close()
        async with asyncio.timeout(IN_THE_END_S):
            self.url = await self._printed_address()

    async def _printed_address(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            if b"open at" in line:
                return line.decode().split()[-1]
        message = f"the studio did not start: {(self._folder / 'stderr.log').read_text()[-2000:]}"
        raise AssertionError(message)

    async def kill(self) -> None:
        """`kill -9`: nothing is flushed, nobody is told."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        return await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> int:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(number)
        async with asyncio.timeout(IN_THE_END_S):
            return await self._process.wait()

    def give_up_the_port(self) -> None:
        self._place.close()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def token(self, user: str = "ada", **claims: Any) -> str:
        return TokenMaker(SECRET, clock=utc_now).make_token(user, **claims)


@asynccontextmanager
async def studio_process(folder: Path, **environment: str) -> AsyncIterator[StudioProcess]:
    process = StudioProcess(folder, **environment)
    try:
        await process.start()
        yield process
    finally:
        await process.kill()
        process.give_up_the_port()
