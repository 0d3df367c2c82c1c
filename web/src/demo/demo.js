/* The demo page's own part: where the widget gets its token from. A real page asks its own backend. */
(() => {
  const chat = document.querySelector("campaign-chat")
  const notice = document.getElementById("notice")

  const given = () => new URLSearchParams(location.hash.slice(1)).get("token") ?? ""

  /** The page is served with a fresh guest token each time; the newest one is in its own source. */
  const fresh = async () => {
    const page = await (await fetch("/", { cache: "no-store" })).text()
    return /<campaign-chat[^>]*\btoken="([^"]*)"/.exec(page)?.[1] ?? ""
  }

  const getToken = async () => given() || (await fresh())
  const first = given() || chat.getAttribute("token")
  if (!first) {
    notice.textContent =
      "This server asks for a token. Make one with `reelroom token` and open this page with #token=… at the end of its address."
    notice.hidden = false
  }
  addEventListener("hashchange", () => location.reload())

  // The file with the widget comes when it comes; until then the element is a plain one.
  chat.getToken = getToken
  void customElements.whenDefined("campaign-chat").then(() => chat.toggleAttribute("data-ready", true))
})()
