/* The demo page's own part: where the widget gets its token from. A real page asks its own backend. */
const chat = document.querySelector("campaign-chat")
const notice = document.getElementById("notice")

/** A token given by hand: `reelroom token`, then `/#token=…`. */
const given = () => new URLSearchParams(location.hash.slice(1)).get("token") ?? ""

/** The page is served with a new guest token each time; the newest one is in its own source. */
const fresh = async () => {
  const page = await (await fetch("/", { cache: "no-store" })).text()
  return /<campaign-chat[^>]*\btoken="([^"]*)"/.exec(page)?.[1] ?? ""
}

chat.getToken = async () => given() || (await fresh())

if (!given() && !chat.getAttribute("token")) {
  notice.textContent =
    "This server asks for a token. Make one with “reelroom token”, then open this page with #token=… at the end of its address."
  notice.hidden = false
}

addEventListener("hashchange", () => location.reload())
