/** What a person thinks of a film: a tap, a line why, and one tap back. */
import { html, nothing, type TemplateResult } from "lit"
import { property, state } from "./property"
import { icons } from "../icons"
import type { CreativeOut, ReviewStatus } from "../protocol"
import { define, Light } from "./light"

export class Verdict extends Light {
  @property({ attribute: false }) creative!: CreativeOut
  @state() private noting = false
  @state() private busy = false
  @state() private problem = ""

  readonly #undo = this.select((chat) => chat.undo?.creativeId === this.creative._id)

  protected override render(): TemplateResult {
    const { words } = this
    const { status, metadata } = this.creative
    return html`<div class="stands">
        <p class="status ${status}">${words.status[status]}</p>
        ${this.#undo.value
          ? html`<button class="link" ?disabled=${this.busy} @click=${this.#takeBack}>${words.undo}</button>`
          : nothing}
        <span class="grow"></span>
        ${status === "needsReview" ? nothing : this.#reopen()}
        <button class="quiet small noting" aria-label=${words.note} title=${words.note} aria-expanded=${this.noting}
          @click=${() => this.#ask(!this.noting)}>${icons.pencil}</button>
      </div>
      <div class="review" role="group" aria-label=${words.review}>
        ${this.#toggle("approved", words.approve)} ${this.#toggle("rejected", words.reject)}
      </div>
      ${metadata.note && !this.noting ? html`<p class="soft quoted">${metadata.note}</p>` : nothing}
      ${this.noting ? this.#noteForm(metadata.note ?? "") : nothing}
      ${this.problem ? html`<p class="bad" role="alert">${this.problem}</p>` : nothing}`
  }

  #toggle(to: "approved" | "rejected", label: string): TemplateResult {
    const pressed = this.creative.status === to
    return html`<button
      class="plain small toggle ${to}"
      aria-pressed=${pressed}
      ?disabled=${this.busy}
      @click=${({ detail }: MouseEvent) => detail > 1 || this.#judge(pressed ? "needsReview" : to)}
    >
      ${to === "approved" ? icons.check : icons.cross}<span>${label}</span>
    </button>`
  }

  #reopen(): TemplateResult {
    const label = this.words.status.needsReview
    return html`<button class="quiet small" aria-label=${label} title=${label} ?disabled=${this.busy}
      @click=${() => this.#judge("needsReview")}>${icons.retry}</button>`
  }

  #noteForm(note: string): TemplateResult {
    const { words } = this
    const skip = (): Promise<void> => this.#ask(false)
    const key = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return
      event.stopPropagation()
      void skip()
    }
    return html`<form class="why" @submit=${this.#saveNote} @keydown=${key}>
      <input name="note" maxlength="1000" autocomplete="off" dir="auto" .value=${note}
        aria-label=${words.note} placeholder=${words.notePlaceholder}>
      <button class="plain small" ?disabled=${this.busy}>${words.saveNote}</button>
      <button class="plain small" type="button" @click=${skip}>${words.skip}</button>
    </form>`
  }

  /** The reason is asked for after the verdict, so that it can be left out; one that is half written goes along. */
  async #judge(status: ReviewStatus): Promise<void> {
    const note = this.querySelector<HTMLInputElement>(".why input")?.value
    await this.#say(() => this.chat.reviews.judge(this.creative, status, note))
    if (status === "rejected" && this.problem === "") return this.#ask(true)
    this.noting = false
    return this.#focus(`.toggle.${status === "rejected" ? status : "approved"}`)
  }

  readonly #saveNote = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const note = String(new FormData(event.target as HTMLFormElement).get("note") ?? "").trim()
    await this.#say(() => this.chat.reviews.judge(this.creative, this.creative.status, note))
    if (this.problem === "") await this.#ask(false)
  }

  readonly #takeBack = async (): Promise<void> => {
    await this.#say(() => this.chat.reviews.takeBack())
    this.noting = false
    await this.#focus(".toggle")
  }

  async #ask(noting: boolean): Promise<void> {
    this.noting = noting
    await this.#focus(noting ? ".why input" : ".stands .noting")
  }

  async #say(tell: () => Promise<unknown>): Promise<void> {
    this.busy = true
    this.problem = ""
    try {
      await tell()
    } catch (error) {
      this.problem = (error as Error).message
    }
    this.busy = false
  }

  /** Not whoever has gone on meanwhile. */
  async #focus(selector: string): Promise<void> {
    await this.updateComplete
    const at = (this.getRootNode() as ShadowRoot).activeElement
    if (at === null || this.contains(at)) this.querySelector<HTMLElement>(selector)?.focus()
  }
}

define("campaign-chat-verdict", Verdict)
