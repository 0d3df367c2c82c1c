"""Reloaded, cut off, killed: the story is whole, nothing stands there twice, and it goes on."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from playwright.async_api import BrowserContext, expect

from tests.browser.conftest import OpenTab
from tests.browser.screen import Screen, Watch
from tests.fakes.house import OpenHouse, open_studio, studio_process
from tests.fakes.scripted_model import Pause, Say, ScriptedModel

BOAT = "Make a 5 second square film of a paper boat on a pond, with the draft model"
PART_DONE = re.compile(r"0\.\d+")
CUT_OFF = ("WebSocket connection to", "ERR_INTERNET_DISCONNECTED", "ERR_CONNECTION_REFUSED")
"""What Chromium itself writes to the console when a network or a server is gone."""


async def timeline(house: Any, user: str) -> list[dict[str, Any]]:
    """The record as a program reads it over REST."""
    headers = {"Authorization": f"Bearer {house.token(user)}"}
    async with aiohttp.ClientSession(house.url, headers=headers) as http:
        async with http.get("/api/sessions", params={"campaignId": "spring-26"}) as reply:
            (session,) = (await reply.json())["sessions"]
        async with http.get(f"/api/sessions/{session['sessionId']}/entries") as reply:
            entries: list[dict[str, Any]] = (await reply.json())["entries"]
    return entries


def of_type(entries: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [entry for entry in entries if entry["type"] == name]


class SlowAnswer:
    """A model that stops in the middle until it is let go on."""

    def __init__(self) -> None:
        self.pause = Pause(asyncio.Event())
        self.model = ScriptedModel(
            lambda _request: [Say("The first half, "), self.pause, Say("and the second half.")]
        )


@pytest.fixture
async def slow(tmp_path: Path) -> AsyncIterator[tuple[OpenHouse, SlowAnswer]]:
    answer = SlowAnswer()
    async with open_studio(
        tmp_path / "data", adapters=lambda given: replace(given, chat_model=answer.model)
    ) as house:
        yield house, answer


async def test_reloaded_in_the_middle_of_an_answer_it_goes_on_where_it_was(
    slow: tuple[OpenHouse, SlowAnswer], watch: Watch, open_tab: OpenTab, user: str
):
    house, answer = slow
    watch.hosts.add(urlsplit(house.url).netloc)
    screen = await open_tab(f"{house.url}/#token={house.token(user)}")
    await screen.say("Tell me")
    await expect(screen.answers.last).to_have_text("The first half,")
    await screen.page.reload()
    await expect(screen.answers.last).to_have_text("The first half,")
    answer.pause.gate.set()
    await screen.answered()
    await expect(screen.answers.last).to_have_text("The first half, and the second half.")
    await expect(screen.said).to_have_text(["Tell me"])
    entries = await timeline(house, user)
    recorded = [each["data"]["text"] for each in of_type(entries, "message.added")]
    assert recorded[-1] == "The first half, and the second half."
    assert len(recorded) == await screen.said.count() + await screen.answers.count()


async def test_reloaded_in_the_middle_of_a_render_the_film_still_comes_once(
    screen: Screen, house: OpenHouse, user: str, half_way: asyncio.Event
):
    await screen.say(BOAT)
    await expect(screen.bar).to_have_attribute("value", PART_DONE)
    await screen.page.reload()
    await expect(screen.bar).to_be_visible()
    await expect(screen.bar).to_have_attribute("value", PART_DONE)
    half_way.set()
    await screen.film()
    await expect(screen.films).to_have_count(1)
    await expect(screen.announcements).to_have_count(1)
    entries = await timeline(house, user)
    assert len(of_type(entries, "creative.added")) == 1
    told = [each["data"]["text"] for each in of_type(entries, "message.added")]
    assert len(told) == await screen.conversation.locator(".is-message").count()
    assert await screen.events("video-generated") != []


async def test_a_server_killed_in_the_middle_of_a_render_finishes_it_when_it_is_back(
    context: BrowserContext, watch: Watch, tmp_path: Path, user: str
):
    watch.bearable = CUT_OFF
    async with studio_process(tmp_path) as studio:
        watch.hosts.add(urlsplit(studio.url).netloc)
        page = await context.new_page()
        await page.goto(f"{studio.url}/#token={studio.token(user)}")
        screen = await Screen(page).ready()
        await screen.say(BOAT)
        await expect(screen.bar).to_have_attribute("value", PART_DONE)
        await studio.kill()
        await expect(screen.status).to_have_text("Reconnecting…")
        await expect(screen.composer).to_be_editable()
        await screen.picture("6-killed")
        await studio.start()
        await expect(screen.status).to_have_text("Ready")
        await screen.film()
        await expect(screen.films).to_have_count(1)
        await expect(screen.announcements).to_have_count(1)
        entries = await timeline(studio, user)
        assert len(of_type(entries, "creative.added")) == 1
        assert len(await screen.events("video-generated")) == 1


async def test_what_is_sent_in_one_tab_appears_in_the_other(open_tab: OpenTab):
    one, other = await open_tab(), await open_tab()
    await one.say("What models can I use?")
    await expect(other.said).to_have_text(["What models can I use?"])
    await one.answered()
    await other.answered()
    await other.ask("Thanks")
    await expect(one.said).to_have_text(["What models can I use?", "Thanks"])
    await one.answered()
    assert await one.story() == await other.story()


async def test_two_tabs_that_write_at_once_show_one_order(open_tab: OpenTab):
    one, other = await open_tab(), await open_tab()
    await asyncio.gather(one.say("Hello from the first"), other.say("Hello from the second"))
    for tab in (one, other):
        await expect(tab.said).to_have_count(2)
        await expect(tab.answers).to_have_count(3)
        await tab.answered()
    assert await one.story() == await other.story()


async def test_offline_it_says_so_and_what_is_sent_then_arrives_once(
    screen: Screen, context: BrowserContext, watch: Watch, house: OpenHouse, user: str
):
    watch.bearable = CUT_OFF
    await context.set_offline(True)
    await expect(screen.status).to_have_text("You are offline")
    await screen.say("What models can I use?")
    await expect(screen.page.get_by_text("Waiting for the connection")).to_be_visible()
    await screen.picture("11-offline")
    await context.set_offline(False)
    await expect(screen.status).to_have_text("Ready")
    await screen.answered()
    await expect(screen.said).to_have_count(1)
    sent = of_type(await timeline(house, user), "message.added")
    assert [each["data"]["text"] for each in sent if each["data"]["sender"] == "user"] == [
        "What models can I use?"
    ]


async def test_a_message_written_offline_survives_a_reload(
    screen: Screen, context: BrowserContext, watch: Watch
):
    watch.bearable = CUT_OFF
    await context.set_offline(True)
    await screen.say("What models can I use?")
    await context.set_offline(False)
    await screen.page.reload()
    await screen.answered()
    await expect(screen.said).to_have_text(["What models can I use?"])


async def test_a_half_written_message_survives_a_reload(screen: Screen):
    await screen.composer.fill("A film about")
    await screen.page.reload()
    await expect(screen.composer).to_have_value("A film about")
