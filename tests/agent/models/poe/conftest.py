from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from agent.models.poe.endpoint import base_url
from agent.models.poe.model import PoeModel
from agent.models.poe.patience import Patience
from tests.fakes.poe import KEY, LEAD, SECOND, FakePoe, fake_poe

IMPATIENT = Patience(connect_s=2.0, stall_s=0.3, whole_s=0.6, ending_s=0.1, list_s=0.5)
OpenModel = Callable[..., AbstractAsyncContextManager[PoeModel]]


@pytest.fixture
async def poe() -> AsyncIterator[FakePoe]:
    """Whatever a test makes it do, everything it was asked has to be good by the API's rules."""
    async with fake_poe() as server:
        yield server
        assert server.faults == []


@pytest.fixture
def open_model(poe: FakePoe) -> OpenModel:
    """A model at the fake, with little patience; `models` and `key` may be others."""

    @asynccontextmanager
    async def opened(
        models: tuple[str, ...] = (LEAD, SECOND), key: str = KEY, url: str | None = None
    ) -> AsyncIterator[PoeModel]:
        where = base_url(url or poe.url)
        async with PoeModel(
            base_url=where, api_key=key, models=models, patience=IMPATIENT
        ) as model:
            yield model

    return opened


@pytest.fixture
async def model(open_model: OpenModel) -> AsyncIterator[PoeModel]:
    async with open_model() as opened:
        yield opened
