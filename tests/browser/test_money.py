"""Films that cost money: asked about before they are bought, in every tab, and told to the cent.

The studio buys from a Replicate on this machine. What a film costs is the catalogue's price of
kling-v3: $0.336 a second with sound, in clips of at most 15 seconds.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.browser.conftest import OpenTab, visiting
from tests.browser.screen import FILM_MS, Screen, Watch
from tests.browser.test_accessibility import AXE, SCHEMES, objections
from tests.fakes.house import OpenHouse, open_studio
from tests.fakes.replicate import FakeReplicate
from tests.fakes.replicate_acts import Fails, Succeeds
from tests.fakes.replicate_ledger import Made
from tests.fakes.replicate_words import UPSTREAM_BILL

BOAT = "Make a 10 second film of a paper boat on a pond"
PRICE = "$3.36"
SOON_H = 10 / 3600
"""Long enough to see the question, short enough to wait for its end."""


@pytest.fixture(scope="module")
async def replicate() -> AsyncIterator[FakeReplicate]:
    async with FakeReplicate.running() as fake:
        yield fake


@asynccontextmanager
async def buying(
    folder: Path, replicate: FakeReplicate, **settings: Any
) -> AsyncIterator[OpenHouse]:
    """A studio whose films are bought, and whose default model is one with a price."""
    given = {
        "replicate_api_key": replicate.token,
        "replicate_base_url": replicate.url,
        "replicate_output_hosts": urlsplit(replicate.origin).netloc,
        "default_video_model": "kling-v3",
        **settings,
    }
    async with open_studio(folder / "data", **given) as house:
        yield house


@pytest.fixture(scope="module")
async def house(
    replicate: FakeReplicate, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[OpenHouse]:
    async with buying(tmp_path_factory.mktemp("paid"), replicate) as house:
        yield house


@pytest.fixture
async def slowly(replicate: FakeReplicate) -> AsyncIterator[FakeReplicate]:
    """Films that are rendered only when the test says so."""
    usual = replicate.ways.render_s
    replicate.ways.render_s = None
    yield replicate
    replicate.ways.render_s = usual
    for made in replicate.created:
        await replicate.finish(made)


async def ordered(replicate: FakeReplicate, number: int) -> Made:
    """The order of this number, once it is there."""
    await replicate.until(lambda: len(replicate.created) > number)
    return replicate.created[number]


def approve(card: Locator, price: str = PRICE) -> Locator:
    return card.get_by_role("button", name=f"Approve {price}")


async def test_a_film_that_costs_money_waits_as_a_card_with_its_price(
    screen: Screen, replicate: FakeReplicate
):
    before = len(replicate.created)
    await screen.say(BOAT)
    await expect(screen.question.locator(".price")).to_have_text(PRICE)
    await expect(screen.question).to_contain_text("10 s · 16:9 · Kling 3.0")
    await expect(screen.question).to_contain_text("This costs money, so it waits for your yes.")
    await expect(screen.question).to_contain_text(re.compile(r"Answer by .*\d+:\d\d"))
    await screen.picture("16-asked")
    assert len(replicate.created) == before


async def test_generate_in_the_form_is_the_yes_to_the_price_it_shows(
    screen: Screen, replicate: FakeReplicate
):
    before = len(replicate.created)
    await screen.page.get_by_role("button", name="🎬 Videos").click()
    form = screen.page.get_by_role("form", name="New film")
    await form.get_by_role("textbox", name="Prompt", exact=True).fill("A paper boat on a lake")
    await form.get_by_role("combobox", name="Model").select_option("kling-v3")
    await expect(form).to_contain_text("$0.34 per second")
    generate = form.get_by_role("button", name="Generate for $2.02")
    await expect(generate).to_be_enabled()
    await form.get_by_role("slider", name="Length").press("ArrowRight")
    await expect(generate).to_have_count(0)
    await expect(form.get_by_role("button", name="Generate for $2.36")).to_be_enabled()
    await screen.picture("16-form")
    await form.get_by_role("button", name="Generate for $2.36").click()
    await ordered(replicate, before)
    await expect(screen.job).to_contain_text("Kling 3.0 · $2.36")
    await expect(screen.question).to_have_count(0)


async def test_the_question_is_told_once_and_takes_no_focus(screen: Screen):
    await screen.page.evaluate(
        """() => {
            globalThis.told = []
            const { shadowRoot } = document.querySelector("campaign-chat")
            const node = shadowRoot.querySelector("section.panel > [role=status]")
            const look = () => globalThis.told.push(node.textContent)
            new MutationObserver(look).observe(node, { childList: true, characterData: true, subtree: true })
        }"""
    )
    await screen.say(BOAT)
    await expect(screen.question).to_be_visible()
    await screen.answered()
    told: list[str] = await screen.page.evaluate("told")
    # What is told in the same moment is one text.
    assert sum(f"A film waits for your yes: {PRICE}" in each for each in told) == 1
    await expect(screen.composer).to_be_focused()


async def test_a_yes_in_one_tab_starts_the_film_and_every_tab_sees_it(
    screen: Screen, open_tab: OpenTab, slowly: FakeReplicate
):
    await screen.say(BOAT)
    await expect(screen.question).to_be_visible()
    other = await open_tab()
    await expect(approve(other.question)).to_be_enabled()
    before = len(slowly.created)
    await approve(screen.question).click()
    for tab in (screen, other):
        await expect(tab.question).to_have_count(0)
        await expect(tab.job).to_contain_text(f"Kling 3.0 · {PRICE}")
    made = await ordered(slowly, before)
    await expect(other.job.locator(".stage")).to_have_text("In the queue")
    await slowly.step(made)
    await expect(other.job.locator(".stage")).to_have_text("Rendering")
    await slowly.finish(made)
    for tab in (screen, other):
        film = await tab.film()
        await expect(film.locator(".meta").first).to_contain_text(PRICE)
    assert await other.story() == await screen.story()


async def test_a_yes_counts_where_it_was_pressed_though_the_conversation_goes_on_meanwhile(
    screen: Screen, open_tab: OpenTab
):
    await screen.say(BOAT)
    await screen.answered()
    other = await open_tab()
    await expect(approve(screen.question)).to_be_enabled()
    await approve(screen.question).hover()
    await screen.page.mouse.down()
    await other.ask("What models can I use?")
    await expect(screen.answers.last).to_contain_text("Kling 3.0")
    await screen.answered()
    await screen.page.mouse.up()
    await expect(screen.question).to_have_count(0)
    await expect(screen.answers.last).to_be_in_viewport()
    await screen.film()


async def test_a_no_is_seen_in_every_tab_and_nothing_is_bought(
    screen: Screen, open_tab: OpenTab, replicate: FakeReplicate
):
    before = len(replicate.created)
    await screen.say(BOAT)
    await expect(screen.question).to_be_visible()
    other = await open_tab()
    await other.question.get_by_role("button", name="Decline").click()
    for tab in (screen, other):
        await expect(tab.question).to_have_count(0)
        await expect(tab.job).to_contain_text("Film declined")
        await expect(tab.job).to_contain_text("Nothing was charged.")
    await expect(screen.job.get_by_role("button", name=f"Make again · {PRICE}")).to_be_enabled()
    await screen.picture("16-declined")
    assert len(replicate.created) == before


async def test_a_question_is_there_after_a_reload_and_can_be_answered_by_keyboard(screen: Screen):
    await screen.say(BOAT)
    await expect(screen.question).to_be_visible()
    await screen.answered()
    await screen.page.reload()
    await expect(approve(screen.question)).to_be_enabled()
    await approve(screen.question).focus()
    await screen.page.keyboard.press("Tab")
    await expect(screen.question.get_by_role("button", name="Decline")).to_be_focused()
    await screen.page.keyboard.press("Enter")
    await expect(screen.job).to_contain_text("Film declined")
    await expect(screen.composer).to_be_focused()


async def test_another_length_is_quoted_and_asked_about_anew(screen: Screen):
    await screen.say(BOAT)
    await screen.question.get_by_text("Change length").click()
    await screen.question.get_by_role("spinbutton", name="Length in seconds").fill("20")
    await screen.question.get_by_role("combobox", name="Aspect ratio").select_option("1:1")
    await screen.question.get_by_role("button", name="New price").click()
    await expect(screen.question.locator(".price")).to_have_text("$6.72")
    await expect(screen.question).to_contain_text("20 s · 1:1")
    await expect(screen.question.locator(".bill li")).to_have_count(2)
    await expect(approve(screen.question, "$6.72")).to_be_enabled()
    await screen.picture("16-changed")


async def test_a_length_that_no_model_makes_is_refused_in_words(screen: Screen):
    await screen.say(BOAT)
    await screen.question.get_by_text("Change length").click()
    await screen.question.get_by_role("spinbutton", name="Length in seconds").fill("90")
    await screen.question.get_by_role("button", name="New price").click()
    await expect(screen.question.get_by_role("alert")).to_contain_text("60")
    await expect(approve(screen.question)).to_be_enabled()


async def test_a_yes_beyond_the_budget_is_refused_in_words(
    screen: Screen, replicate: FakeReplicate
):
    await screen.say("Make a 45 second film of a paper boat on a pond")
    await screen.answered()
    await screen.say("Make a 45 second film of a swan at dawn")
    await expect(screen.question).to_have_count(2)
    before = len(replicate.created)
    await approve(screen.question.first, "$15.12").click()
    await expect(screen.question).to_have_count(1)
    await approve(screen.question, "$15.12").click()
    await expect(screen.question.get_by_role("alert")).to_have_text(
        "This film would cost $15.12; the campaign has $9.88 left of $25.00."
    )
    await expect(approve(screen.question, "$15.12")).to_be_enabled()
    await screen.picture("16-budget")
    await screen.film()
    assert len(replicate.created) == before + 3


async def test_a_chained_film_says_which_clip_it_is_at(screen: Screen, slowly: FakeReplicate):
    before = len(slowly.created)
    await screen.say("Make a 20 second film of a paper boat on a pond")
    await expect(screen.question.locator(".bill li")).to_have_count(2)
    await approve(screen.question, "$6.72").click()
    stage = screen.job.locator(".stage")
    first = await ordered(slowly, before)
    await slowly.step(first)
    await expect(stage).to_have_text("Clip 1 of 2 · rendering")
    await slowly.finish(first)
    second = await ordered(slowly, before + 1)
    await expect(stage).to_have_text("Clip 2 of 2 · in the queue")
    await slowly.step(second)
    await expect(stage).to_have_text("Clip 2 of 2 · rendering")
    await expect(screen.bar).to_have_attribute("value", "0.75")
    await screen.picture("16-clip")
    await slowly.finish(second)
    film = await screen.film()
    await expect(film.locator("video")).to_have_js_property("duration", 20)


async def test_a_paid_film_that_is_stopped_says_what_that_costs(
    screen: Screen, slowly: FakeReplicate
):
    before = len(slowly.created)
    await screen.say(BOAT)
    await approve(screen.question).click()
    await slowly.step(await ordered(slowly, before))
    await expect(screen.job.locator(".stage")).to_have_text("Rendering")
    await screen.job.get_by_role("button", name="Stop making this film").click()
    await expect(screen.job).to_contain_text("Film stopped")
    await expect(screen.job).to_contain_text(
        re.compile(r"You were charged|Nothing was charged|It is not known yet")
    )
    await screen.picture("16-stopped")


async def test_a_film_that_was_paid_for_and_never_came_says_so_in_dollars(
    screen: Screen, replicate: FakeReplicate
):
    replicate.will(Succeeds(output="null"))
    await screen.say(BOAT)
    await approve(screen.question).click()
    await expect(screen.job).to_contain_text("The film could not be made")
    await expect(screen.job).to_contain_text(f"You were charged {PRICE}.")
    await screen.answered()
    await screen.picture("16-failed")


async def test_a_film_says_what_it_came_to_also_where_that_is_less_than_was_agreed(
    screen: Screen, replicate: FakeReplicate
):
    replicate.will(Succeeds(metrics={"video_output_duration_seconds": 9.0}))
    await screen.say(BOAT)
    await approve(screen.question).click()
    film = await screen.film()
    await expect(film.locator(".meta").first).to_contain_text("$3.03")
    (told,) = await screen.events("video-generated")
    assert told["cost"] == {"amount": 3_024_000, "currency": "USD"}
    await screen.picture("16-film")


async def test_a_model_that_takes_over_is_named_while_it_works(
    screen: Screen, slowly: FakeReplicate
):
    before = len(slowly.created)
    slowly.will(Fails(UPSTREAM_BILL))
    await screen.say("Make an 8 second film of a paper boat on a pond with Veo 3.1")
    await approve(screen.question, "$3.20").click()
    await slowly.finish(await ordered(slowly, before))
    await slowly.step(await ordered(slowly, before + 1))
    await expect(screen.job.locator(".meta")).to_have_text(
        "Kling 3.0 takes over from Veo 3.1 · $3.20"
    )
    await expect(screen.job.locator(".stage")).to_have_text("Rendering")
    await screen.answered()
    await screen.picture("16-takes-over")
    await slowly.finish(slowly.created[-1])
    film = await screen.film()
    await expect(film.locator(".meta").first).to_contain_text("Kling 3.0 instead of Veo 3.1")


async def test_a_dearer_model_is_asked_about_when_the_first_one_fails(
    screen: Screen, replicate: FakeReplicate
):
    replicate.will(Fails(UPSTREAM_BILL))
    await screen.say(BOAT)
    await approve(screen.question).click()
    await expect(screen.question).to_contain_text("Kling 3.0 failed; Veo 3.1 costs more.")
    await expect(approve(screen.question, "$4.00")).to_be_enabled()
    await screen.answered()
    await screen.picture("16-fallback")


@pytest.fixture
async def elsewhere(
    browser: Browser, replicate: FakeReplicate, tmp_path: Path
) -> AsyncIterator[Callable[..., Awaitable[Screen]]]:
    """A tab in a studio with other settings."""
    async with AsyncExitStack() as stack:

        async def open_it(**settings: Any) -> Screen:
            house = await stack.enter_async_context(buying(tmp_path, replicate, **settings))
            watch = Watch(hosts={urlsplit(house.url).netloc})
            context = await stack.enter_async_context(visiting(browser, watch))
            page = await context.new_page()
            await page.goto(f"{house.url}/#token={house.token()}")
            return await Screen(page).ready()

        yield open_it


async def test_a_question_that_nobody_answers_expires(
    elsewhere: Callable[..., Awaitable[Screen]],
):
    screen = await elsewhere(proposal_life_h=SOON_H)
    await screen.say(BOAT)
    await expect(screen.question).to_be_visible()
    await expect(screen.job).to_contain_text("Film not approved in time", timeout=FILM_MS)
    await expect(screen.job).to_contain_text("Nothing was charged.")


async def test_a_price_below_the_studios_limit_asks_nobody(
    elsewhere: Callable[..., Awaitable[Screen]],
):
    screen = await elsewhere(auto_approve_below_usd="3.37")
    await screen.say(BOAT)
    await screen.film()
    await expect(screen.question).to_have_count(0)


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed: npm --prefix web ci")
@SCHEMES
async def test_axe_finds_nothing_to_object_to_in_a_question(screen: Screen, scheme: str):
    await screen.say("Make a 20 second film of a paper boat on a pond")
    await screen.question.get_by_text("Change length").click()
    await screen.answered()
    assert await objections(screen, scheme) == []
    await screen.picture(f"16-question-{scheme}")


@SCHEMES
async def test_a_question_on_a_phone_is_read_without_moving_it_sideways(
    screen: Screen, scheme: Literal["light", "dark"]
):
    await screen.page.emulate_media(color_scheme=scheme)
    await screen.page.set_viewport_size({"width": 360, "height": 780})
    await screen.say("Make a 20 second film of a paper boat on a pond")
    await screen.answered()
    await expect(approve(screen.question, "$6.72")).to_be_in_viewport(ratio=1)
    assert await screen.overflow() == 0
    await screen.picture(f"16-question-phone-{scheme}")
