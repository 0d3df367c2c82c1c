/**
 * `<campaign-chat>`: the one element a page needs. It owns the chat's life and the page's side of it
 * (attributes, methods, events); what is seen is in `view/`.
 */
import { html, LitElement, nothing, unsafeCSS, type PropertyValues, type TemplateResult } from "lit"
import { property, state } from "./view/property"
import { keyed } from "lit/directives/keyed.js"
import { Chat } from "./chat"
import { icons } from "./icons"
import { inEnglish, opensIn, speechIn, tongueOf, type Speech, type Tongue } from "./languages"
import type { Entry, ErrorOut } from "./protocol"
import { resultOf } from "./result"
import cards from "./style/cards.css?inline"
import composer from "./style/composer.css?inline"
import form from "./style/form.css?inline"
import gallery from "./style/gallery.css?inline"
import messages from "./style/messages.css?inline"
import panel from "./style/panel.css?inline"
import tokens from "./style/tokens.css?inline"
import type { Timeline } from "./timeline"
import { badgeTitle, clearTitle, tellDesktop } from "./told"
import { define } from "./view/light"
import "./view/panel"
import type { Panel } from "./view/panel"

/** Where this script came from, which is where its server is. Only a classic script knows. */
const HOME = document.currentScript instanceof HTMLScriptElement ? new URL(document.currentScript.src).origin : ""

export class CampaignChat extends LitElement {
  static override styles = [tokens, panel, messages, cards, composer, form, gallery].map(unsafeCSS)

  /** The studio's address; by default the one this script came from. */
  @property() server = ""
  @property({ attribute: "campaign-id" }) campaignId = "default"
  @property({ attribute: "session-id" }) sessionId: string | undefined
  @property() token = ""
  /** Handed back in `campaign-chat:video-generated`: where in a campaign this chat stands. */
  @property() step = "assetGeneration"
  @property({ reflect: true }) mode: "inline" | "floating" = "inline"
  @property({ reflect: true }) theme: "auto" | "light" | "dark" = "auto"
  /** The language and its kind, "de-AT"; by default the visitor's. */
  @property() locale: string | undefined
  /** Asked at every connect, so that an old token is replaced in time. */
  @property({ attribute: false }) getToken: (() => Promise<string>) | undefined

  @state() private chat: Chat | undefined
  @state() private speech: Speech = inEnglish(this.#tongue)
  @state() private isOpen = false
  @state() private unseen = false

  /** Shows the panel; in floating mode this is also what connects, the first time. */
  open(): void {
    this.isOpen = true
    this.unseen = false
    clearTitle()
    this.#begin()
    void this.updateComplete.then(() => this.#panel?.updateComplete).then(() => this.#panel?.focusComposer())
  }

  close(): void {
    this.isOpen = false
    this.#leave()
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>(".launcher")?.focus())
  }

  /** Says `text` for the person, beside what they are writing. False when it would be refused. */
  send(text: string): boolean {
    this.#begin()
    return this.chat?.say(text) ?? false
  }

  /** Puts an image beside the message that is being written. */
  attach(file: File): void {
    this.#begin()
    this.chat?.attachments.add([file])
  }

  get #tongue(): Tongue {
    return tongueOf(this.locale ? [this.locale] : navigator.languages)
  }

  #studio(): string {
    return (this.server || HOME || location.origin).replace(/\/$/, "")
  }

  get #panel(): Panel | null {
    return this.renderRoot.querySelector<Panel>("campaign-chat-panel")
  }

  override connectedCallback(): void {
    super.connectedCallback()
    document.addEventListener("visibilitychange", this.#wake)
    addEventListener("online", this.#wake)
    addEventListener("pageshow", this.#wake)
    addEventListener("pagehide", this.#save)
    for (const event of ["resize", "scroll"]) visualViewport?.addEventListener(event, this.#fit)
    this.chat?.start()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    document.removeEventListener("visibilitychange", this.#wake)
    removeEventListener("online", this.#wake)
    removeEventListener("pageshow", this.#wake)
    removeEventListener("pagehide", this.#save)
    for (const event of ["resize", "scroll"]) visualViewport?.removeEventListener(event, this.#fit)
    this.chat?.stop()
    clearTitle()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!this.hasUpdated && this.mode === "inline") this.#begin()
    const elsewhere = changed.has("server") || changed.has("campaignId") || changed.has("sessionId")
    if (this.hasUpdated && elsewhere && this.chat) this.#restart()
    if (this.hasUpdated && changed.has("locale") && this.chat) void this.#learn()
    if (this.hasUpdated && (changed.has("token") || changed.has("getToken"))) this.chat?.retryConnection()
  }

  protected override updated(): void {
    this.#fit()
  }

  protected override render(): TemplateResult {
    if (this.mode !== "floating") return this.#panelView()
    const tongue = this.#tongue
    const { words, language } = this.speech
    return html`${this.isOpen
        ? html`<div class="window" role="dialog" lang=${language} aria-label=${words.title} @keydown=${this.#key} @close-panel=${() => this.close()}>
            ${this.#panelView()}
          </div>`
        : nothing}
      <button class="launcher" part="launcher" lang=${tongue.language} aria-label=${opensIn(tongue)} aria-expanded=${this.isOpen}
        @click=${() => (this.isOpen ? this.close() : this.open())}>
        ${this.isOpen ? icons.close : icons.chat}${this.unseen ? html`<i class="unseen"></i>` : nothing}
      </button>`
  }

  #panelView(): TemplateResult {
    if (!this.chat) return html``
    // Another chat is another panel: every part of it listens to the one it was made for.
    return html`${keyed(
      this.chat,
      html`<campaign-chat-panel
        lang=${this.speech.language}
        dir=${this.speech.dir}
        .chat=${this.chat}
        .locale=${this.speech.locale}
        .floating=${this.mode === "floating"}
      ></campaign-chat-panel>`,
    )}`
  }

  #begin(): void {
    if (this.chat) return
    this.chat = new Chat({
      server: this.#studio(),
      campaignId: this.campaignId,
      sessionId: this.sessionId,
      words: this.speech.words,
      getToken: async () => (this.getToken ? this.getToken() : this.token),
      canRenew: () => this.getToken !== undefined,
      onReady: () => this.#tell("ready", { sessionId: this.chat?.state.timeline.sessionId }),
      onNews: (entry, timeline) => this.#hear(entry, timeline),
      onError: (error: ErrorOut) => this.#tell("error", error),
    })
    this.chat.start()
    void this.#learn()
  }

  /** English until the visitor's words are here; all of them come at once. */
  async #learn(): Promise<void> {
    const { locale, chat } = this
    const speech = await speechIn(this.#tongue, this.#studio())
    if (this.locale !== locale || this.chat !== chat) return
    this.speech = speech
    chat?.patch({ words: speech.words })
  }

  #restart(): void {
    this.chat?.stop()
    this.chat = undefined
    this.#begin()
  }

  #hear(entry: Entry, timeline: Timeline): void {
    this.#panel?.hear(entry)
    const isForPeople = entry.type === "message.added" || entry.type === "video.proposed"
    if (!this.#shown && isForPeople) this.unseen = true
    const isSaid = entry.type === "message.added" && entry.data.sender === "user"
    if (isForPeople && !isSaid && !(this.#looked && this.#panel?.showsChat)) this.#cameUnseen(entry.seq)
    this.#tellOfEnd(entry, timeline)
    if (entry.type === "creative.updated") this.#tell("creative-updated", entry.data.creative)
    if (entry.type !== "creative.added") return
    const job = entry.jobId === undefined ? undefined : timeline.jobs.get(entry.jobId)
    this.#tell("video-generated", resultOf(entry.data.creative, job, this.step))
  }

  get #shown(): boolean {
    return this.mode !== "floating" || this.isOpen
  }

  /** Whether a person may have it before their eyes. */
  get #looked(): boolean {
    return this.#shown && !document.hidden
  }

  #cameUnseen(seq: number): void {
    this.chat?.patch({ unseen: this.chat.state.unseen ?? seq })
  }

  /** What was new to a person who looks away is not any more. */
  #leave(): void {
    this.chat?.patch({ unseen: undefined })
  }

  #tellOfEnd({ type, jobId }: Entry, timeline: Timeline): void {
    if (jobId === undefined || (type !== "creative.added" && type !== "video.failed")) return
    if (!this.#looked) badgeTitle()
    const { said } = this.speech.words
    const title = type === "creative.added" ? said.ready : said.failed
    const body = timeline.jobs.get(jobId)?.request.prompt ?? ""
    void tellDesktop(jobId, () => this.#looked, () => {
      const note = new Notification(title, { body, tag: jobId })
      note.addEventListener("click", () => void this.#show(jobId, note))
      // A phone's browser may have the constructor and refuse its use: the title has told.
    }).catch(() => undefined)
  }

  async #show(jobId: string, note: Notification): Promise<void> {
    note.close()
    window.focus()
    this.open()
    await this.updateComplete
    await this.#panel?.updateComplete
    await this.#panel?.showJob(jobId)
  }

  #tell(name: string, detail: unknown): void {
    const event = new CustomEvent(`campaign-chat:${name}`, { detail, bubbles: true, composed: true })
    this.dispatchEvent(event)
  }

  readonly #key = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || event.defaultPrevented) return
    event.stopPropagation()
    this.close()
  }

  readonly #wake = (event: Event): void => {
    // The first showing of a page is no return to it.
    if (event instanceof PageTransitionEvent && !event.persisted) return
    if (document.hidden) {
      this.#leave()
      this.chat?.save()
    } else {
      if (this.#shown) clearTitle()
      this.chat?.wake()
    }
  }

  /** A keyboard on the screen covers what is fixed to it: a phone's full-screen window ends above it. */
  readonly #fit = (): void => {
    const style = this.renderRoot.querySelector<HTMLElement>(".window")?.style
    // Zoomed in by fingers, what is seen is smaller for another reason.
    if (!style || !visualViewport || visualViewport.scale > 1) return
    style.setProperty("--visible", `${visualViewport.height}px`)
    style.setProperty("--visible-top", `${visualViewport.offsetTop}px`)
  }

  readonly #save = (): void => this.chat?.save()
}

define("campaign-chat", CampaignChat)
