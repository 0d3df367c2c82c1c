"""A long story in a real browser: how soon it is there, what a streamed piece costs, what stays in memory.

Beside it stands the same widget with a new session: what is dearer in a long one is the length's.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import CDPSession, Page, WebSocket, async_playwright, expect

from tests.benchmarks.children import ChildFailed
from tests.benchmarks.measure import Figures, Kind, Size
from tests.browser.chromium import FLAGS, MISSING, find_chromium
from tests.browser.screen import Screen
from tests.browser.seeding import tell_long_story
from tests.fakes.house import OpenHouse, open_studio
from tests.fakes.scripted_model import Say, ScriptedModel

MESSAGES = 1_500
PIECES, PACE_S = 600, 0.02
LIMIT_MS = 120_000
MB = 1_000_000
PIECE = "a **paper boat** on a `pond`, "
THE_END = "And that was all."
DRAWN = """
const look = () => {
    const widget = document.querySelector("campaign-chat")?.shadowRoot
    const drawn = widget?.querySelector(".item:last-child .answer, .item:last-child .starters")
    if (drawn) globalThis.drawnAt = performance.now()
    else requestAnimationFrame(look)
}
look()
"""
"""Put into the page before its own scripts: when the end of the story is there, since navigation."""


async def watched(kind: Kind, _size: Size) -> Figures:
    """`ours` has a long story behind it, `new` has none."""
    with TemporaryDirectory(prefix="reelroom-bench-") as folder:
        async with _studio(Path(folder)) as house, _page() as page:
            await page.goto(f"{house.url}/#token={house.token()}")
            screen = await Screen(page).ready()
            (session,) = await _sessions(house)
            if kind == "ours":
                await tell_long_story(house, session, MESSAGES, text=_rich)
            await page.reload()
            await page.wait_for_function("() => globalThis.drawnAt", timeout=LIMIT_MS)
            open_ms = float(await page.evaluate("drawnAt"))
            return {"open_ms": open_ms, **await _streamed(screen)}


async def _streamed(screen: Screen) -> Figures:
    """One long answer, as the main thread and the heap of the page see it."""
    tools = await screen.page.context.new_cdp_session(screen.page)
    await tools.send("Performance.enable")
    heard = _frames(screen.page)
    await screen.page.reload()
    await screen.ready()
    heap_before, busy_before, frames_before = await _heap(tools), await _busy_s(tools), len(heard)
    await screen.say("Tell me of the boat")
    await expect(screen.answers.last).to_contain_text(THE_END, timeout=LIMIT_MS)
    await screen.answered()
    frames = len(heard) - frames_before
    if frames < PIECES / 10:
        raise ChildFailed(f"only {frames} frames were heard")
    return {
        "delta_ms": (await _busy_s(tools) - busy_before) * 1_000 / frames,
        "heap_mb": (await _heap(tools) - heap_before) / MB,
    }


def _frames(page: Page) -> list[int]:
    """Grows by one for each frame that comes to the page from now on."""
    heard: list[int] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: heard.append(len(frame)))

    page.on("websocket", listen)
    return heard


async def _busy_s(tools: CDPSession) -> float:
    told = await tools.send("Performance.getMetrics")
    return float({each["name"]: each["value"] for each in told["metrics"]}["TaskDuration"])


async def _heap(tools: CDPSession) -> float:
    await tools.send("HeapProfiler.collectGarbage")
    return float((await tools.send("Runtime.getHeapUsage"))["usedSize"])


async def _sessions(house: OpenHouse) -> list[str]:
    async with house.http() as http, http.get("/api/sessions") as reply:
        return [each["sessionId"] for each in (await reply.json())["sessions"]]


def _rich(number: int) -> str:
    return (
        f"### Shot {number}\n\nA **paper boat** leaves the *shore*, see [the brief](https://a.example).\n\n"
        "- first light\n- a slow pan\n  1. left\n  2. right\n\n"
        "| Shot | Time |\n|---|--:|\n| boat | 2 s |\n| pond | 4 s |\n\n```\npan(left)\n```\n"
    )


@asynccontextmanager
async def _studio(folder: Path) -> AsyncIterator[OpenHouse]:
    chunks = (*(PIECE + ("\n\n" if at % 20 == 19 else "") for at in range(PIECES)), THE_END)
    model = ScriptedModel(lambda _request: [Say(chunks, pace_s=PACE_S)])
    async with open_studio(
        folder / "data", adapters=lambda given: replace(given, chat_model=model)
    ) as house:
        yield house


@asynccontextmanager
async def _page() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        path = find_chromium(playwright)
        if path is None:
            raise ChildFailed(MISSING)
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        page = await browser.new_page(viewport={"width": 1280, "height": 860})
        await page.add_init_script(DRAWN)
        yield page
        await browser.close()
