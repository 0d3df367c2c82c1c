"""What a new user sees first: the page as `make run` opens it, with no key and no account."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import BrowserContext, expect

from tests.browser.screen import Screen, Watch
from tests.fakes.house import OpenHouse, open_studio


@pytest.fixture(scope="module")
async def guest_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OpenHouse]:
    """No JWT_SECRET: this machine's own guest mode."""
    async with open_studio(tmp_path_factory.mktemp("guest"), jwt_secret=None) as house:
        yield house


@pytest.fixture
def watch(guest_house: OpenHouse) -> Watch:
    return Watch(hosts={urlsplit(guest_house.url).netloc})


@pytest.fixture
async def page(context: BrowserContext, guest_house: OpenHouse) -> Screen:
    tab = await context.new_page()
    await tab.goto(guest_house.url)
    return await Screen(tab).ready()


async def test_the_first_line_says_that_it_is_an_ai_and_that_it_runs_offline(page: Screen):
    await expect(page.answers).to_have_count(1)
    await expect(page.answers).to_contain_text("AI assistant, running offline")
    await page.picture("1-first-impression")


async def test_four_starters_are_offered(page: Screen):
    starters = page.page.get_by_role("list", name="Ways to start").get_by_role("button")
    await expect(starters).to_have_count(4)


async def test_a_starter_fills_the_composer_and_is_sent_with_enter(page: Screen):
    await page.page.get_by_role("button", name="What models can I use?").click()
    await expect(page.composer).to_have_value("What models can I use?")
    await expect(page.composer).to_be_focused()
    await page.page.keyboard.press("Enter")
    await expect(page.said).to_have_text(["What models can I use?"])
    await expect(page.composer).to_have_value("")


@pytest.mark.parametrize("width", [390, 320])
async def test_a_phone_sees_the_composer_and_scrolls_only_downwards(page: Screen, width: int):
    await page.page.set_viewport_size({"width": width, "height": 700})
    await expect(page.composer).to_be_in_viewport()
    await expect(page.send).to_be_in_viewport(ratio=1)
    assert await _overflow(page) == 0
    await page.picture(f"1-first-impression-{width}")


async def _overflow(page: Screen) -> int:
    wider: int = await page.page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wider
