"""A real Chromium on the loop of the server: one browser, a context for every test."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, async_playwright, expect

from hatch_build import build_widget
from tests.browser.chromium import FLAGS, MISSING, find_chromium
from tests.browser.screen import HEAR, Screen, Watch
from tests.fakes.drafts import HeldDrafts
from tests.fakes.house import OpenHouse, open_studio
from tests.patience import IN_THE_END_S

WAIT_MS = IN_THE_END_S * 1000
DESKTOP = {"width": 1280, "height": 860}
ROOT = Path(__file__).parents[2]
FAILED = pytest.StashKey[bool]()

_users = count(1)
OpenTab = Callable[..., Awaitable[Screen]]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Skipped where there is none, with the way to get one; never under CI."""
    async with async_playwright() as playwright:
        path = find_chromium(playwright)
        if path is None:
            _not_here(MISSING)
        await asyncio.to_thread(_widget)
        expect.set_options(timeout=WAIT_MS)
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        await browser.close()


def _widget() -> None:
    """What is tested is the widget of this tree, not one built some time ago."""
    try:
        build_widget(ROOT)
    except (ImportError, OSError) as error:
        _not_here(f"the widget cannot be built here ({error}): make run builds it")


def _not_here(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("house") / "data"


@pytest.fixture(scope="session")
async def drafts(data: Path) -> HeldDrafts:
    return HeldDrafts(data)


@pytest.fixture(scope="session")
async def house(data: Path, drafts: HeldDrafts) -> AsyncIterator[OpenHouse]:
    """One studio for all: each test is a user of its own, and so in a tenant of its own."""
    async with open_studio(data, adapters=drafts.instead) as house:
        yield house


@pytest.fixture
def half_way(drafts: HeldDrafts) -> Iterator[asyncio.Event]:
    """Films of the `house` come to their half, and on from there once the test sets this."""
    drafts.go_on.clear()
    yield drafts.go_on
    drafts.go_on.set()


@pytest.fixture
def user() -> str:
    return f"ada-{next(_users)}"


@pytest.fixture
def watch(house: OpenHouse) -> Watch:
    return Watch(hosts={urlsplit(house.url).netloc})


@asynccontextmanager
async def visiting(browser: Browser, watch: Watch, **options: Any) -> AsyncIterator[BrowserContext]:
    """A browser of one person, whose every page is watched."""
    options = {"viewport": DESKTOP, "color_scheme": "light", "locale": "en-US", **options}
    context = await browser.new_context(**options)
    context.set_default_timeout(WAIT_MS)
    watch.context(context)
    context.on("page", watch.page)
    await context.add_init_script(HEAR)
    try:
        yield context
    finally:
        await context.close()


@pytest.fixture
async def context(
    browser: Browser, watch: Watch, request: pytest.FixtureRequest
) -> AsyncIterator[BrowserContext]:
    """Fails the test for any error on a page, and leaves pictures of a failure behind."""
    async with visiting(browser, watch) as context:
        yield context
        if request.node.stash.get(FAILED, False):
            for number, page in enumerate(context.pages):
                await Screen(page).picture(f"failed-{request.node.name}-{number}")
    assert watch.troubles == []


@pytest.fixture
def open_tab(context: BrowserContext, house: OpenHouse, user: str) -> OpenTab:
    """Another tab of this test's user on the demo page, ready to be used."""

    async def open_it(url: str | None = None) -> Screen:
        page = await context.new_page()
        await page.goto(url or f"{house.url}/#token={house.token(user)}")
        return await Screen(page).ready()

    return open_it


@pytest.fixture
async def screen(open_tab: OpenTab) -> Screen:
    return await open_tab()
