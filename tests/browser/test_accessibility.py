"""axe finds nothing to object to, in any main state, light and dark."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import ROOT, visiting
from tests.browser.screen import Screen, Watch
from tests.fakes.house import OpenHouse

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])

needs_axe = pytest.mark.skipif(
    not AXE.is_file(), reason="axe-core is not installed: npm --prefix web ci"
)
pytestmark = needs_axe


@pytest.fixture(scope="module")
async def visited(browser: Browser, house: OpenHouse) -> AsyncIterator[Screen]:
    """One visit, from the empty chat to the creatives; the tests follow it in their order."""
    watch = Watch(hosts={urlsplit(house.url).netloc})
    async with visiting(browser, watch) as context:
        page = await context.new_page()
        await page.goto(f"{house.url}/#token={house.token('the-axe')}")
        yield await Screen(page).ready()
    assert watch.troubles == []


@SCHEMES
async def test_the_empty_chat(visited: Screen, scheme: str):
    assert await objections(visited, scheme) == []
    await visited.picture(f"12-empty-{scheme}")


@SCHEMES
async def test_images_taken_and_refused(visited: Screen, scheme: str, tmp_path: Path):
    if scheme == "light":
        note = tmp_path / "note.txt"
        note.write_text("no picture")
        await visited.give("drop", note)
        await expect(visited.attachments).to_have_class("attachment failed")
    assert await objections(visited, scheme) == []
    await visited.picture(f"12-refused-{scheme}")
    if scheme == "dark":
        await visited.attachments.get_by_role("button", name="Remove").click()


@SCHEMES
async def test_an_answer_with_a_list(visited: Screen, scheme: str):
    if scheme == "light":
        await visited.ask("What models can I use?")
    assert await objections(visited, scheme) == []
    await visited.picture(f"12-answer-{scheme}")


@SCHEMES
async def test_a_film_being_made(visited: Screen, scheme: str):
    if scheme == "light":
        await visited.say("Make a 60 second film of a paper boat on a pond")
    await expect(visited.bar).to_be_visible()
    found = await objections(visited, scheme)
    await visited.picture(f"12-making-{scheme}")
    if scheme == "dark":
        await visited.job.get_by_role("button", name="Stop making this film").click()
        await expect(visited.job).to_contain_text("Film stopped")
    assert found == []


@SCHEMES
async def test_a_finished_film(visited: Screen, scheme: str):
    if scheme == "light":
        await visited.say("Make a 4 second square film of a paper boat on a pond")
    await visited.film()
    assert await objections(visited, scheme) == []
    await visited.picture(f"12-film-{scheme}")


@SCHEMES
async def test_the_creatives(visited: Screen, scheme: str):
    await visited.creatives.click()
    await expect(visited.page.locator(".gallery article.film")).to_be_visible()
    assert await objections(visited, scheme) == []
    await visited.picture(f"12-creatives-{scheme}")


async def objections(screen: Screen, scheme: str) -> list[str]:
    # A colour on its way from light to dark is neither: who wants things still sees it change at once.
    await screen.page.emulate_media(
        color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce"
    )
    # Evaluated, not added as a script: the page's own policy would refuse that, and rightly.
    await screen.page.evaluate(f"{AXE.read_text('utf-8')};0")
    found: dict[str, Any] = await screen.page.evaluate(
        "rules => axe.run(document, { runOnly: rules, resultTypes: ['violations'] })", RULES
    )
    return [
        f"{each['id']}: {each['help']} {node['target']} {node['failureSummary']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]
