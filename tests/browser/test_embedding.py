"""The widget on somebody else's page: another origin, a strict policy, styles that mean it no good."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import av
import pytest
from aiohttp import web
from playwright.async_api import Browser, BrowserContext, expect

from tests.browser.conftest import visiting
from tests.browser.screen import Screen, Watch
from tests.fakes.house import OpenHouse, open_studio
from tests.fakes.pictures import logo_png

HOSTILE = """
* { box-sizing: content-box; letter-spacing: 9px; text-transform: uppercase; line-height: 4;
    text-align: right; font: italic 40px serif; color: red; visibility: visible; word-spacing: 1em }
p, button, textarea, video, section, article, header, form, img { display: none !important }
campaign-chat:not([mode]) { display: block; block-size: 700px; inline-size: 480px }
"""


@dataclass(kw_only=True)
class HostPage:
    """A shop's own site, which has put the tag into one page."""

    origin: str
    studio: OpenHouse | None = None
    attributes: str = ""
    user: str = ""
    tags: int = 1
    styles_text: str = HOSTILE

    async def page(self, _request: web.Request) -> web.Response:
        assert self.studio is not None
        url = self.studio.url
        policy = (
            f"default-src 'none'; style-src 'self'; script-src {url}; img-src 'self' {url} blob:; "
            f"connect-src {url} {url.replace('http', 'ws', 1)}; media-src {url}; "
            "require-trusted-types-for 'script'"
        )
        tag = f"""<campaign-chat campaign-id="shop" token="{self.studio.token(self.user)}"
            {self.attributes}></campaign-chat>"""
        body = f"""<!doctype html><html lang="en"><head><title>A shop</title>
            <link rel="icon" href="/host.css"><link rel="stylesheet" href="/host.css">
            <script src="{url}/campaign-chat.js" async></script></head><body>{tag * self.tags}
            </body></html>"""
        headers = {"Content-Security-Policy": policy}
        return web.Response(text=body, content_type="text/html", headers=headers)

    async def styles(self, _request: web.Request) -> web.Response:
        return web.Response(text=self.styles_text, content_type="text/css")

    async def framed(self, request: web.Request) -> web.Response:
        sandbox = request.query["sandbox"]
        body = f"""<!doctype html><title>A site builder</title><link rel="icon" href="data:,">
            <iframe src="/" sandbox="{sandbox}" width="600" height="760" title="A shop"></iframe>"""
        return web.Response(text=body, content_type="text/html")


@asynccontextmanager
async def host_page() -> AsyncIterator[HostPage]:
    host = HostPage(origin="")
    app = web.Application()
    app.add_routes([web.get("/", host.page), web.get("/host.css", host.styles)])
    app.add_routes([web.get("/framed", host.framed)])
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield host
    finally:
        await runner.cleanup()


@pytest.fixture(scope="module")
async def host(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HostPage]:
    async with (
        host_page() as host,
        open_studio(tmp_path_factory.mktemp("shop"), allowed_origins=host.origin) as studio,
    ):
        host.studio = studio
        yield host


@pytest.fixture
def watch(host: HostPage) -> Watch:
    assert host.studio is not None
    return Watch(hosts={urlsplit(host.origin).netloc, urlsplit(host.studio.url).netloc})


async def opened(
    context: BrowserContext, host: HostPage, user: str, attributes: str = ""
) -> Screen:
    host.user, host.attributes, host.tags, host.styles_text = user, attributes, 1, HOSTILE
    page = await context.new_page()
    await page.goto(host.origin)
    return Screen(page)


async def test_it_talks_takes_a_logo_and_makes_a_film_there(
    context: BrowserContext, host: HostPage, user: str, tmp_path: Path
):
    screen = await (await opened(context, host, user)).ready()
    logo = tmp_path / "havra.png"
    logo.write_bytes(logo_png())
    await screen.give("drop", logo)
    await expect(screen.attachments).to_have_class("attachment done")
    await screen.say("Make a 4 second square film of our oat drink, use our logo")
    film = await screen.film()
    await expect(film.locator("video")).to_be_in_viewport(ratio=0.9)
    await screen.picture("15-foreign-page")
    async with screen.page.expect_download() as downloading:
        await film.get_by_role("link", name="Download").click()
    await (await downloading.value).save_as(tmp_path / "film.mp4")
    with av.open(str(tmp_path / "film.mp4")) as taken:
        assert taken.streams.video[0].frames == 120
    await expect(screen.status).to_have_text("Ready")
    (detail,) = await screen.events("video-generated")
    assert host.studio is not None
    assert detail["videoUrl"].startswith(host.studio.url)


async def test_the_pages_styles_do_not_reach_into_it(
    context: BrowserContext, host: HostPage, user: str
):
    screen = await (await opened(context, host, user)).ready()
    await screen.ask("What models can I use?")
    await screen.picture("15-hostile-styles")
    style = await screen.answers.last.evaluate(
        """answer => {
            const { letterSpacing, textTransform, fontStyle, fontSize, textAlign, wordSpacing, color } =
                getComputedStyle(answer)
            return { letterSpacing, textTransform, fontStyle, fontSize, textAlign, wordSpacing, color }
        }"""
    )
    assert style.pop("color") != "rgb(255, 0, 0)"
    assert style == {
        "letterSpacing": "normal",
        "textTransform": "none",
        "fontStyle": "normal",
        "fontSize": "15px",
        "textAlign": "start",
        "wordSpacing": "0px",
    }


async def test_floating_it_opens_from_a_button_and_escape_closes_it(
    context: BrowserContext, host: HostPage, user: str
):
    screen = await opened(context, host, user, 'mode="floating"')
    launcher = screen.page.get_by_role("button", name="Open the campaign chat")
    await launcher.click()
    await screen.ready()
    await expect(screen.composer).to_be_focused()
    await screen.picture("15-floating")
    await screen.page.keyboard.press("Escape")
    await expect(screen.composer).to_have_count(0)
    await expect(launcher).to_be_focused()


async def test_floating_it_loads_nothing_until_it_is_opened(
    browser: Browser, host: HostPage, user: str, watch: Watch
):
    async with visiting(browser, watch, locale="de-DE") as context:
        asked: list[str] = []
        context.on("request", lambda request: asked.append(urlsplit(request.url).path))
        context.on("page", lambda page: page.on("websocket", lambda _: asked.append("a socket")))
        screen = await opened(context, host, user, 'mode="floating"')
        launcher = screen.page.get_by_role("button", name="Kampagnen-Chat öffnen")
        await expect(launcher).to_be_visible()
        await screen.page.wait_for_load_state("networkidle")
        assert set(asked) == {"/", "/campaign-chat.js", "/host.css"}
        await launcher.click()
        await expect(screen.status).to_have_text("Bereit")
        assert {"a socket", "/campaign-chat.de.json"} <= set(asked)
    assert watch.troubles == []


async def test_the_pages_language_comes_before_the_visitors(
    browser: Browser, host: HostPage, user: str, watch: Watch
):
    async with visiting(browser, watch, locale="es-ES") as context:
        asked: list[str] = []
        context.on("request", lambda request: asked.append(urlsplit(request.url).path))
        screen = await opened(context, host, user, 'locale="ar"')
        await expect(screen.status).to_have_text("جاهز")
        assert [path for path in asked if path.endswith(".json")] == ["/campaign-chat.ar.json"]
    assert watch.troubles == []


async def test_twice_on_a_page_both_follow_and_each_keeps_its_own_draft(
    context: BrowserContext, host: HostPage, user: str
):
    page = (await opened(context, host, user)).page
    host.tags = 2
    await page.reload()
    one, other = (page.locator("campaign-chat").nth(at) for at in (0, 1))
    for each in (one, other):
        await expect(each.locator(".status-line")).to_have_text("Ready")
    await one.get_by_role("textbox").fill("Hello from the first")
    await one.get_by_role("textbox").press("Enter")
    await expect(other.locator(".bubble")).to_have_text("Hello from the first")
    for each, draft in ((one, "mine"), (other, "theirs")):
        await each.get_by_role("textbox").fill(draft)
    await page.reload()
    await expect(one.get_by_role("textbox")).to_have_value("mine")
    await expect(other.get_by_role("textbox")).to_have_value("theirs")


async def test_in_a_frame_of_its_own_origin_it_works(
    context: BrowserContext, host: HostPage, user: str
):
    screen = await opened(context, host, user)
    await screen.page.goto(f"{host.origin}/framed?sandbox=allow-scripts allow-same-origin")
    frame = screen.page.frame_locator("iframe")
    await expect(frame.locator(".status-line")).to_have_text("Ready")


async def test_in_a_frame_without_an_origin_or_storage_it_says_why_it_cannot(
    context: BrowserContext, host: HostPage, user: str
):
    """`null` is what every sandboxed page is called: whoever is let in by that name is anybody."""
    screen = await opened(context, host, user)
    await screen.page.goto(f"{host.origin}/framed?sandbox=allow-scripts")
    frame = screen.page.frame_locator("iframe")
    await expect(frame.get_by_role("alert")).to_contain_text("may not talk to the studio")
    await frame.get_by_role("textbox", name="Message").fill("Still here")
    await expect(frame.get_by_role("textbox", name="Message")).to_have_value("Still here")
    await screen.picture("15-framed")


async def test_in_a_page_that_takes_every_style_away_it_can_still_be_used(
    context: BrowserContext, host: HostPage, user: str
):
    screen = await opened(context, host, user)
    host.styles_text = "* { all: unset !important } div, section, form { display: none !important }"
    await screen.page.reload()
    await screen.ready()
    await screen.ask("What models can I use?")
    await expect(screen.answers.last).to_be_in_viewport()
    await expect(screen.composer).to_be_in_viewport(ratio=1)
    await screen.picture("15-no-styles")


async def test_floating_on_a_phone_it_fills_the_screen_and_can_be_closed(
    context: BrowserContext, host: HostPage, user: str
):
    screen = await opened(context, host, user, 'mode="floating"')
    await screen.page.set_viewport_size({"width": 390, "height": 700})
    await screen.page.get_by_role("button", name="Open the campaign chat").click()
    await screen.ready()
    await expect(screen.composer).to_be_in_viewport(ratio=1)
    await expect(screen.send).to_be_in_viewport(ratio=1)
    await screen.picture("15-floating-390")
    # As a keyboard on the screen does: the page stays, what is seen of it is less.
    await screen.page.evaluate(
        """() => {
            Object.defineProperty(visualViewport, "height", { value: 380 })
            visualViewport.dispatchEvent(new Event("resize"))
        }"""
    )
    box = await screen.composer.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 380
    await screen.page.get_by_role("button", name="Close", exact=True).click()
    await expect(screen.composer).to_have_count(0)


async def test_a_page_that_is_not_allowed_is_told_so(
    context: BrowserContext, host: HostPage, user: str, house: OpenHouse, watch: Watch
):
    watch.hosts.add(urlsplit(house.url).netloc)
    allowed, host.studio = host.studio, house  # the studio of the other tests knows no other pages
    try:
        screen = await opened(context, host, user)
        await expect(screen.page.get_by_role("alert")).to_be_visible()
        await screen.picture("15-not-allowed")
    finally:
        host.studio = allowed
