"""In the visitor's own language: its words, its side to begin from, its dates; English for all others."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import visiting
from tests.browser.screen import Screen, Watch
from tests.fakes.house import OpenHouse

WORDS = {
    "de-AT": ("Kampagnenstudio", "Bereit", "Nachricht", "Was sollen wir drehen?"),
    "es-MX": ("Estudio de campaña", "Listo", "Mensaje", "¿Qué vamos a crear?"),
    "ar-EG": ("استوديو الحملات", "جاهز", "الرسالة", "ماذا نصنع اليوم؟"),
    "fr-FR": ("Campaign studio", "Ready", "Message", "What shall we make?"),
}


@pytest.mark.parametrize("locale", WORDS)
async def test_it_speaks_the_visitors_language_or_english(
    browser: Browser, house: OpenHouse, watch: Watch, user: str, locale: str
):
    title, ready, message, question = WORDS[locale]
    async with visiting(browser, watch, locale=locale) as context:
        page = await context.new_page()
        await page.goto(f"{house.url}/#token={house.token(user)}")
        await expect(page.locator(".status-line")).to_have_text(ready)
        await expect(page.get_by_role("heading", name=title)).to_be_visible()
        await expect(page.get_by_role("textbox", name=message)).to_be_editable()
        await expect(page.get_by_role("heading", name=question)).to_be_visible()
        panel = page.locator("campaign-chat-panel")
        side, tongue = ("rtl", "ar") if locale == "ar-EG" else ("ltr", locale[:2])
        await expect(panel).to_have_css("direction", side)
        await expect(panel).to_have_attribute("lang", tongue if locale != "fr-FR" else "en")
        assert await Screen(page).overflow() == 0
        await Screen(page).picture(f"17-{tongue}")
    assert watch.troubles == []


async def test_another_language_takes_over_at_once_and_nothing_is_lost(screen: Screen):
    await screen.ask("What models can I use?")
    before = await screen.story()
    await screen.composer.fill("A film about")
    await screen.composer.evaluate(
        "() => document.querySelector('campaign-chat').setAttribute('locale', 'de')"
    )
    field = screen.page.get_by_role("textbox", name="Nachricht")
    await expect(field).to_be_focused()
    await expect(field).to_have_value("A film about")
    await expect(screen.page.get_by_text("Sie", exact=True)).to_be_attached()
    await expect(screen.status).to_have_text("Bereit")
    await screen.page.evaluate("document.querySelector('campaign-chat').locale = 'en'")
    await expect(screen.status).to_have_text("Ready")
    assert await screen.story() == before
    await expect(screen.composer).to_be_focused()


async def test_in_arabic_an_address_runs_from_the_left_and_what_is_not_yet_written_from_the_right(
    browser: Browser, house: OpenHouse, watch: Watch, user: str
):
    async with visiting(browser, watch, locale="ar-EG") as context:
        page = await context.new_page()
        await page.goto(f"{house.url}/#token={house.token(user)}")
        # The page turns around as it learns its language: a click on the way there would miss.
        await expect(page.locator(".status-line")).to_have_text(WORDS["ar-EG"][1])
        await page.get_by_role("button", name="🎬").click()
        form = page.locator("campaign-chat-form")
        prompt = form.locator("textarea[name=prompt]")
        await expect(form.locator("input[type=url]")).to_have_css("direction", "ltr")
        await expect(prompt).to_have_css("direction", "rtl")
        await prompt.fill("A paper boat")
        await expect(prompt).to_have_css("direction", "ltr")
    assert watch.troubles == []
