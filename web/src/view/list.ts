/** The conversation: everything of the story in its order, and the manners of its scrolling. */
import { html, nothing, type TemplateResult } from "lit"
import { state } from "./property"
import { guard } from "lit/directives/guard.js"
import { repeat } from "lit/directives/repeat.js"
import type { ChatState } from "../chat"
import { dayName } from "../format"
import { icons } from "../icons"
import type { FilmCard } from "./film"
import { newsOf, storyteller, withNew, type Item } from "../story"
import type { Turn } from "../timeline"
import type { FilmFormCard } from "./form"
import "./form"
import "./growing"
import "./job"
import "./search"
import { define, Light, tell } from "./light"
import { messageView, outgoingView } from "./message"
import { stepsView } from "./steps"

const NEAR_PX = 32
const GAP_PX = 12
/** So many things are drawn at first, and at each step back. */
const PAGE = 60
const EARLIER_PX = 300
/** A finger's tap may be over before a browser calls what is under it active. */
const LONGEST_TAP_MS = 300
/** Away from the very top, a browser with scroll anchoring keeps what is seen where it is. */
const HOLDS_ITSELF = CSS.supports("overflow-anchor", "auto")

export class MessageList extends Light {
  @state() private searching = false
  /** The key of what was looked for and is shown. */
  @state() private found: string | undefined
  @state() private away = false
  @state() private retrying: string | undefined
  @state() private problem = ""
  #stuck = true
  #session = ""
  /** What comes before it in the story is not drawn yet. */
  #start = 0
  /** The last entry when the end went out of sight. */
  #leftAt = 0
  #lastTop = 0
  #pressedAt = -LONGEST_TAP_MS
  #sizes: ResizeObserver | undefined

  readonly #tell = storyteller()
  readonly #story = this.select((chat) => this.#tell(chat.timeline))
  readonly #outgoing = this.select((chat) => chat.outgoing)
  readonly #formOpened = this.select((chat) => chat.form.opened)
  readonly #unseen = this.select((chat) => chat.unseen)
  /** Images of a message may come into the record after it was first drawn, and with new addresses. */
  readonly #uploads = this.select((chat) => chat.timeline.uploads)

  /** A message is shown in the session it was written in; one written before any is open, in the next. */
  get #ownOutgoing(): ChatState["outgoing"] {
    const { sessionId } = this.chat.state.timeline
    return this.#outgoing.value.filter((each) => each.sessionId === "" || each.sessionId === sessionId)
  }

  get #scroller(): HTMLElement | null {
    return this.querySelector(".scroller")
  }

  protected override firstUpdated(): void {
    this.#sizes = new ResizeObserver(() => this.#pin())
    for (const each of this.querySelectorAll(".scroller, .story")) this.#sizes.observe(each)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#sizes?.disconnect()
  }

  override connectedCallback(): void {
    super.connectedCallback()
    if (this.hasUpdated) this.firstUpdated()
  }

  /** After one's own message: the end is where one wants to be. */
  toEnd(): void {
    this.#stuck = true
    this.away = false
    this.#pin()
  }

  async showJob(jobId: string): Promise<void> {
    await this.reveal(`j:${jobId}`)
    const card = this.querySelector(`[data-job="${CSS.escape(jobId)}"]`)
    this.#bring(card)
    void card?.querySelector<FilmCard>("campaign-chat-film")?.show()
  }

  async showForm(): Promise<void> {
    this.#stuck = false
    await this.updateComplete
    const form = this.querySelector<FilmFormCard>("campaign-chat-form")
    await form?.updateComplete
    form?.focusField()
    await form?.loaded
    this.#bring(form)
  }

  /** A film is ready: who was following sees it from its top, and not only the buttons under it. */
  revealFilm(jobId: string): void {
    // By the next frame everything that came with it has been drawn.
    requestAnimationFrame(() => {
      const film = this.querySelector(`[data-job="${CSS.escape(jobId)}"] article`)
      if (film && this.#stuck && !this.#pressed && !this.#wentOn(film)) this.#bring(film)
    })
  }

  /** To its top. By hand, because scrollIntoView scrolls the host's page as well. */
  #bring(element: Element | null): void {
    const box = this.#scroller
    if (!box || !element) return
    const top = element.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop - GAP_PX
    if (top >= box.scrollHeight - box.clientHeight) return this.toEnd()
    this.#stuck = false
    box.scrollTo({ top, behavior: calm() ? "instant" : "smooth" })
  }

  protected override render(): TemplateResult {
    const { words } = this
    const items = this.#drawn()
    return html`${this.searching
        ? html`<campaign-chat-search .chat=${this.chat} .items=${this.#story.value}
            @found=${this.#find} @leave=${this.#leaveSearch}></campaign-chat-search>`
        : nothing}
      <div class="scroller" tabindex="0" role="log" aria-live="off" aria-label=${words.conversation}
        @scroll=${this.#scrolled} @click=${this.#pin}
        @pointerdown=${({ timeStamp }: Event) => (this.#pressedAt = timeStamp)}>
        <div class="story">
          ${this.#start > 0
            ? html`<button class="chip earlier" @click=${this.#earlier}>${words.earlier}</button>`
            : nothing}
          ${repeat(
            items,
            (item) => item.key,
            (item) => html`<div class="item is-${item.kind} ${item.key === this.found ? "found" : ""}">${this.#item(item)}</div>`,
          )}
          ${repeat(
            this.#ownOutgoing,
            (message) => message.clientId,
            (message) => html`<div class="item is-message">${outgoingView(this.chat, message)}</div>`,
          )}
          ${this.#formOpened.value === undefined
            ? nothing
            : html`<div class="item">
                <campaign-chat-form .chat=${this.chat} .locale=${this.locale}></campaign-chat-form>
              </div>`}
        </div>
      </div>
      ${this.away
        ? html`<button class="latest" @click=${() => this.toEnd()}>${icons.down}<span>${this.#latest}</span></button>`
        : nothing}`
  }

  /** Another session is read from its end. */
  #drawn(): readonly Item[] {
    const items = this.#story.value
    const { sessionId } = this.chat.state.timeline
    if (sessionId !== this.#session) {
      this.#session = sessionId
      this.#start = Math.max(0, items.length - PAGE)
      this.#stuck = true
    }
    // Of an hour's talk the end stays drawn, for who follows it; what one works in is never taken away.
    const drawn = items.length - this.#start
    if (drawn > 2 * PAGE && this.#stuck && !this.matches(":focus-within")) this.#start += drawn - PAGE
    return withNew(items.slice(this.#start), this.#unseen.value)
  }

  get #latest(): string {
    const news = this.#story.value.filter((item) => newsOf(item) > this.#leftAt).length
    return news > 0 ? this.words.newThings(news) : this.words.latest
  }

  /** What stands at the top stays where it is. */
  readonly #earlier = async (): Promise<void> => {
    const box = this.#scroller
    const top = box?.querySelector(".item")
    if (!box || !top) return
    const before = top.getBoundingClientRect().top
    const pressed = this.querySelector(".earlier:focus") !== null
    const held = HOLDS_ITSELF && box.scrollTop > 0
    await this.#drawFrom(this.#start - PAGE)
    if (!held) box.scrollTop += top.getBoundingClientRect().top - before
    if (pressed && this.#start === 0) box.focus({ preventScroll: true })
  }

  async #drawFrom(start: number): Promise<void> {
    this.#start = Math.max(0, start)
    this.requestUpdate()
    await this.updateComplete
  }

  search(): void {
    this.searching = true
    this.querySelector<HTMLElement>("[type=search]")?.focus()
  }

  readonly #find = async ({ detail }: CustomEvent<string | undefined>): Promise<void> => {
    this.found = detail
    if (detail === undefined) return
    await this.reveal(detail)
    await this.updateComplete
    this.#stuck = false
    const show = (): void => this.querySelector(".found")?.scrollIntoView({ block: "center" })
    show()
    // What is drawn for the first time has its size only then.
    requestAnimationFrame(show)
  }

  readonly #leaveSearch = (): void => {
    this.searching = false
    this.found = undefined
    tell(this, "focus-chats")
  }

  /** Draws what stands under this key, if it is not yet. */
  async reveal(key: string): Promise<void> {
    const at = this.#story.value.findIndex((item) => item.key === key)
    if (at < 0 || at >= this.#start) return
    this.#stuck = false
    await this.#drawFrom(at - PAGE)
  }

  #item(item: Item): TemplateResult | unknown {
    switch (item.kind) {
      case "message": {
        const { message, queued, canEdit, showSuggestions } = item
        const pictures = message.uploads.length > 0 ? this.#uploads.value : undefined
        const film = message.code === "video.ready" ? item : undefined
        return guard([this.words, message, queued, canEdit, showSuggestions, pictures, film], () =>
          messageView(this.chat, item, this.locale),
        )
      }
      case "growing":
        return html`<campaign-chat-growing .chat=${this.chat} .messageId=${item.key.slice(2)}></campaign-chat-growing>`
      case "thinking":
        return html`<p class="thinking"><i></i><i></i><i></i><span class="hidden">${this.words.thinking}</span></p>`
      case "steps":
        return guard([this.words, item.over, ...item.calls], () => stepsView(this.words, item.calls, item.over))
      case "job":
        return html`<campaign-chat-job
          data-job=${item.job.id}
          .chat=${this.chat}
          .locale=${this.locale}
          .job=${item.job}
        ></campaign-chat-job>`
      case "end":
        return this.#end(item.turn, item.canRetry)
      case "new":
        return html`<p class="day new"><span>${this.words.fresh}</span></p>`
      case "day":
        return html`<p class="day"><span>${dayName(item.at, new Date(), this.words, this.locale)}</span></p>`
    }
  }

  #end(turn: Turn, canRetry: boolean): TemplateResult {
    const { words } = this
    const outcome = turn.outcome === "stopped" || turn.outcome === "interrupted" ? turn.outcome : "failed"
    const wrong = outcome === "failed"
    return html`<div class="ended ${outcome}">
      <p class=${wrong ? "bad" : "soft"}>
        ${wrong ? icons.warning : nothing}<span>${turn.error?.message ?? words.outcome[outcome]}</span>
      </p>
      ${canRetry
        ? html`<button class="plain small" ?disabled=${this.retrying === turn.id} @click=${() => this.#retry(turn.id)}>
            ${icons.retry}<span>${words.retry}</span>
          </button>`
        : nothing}
      ${this.problem && canRetry ? html`<p class="bad" role="alert">${this.problem}</p>` : nothing}
    </div>`
  }

  async #retry(turnId: string): Promise<void> {
    this.retrying = turnId
    this.problem = ""
    tell(this, "focus-composer")
    try {
      await this.chat.retryTurn(turnId)
    } catch (error) {
      this.problem = (error as Error).message
      this.retrying = undefined
    }
  }

  /** Whether the person has said something since: then the answer to that is what they follow. */
  #wentOn(film: Element): boolean {
    const said = [...this.querySelectorAll(".said")].at(-1)
    return said !== undefined && (film.compareDocumentPosition(said) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0
  }

  readonly #scrolled = (): void => {
    const box = this.#scroller
    if (!box) return
    const distance = box.scrollHeight - box.clientHeight - box.scrollTop
    // Only a person scrolls upwards; a card that grows only makes the distance larger.
    if (box.scrollTop < this.#lastTop - 1 && distance > NEAR_PX) this.#stuck = false
    else if (distance <= NEAR_PX) this.#stuck = true
    this.#lastTop = box.scrollTop
    if (!this.away && !this.#stuck) this.#leftAt = this.chat.state.timeline.seq
    this.away = !this.#stuck
    if (this.away && this.#start > 0 && box.scrollTop < EARLIER_PX) void this.#earlier()
  }

  /** Nothing moves away from under a mouse or a finger that is down: it would be let go over something else. */
  get #pressed(): boolean {
    return this.matches(":active") || performance.now() - this.#pressedAt < LONGEST_TAP_MS
  }

  #pin(): void {
    const box = this.#scroller
    if (!box) return
    if (this.#stuck && !this.#pressed) box.scrollTop = box.scrollHeight
    this.#lastTop = box.scrollTop
  }
}

const calm = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches

define("campaign-chat-list", MessageList)
