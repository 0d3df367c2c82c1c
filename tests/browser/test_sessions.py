"""Several chats of one campaign: each keeps its story and its half-written words."""

import re

from playwright.async_api import ViewportSize, expect

from tests.browser.screen import Screen
from tests.browser.test_accessibility import SCHEMES, needs_axe, objections
from tests.browser.test_keyboard import focused

PHONE: ViewportSize = {"width": 320, "height": 640}


async def test_two_chats_are_led_side_by_side(screen: Screen):
    page, keyboard = screen.page, screen.page.keyboard
    chats = page.get_by_role("button", name="Chats")
    rows = page.get_by_role("menuitemradio")
    await screen.ask("What models can I use?")
    await screen.composer.fill("A film about")
    await page.get_by_role("button", name="New chat").click()
    await expect(screen.said).to_have_count(0)
    await expect(screen.composer).to_be_focused()
    await expect(screen.composer).to_have_value("")
    await screen.ask("Help me write a better prompt")
    await screen.composer.fill("And for children")
    await chats.press("Enter")
    await expect(rows).to_have_count(2)
    assert await focused(screen) == "New chat"
    await keyboard.press("ArrowDown")
    await keyboard.press("ArrowDown")
    await expect(rows.first).to_be_focused()
    await expect(rows.first).to_have_text(re.compile("Help me write a better prompt"))
    await expect(rows.first).to_be_checked()
    await screen.picture("16-chats")
    await keyboard.press("Escape")
    await expect(chats).to_be_focused()
    await expect(rows).to_have_count(0)
    await keyboard.press("Enter")
    await expect(rows).to_have_count(2)
    await keyboard.press("ArrowUp")
    await expect(rows.last).to_be_focused()
    await keyboard.press("Enter")
    await expect(screen.said).to_have_text("What models can I use?")
    await expect(screen.composer).to_be_focused()
    await expect(screen.composer).to_have_value("A film about")
    assert await screen.events("video-generated") == []
    await page.reload()
    await expect(screen.said).to_have_text("What models can I use?")
    await expect(screen.composer).to_have_value("A film about")
    await chats.click()
    await rows.filter(has_text="Help me").click()
    await expect(screen.said).to_have_text("Help me write a better prompt")
    await expect(screen.composer).to_have_value("And for children")


@needs_axe
@SCHEMES
async def test_axe_objects_to_nothing_in_the_menu_of_chats(screen: Screen, scheme: str):
    await screen.page.set_viewport_size(PHONE)
    await screen.page.get_by_role("button", name="Chats").click()
    await expect(screen.page.get_by_role("menuitemradio")).to_have_count(1)
    assert await objections(screen, scheme) == []
    assert await screen.overflow() <= 0
    await screen.picture(f"16-chats-{scheme}")
