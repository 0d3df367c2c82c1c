"""What a person is following stays in sight."""

import asyncio

from playwright.async_api import expect

from tests.browser.screen import FILM_MS, Screen


async def test_a_film_that_gets_ready_does_not_pull_the_next_answer_out_of_sight(
    screen: Screen, half_way: asyncio.Event
):
    await screen.say("Make a 4 second film of a paper boat with the draft model")
    await expect(screen.bar).to_be_visible()
    answer = await screen.ask("What models can I use?")
    assert "Ready now" in answer
    half_way.set()
    await expect(screen.films).to_have_count(1, timeout=FILM_MS)
    await expect(screen.announcements.last).to_be_visible()
    await expect(screen.announcements.last).to_be_in_viewport()
