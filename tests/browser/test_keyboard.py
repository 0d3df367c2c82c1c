"""Everything by keyboard alone, in an order that makes sense, also with an input method."""

from playwright.async_api import BrowserContext, expect

from tests.browser.screen import Screen

FOCUSED = """() => {
    const at = document.querySelector("campaign-chat").shadowRoot.activeElement
    return at?.getAttribute("aria-label") ?? at?.textContent.replace(/\\s+/g, " ").trim() ?? ""
}"""


async def focused(screen: Screen) -> str:
    """The name of what has the keyboard, "" outside the widget."""
    name: str = await screen.page.evaluate(FOCUSED)
    return name


async def press_until(screen: Screen, key: str, name: str) -> None:
    for _ in range(40):
        await screen.page.keyboard.press(key)
        if await focused(screen) == name:
            return
    message = f"{key} never came to {name!r}"
    raise AssertionError(message)


async def test_tab_goes_from_top_to_bottom(screen: Screen):
    names = []
    for _ in range(10):
        await screen.page.keyboard.press("Tab")
        names.append(await focused(screen))
    assert names == [
        "Chat",
        "Chats and search",
        "New chat",
        "Conversation",
        "What models can I use?",
        "Make a 6 second TikTok teaser for our oat drink",
        "Animate our logo",
        "Help me write a better prompt",
        "Message",
        "Add images",
    ]


async def test_from_a_starter_to_an_approved_film_without_a_mouse(screen: Screen):
    keyboard = screen.page.keyboard
    await press_until(screen, "Tab", "What models can I use?")
    await keyboard.press("Enter")
    assert await focused(screen) == "Message"
    await keyboard.press("Enter")
    await screen.answered()
    assert await focused(screen) == "Message"
    await keyboard.type("Make a 4 second square film of a paper boat")
    await keyboard.press("Enter")
    await screen.film()
    await press_until(screen, "Shift+Tab", "Approve")
    await keyboard.press("Space")
    await expect(screen.films.locator(".status")).to_have_text("Approved")
    await press_until(screen, "Shift+Tab", "Chat")
    await keyboard.press("ArrowRight")
    await expect(screen.creatives).to_be_focused()
    await expect(screen.page.locator(".gallery article.film")).to_be_visible()
    await keyboard.press("ArrowLeft")
    await expect(screen.composer).to_be_visible()


async def test_shift_enter_breaks_the_line_and_enter_sends(screen: Screen):
    await screen.composer.focus()
    keyboard = screen.page.keyboard
    await keyboard.type("One")
    await keyboard.press("Shift+Enter")
    await keyboard.type("two")
    await expect(screen.composer).to_have_value("One\ntwo")
    await expect(screen.said).to_have_count(0)
    await keyboard.press("Enter")
    await expect(screen.said).to_have_text("One\ntwo", use_inner_text=True)


async def test_enter_on_nothing_sends_nothing(screen: Screen):
    await screen.composer.fill("   ")
    await screen.composer.press("Enter")
    await screen.ask("What models can I use?")
    await expect(screen.said).to_have_count(1)


async def test_the_enter_that_ends_a_composition_does_not_send(
    screen: Screen, context: BrowserContext
):
    await screen.composer.focus()
    devtools = await context.new_cdp_session(screen.page)
    await devtools.send(
        "Input.imeSetComposition", {"text": "おーつ", "selectionStart": 3, "selectionEnd": 3}
    )
    heard = await screen.composer.evaluate_handle(
        """field => {
            const heard = []
            field.addEventListener("keydown", event => heard.push([event.key, event.isComposing]))
            return heard
        }"""
    )
    # 229: the input method has taken the key. As Chromium tells it of a real one.
    for kind in ("rawKeyDown", "keyUp"):
        await devtools.send(
            "Input.dispatchKeyEvent",
            {"type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229},
        )
    assert await heard.json_value() == [["Enter", True]]
    await devtools.send("Input.insertText", {"text": "オーツ"})
    await expect(screen.composer).to_have_value("オーツ")
    await expect(screen.said).to_have_count(0)
    await screen.page.keyboard.press("Enter")
    await expect(screen.said).to_have_text("オーツ")
