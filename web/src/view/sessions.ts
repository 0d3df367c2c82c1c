/** The chats of this campaign: the one that is open is marked, a new one is on top. */
import { html, nothing, type TemplateResult } from "lit"
import { state } from "./property"
import { moment } from "../format"
import { icons } from "../icons"
import type { SessionRow } from "../protocol"
import { define, Light, tell } from "./light"

export class SessionsMenu extends Light {
  @state() private opened = false
  @state() private rows: readonly SessionRow[] = []
  @state() private problem = ""

  get #items(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>(".menu button")]
  }

  protected override render(): TemplateResult {
    const { words } = this
    return html`<button class="quiet" aria-label=${words.chats} title=${words.chats} aria-haspopup="menu"
        aria-expanded=${this.opened} @click=${this.#toggle}>${icons.history}</button>
      ${this.opened ? this.#menu() : nothing}`
  }

  #menu(): TemplateResult {
    const { words } = this
    return html`<div class="menu" @keydown=${this.#key} @focusout=${this.#left}>
      <div role="menu" aria-label=${words.chats}>
        <button role="menuitem" tabindex="-1" @click=${() => this.#choose()}>
          ${icons.compose}<span>${words.newChat}</span>
        </button>
        <button role="menuitem" tabindex="-1" @click=${this.#search}>
          ${icons.search}<span>${words.search}</span>
        </button>
        ${this.rows.map((row) => this.#row(row))}
      </div>
      ${this.problem ? html`<p class="bad" role="alert">${this.problem}</p>` : nothing}
    </div>`
  }

  #row({ sessionId, title, updatedAt }: SessionRow): TemplateResult {
    const { words } = this
    const current = sessionId === this.chat.state.timeline.sessionId
    return html`<button role="menuitemradio" tabindex="-1" aria-checked=${current} @click=${() => this.#choose(sessionId)}>
      ${current ? icons.check : icons.chat}
      <span class="name">${title || words.untitled}</span>
      <span class="meta">${moment(updatedAt, new Date(), words, this.locale)}</span>
    </button>`
  }

  readonly #toggle = async (): Promise<void> => {
    this.opened = !this.opened
    if (!this.opened) return
    this.problem = ""
    await this.updateComplete
    this.#items[0]?.focus()
    try {
      this.rows = await this.chat.sessions()
    } catch (error) {
      this.problem = (error as Error).message
    }
  }

  readonly #search = (): void => {
    this.opened = false
    tell(this, "search")
  }

  #choose(sessionId?: string): void {
    tell(this, "show-chat")
    this.opened = false
    if (sessionId === undefined) this.chat.startNew()
    else this.chat.openSession(sessionId)
  }

  readonly #left = ({ relatedTarget }: FocusEvent): void => {
    if (!this.contains(relatedTarget as Node | null)) this.opened = false
  }

  readonly #key = (event: KeyboardEvent): void => {
    const items = this.#items
    const at = items.findIndex((each) => each.matches(":focus"))
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key]
    if (event.key === "Escape") {
      this.querySelector("button")?.focus()
      this.opened = false
    } else if (next === undefined) {
      return
    }
    event.preventDefault()
    event.stopPropagation()
    if (next !== undefined) items.at(next % items.length)?.focus()
  }
}

define("campaign-chat-sessions", SessionsMenu)
