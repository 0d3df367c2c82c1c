"""The API's page, under its own policy: readable without a script, by everybody, on a small screen too."""

import pytest
from playwright.async_api import BrowserContext, expect

from tests.browser.test_accessibility import AXE, RULES
from tests.fakes.house import OpenHouse

WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


async def test_a_link_leads_to_an_operation(house: OpenHouse, context: BrowserContext):
    page = await context.new_page()
    await page.goto(f"{house.url}/api/docs")

    await page.get_by_role("navigation").get_by_text("/api/video/generate").click()

    await expect(page.locator("#generateVideo")).to_be_in_viewport()
    await expect(page.locator("#generateVideo")).to_contain_text("Make a film")


@pytest.mark.parametrize("width", [320, 390, 768])
async def test_nothing_is_wider_than_a_small_screen(
    house: OpenHouse, context: BrowserContext, width: int
):
    page = await context.new_page()
    await page.set_viewport_size({"width": width, "height": 800})
    await page.goto(f"{house.url}/api/docs")

    assert await page.evaluate(WIDER) == 0


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed: npm --prefix web ci")
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_objects_to_nothing(house: OpenHouse, context: BrowserContext, scheme: str):
    page = await context.new_page()
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await page.goto(f"{house.url}/api/docs")
    await page.evaluate(f"{AXE.read_text('utf-8')};0")

    found = await page.evaluate(
        "rules => axe.run(document, { runOnly: rules, resultTypes: ['violations'] })", RULES
    )

    assert [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found["violations"]] == []
