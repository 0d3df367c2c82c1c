"""A phone, and the narrowest one there is: everything in its width, the composer in sight."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.browser.screen import Screen


@pytest.mark.parametrize("width", [390, 320])
async def test_the_composer_is_in_sight_and_nothing_is_wider_than_the_screen(
    screen: Screen, width: int
):
    await screen.page.set_viewport_size({"width": width, "height": 700})
    await expect(screen.composer).to_be_in_viewport(ratio=1)
    await expect(screen.send).to_be_in_viewport(ratio=1)
    assert await screen.overflow() == 0
    await screen.picture(f"13-empty-{width}")


@pytest.mark.parametrize("width", [390, 320])
async def test_a_long_answer_and_a_long_word_stay_within_the_screen(screen: Screen, width: int):
    await screen.page.set_viewport_size({"width": width, "height": 700})
    await screen.ask("What models can I use?")
    await screen.ask("oat" * 300)
    await expect(screen.composer).to_be_in_viewport(ratio=1)
    assert await screen.overflow() == 0
    await screen.picture(f"13-talk-{width}")


async def test_a_film_being_made_and_finished_fits_the_narrowest_phone(
    screen: Screen, half_way: asyncio.Event
):
    await screen.page.set_viewport_size({"width": 320, "height": 700})
    await screen.say("Make a 4 second square film of a paper boat with the draft model")
    await expect(screen.bar).to_be_visible()
    assert await screen.overflow() == 0
    half_way.set()
    film = await screen.film()
    assert await screen.overflow() == 0
    await expect(film.locator("video")).to_be_in_viewport(ratio=1)
    await screen.picture("13-film-320")
    await screen.creatives.click()
    assert await screen.overflow() == 0
    await screen.picture("13-creatives-320")
