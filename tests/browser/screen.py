"""The product as a person at a browser sees it: one tab, read and used by what is on it."""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, Locator, Page, Request, expect

ARTEFACTS = Path(__file__).parents[2] / "artefacts" / "browser"
FILM_MS = 180_000
"""How long a film may take to appear on a busy machine: drafts are drawn one after the other."""


@dataclass
class Watch:
    """Everything a page must not do: errors, violations of its policy, talk with strangers."""

    hosts: set[str]
    bearable: tuple[str, ...] = ()
    """Parts of console messages that the test itself brings about, as by cutting the network."""
    troubles: list[str] = field(default_factory=list)

    def context(self, context: BrowserContext) -> None:
        context.on("weberror", lambda error: self._note(f"page error: {error.error}"))
        context.on(
            "console",
            lambda said: self._note(f"console: {said.text}") if said.type == "error" else None,
        )
        context.on("request", self._request)

    def page(self, page: Page) -> None:
        page.on("websocket", lambda socket: self._host(socket.url))

    def _request(self, request: Request) -> None:
        self._host(request.url)

    def _host(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc not in self.hosts:
            self._note(f"a request to a stranger: {url}")

    def _note(self, trouble: str) -> None:
        if not any(part in trouble for part in self.bearable):
            self.troubles.append(trouble)


class Screen:
    """One tab with the widget in it. What it has no word for is found through `page`."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.composer = page.get_by_role("textbox", name="Message")
        self.send = page.get_by_role("button", name="Send", exact=True)
        self.stop = page.get_by_role("button", name="Stop", exact=True)
        self.conversation = page.get_by_role("log", name="Conversation")
        self.said = page.locator(".bubble")
        """What the person said."""
        self.answers = page.locator(".answer")
        self.steps = page.locator(".step")
        self.question = page.get_by_role("group", name="Make this film?")
        """The card of a film that waits for a yes."""
        self.job = page.locator("article.job")
        self.bar = self.job.get_by_role("progressbar")
        self.films = self.conversation.locator("article.film")
        self.spoken = page.locator("section.panel > [role=status]")
        """What a screen reader is told."""
        self.announcements = page.locator(".note .pill")
        self.status = page.locator(".status-line")
        self.attachments = page.locator("li.attachment")
        self.creatives = page.get_by_role("tab", name="Creatives")

    async def ready(self) -> "Screen":
        await expect(self.status).to_have_text("Ready")
        return self

    async def say(self, text: str) -> None:
        mine = self.said.filter(has_text=text)
        before = await mine.count()
        await self.composer.fill(text)
        await self.composer.press("Enter")
        await expect(mine).to_have_count(before + 1)

    async def ask(self, text: str) -> str:
        """Say it, wait for the end of the answer, and read that."""
        await self.say(text)
        await self.answered()
        return await self.answers.last.inner_text()

    async def answered(self) -> None:
        """The last thing said has its answer, whole, and nothing more is being written."""
        last = self.conversation.locator(".is-message").last
        await expect(last.locator(".answer, .note")).to_be_visible()
        await expect(self.stop).to_have_count(0)
        await expect(self.conversation.locator(".is-growing, .is-thinking")).to_have_count(0)

    async def film(self, number: int = 1) -> Locator:
        """The card of the n-th film, once it is there and can be played."""
        card = self.films.nth(number - 1)
        await expect(card).to_be_visible(timeout=FILM_MS)
        # Nothing of a film is loaded before it is seen.
        await card.scroll_into_view_if_needed()
        await expect(card.locator("video")).to_have_js_property("readyState", 4, timeout=FILM_MS)
        return card

    async def story(self) -> list[str]:
        """What is read from top to bottom, item by item; times of day and elapsed ones left out."""
        texts: list[str] = await self.conversation.evaluate(
            """log => [...log.querySelectorAll(".item")].map(item => {
                const copy = item.cloneNode(true)
                for (const each of copy.querySelectorAll("time, .figures, svg, button")) each.remove()
                return copy.textContent.replace(/\\s+/g, " ").trim()
            })"""
        )
        return texts

    async def give(self, how: str, *files: Path, on: Locator | None = None) -> None:
        """Files by "drop" or "paste", as a browser hands them over."""
        handle = await self.page.evaluate_handle(
            """files => {
                const transfer = new DataTransfer()
                for (const { name, type, base64 } of files) {
                    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
                    transfer.items.add(new File([bytes], name, { type }))
                }
                return transfer
            }""",
            [described(file) for file in files],
        )
        if how == "drop":
            target = on or self.page.locator("section.panel")
            for event in ("dragenter", "dragover", "drop"):
                await target.dispatch_event(event, {"dataTransfer": handle})
            return
        await self.composer.evaluate(
            """(field, clipboardData) => field.dispatchEvent(
                new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true })
            )""",
            handle,
        )

    async def pick(self, *files: Path) -> None:
        async with self.page.expect_file_chooser() as chooser:
            await self.page.get_by_role("button", name="Add images").click()
        await (await chooser.value).set_files(files)

    async def events(self, name: str) -> list[dict[str, Any]]:
        """The details of every event of this name that the page has heard (see `HEAR`)."""
        heard: list[dict[str, Any]] = await self.page.evaluate(
            "name => (globalThis.heard ?? []).filter(each => each.name === name)"
            ".map(each => each.detail)",
            name,
        )
        return heard

    async def overflow(self) -> int:
        """How many pixels the page or the conversation is wider than what shows them."""
        wider: int = await self.page.evaluate(
            """() => {
                const widget = document.querySelector("campaign-chat").shadowRoot
                const parts = widget.querySelectorAll(".scroller, .gallery, .panel")
                const boxes = [document.documentElement, ...parts]
                return Math.max(...boxes.map(box => box.scrollWidth - box.clientWidth))
            }"""
        )
        return wider

    async def picture(self, name: str) -> None:
        """For a person to look at; never compared by a machine."""
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=ARTEFACTS / f"{name}.png")


HEAR = """
globalThis.heard = []
for (const name of ["ready", "video-generated", "creative-updated", "error"]) {
    addEventListener(`campaign-chat:${name}`, ({ detail }) => {
        globalThis.heard.push({ name, detail: JSON.parse(JSON.stringify(detail ?? null)) })
    })
}
"""
"""Put into every page before its own scripts: it keeps the widget's events, as a host page hears them."""

TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
}


def described(file: Path) -> dict[str, str]:
    data = b64encode(file.read_bytes()).decode()
    return {"name": file.name, "type": TYPES[file.suffix], "base64": data}


def texts_of(items: Iterable[dict[str, Any]]) -> list[str]:
    """The messages of a timeline, in its order."""
    return [item["data"]["text"] for item in items if item["type"] == "message.added"]
