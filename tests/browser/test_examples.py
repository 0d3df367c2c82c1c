"""`web/examples/`, as a stranger's site would run them: plain HTML, React and Vue, under a strict policy."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from playwright.async_api import BrowserContext, Page, WebSocket, expect

from hatch_build import node_commands
from tests.browser.conftest import ROOT
from tests.browser.screen import Screen, Watch
from tests.fakes.house import OpenHouse, open_studio

STUDIO = "https://studio.example"
"""What the examples call it."""
OpenPage = Callable[[str], Awaitable[Screen]]


def _build(out: Path) -> None:
    npm, env = node_commands()
    build = [*npm, "run", "examples", "--", "--outDir", str(out)]
    subprocess.run(build, cwd=ROOT / "web", env=env, check=True, capture_output=True)


class Site:
    """Somebody's own server: the built pages, and a token for whoever is signed in there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.user = ""
        self.studio: OpenHouse | None = None

    async def page(self, request: web.Request) -> web.Response:
        assert self.studio is not None
        url = self.studio.url
        policy = (
            f"default-src 'none'; script-src 'self' {url}; img-src {url} blob: data:; "
            f"connect-src 'self' {url} {url.replace('http', 'ws', 1)}; media-src {url}; "
            "require-trusted-types-for 'script'"
        )
        name = request.match_info["name"]
        page = (self.folder / f"{name}.html").read_text("utf-8").replace(STUDIO, url)
        headers = {"Content-Security-Policy": policy}
        return web.Response(text=page, content_type="text/html", headers=headers)

    async def token(self, _request: web.Request) -> web.Response:
        assert self.studio is not None
        return web.Response(text=self.studio.token(self.user))


@pytest.fixture(scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[str, Site]]:
    folder = tmp_path_factory.mktemp("examples")
    await asyncio.to_thread(_build, folder)
    site = Site(folder)
    app = web.Application()
    app.add_routes([web.get("/token", site.token), web.get("/{name}.html", site.page)])
    app.router.add_static("/assets", folder / "assets")
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with open_studio(tmp_path_factory.mktemp("studio"), allowed_origins=origin) as studio:
        site.studio = studio
        yield origin, site
    await runner.cleanup()


@pytest.fixture
def watch(site: tuple[str, Site]) -> Watch:
    origin, its = site
    assert its.studio is not None
    return Watch(hosts={urlsplit(origin).netloc, urlsplit(its.studio.url).netloc})


@pytest.fixture
def show(context: BrowserContext, site: tuple[str, Site], user: str) -> OpenPage:
    async def open_it(name: str) -> Screen:
        origin, its = site
        its.user = user
        page = await context.new_page()
        await page.goto(f"{origin}/{name}.html")
        return await Screen(page).ready()

    return open_it


async def makes_a_film(screen: Screen) -> None:
    await screen.say("Make a 4 second square film of a paper boat with the draft model")
    await screen.film()
    await expect(screen.page.locator("output")).to_contain_text("/media/")
    await screen.answered()


async def test_plain_html_is_told_of_its_film(show: OpenPage):
    await makes_a_film(await show("plain"))


@pytest.mark.parametrize("name", ["react", "vue"])
async def test_gone_with_its_page_and_back_it_goes_on_where_it_was(show: OpenPage, name: str):
    screen = await show(name)
    await makes_a_film(screen)
    await screen.composer.fill("A film about")
    await screen.picture(f"18-{name}")
    before = await screen.story()
    await screen.page.get_by_role("button", name="To the calendar").click()
    await expect(screen.composer).to_have_count(0)
    await screen.page.get_by_role("button", name="To the films").click()
    await screen.ready()
    await expect(screen.composer).to_have_value("A film about")
    assert await screen.story() == before


async def test_however_often_its_page_comes_and_goes_nothing_is_left_behind(
    context: BrowserContext, show: OpenPage
):
    screen = await show("react")
    page = screen.page
    lines: list[WebSocket] = []
    page.on("websocket", lambda line: lines.append(line))  # noqa: PLW0108  Playwright marks it
    for _ in range(5):
        await page.get_by_role("button", name="To the calendar").click()
        await page.get_by_role("button", name="To the films").click()
        await screen.ready()
    *former, last = lines
    for line in former:
        # That one is closed may be reported later than that the next one is open.
        if not line.is_closed():
            await line.wait_for_event("close")
    assert not last.is_closed()
    assert await _alive(context, page, "campaign-chat") <= 2
    assert await _alive(context, page, "campaign-chat-panel") <= 2


async def _alive(context: BrowserContext, page: Page, tag: str) -> int:
    """How many elements of this name the page holds on to, in it or not."""
    devtools = await context.new_cdp_session(page)
    await devtools.send("HeapProfiler.collectGarbage")
    prototype = await devtools.send(
        "Runtime.evaluate", {"expression": f"customElements.get('{tag}').prototype"}
    )
    found = await devtools.send(
        "Runtime.queryObjects", {"prototypeObjectId": prototype["result"]["objectId"]}
    )
    counted = await devtools.send(
        "Runtime.callFunctionOn",
        {
            "objectId": found["objects"]["objectId"],
            "functionDeclaration": "function () { return this.length }",
            "returnByValue": True,
        },
    )
    number: int = counted["result"]["value"]
    return number
