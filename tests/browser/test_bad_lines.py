"""A network as people have it: cut, mute after a sleep, a token that ends. Nothing said is lost."""

from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from playwright.async_api import BrowserContext, expect

from server.socket import gateway
from tests.browser.conftest import OpenTab
from tests.browser.screen import Screen, Watch
from tests.browser.test_coming_back import CUT_OFF
from tests.fakes.house import OpenHouse
from tests.fakes.line import Line, line_to

QUESTION = "What models can I use?"
SILENCE_MS = 31_000
ACK_MS = 11_000


@pytest.fixture
async def line(house: OpenHouse, watch: Watch) -> AsyncIterator[Line]:
    async with line_to(house.url) as line:
        watch.hosts.add(urlsplit(line.url).netloc)
        watch.bearable = (*CUT_OFF, "Failed to load resource")
        yield line


@pytest.fixture
async def far(line: Line, open_tab: OpenTab, house: OpenHouse, user: str) -> Screen:
    """The demo page at the other end of the line."""
    return await open_tab(f"{line.url}/#token={house.token(user)}")


async def test_cut_again_and_again_it_comes_back_and_each_message_arrives_once(
    far: Screen, line: Line
):
    for number in range(4):
        await far.say(f"Hello {number}")
        line.cut()
        await expect(far.status).to_have_text("Ready")
    await expect(far.said).to_have_count(4)
    await expect(far.answers).to_have_count(5)
    assert line.calls > 4
    await expect(far.page.get_by_text("Sending…")).to_have_count(0)


async def test_a_line_that_went_dead_in_the_sleep_is_noticed_and_left(
    line: Line, context: BrowserContext, house: OpenHouse, user: str
):
    page = await context.new_page()
    await page.clock.install()
    await page.goto(f"{line.url}/#token={house.token(user)}")
    far = await Screen(page).ready()
    line.hold()
    async with house.visitor(user) as elsewhere:
        await elsewhere.open(campaignId="spring-26")
        await elsewhere.ask(QUESTION)
    await page.clock.fast_forward(SILENCE_MS)
    await page.clock.fast_forward(ACK_MS)
    await expect(far.said).to_have_text([QUESTION])
    await far.ready()


async def test_a_duplicated_tab_sends_nothing_twice(
    far: Screen, line: Line, context: BrowserContext
):
    await context.set_offline(True)
    await far.say(QUESTION)
    async with context.expect_page() as opening:
        # As browsers duplicate a tab: with a copy of what it keeps.
        await far.page.evaluate("() => void open(location.href)")
    await context.set_offline(False)
    other = Screen(await opening.value)
    await other.page.reload()
    for tab in (far, other):
        await tab.ready()
        await tab.answered()
        await expect(tab.said).to_have_text([QUESTION])
    assert await far.story() == await other.story()


GIVE = """tokens => {
    const chat = document.querySelector("campaign-chat")
    globalThis.tokens = tokens
    chat.getToken = async () => {
        if (tokens.length === 0) throw new Error("the page's own backend is down")
        return tokens.shift()
    }
}"""


async def test_a_token_that_ends_is_asked_for_anew_and_the_draft_stays(
    far: Screen, house: OpenHouse, line: Line, user: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(gateway, "EXPIRY_GRACE_S", 0.0)
    short = house.token(user, life=timedelta(seconds=3))
    await far.page.evaluate(GIVE, [short, short])
    line.cut()
    await far.composer.fill("A film about")
    await expect(far.status).to_have_text("Signed out")
    await expect(far.page.get_by_role("alert")).to_contain_text("could not sign you in")
    await expect(far.composer).to_have_value("A film about")
    await far.picture("11-signed-out")
    await _retry(far, house.token(user))
    await far.ready()
    await far.composer.press("Enter")
    await far.answered()
    await expect(far.said).to_have_text(["A film about"])


async def test_a_token_that_is_none_is_refused_in_words_until_there_is_a_good_one(
    far: Screen, house: OpenHouse, line: Line, user: str
):
    await far.page.evaluate(GIVE, ["not a token"])
    line.cut()
    await expect(far.status).to_have_text("Signed out")
    await expect(far.page.get_by_role("alert")).to_be_visible()
    await _retry(far, house.token(user))
    await far.ready()
    await expect(far.page.get_by_role("alert")).to_have_count(0)


async def _retry(far: Screen, token: str) -> None:
    """In one breath: with a good token there, the widget's own next try takes the button away."""
    await far.page.get_by_role("button", name="Retry").evaluate(
        "(button, token) => { tokens.push(token, token); button.click() }", token
    )
