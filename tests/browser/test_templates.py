"""The templates from the chat, by name and by description; what is missing is asked for."""

import asyncio

from playwright.async_api import expect

from tests.browser.screen import Screen


async def test_named_it_asks_for_what_it_needs_and_then_makes_the_film(
    screen: Screen, half_way: asyncio.Event
):
    answer = await screen.ask("Use the brand animation template")
    assert answer.rstrip().endswith("?")
    await expect(screen.job).to_have_count(0)
    await screen.say("Havra")
    await expect(screen.job).to_be_visible()
    await screen.picture("9-template")
    await _stop(screen)
    half_way.set()


async def test_described_it_is_the_social_template_with_the_platforms_frame_and_length(
    screen: Screen, half_way: asyncio.Event
):
    await screen.say("An Instagram post about our summer sale")
    await expect(screen.job).to_contain_text("15 s · 9:16")
    await _stop(screen)
    half_way.set()


async def _stop(screen: Screen) -> None:
    """The house draws one draft at a time: the next test's would wait for this one."""
    await screen.job.get_by_role("button", name="Stop making this film").click()
    await expect(screen.job).to_contain_text("Film stopped")
