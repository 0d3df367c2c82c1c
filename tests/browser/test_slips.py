"""A slip of the hand costs nothing: no film, no image, no word, no answer."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Locator, Route, expect

from server.clocks import mint
from tests.browser.screen import Screen
from tests.fakes.house import OpenHouse
from tests.fakes.pictures import logo_png
from tools.domain.events import MessageAdded
from tools.domain.identity import MessageId, SessionId

PASTED = """(field, { words, types }) => {
    const clipboardData = new DataTransfer()
    for (const type of types) clipboardData.setData(type, words)
    clipboardData.items.add(new File(["a picture of the words"], "image.png", { type: "image/png" }))
    const paste = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true })
    return field.dispatchEvent(paste)
}"""
"""True: the browser pastes what it would paste without us."""


@pytest.fixture
def logo(tmp_path: Path) -> Path:
    file = tmp_path / "havra.png"
    file.write_bytes(logo_png())
    return file


async def given(screen: Screen, logo: Path, into: Locator) -> Locator:
    await screen.give("drop", logo, on=into)
    image = into.locator("li.attachment")
    await expect(image).to_have_class("attachment done")
    return image


async def test_enter_in_a_field_of_the_form_makes_no_film_and_removes_no_image(
    screen: Screen, logo: Path
):
    await screen.page.get_by_role("button", name="🎬 Videos").click()
    form = screen.page.get_by_role("form", name="New film")
    await form.get_by_role("textbox", name="Prompt", exact=True).fill("A paper boat on a lake")
    await expect(form.get_by_role("button", name="Generate free draft")).to_be_enabled()
    for field in (
        form.get_by_role("radio", name="9:16"),
        form.get_by_role("slider", name="Length"),
    ):
        await field.press("Enter")
    image = await given(screen, logo, form)
    await image.get_by_role("radio", name="Product").press("Enter")
    await expect(form.get_by_role("button", name="Generate free draft")).to_be_enabled()
    await expect(image).to_have_count(1)
    await expect(form).to_be_visible()
    await expect(screen.job).to_have_count(0)


async def test_enter_on_what_an_image_is_for_neither_removes_nor_sends_it(
    screen: Screen, logo: Path
):
    image = await given(screen, logo, screen.page.locator("section.panel"))
    await image.get_by_role("radio", name="Product").press("Enter")
    await expect(screen.attachments).to_have_class("attachment done")
    await expect(screen.conversation.locator(".said")).to_have_count(0)


async def test_a_follow_up_that_is_double_clicked_is_said_once(screen: Screen, house: OpenHouse):
    (ready,) = await screen.events("ready")
    said = MessageAdded(
        message_id=MessageId(mint("msg")),
        sender="assistant",
        text="What next?",
        suggestions=("What models can I use?",),
    )
    session_id = SessionId(ready["sessionId"])
    await house.house.journal.write(lambda transaction: transaction.tell(session_id, said))
    await screen.conversation.locator(".chip").dblclick()
    await expect(screen.answers.last).to_contain_text("Ready now")
    await screen.answered()
    await expect(screen.conversation.locator(".bubble")).to_have_count(1)


@pytest.mark.parametrize(
    ("types", "is_text"), [(["text/plain", "text/rtf"], True), (["text/plain"], False)]
)
async def test_words_pasted_from_an_office_program_are_words(
    screen: Screen, types: list[str], is_text: bool
):
    """With the words it hands over a picture of them; a file's own name is no word of a person."""
    pasted = {"words": "Spring, in one bottle", "types": types}
    assert await screen.composer.evaluate(PASTED, pasted) is is_text
    await expect(screen.attachments).to_have_count(0 if is_text else 1)


async def test_a_button_that_takes_itself_away_leaves_the_focus_in_the_chat(screen: Screen):
    await screen.ask("What models can I use?")
    await screen.page.set_viewport_size({"width": 1280, "height": 500})
    await screen.conversation.evaluate("log => { log.scrollTop = 0 }")
    latest = screen.page.locator("button.latest")
    await latest.focus()
    await screen.page.keyboard.press("Enter")
    await expect(latest).to_have_count(0)
    await expect(screen.conversation).to_be_focused()


async def test_a_form_that_was_closed_while_it_loaded_writes_over_nothing(screen: Screen):
    loads: asyncio.Queue[Route] = asyncio.Queue()
    await screen.page.route("**/api/video/models", loads.put)
    videos = screen.page.get_by_role("button", name="🎬 Videos")
    for _ in range(3):
        await videos.click()
    form = screen.page.get_by_role("form", name="New film")
    prompt = form.get_by_role("textbox", name="Prompt", exact=True)
    await prompt.fill("A paper boat")
    for _ in range(2):
        await (await loads.get()).continue_()
    await expect(form.get_by_role("button", name="Generate free draft")).to_be_enabled()
    await expect(prompt).to_have_value("A paper boat")
