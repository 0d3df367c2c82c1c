"""What every room's tests share: the loop the product runs on, and an open studio."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.house import OpenHouse, open_studio


def pytest_asyncio_loop_factories(config: Any, item: Any) -> dict[str, Any]:
    """Tests run on the loop the server runs on."""
    if sys.platform == "win32":
        return {"asyncio": asyncio.new_event_loop}
    import uvloop  # noqa: PLC0415  not made for Windows

    return {"uvloop": uvloop.new_event_loop}


TOGETHER = ("browser", "torture")
"""Folders whose tests share what is costly to have twice: one browser; a machine that is busy once."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file's tests stay in one process, in their order. First, because xdist reads the marks."""
    for item in items:
        room = item.path.parent.name
        group = room if room in TOGETHER else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[OpenHouse]:
    """A studio on the embedded default, with tokens of its own."""
    async with open_studio(tmp_path / "data") as house:
        yield house
