/** Looks for words in this conversation, also in what is not drawn yet: the newest first, then upwards. */
import { html, type TemplateResult } from "lit"
import { property, state } from "./property"
import { icons } from "../icons"
import { found, type Item } from "../story"
import { define, Light, tell } from "./light"

export class SearchBar extends Light {
  @property({ attribute: false }) items: readonly Item[] = []
  @state() private query = ""
  /** The one that is shown, by its key: others may come while it is read. */
  @state() private current: string | undefined

  protected override firstUpdated(): void {
    this.querySelector("input")?.focus()
  }

  protected override render(): TemplateResult {
    const { words, query } = this
    const keys = found(this.items, query)
    const at = keys.indexOf(this.current ?? "")
    const step = (by: number): void => this.#show(keys.at((at + by) % keys.length))
    const key = (event: KeyboardEvent): void => {
      const isEntered = event.key === "Enter" && event.target instanceof HTMLInputElement
      if (isEntered && !event.isComposing) step(event.shiftKey ? 1 : -1)
      else if (event.key !== "Escape") return
      else tell(this, "leave")
      event.preventDefault()
      event.stopPropagation()
    }
    const button = (name: string, icon: TemplateResult, by: number, style: string): TemplateResult =>
      html`<button class="quiet ${style}" aria-label=${name} title=${name} ?disabled=${keys.length === 0}
        @click=${() => step(by)}>${icon}</button>`
    return html`<div class="search" role="search" @keydown=${key}>
      <input type="search" dir="auto" autocomplete="off" aria-label=${words.search} placeholder=${words.search}
        .value=${query} @input=${this.#typed}>
      <span class="meta" role="status">${query === "" ? "" : words.place(at + 1, keys.length)}</span>
      ${button(words.previous, icons.down, -1, "up")} ${button(words.next, icons.down, 1, "")}
      <button class="quiet" aria-label=${words.closeChat} title=${words.closeChat} @click=${() => tell(this, "leave")}>
        ${icons.close}
      </button>
    </div>`
  }

  readonly #typed = (event: Event): void => {
    this.query = (event.target as HTMLInputElement).value
    this.#show(found(this.items, this.query).at(-1))
  }

  #show(key: string | undefined): void {
    this.current = key
    tell(this, "found", key)
  }
}

define("campaign-chat-search", SearchBar)
