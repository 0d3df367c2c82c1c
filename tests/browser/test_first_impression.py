"""What a new user sees first: the page as `make run` opens it, with no key and no account."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import BrowserContext, expect

from tests.browser.conftest import OpenTab
from tests.browser.screen import Screen, Watch
from tests.fakes.house import OpenHouse, open_studio
from tests.fakes.scripted_model import Say, ScriptedModel


@pytest.fixture
async def guest_house(tmp_path: Path) -> AsyncIterator[OpenHouse]:
    """No JWT_SECRET: this machine's own guest mode."""
    async with open_studio(tmp_path / "data", jwt_secret=None) as house:
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


async def test_opening_and_reloading_ask_no_language_model(
    tmp_path: Path, watch: Watch, open_tab: OpenTab, user: str
):
    model = ScriptedModel(lambda _request: [Say("Asked")])
    async with open_studio(
        tmp_path / "quiet", adapters=lambda given: replace(given, chat_model=model)
    ) as house:
        watch.hosts.add(urlsplit(house.url).netloc)
        screen = await open_tab(f"{house.url}/#token={house.token(user)}")
        await expect(screen.answers).to_have_count(1)
        await screen.page.reload()
        await screen.ready()
        assert model.requests == []
        await screen.page.close()


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


async def test_asked_for_models_it_looks_and_lists_what_can_be_used_and_why_not(page: Screen):
    answer = await page.ask("What models can I use?")
    await expect(page.steps).to_have_count(1)
    await expect(page.steps).to_contain_text("Looking at the video models")
    ready, missing, retired = _parts(answer, "Ready now", "Not available here", "Retired")
    assert "draft" in ready
    assert "veo-3.1" in missing
    assert "REPLICATE_API_KEY is not set" in missing
    assert "sora-2-pro" in retired
    assert "24 September 2026" in retired
    await page.picture("2-models")


async def test_what_the_tool_was_asked_and_answered_can_be_unfolded(page: Screen):
    await page.ask("What models can I use?")
    step = page.steps.last
    await expect(step.get_by_text("Answered")).to_be_hidden()
    await step.locator("summary").click()
    await expect(step.get_by_text("Answered")).to_be_visible()


def _parts(text: str, *titles: str) -> list[str]:
    """What stands under each title, in this order."""
    starts = [text.index(title) for title in titles]
    return [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
