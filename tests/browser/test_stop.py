"""Stop means stop: an answer keeps what was said, a film says what it cost."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenTab
from tests.browser.screen import Screen, Watch
from tests.fakes.house import open_studio
from tests.fakes.scripted_model import Hang, Say, ScriptedModel


@pytest.fixture
async def speaking(
    tmp_path: Path, watch: Watch, open_tab: OpenTab, user: str
) -> AsyncIterator[Screen]:
    """In the middle of an answer that would never end."""
    model = ScriptedModel(lambda _request: [Say("This much was said"), Hang()])
    async with open_studio(
        tmp_path / "data", adapters=lambda given: replace(given, chat_model=model)
    ) as house:
        watch.hosts.add(urlsplit(house.url).netloc)
        screen = await open_tab(f"{house.url}/#token={house.token(user)}")
        await screen.say("Tell me everything")
        await expect(screen.answers.last).to_have_text("This much was said")
        yield screen
        await screen.page.close()


async def test_a_double_click_on_send_does_not_stop_the_answer_that_runs(speaking: Screen):
    await speaking.composer.fill("And then?")
    await speaking.send.dblclick()
    await expect(speaking.said.filter(has_text="And then?")).to_have_count(1)
    await expect(speaking.stop).to_be_enabled()
    await expect(speaking.conversation.get_by_text("You stopped this answer.")).to_have_count(0)


async def test_a_stopped_answer_keeps_its_words_and_send_comes_back(speaking: Screen):
    await speaking.stop.click()
    await expect(speaking.send).to_be_visible()
    await expect(speaking.stop).to_have_count(0)
    await expect(speaking.answers.last).to_have_text("This much was said")
    await expect(speaking.conversation.get_by_text("You stopped this answer.")).to_be_visible()
    await speaking.picture("8-stopped-answer")


async def test_escape_stops_an_answer(speaking: Screen):
    await speaking.composer.press("Escape")
    await expect(speaking.conversation.get_by_text("You stopped this answer.")).to_be_visible()


async def test_a_stopped_answer_is_still_stopped_after_a_reload(speaking: Screen):
    await speaking.stop.click()
    await expect(speaking.stop).to_have_count(0)
    before = await speaking.story()
    await speaking.page.reload()
    await expect(speaking.conversation.get_by_text("You stopped this answer.")).to_be_visible()
    assert await speaking.story() == before


async def test_a_message_written_meanwhile_is_queued_and_answered_after_the_stop(speaking: Screen):
    await speaking.say("And this?")
    await expect(speaking.conversation.get_by_text("Queued")).to_be_visible()
    await speaking.stop.click()
    await expect(speaking.conversation.get_by_text("Queued")).to_have_count(0)
    await expect(speaking.answers).to_have_count(3)


async def test_a_stopped_film_says_so_and_that_nothing_was_charged(screen: Screen):
    await screen.say("Make a 20 second film of a paper boat on a pond")
    await expect(screen.bar).to_have_attribute("value", re.compile(r"0\.\d+"))
    await screen.job.get_by_role("button", name="Stop making this film").click()
    await expect(screen.job).to_contain_text("Film stopped")
    await expect(screen.job).to_contain_text("Nothing was charged.")
    await expect(screen.bar).to_have_count(0)
    await screen.picture("8-stopped-film")
    await screen.page.reload()
    await expect(screen.job).to_contain_text("Film stopped")
    await expect(screen.creatives).to_have_text("Creatives")


async def test_a_stopped_film_can_be_made_after_all(screen: Screen, half_way: asyncio.Event):
    await screen.say("Make a 4 second square film of a paper boat on a pond")
    await expect(screen.job).to_be_visible()
    await screen.job.get_by_role("button", name="Stop making this film").click()
    await expect(screen.job).to_contain_text("Film stopped")
    half_way.set()
    await screen.job.get_by_role("button", name="Make again").click()
    await screen.film()
