"""A page makes it its own: by custom properties, by parts, by a scheme; and nothing becomes unreadable."""

from playwright.async_api import expect

from tests.browser.screen import Screen

THEME = """() => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(`
        campaign-chat {
            --campaign-chat-accent: rgb(120, 0, 90); --campaign-chat-accent-ink: rgb(255, 240, 250);
            --campaign-chat-background: rgb(250, 245, 240); --campaign-chat-ink: rgb(40, 20, 10);
            --campaign-chat-radius: 4px; --campaign-chat-density: 0.5; --campaign-chat-font: Georgia, serif;
        }
        campaign-chat::part(bubble) { border: 3px dotted rgb(0, 128, 0) }
    `)
    document.adoptedStyleSheets.push(sheet)
}"""


async def test_a_page_gives_it_colours_shape_room_and_letters(screen: Screen):
    await screen.ask("Thanks")
    head = screen.page.locator("header.head")
    before = await head.bounding_box()
    await screen.page.evaluate(THEME)
    panel = screen.page.locator("section.panel")
    await expect(panel).to_have_css("background-color", "rgb(250, 245, 240)")
    await expect(panel).to_have_css("border-radius", "4px")
    await expect(screen.answers.last).to_have_css("color", "rgb(40, 20, 10)")
    await expect(screen.answers.last).to_have_css("font-family", "Georgia, serif")
    await expect(screen.said).to_have_css("border-top-style", "dotted")
    await screen.composer.fill("On")
    await expect(screen.send).to_have_css("background-color", "rgb(120, 0, 90)")
    await expect(screen.send).to_have_css("color", "rgb(255, 240, 250)")
    after = await head.bounding_box()
    assert before is not None
    assert after is not None
    assert after["height"] < before["height"]
    button = await screen.send.bounding_box()
    assert button is not None
    assert min(button["width"], button["height"]) >= 24
    await screen.picture("19-themed")


async def test_dark_in_a_light_page_and_light_in_a_dark_one(screen: Screen):
    panel = screen.page.locator("section.panel")
    await screen.page.evaluate("document.querySelector('campaign-chat').theme = 'dark'")
    await expect(panel).to_have_css("background-color", "rgb(23, 24, 26)")
    await screen.page.emulate_media(color_scheme="dark")
    await screen.page.evaluate("document.querySelector('campaign-chat').theme = 'light'")
    await expect(panel).to_have_css("background-color", "rgb(255, 255, 255)")
    await screen.page.evaluate("document.querySelector('campaign-chat').theme = 'auto'")
    await expect(panel).to_have_css("background-color", "rgb(23, 24, 26)")
