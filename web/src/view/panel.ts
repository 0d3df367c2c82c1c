/** The whole chat inside its frame: title, tabs, conversation, creatives, composer, drop target. */
import { html, nothing, type PropertyValues, type TemplateResult } from "lit"
import { property, state } from "./property"
import type { ChatState } from "../chat"
import { icons } from "../icons"
import type { Entry } from "../protocol"
import { Quarters, spoken } from "./announcer"
import type { Composer } from "./composer"
import "./composer"
import "./creatives"
import { define, Light } from "./light"
import "./list"
import type { MessageList } from "./list"
import "./sessions"
import { statusLine, trouble } from "./status"

type Tab = "chat" | "creatives"
const TABS: readonly Tab[] = ["chat", "creatives"]

export class Panel extends Light {
  @property({ type: Boolean }) floating = false
  @state() private tab: Tab = "chat"
  @state() private said = ""
  @state() private dragging = false
  #drags = 0
  #outgoing = 0
  #formOpened: number | undefined
  readonly #quarters = new Quarters()
  #unheard: string[] = []

  readonly #state = this.select((chat) => chat)

  constructor() {
    super()
    this.addEventListener("focus-composer", () => this.focusComposer())
    this.addEventListener("search", () => void this.#search())
    this.addEventListener("focus-chats", () => this.querySelector<HTMLElement>("campaign-chat-sessions button")?.focus())
    this.addEventListener("show-chat", () => this.#showChat())
    this.addEventListener("say", (event) => (this.said = (event as CustomEvent<string>).detail))
    this.addEventListener("click", ({ target }) => setTimeout(() => this.#keepFocus(target as Element)))
    this.addEventListener("show-job", (event) => void this.showJob((event as CustomEvent<string>).detail))
  }

  get showsChat(): boolean {
    return this.tab === "chat"
  }

  /** Something new came into the record. */
  hear(entry: Entry): void {
    this.#say(spoken(entry, this.words, this.locale))
    if (entry.type === "creative.added" && entry.jobId !== undefined) this.#list?.revealFilm(entry.jobId)
  }

  /** A button that its own click took away has taken the focus along: the conversation gets it. */
  #keepFocus(pressed: Element): void {
    if (pressed.isConnected || (this.getRootNode() as ShadowRoot).activeElement) return
    this.querySelector<HTMLElement>(".scroller")?.focus({ preventScroll: true })
  }

  /** What comes before the next drawing is told together: one would take the other's place, unheard. */
  #say(words: string | undefined): void {
    if (words === undefined) return
    this.#unheard.push(words)
    this.said = this.#unheard.join(". ")
  }

  protected override updated(): void {
    this.#unheard = []
  }

  protected override firstUpdated(): void {
    this.#formOpened = this.#state.value.form.opened
  }

  /** Each opening leads to the form; closing it leads back to where it was opened. */
  async #formChanged(opened: number | undefined): Promise<void> {
    const closed = this.#formOpened !== undefined && opened === undefined
    this.#formOpened = opened
    if (!closed) this.tab = "chat"
    await this.updateComplete
    if (!closed) return void this.#list?.showForm()
    // What was ordered stands where the form stood, and is followed from there.
    this.#list?.toEnd()
    this.querySelector<Composer>("campaign-chat-composer")?.focusVideos()
  }

  focusComposer(): void {
    this.querySelector<Composer>("campaign-chat-composer")?.focusField()
  }

  protected override willUpdate(_changed: PropertyValues): void {
    const { timeline, outgoing, form } = this.#state.value
    if (this.hasUpdated && form.opened !== this.#formOpened) void this.#formChanged(form.opened)
    this.#say(this.#quarters.next(timeline, this.words))
    if (outgoing.length > this.#outgoing) void this.updateComplete.then(() => this.#list?.toEnd())
    this.#outgoing = outgoing.length
  }

  get #list(): MessageList | null {
    return this.querySelector<MessageList>("campaign-chat-list")
  }

  protected override render(): TemplateResult {
    const chat = this.#state.value
    return html`<section
      class="panel"
      part="panel"
      aria-label=${this.words.title}
      @dragenter=${this.#dragIn}
      @dragover=${this.#dragOver}
      @dragleave=${this.#dragOut}
      @drop=${this.#drop}
    >
      ${this.#header(chat)} ${trouble(this.chat, chat)}
      <div class="view" role="tabpanel" id="view-chat" aria-labelledby="tab-chat" ?hidden=${this.tab !== "chat"}>
        <campaign-chat-list .chat=${this.chat} .locale=${this.locale}></campaign-chat-list>
        <div class="foot">
          <campaign-chat-composer .chat=${this.chat} .locale=${this.locale}></campaign-chat-composer>
        </div>
      </div>
      <div class="view" role="tabpanel" id="view-creatives" aria-labelledby="tab-creatives" ?hidden=${this.tab !== "creatives"}>
        ${this.tab === "creatives"
          ? html`<campaign-chat-creatives .chat=${this.chat} .locale=${this.locale}></campaign-chat-creatives>`
          : nothing}
      </div>
      ${this.dragging ? html`<div class="drop"><p>${icons.attach}${this.words.dropHere}</p></div>` : nothing}
      <p class="hidden" role="status" aria-live="polite">${this.said}</p>
    </section>`
  }

  #header(chat: ChatState): TemplateResult {
    const { words } = this
    return html`<header class="head" part="header">
      <div class="grow">
        <h2>${words.title}</h2>
        ${statusLine(this.chat, chat)}
      </div>
      <div class="tabs" role="tablist" aria-label=${words.views} @keydown=${this.#tabKey}>
        ${TABS.map((tab) => this.#tabButton(tab, chat.timeline.creatives.size))}
      </div>
      <campaign-chat-sessions .chat=${this.chat} .locale=${this.locale}></campaign-chat-sessions>
      <button class="quiet new" aria-label=${words.newChat} title=${words.newChat} @click=${this.#startNew}>
        ${icons.compose}
      </button>
      ${this.floating
        ? html`<button class="quiet" aria-label=${words.closeChat} title=${words.closeChat} @click=${this.#close}>
            ${icons.close}
          </button>`
        : nothing}
    </header>`
  }

  #tabButton(tab: Tab, films: number): TemplateResult {
    const chosen = this.tab === tab
    return html`<button
      role="tab"
      id="tab-${tab}"
      aria-selected=${chosen}
      aria-controls="view-${tab}"
      tabindex=${chosen ? 0 : -1}
      @click=${() => this.#choose(tab)}
    >
      ${this.words[tab]}${tab === "creatives" && films > 0 ? html`<span class="count">${films}</span>` : nothing}
    </button>`
  }

  /** What was new to who turns away is not any more. */
  #choose(tab: Tab): void {
    this.tab = tab
    if (!this.showsChat) this.chat.patch({ unseen: undefined })
  }

  readonly #tabKey = async (event: KeyboardEvent): Promise<void> => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return
    this.#choose(this.tab === "chat" ? "creatives" : "chat")
    await this.updateComplete
    this.querySelector<HTMLElement>(`#tab-${this.tab}`)?.focus()
  }

  async showJob(jobId: string): Promise<void> {
    this.tab = "chat"
    await this.updateComplete
    await this.#list?.showJob(jobId)
  }

  async #search(): Promise<void> {
    this.tab = "chat"
    await this.updateComplete
    this.#list?.search()
  }

  readonly #startNew = (): void => {
    this.chat.startNew()
    this.#showChat()
  }

  #showChat(): void {
    this.tab = "chat"
    void this.updateComplete.then(() => this.focusComposer())
  }

  readonly #close = (): void => {
    this.dispatchEvent(new CustomEvent("close-panel", { bubbles: true }))
  }

  readonly #dragIn = (event: DragEvent): void => {
    if (!hasFiles(event)) return
    event.preventDefault()
    this.#drags += 1
    this.dragging = true
  }

  readonly #dragOver = (event: DragEvent): void => {
    if (!hasFiles(event)) return
    event.preventDefault()
    if (event.dataTransfer) event.dataTransfer.dropEffect = "copy"
  }

  /** Entering a child comes before leaving its parent: only the last leaving is one. */
  readonly #dragOut = (event: DragEvent): void => {
    if (!hasFiles(event)) return
    this.#drags = Math.max(0, this.#drags - 1)
    this.dragging = this.#drags > 0
  }

  readonly #drop = (event: DragEvent): void => {
    this.#drags = 0
    this.dragging = false
    const files = [...(event.dataTransfer?.files ?? [])]
    if (files.length === 0) return
    event.preventDefault()
    this.tab = "chat"
    const toForm = (event.target as Element).closest("campaign-chat-form") !== null
    ;(toForm ? this.chat.references : this.chat.attachments).add(files)
    this.said = this.words.said.dropped(files.length)
    if (!toForm) this.focusComposer()
  }
}

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") === true

define("campaign-chat-panel", Panel)
