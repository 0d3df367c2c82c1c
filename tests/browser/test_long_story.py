"""A long story opens at its end, is read backwards in peace, and says what is new in it."""

import pytest
from playwright.async_api import BrowserContext, expect

from tests.browser.away import AWAY, look_away
from tests.browser.conftest import OpenTab
from tests.browser.screen import Screen
from tests.browser.seeding import tell_long_story
from tests.browser.test_accessibility import SCHEMES, needs_axe, objections
from tests.fakes.house import OpenHouse

LINES = 200
TOPS = """log => {
    const edge = log.getBoundingClientRect().top
    const item = [...log.querySelectorAll(".item")].find(each => each.getBoundingClientRect().top >= edge)
    return [item.textContent.trim(), Math.round(item.getBoundingClientRect().top)]
}"""
"""The first item that is wholly seen, and where."""
SETTLED = "() => new Promise(then => requestAnimationFrame(() => requestAnimationFrame(then)))"
"""A scrolled page is told of it in its next frame."""


@pytest.fixture
async def long(context: BrowserContext, open_tab: OpenTab, house: OpenHouse) -> tuple[Screen, str]:
    await context.add_init_script(AWAY)
    screen = await open_tab()
    (ready,) = await screen.events("ready")
    session = ready["sessionId"]
    await tell_long_story(house, session, LINES, text=lambda n: f"Line {n} of a **long** talk")
    await screen.page.reload()
    await screen.ready()
    return screen, session


async def test_it_opens_at_its_end_and_shows_earlier_things_without_moving(
    long: tuple[Screen, str],
):
    screen, _ = long
    items = screen.conversation.locator(".item")
    await expect(items.last).to_contain_text(f"Line {LINES - 1}")
    await expect(items.last).to_be_in_viewport()
    drawn = await items.count()
    assert drawn < LINES / 2
    await screen.page.get_by_role("button", name="Show earlier").focus()
    # Who comes to the button comes to the top, and that may draw earlier things by itself.
    await screen.page.evaluate(SETTLED)
    drawn = await items.count()
    before = await screen.conversation.evaluate(TOPS)
    await screen.page.keyboard.press("Enter")
    await expect(items).not_to_have_count(drawn)
    await screen.page.evaluate(SETTLED)
    after = await screen.conversation.evaluate(TOPS)
    assert (after[0], abs(after[1] - before[1]) < 3) == (before[0], True)
    await screen.picture("18-earlier")
    for _ in range(40):
        await screen.conversation.hover()
        await screen.page.mouse.wheel(0, -3000)
        if await items.count() > LINES:
            break
    await expect(items.nth(1)).to_contain_text("Line 0")
    await expect(screen.page.get_by_role("button", name="Show earlier")).to_have_count(0)


async def test_for_who_follows_the_end_of_a_long_talk_its_beginning_is_drawn_no_longer(
    screen: Screen, house: OpenHouse
):
    (ready,) = await screen.events("ready")
    await tell_long_story(house, ready["sessionId"], LINES, text=lambda n: f"Line {n}")
    items = screen.conversation.locator(".item")
    await expect(items.last).to_contain_text(f"Line {LINES - 1}")

    await expect(items.last).to_be_in_viewport()
    assert await items.count() < LINES * 0.7
    await expect(screen.page.get_by_role("button", name="Show earlier")).to_have_count(1)


async def test_what_came_while_nobody_looked_has_a_line_and_is_counted(
    long: tuple[Screen, str], house: OpenHouse
):
    screen, session = long
    await look_away(screen.page)
    await tell_long_story(house, session, 2, text=lambda n: f"News {n}")
    await expect(screen.conversation).to_contain_text("News 1")
    await look_away(screen.page, away=False)
    line = screen.conversation.locator(".item.is-new")
    await expect(line).to_have_count(1)
    assert "News 0" in await line.evaluate("line => line.nextElementSibling.textContent")
    await screen.picture("18-new")
    await screen.conversation.hover()
    await screen.page.mouse.wheel(0, -600)
    await expect(screen.page.get_by_role("button", name="Latest")).to_be_visible()
    await tell_long_story(house, session, 3, text=lambda n: f"More {n}")
    await screen.picture("18-latest")
    await screen.page.get_by_role("button", name="3 new").click()
    await expect(screen.conversation.locator(".item").last).to_be_in_viewport()
    await look_away(screen.page)
    await look_away(screen.page, away=False)
    await expect(line).to_have_count(0)


async def test_words_are_found_in_what_is_long_past(long: tuple[Screen, str]):
    screen, _ = long
    page, keyboard = screen.page, screen.page.keyboard
    await page.get_by_role("button", name="Chats").click()
    await page.get_by_role("menuitem", name="Search this chat").click()
    bar = page.get_by_role("search")
    await expect(bar.get_by_role("searchbox")).to_be_focused()
    await keyboard.type("line 1")
    await expect(bar.get_by_role("status")).to_have_text("111 of 111")
    found = screen.conversation.locator(".found .answer")
    await expect(found).to_have_text(f"Line {LINES - 1} of a long talk")
    await keyboard.type("7 of")
    await expect(bar.get_by_role("status")).to_have_text("1 of 1")
    await expect(found).to_have_text("Line 17 of a long talk")
    await expect(found).to_be_in_viewport()
    await screen.picture("18-found")
    await bar.get_by_role("searchbox").fill("LINE 19")
    await expect(bar.get_by_role("status")).to_have_text("11 of 11")
    await keyboard.press("Enter")
    await expect(bar.get_by_role("status")).to_have_text("10 of 11")
    await bar.get_by_role("button", name="Next").click()
    await bar.get_by_role("button", name="Next").click()
    await expect(found).to_have_text("Line 19 of a long talk")
    await keyboard.press("Escape")
    await expect(bar).to_have_count(0)
    await expect(page.get_by_role("button", name="Chats")).to_be_focused()


@needs_axe
@SCHEMES
async def test_axe_objects_to_nothing_in_a_search(screen: Screen, scheme: str):
    await screen.page.get_by_role("button", name="Chats").click()
    await screen.page.get_by_role("menuitem", name="Search this chat").click()
    await screen.page.keyboard.type("plain English")
    await expect(screen.conversation.locator(".found")).to_have_count(1)
    assert await objections(screen, scheme) == []
    await screen.picture(f"18-search-{scheme}")
