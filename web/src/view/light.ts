/** Inner elements render into the one shadow root they stand in: one stylesheet, ids that see each other. */
import { LitElement } from "lit"
import { property, state } from "./property"
import type { Chat, ChatState } from "../chat"
import { Select } from "../store"
import type { Words } from "../words"

const DOUBLE_CLICK_MS = 700

export abstract class Light extends LitElement {
  @property({ attribute: false }) chat!: Chat
  @property({ attribute: false }) locale: string | undefined

  /** It has just become another card before the eyes of whoever looks at it: no button of it is meant yet. */
  @state() protected fresh = false
  #settling: ReturnType<typeof setTimeout> | undefined

  /** Another language draws everything anew. */
  readonly #words = this.select((chat) => chat.words)

  protected get words(): Words {
    return this.#words.value
  }

  /** A part of the chat's state: this is drawn anew when it is another one. */
  protected select<V>(pick: (chat: ChatState) => V): Select<ChatState, V> {
    return new Select(this, () => this.chat.store, pick)
  }

  /** The second half of a double click, or one that was meant for what stood here before, is no yes. */
  protected settle(): void {
    this.fresh = true
    clearTimeout(this.#settling)
    this.#settling = setTimeout(() => (this.fresh = false), DOUBLE_CLICK_MS)
  }

  protected override createRenderRoot(): this {
    return this
  }
}

/** Twice on a page, or two versions of the script: the first one stays. */
export function define(name: string, element: CustomElementConstructor): void {
  if (!customElements.get(name)) customElements.define(name, element)
}

type Told = "focus-composer" | "focus-chats" | "say" | "show-job" | "show-chat" | "search" | "found" | "pick-film" | "leave"

/** A word about what the person did goes up to what can act on it: the panel owns focus and tabs. */
export const tell = (from: Element, event: Told, detail?: string): void => {
  from.dispatchEvent(new CustomEvent(event, { bubbles: true, detail }))
}
