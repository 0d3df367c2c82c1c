"""Creatives: found, held against each other, judged, taken back; and no film is loaded before it is seen."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Locator, ViewportSize, expect

from tests.browser.conftest import visiting
from tests.browser.screen import Screen, Watch
from tests.browser.seeding import copy_film
from tests.browser.test_accessibility import SCHEMES, needs_axe, objections
from tests.fakes.house import OpenHouse

MORE_FILMS = 11
NARROW: ViewportSize = {"width": 320, "height": 720}
WIDE: ViewportSize = {"width": 1280, "height": 860}


@pytest.fixture(scope="module")
async def full(browser: Browser, house: OpenHouse) -> AsyncIterator[Screen]:
    """A chat of one evening with a dozen films, opened anew by somebody who has seen none of them."""
    watch = Watch(hosts={urlsplit(house.url).netloc})
    async with visiting(browser, watch) as context:
        page = await context.new_page()
        await page.goto(f"{house.url}/#token={house.token('the-gallery')}")
        screen = await Screen(page).ready()
        await screen.say("Make a 4 second square film of a paper boat on a pond")
        await screen.film()
        (ready,) = await screen.events("ready")
        await copy_film(house, ready["sessionId"], MORE_FILMS)
        yield screen
    assert watch.troubles == []


@pytest.fixture
async def gallery(full: Screen) -> Locator:
    await full.page.reload()
    await full.ready()
    await full.creatives.click()
    cards = full.page.locator(".gallery article.film")
    await expect(cards).to_have_count(MORE_FILMS + 1)
    return cards


async def test_a_dozen_films_load_nothing_until_they_are_seen(full: Screen):
    asked: list[str] = []
    full.page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    await full.page.reload()
    await full.ready()
    await expect(full.films).to_have_count(MORE_FILMS + 1)
    videos = full.films.locator("video")
    await expect(full.films.last.locator("video")).to_be_attached()
    loading = await videos.all()
    assert len(loading) < MORE_FILMS / 2
    for video in loading:
        # What is still being loaded for the chat would be counted as asked for by the gallery.
        await expect(video).to_have_js_property("readyState", 4)
    asked.clear()
    await full.creatives.click()
    cards = full.page.locator(".gallery article.film")
    await expect(cards.first.locator("img")).to_have_js_property("complete", value=True)
    assert [path for path in asked if path.endswith(".mp4")] == []
    await cards.first.get_by_role("button", name="Play").click()
    await expect(cards.first.locator("video")).to_have_js_property("paused", value=False)
    assert any(path.endswith(".mp4") for path in asked)


async def test_a_verdict_has_a_reason_and_a_way_back(full: Screen, gallery: Locator):
    page = full.page
    await page.get_by_role("button", name="Needs review").first.click()
    first = gallery.first
    await first.get_by_role("button", name="Approve").click()
    await expect(first.locator(".status")).to_have_text("Approved")
    await expect(page.get_by_role("button", name="Approved 1")).to_be_visible()
    await expect(first.get_by_role("button", name="Approve", exact=True)).to_be_focused()
    await first.get_by_role("button", name="Undo").click()
    await expect(first.locator(".status")).to_have_text("Needs review")
    await first.get_by_role("button", name="Reject").click()
    await expect(first.get_by_role("textbox", name="Note")).to_be_focused()
    await full.picture("15-rejecting")
    await page.keyboard.type("The boat sinks")
    await page.keyboard.press("Enter")
    await expect(first.locator(".quoted")).to_have_text("The boat sinks")
    await expect(first.get_by_role("button", name="Note")).to_be_focused()
    await full.picture("15-rejected")
    await first.get_by_role("button", name="Undo").click()
    await expect(first.locator(".status")).to_have_text("Needs review")
    await expect(first.locator(".quoted")).to_have_count(0)
    await first.get_by_role("button", name="Reject").click()
    await first.get_by_role("button", name="Skip").click()
    await page.get_by_role("button", name="Rejected 1").click()
    await expect(gallery).to_have_count(1)
    await gallery.get_by_role("button", name="Needs review").click()
    await expect(gallery.locator(".status")).to_have_text("Needs review")
    await expect(gallery.get_by_role("button", name="Approve")).to_be_focused()


async def test_two_films_are_compared_and_one_is_approved(full: Screen, gallery: Locator):
    page = full.page
    await gallery.nth(0).get_by_role("button", name="Compare").click()
    await expect(page.get_by_text("Choose another film to compare.")).to_be_visible()
    await full.picture("15-picking")
    await gallery.nth(2).get_by_role("button", name="Compare").press("Enter")
    pair = page.get_by_role("group", name="Compare two films").get_by_role("article")
    await expect(pair).to_have_count(2)
    await expect(page.get_by_role("button", name="Back")).to_be_focused()
    await expect(pair.first.locator(".meta")).to_contain_text("Draft animatic · 4 s · 1:1")
    for film in (pair.nth(0), pair.nth(1)):
        # A short film is over before a slow browser finds the button that pauses it.
        await film.locator("video").evaluate("video => { video.loop = true }")
    await page.get_by_role("button", name="Play both").click()
    for film in (pair.nth(0), pair.nth(1)):
        await expect(film.locator("video")).to_have_js_property("paused", value=False)
    await page.get_by_role("button", name="Pause both").click()
    await pair.nth(1).get_by_role("button", name="Approve").click()
    await expect(pair.nth(1).locator(".status")).to_have_text("Approved")
    await full.picture("15-compare")
    await page.set_viewport_size(NARROW)
    boxes = [await each.bounding_box() for each in await pair.all()]
    assert all(boxes)
    assert len({box["x"] for box in boxes if box}) == 1
    assert await full.overflow() <= 0
    await full.picture("15-compare-narrow")
    await page.set_viewport_size(WIDE)
    await page.keyboard.press("Escape")
    await expect(gallery.nth(2).get_by_role("button", name="Compare")).to_be_focused()
    await expect(gallery.nth(2).locator(".status")).to_have_text("Approved")


async def test_the_budget_is_seen_and_another_one_like_it_is_two_taps_away(
    full: Screen, gallery: Locator
):
    page = full.page
    await expect(page.get_by_text("$0.00 of $25.00 spent")).to_be_visible()
    await gallery.first.get_by_role("button", name="Make another like this").click()
    prompt = page.get_by_role("textbox", name="Prompt")
    await expect(prompt).to_be_focused()
    await expect(prompt).to_have_value("Make a 4 second square film of a paper boat on a pond")
    await full.picture("15-another")


@needs_axe
@SCHEMES
async def test_axe_objects_to_nothing_in_gallery_and_comparison(
    full: Screen, gallery: Locator, scheme: str
):
    await gallery.first.get_by_role("button", name="Reject").click()
    assert await objections(full, scheme) == []
    await full.picture(f"15-gallery-{scheme}")
    await gallery.first.get_by_role("button", name="Undo").click()
    for number in (0, 1):
        await gallery.nth(number).get_by_role("button", name="Compare").click()
    assert await objections(full, scheme) == []
    await full.picture(f"15-compare-{scheme}")
