"""Told when done: by the title and the desktop, once for all tabs, and never who has seen it."""

import asyncio

from playwright.async_api import BrowserContext, Page, expect

from tests.browser.away import AWAY, DESKTOP, look_away
from tests.browser.conftest import OpenTab
from tests.browser.screen import FILM_MS
from tests.browser.seeding import copy_film
from tests.fakes.house import OpenHouse


async def notes(*pages: Page) -> list[str]:
    return [note for page in pages for note in await page.evaluate("notes")]


async def decided(page: Page, times: int) -> None:
    await page.wait_for_function("times => decided === times", arg=times)


async def test_a_film_that_ends_while_nobody_looks_is_told_once_over_two_tabs(
    context: BrowserContext, open_tab: OpenTab, house: OpenHouse, half_way: asyncio.Event
):
    await context.add_init_script(AWAY + DESKTOP)
    one, other = await open_tab(), await open_tab()
    title = await one.page.title()
    await one.say("Make a 4 second square film of a paper boat")
    await one.job.get_by_role("button", name="Notify me when it's ready").click()
    await expect(one.job).to_contain_text("You will be notified.")
    await one.picture("17-notify")
    for tab in (one, other):
        await look_away(tab.page)
    half_way.set()
    for tab in (one, other):
        await expect(tab.page).to_have_title(f"(1) {title}", timeout=FILM_MS)
        await decided(tab.page, 1)
    assert await notes(one.page, other.page) == [
        "Your film is ready: Make a 4 second square film of a paper boat"
    ]
    await look_away(one.page, away=False)
    await expect(one.page).to_have_title(title)
    await expect(one.conversation.locator(".new")).to_have_text("New")
    await one.picture("17-new")
    (ready,) = await one.events("ready")
    await copy_film(house, ready["sessionId"], 1)
    await expect(other.page).to_have_title(f"(2) {title}")
    for tab in (one, other):
        await decided(tab.page, 2)
    assert len(await notes(one.page, other.page)) == 1
    await expect(one.page).to_have_title(title)
    await other.page.reload()
    await other.film(2)
    await expect(other.page).to_have_title(title)
    assert await notes(other.page) == []
