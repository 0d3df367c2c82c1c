"""What every room's tests share: the loop the product runs on, and an open studio."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.fakes.house import OpenHouse, open_studio

# How fast an example runs is a matter of the machine, and of the five other processes on it.
settings.register_profile("reelroom", deadline=None)
settings.load_profile("reelroom")


def pytest_asyncio_loop_factories(config: Any, item: Any) -> dict[str, Any]:
    """Tests run on the loop the server runs on."""
    if sys.platform == "win32":
        return {"asyncio": asyncio.new_event_loop}
    import uvloop  # noqa: PLC0415  not made for Windows

    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[OpenHouse]:
    """A studio on the embedded default, with tokens of its own."""
    async with open_studio(tmp_path / "data") as house:
        yield house
