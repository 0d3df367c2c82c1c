"""What a provider that is timed tells of itself. That it is the same provider: tests/contracts."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from server.measured import Measured
from tests.fakes.painter import Gate, Painter, make_film
from tests.fakes.replicate_orders import an_order
from tests.fakes.samples import NOW
from tools.domain.failures import Failure
from tools.domain.identity import PredictionId
from tools.errors import OutputLost, ProviderUnavailable
from tools.rendering.ports import OrderInDoubt, OrderRefused, Remedy, Window

Told = tuple[str, str, float, str | None]
FOUND = Window(since=NOW - timedelta(minutes=1), until=NOW)
NO_SUCH = PredictionId("painting-1")
REFUSED = OrderRefused(
    Failure(code="content_rejected", message="No.", retryable=False), Remedy.STOP
)


async def is_free(_prediction_id: PredictionId) -> bool:
    return True


class Studio:
    """A painter that is timed, and what was told of it."""

    def __init__(self, film: Path) -> None:
        self.painter = Painter(film, polls=0)
        self.told: list[Told] = []
        self.provider = Measured(self.painter, answered=lambda *told: self.told.append(told))

    @property
    def calls(self) -> list[tuple[str, str, str | None]]:
        return [(name, call, error) for name, call, _, error in self.told]


@pytest.fixture
async def studio(tmp_path: Path) -> Studio:
    film = await asyncio.to_thread(make_film, tmp_path / "film.mp4", seconds=1)
    (tmp_path / "into").mkdir()
    return Studio(film)


async def test_each_request_is_told_with_its_name_and_its_seconds(studio: Studio, tmp_path: Path):
    provider, order = studio.provider, an_order()
    bought = await provider.submit(order)
    assert await provider.find(order, FOUND, is_free) == bought
    await provider.poll(bought)
    await provider.collect(bought, tmp_path / "into")
    await provider.cancel(bought)
    assert [call for _, call, _ in studio.calls] == ["submit", "find", "poll", "collect", "cancel"]
    assert {(name, error) for name, _, error in studio.calls} == {("local", None)}
    assert all(0 <= seconds < 30 for _, _, seconds, _ in studio.told)


ERRORS: dict[str, tuple[Exception, str]] = {
    "one of the tree": (ProviderUnavailable("Later."), "provider_unavailable"),
    "a lost film": (OutputLost("Gone."), "output_lost"),
    "an order that was refused": (REFUSED, "content_rejected"),
    "an order that nobody heard back of": (OrderInDoubt(), "in_doubt"),
    "a bug": (LookupError("a prompt"), "internal"),
}
CALLS: dict[str, Callable[[Measured], Awaitable[object]]] = {
    "submit": lambda provider: provider.submit(an_order()),
    "find": lambda provider: provider.find(an_order(), FOUND, is_free),
    "poll": lambda provider: provider.poll(NO_SUCH),
}


@pytest.mark.parametrize("befell", ERRORS.values(), ids=ERRORS.keys())
@pytest.mark.parametrize("call", CALLS)
async def test_an_error_is_told_by_its_code_and_goes_on_as_it_is(
    studio: Studio, call: str, befell: tuple[Exception, str]
):
    error, code = befell
    studio.painter.refuse(call, error)
    with pytest.raises(type(error)) as raised:
        await CALLS[call](studio.provider)
    assert raised.value is error
    assert studio.calls == [("local", call, code)]


async def test_a_request_that_was_cut_off_is_not_told_as_an_error(studio: Studio):
    gate = studio.painter.submit_gate = Gate()
    asking = asyncio.create_task(studio.provider.submit(an_order()))
    await gate.reached.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert studio.told == []
