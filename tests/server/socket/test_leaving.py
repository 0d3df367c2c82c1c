"""What a browser leaves behind when it goes: nothing that waits for Python's collector."""

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from tests.fakes.house import OpenHouse
from tests.patience import IN_THE_END_S


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


async def test_a_browser_that_leaves_is_freed_without_the_collector(
    studio: OpenHouse, no_collector: None
):
    is_freed = asyncio.Event()
    async with studio.visitor() as visitor:
        await visitor.open()
        (environ,) = studio.house.socket.environ.values()
        watch = weakref.ref(environ["aiohttp.request"], lambda _: is_freed.set())
        del environ
    async with asyncio.timeout(IN_THE_END_S):
        await is_freed.wait()
    assert watch() is None
