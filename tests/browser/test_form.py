"""The form of a film: filled in, priced, made, and empty again."""

from playwright.async_api import Locator, expect

from tests.browser.screen import Screen

BOAT = "A paper boat sails across a pond at dawn"


async def form_of(screen: Screen) -> Locator:
    await screen.page.get_by_role("button", name="🎬 Videos").click()
    form = screen.page.get_by_role("form", name="New film")
    await expect(form.get_by_role("textbox", name="Prompt")).to_be_focused()
    return form


async def test_a_film_from_the_form_stands_where_the_form_stood(screen: Screen):
    form = await form_of(screen)
    await form.get_by_role("textbox", name="Prompt").fill(BOAT)
    generate = form.get_by_role("button", name="Generate free draft")
    await expect(generate).to_be_enabled()
    await screen.picture("17-form")
    await generate.click()
    await expect(form).to_have_count(0)
    await screen.film()
    (detail,) = await screen.events("video-generated")
    assert detail["prompt"] == BOAT
