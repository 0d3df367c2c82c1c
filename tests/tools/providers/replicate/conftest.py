import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.replicate import FakeReplicate
from tests.fakes.replicate_orders import QUICK
from tools.domain.identity import JobId
from tools.providers.replicate.provider import ReplicateProvider


async def nowhere(_path: str, _seconds: int) -> str | None:
    """A storage that nobody outside can read."""
    return None


@pytest.fixture
async def fake() -> AsyncIterator[FakeReplicate]:
    """Careful clients never make it complain, and never show it a token where none belongs."""
    async with FakeReplicate.running() as running:
        yield running
        assert running.complaints == []
        assert running.token_leaks == []
        assert running.strayed == []


@pytest.fixture
async def opened(
    fake: FakeReplicate,
) -> AsyncIterator[Callable[..., Any]]:
    """Opens providers of a test's own making; `limits` are laid over the quick ones."""
    async with AsyncExitStack() as stack:

        async def open_one(**other: Any) -> ReplicateProvider:
            settings: dict[str, Any] = {
                "token": fake.token,
                "base_url": fake.url,
                "lend": nowhere,
                "output_hosts": (f"127.0.0.1:{fake.port}",),
                **other,
                "limits": replace(QUICK, **other.get("limits", {})),
            }
            return await stack.enter_async_context(ReplicateProvider(**settings))

        yield open_one


@pytest.fixture
async def provider(opened: Callable[..., Any]) -> ReplicateProvider:
    made: ReplicateProvider = await opened()
    return made


def hook_of(job_id: JobId, clip: int) -> str:
    return f"https://studio.example/api/webhooks/replicate?job={job_id}&clip={clip}"


@pytest.fixture
def hook() -> Callable[[JobId, int], str]:
    return hook_of


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """Everything that was logged, with the facts beside it; the libraries as the server sets them."""
    caplog.set_level(logging.WARNING, "httpx")
    caplog.set_level(logging.INFO)  # last: it is the level of what catches, too
    return lambda: "\n".join(f"{record.name} {vars(record)}" for record in caplog.records)
