"""The main states as a person sees them, kept to be looked at; axe objects to none, in light and in dark."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from tests.browser.conftest import OpenTab, visiting
from tests.browser.screen import Screen, Watch
from tests.browser.test_accessibility import needs_axe, objections
from tests.browser.test_form import Form
from tests.browser.test_money import approve, buying, ordered
from tests.fakes.house import OpenHouse, open_studio
from tests.fakes.pictures import logo_png
from tests.fakes.replicate import FakeReplicate
from tests.fakes.replicate_acts import Fails
from tests.fakes.scripted_model import Pause, Say, ScriptedModel

TEASER = "Make a 6 second TikTok teaser for our oat drink, use our logo, with the draft model"
PHONE: ViewportSize = {"width": 390, "height": 844}
HALF = """Good brief. For **commuters at 7:40** I would open on the sound, not the bottle:

1. **0–2 s** · a slow pour in window light, no words
2. **2–4 s** · the street outside wakes up, oat-coloured
3. **4–6 s** · the logo, and “Softly, good morning.”

| Channel | Ratio | Length |
|---|---|---|
| TikTok | 9:16 | 6 s |
| YouTube | 16:9 | 15 s |

Shall I start with the """

pytestmark = needs_axe


@pytest.fixture(scope="module")
async def replicate() -> AsyncIterator[FakeReplicate]:
    async with FakeReplicate.running() as fake:
        fake.ways.render_s = None
        yield fake


@pytest.fixture(scope="module")
async def shop(
    browser: Browser, replicate: FakeReplicate, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[OpenHouse, Screen]]:
    """A studio with paid models, and a marketer in it; the tests follow the visit in their order."""
    async with buying(tmp_path_factory.mktemp("twelve"), replicate) as house:
        watch = Watch(hosts={urlsplit(house.url).netloc})
        async with visiting(browser, watch) as context:
            page = await context.new_page()
            await page.goto(f"{house.url}/#token={house.token('the-painter')}")
            yield house, await Screen(page).ready()
        assert watch.troubles == []


@pytest.fixture
def visit(shop: tuple[OpenHouse, Screen]) -> Screen:
    return shop[1]


async def taken(screen: Screen, name: str) -> None:
    """Its picture in light; nothing to object to in either scheme."""
    found = await objections(screen, "dark")
    found += await objections(screen, "light")
    await screen.picture(f"twelve-{name}")
    assert found == []


async def anew(screen: Screen) -> None:
    await screen.page.get_by_role("button", name="New chat").click()
    await expect(screen.said).to_have_count(0)
    await screen.ready()


async def test_empty(visit: Screen):
    await taken(visit, "01-empty")


async def test_streaming(tmp_path: Path, watch: Watch, open_tab: OpenTab, user: str):
    pause = Pause(asyncio.Event())
    model = ScriptedModel(lambda _request: [Say(HALF), pause, Say("TikTok one?")])
    async with open_studio(
        tmp_path / "data", adapters=lambda given: replace(given, chat_model=model)
    ) as house:
        watch.hosts.add(urlsplit(house.url).netloc)
        screen = await open_tab(f"{house.url}/#token={house.token(user)}")
        await screen.say("Our oat drink launches in spring. What would you film for commuters?")
        await expect(screen.answers.last).to_contain_text("Shall I start")
        await taken(screen, "02-streaming")
        pause.gate.set()
        await screen.answered()
        await screen.page.close()


async def test_tool(visit: Screen):
    await visit.ask("What models can I use?")
    await visit.steps.last.locator("summary").click()
    await visit.conversation.evaluate("log => log.scrollTo(0, 0)")
    await taken(visit, "03-tool")
    await anew(visit)


async def test_form(visit: Screen):
    form = Form(visit)
    await form.toggle.click()
    await form.prompt.fill("A paper boat sails across a pond at dawn, slow camera")
    await expect(form.card.get_by_role("button", name="Generate for")).to_be_enabled()
    await taken(visit, "08-form")
    await form.toggle.click()


async def test_approval(visit: Screen):
    await visit.say("Make a 20 second film of a paper boat on a pond at dawn")
    await expect(visit.question).to_be_visible()
    await visit.answered()
    await taken(visit, "04-approval")


async def test_rendering(visit: Screen, replicate: FakeReplicate):
    before = len(replicate.created)
    await approve(visit.question, "$6.72").click()
    await replicate.step(await ordered(replicate, before))
    await expect(visit.job.locator(".stage")).to_contain_text("rendering")
    await taken(visit, "05-rendering")
    await visit.job.get_by_role("button", name="Stop making this film").click()
    await expect(visit.job).to_contain_text("Film stopped")


async def test_error(visit: Screen, replicate: FakeReplicate):
    await anew(visit)
    before = len(replicate.created)
    replicate.will(Fails("The input or output was flagged as sensitive. Please try again. (E005)"))
    await visit.say("Make a 5 second film of a swan at dawn")
    await approve(visit.question, "$1.68").click()
    await replicate.finish(await ordered(replicate, before))
    await expect(visit.job).to_contain_text("The film could not be made")
    await visit.answered()
    await taken(visit, "07-error")


async def test_film(visit: Screen, tmp_path: Path):
    await anew(visit)
    logo = tmp_path / "havra.png"
    logo.write_bytes(logo_png())
    await visit.give("drop", logo)
    await expect(visit.attachments).to_have_class("attachment done")
    await visit.say(TEASER)
    await visit.film()
    await visit.answered()
    await taken(visit, "06-film")


async def test_gallery(visit: Screen):
    await visit.creatives.click()
    await expect(visit.page.locator(".gallery article.film img").first).to_be_visible()
    await taken(visit, "09-gallery")
    await visit.page.get_by_role("tab", name="Chat").click()


async def test_dark(visit: Screen):
    await visit.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    await visit.picture("twelve-10-dark")
    await visit.page.emulate_media(color_scheme="light", reduced_motion="no-preference")


async def test_mobile(visit: Screen):
    await visit.page.set_viewport_size(PHONE)
    assert await visit.overflow() == 0
    await taken(visit, "11-mobile")


async def test_rtl(shop: tuple[OpenHouse, Screen]):
    _, visit = shop
    await visit.page.set_viewport_size({"width": 1280, "height": 860})
    await visit.page.evaluate("document.querySelector('campaign-chat').locale = 'ar'")
    await expect(visit.status).to_have_text("جاهز")
    assert await visit.overflow() == 0
    await taken(visit, "12-rtl")
