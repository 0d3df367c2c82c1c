"""A person who looks away and comes back; a desktop that can be told things. Both as the page sees them."""

from playwright.async_api import Page

AWAY = """
globalThis.away = false
Object.defineProperty(document, "hidden", { get: () => globalThis.away })
"""
"""Put into every page before its own scripts: tabs of a headless browser are never hidden."""

DESKTOP = """
globalThis.notes = []
globalThis.decided = 0
globalThis.Notification = class extends EventTarget {
    static get permission() { return localStorage.getItem("may notify") ?? "default" }
    static async requestPermission() { localStorage.setItem("may notify", "granted") }
    constructor(title, { body }) { super(); globalThis.notes.push(`${title}: ${body}`) }
    close() {}
}
const locks = navigator.locks
const request = locks?.request.bind(locks)
if (locks) locks.request = (name, options, then) => request(name, options, (lock) => {
    const told = then(lock)
    globalThis.decided += 1
    return told
})
"""
"""The system's notifications are not ours to test; when and how often we ask for one is."""


async def look_away(page: Page, *, away: bool = True) -> None:
    await page.evaluate(
        "away => { globalThis.away = away; document.dispatchEvent(new Event('visibilitychange')) }",
        away,
    )
