from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

import pytest

from agent.models.poe.endpoint import base_url
from agent.models.poe.model import PoeModel
from agent.models.poe.patience import Patience
from tests.fakes.poe import KEY, LEAD, SECOND, FakePoe, fake_poe
from tests.patience import IN_THE_END_S

PATIENT = Patience(
    connect_s=IN_THE_END_S,
    stall_s=IN_THE_END_S,
    whole_s=IN_THE_END_S,
    ending_s=IN_THE_END_S,
    list_s=IN_THE_END_S,
)
IMPATIENT = replace(PATIENT, stall_s=1.0, ending_s=0.1)
"""Where a stream stands still: every good answer has to begin within that second, too."""
OpenModel = Callable[..., AbstractAsyncContextManager[PoeModel]]


@pytest.fixture
async def poe() -> AsyncIterator[FakePoe]:
    """Whatever a test makes it do, everything it was asked has to be good by the API's rules."""
    async with fake_poe() as server:
        yield server
        assert server.faults == []


@pytest.fixture
def open_model(poe: FakePoe) -> OpenModel:
    """A model at the fake that waits for whatever comes; `models`, `key`, `patience` may be others."""

    @asynccontextmanager
    async def opened(
        models: tuple[str, ...] = (LEAD, SECOND),
        key: str = KEY,
        url: str | None = None,
        patience: Patience = PATIENT,
    ) -> AsyncIterator[PoeModel]:
        where = base_url(url or poe.url)
        async with PoeModel(base_url=where, api_key=key, models=models, patience=patience) as model:
            yield model

    return opened


@pytest.fixture
async def hasty(open_model: OpenModel) -> AsyncIterator[PoeModel]:
    """A model that does not wait long for one that stands still."""
    async with open_model(patience=IMPATIENT) as opened:
        yield opened


@pytest.fixture
async def model(open_model: OpenModel) -> AsyncIterator[PoeModel]:
    async with open_model() as opened:
        yield opened
