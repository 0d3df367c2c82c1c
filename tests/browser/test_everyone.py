"""Whoever looks at it, on whatever: cut off or signed out, without motion, in forced colours, on a wall."""

import pytest
from playwright.async_api import Browser, BrowserContext, expect

from tests.browser.conftest import visiting
from tests.browser.screen import Screen, Watch
from tests.browser.test_accessibility import SCHEMES, needs_axe, objections
from tests.browser.test_coming_back import CUT_OFF
from tests.fakes.house import OpenHouse

MOVING = """() => document.querySelector("campaign-chat").shadowRoot.getAnimations()
    .filter(each => each.playState === "running" && each.effect.getTiming().iterations === Infinity).length"""


@needs_axe
@SCHEMES
async def test_axe_objects_to_nothing_offline_with_a_message_that_waits(
    screen: Screen, context: BrowserContext, watch: Watch, scheme: str
):
    watch.bearable = CUT_OFF
    await context.set_offline(offline=True)
    await screen.say("What models can I use?")
    await expect(screen.status).to_have_text("You are offline")
    assert await objections(screen, scheme) == []
    await screen.picture(f"12-offline-{scheme}")


@needs_axe
@SCHEMES
async def test_axe_objects_to_nothing_signed_out(screen: Screen, scheme: str):
    await screen.page.evaluate(
        "() => Object.assign(document.querySelector('campaign-chat'),"
        " { getToken: async () => '', sessionId: 'another' })"
    )
    await expect(screen.status).to_have_text("Signed out")
    assert await objections(screen, scheme) == []
    await screen.picture(f"12-signed-out-{scheme}")


async def test_who_wants_no_motion_sees_none(
    browser: Browser, house: OpenHouse, watch: Watch, user: str
):
    async with visiting(browser, watch, reduced_motion="reduce") as context:
        page = await context.new_page()
        await page.goto(f"{house.url}/#token={house.token(user)}")
        screen = await Screen(page).ready()
        await screen.say("Make a 20 second film of a paper boat with the draft model")
        await expect(screen.bar).to_be_visible()
        assert await page.evaluate(MOVING) == 0
        await screen.job.get_by_role("button", name="Stop making this film").click()
        await expect(screen.job).to_contain_text("Film stopped")
    assert watch.troubles == []


async def test_in_forced_colours_what_is_chosen_can_still_be_told(screen: Screen):
    await screen.page.emulate_media(forced_colors="active", reduced_motion="reduce")
    chosen, other = (screen.page.get_by_role("tab", name=name) for name in ("Chat", "Creatives"))
    await expect(chosen).to_have_css("forced-color-adjust", "none")
    await expect(other).to_have_css("forced-color-adjust", "auto")
    await screen.picture("12-forced-colours")


@pytest.mark.parametrize("width", [320, 3840])
async def test_from_the_narrowest_phone_to_a_wall(screen: Screen, width: int):
    await screen.page.set_viewport_size({"width": width, "height": 2160 if width > 1000 else 640})
    await screen.ask("What models can I use?")
    assert await screen.overflow() == 0
    await expect(screen.composer).to_be_in_viewport(ratio=1)
    await screen.picture(f"13-wide-{width}")
