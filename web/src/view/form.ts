/** The form of a film, as a card at the end of the conversation: what it shall be, and what it would cost. */
import { html, nothing, type PropertyValues, type TemplateResult } from "lit"
import { repeat } from "lit/directives/repeat.js"
import type { ChatState } from "../chat"
import { Refusal } from "../connection"
import { canBeAsked, fitted, modelOf, requestOf, rangeOf, stars, type FilmForm } from "../film-form"
import { price } from "../format"
import { icons } from "../icons"
import type { AspectRatio, ErrorOut, VideoModelRow } from "../protocol"
import { Quoting } from "../quoting"
import { Select } from "../store"
import { attachmentView } from "./attachment"
import { define, Light } from "./light"
import "./link-field"
import { notices } from "./notices"
import { state } from "./property"

export class FilmFormCard extends Light {
  @state() private rows: readonly VideoModelRow[] | undefined
  @state() private problem: ErrorOut | undefined
  @state() private busy = false
  #quoting!: Quoting
  readonly #state = new Select<ChatState, ChatState>(this, () => this.chat.store, (chat) => chat)

  override connectedCallback(): void {
    super.connectedCallback()
    this.#quoting = new Quoting(this.chat.studio, () => this.requestUpdate())
    void this.#load()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#quoting.stop()
  }

  focusPrompt(): void {
    this.querySelector<HTMLTextAreaElement>("[name=prompt]")?.focus({ preventScroll: true })
  }

  get #row(): VideoModelRow | undefined {
    return modelOf(this.#state.value.form, this.rows ?? [])
  }

  protected override willUpdate(_changed: PropertyValues): void {
    const row = this.#row
    if (row) this.#quoting.ask(requestOf(this.#state.value.form, row, this.chat.references.links))
  }

  protected override render(): TemplateResult {
    const { words } = this
    const { form, references } = this.#state.value
    const row = this.#row
    return html`<form class="card job ask form" part="card" aria-label=${words.newFilm} @submit=${this.#generate}>
      <header>
        <h3 class="grow">${words.newFilm}</h3>
        <button type="button" class="quiet small" aria-label=${words.closeChat} @click=${() => this.chat.filling.close()}>
          ${icons.close}
        </button>
      </header>
      <label>${words.prompt}
        <textarea name="prompt" rows="3" placeholder=${words.promptPlaceholder} .value=${form.prompt}
          @input=${this.#typed}></textarea>
      </label>
      <fieldset ?disabled=${row?.supportsReferenceImages === false}>
        <legend>${words.references}</legend>
        <ul class="attachments">
          ${repeat(
            references,
            (each) => each.id,
            (each) => attachmentView(this.chat, each, () => this.focusPrompt(), this.chat.references),
          )}
        </ul>
        <campaign-chat-link .chat=${this.chat} .into=${this.chat.references}></campaign-chat-link>
      </fieldset>
      ${row ? this.#film(form, row) : nothing} ${this.#offer()}
    </form>`
  }

  #film(form: FilmForm, row: VideoModelRow): TemplateResult {
    const { words } = this
    const { min, max } = row.durationRange
    return html`<label>${words.model}
        <select name="model" @change=${this.#typed}>
          ${this.rows?.map(
            (each) => html`<option value=${each.key} ?selected=${each === row} ?disabled=${!canBeAsked(each)}>
              ${each.name} ${stars(each)} ${words.shortSeconds(rangeOf(each))}
            </option>`,
          )}
        </select>
      </label>
      <label><span class="line">${words.seconds}<output>${words.shortSeconds(form.duration)}</output></span>
        <input type="range" name="duration" min=${min} max=${max} .value=${String(form.duration)} @input=${this.#typed}>
      </label>
      <label>${words.ratio}
        <select name="aspectRatio" @change=${this.#typed}>
          ${row.aspectRatios.map((each) => html`<option ?selected=${each === form.aspectRatio}>${each}</option>`)}
        </select>
      </label>`
  }

  #offer(): TemplateResult {
    const { words } = this
    const { quote, isFresh } = this.#quoting
    const problem = this.problem ?? this.#quoting.problem
    const cost = quote && price(quote.total, words, this.locale)
    return html`${notices(quote?.warnings)}
      ${problem ? html`<p class="bad" role="alert">${problem.message}</p>` : nothing}
      <div class="actions">
        <button class="plain yes" ?disabled=${!isFresh || this.busy}>
          ${quote?.total.amount === 0 ? words.generateFree : words.generateFor(cost ?? "…")}
        </button>
      </div>`
  }

  async #load(): Promise<void> {
    try {
      this.rows = await this.chat.studio.models()
      const row = this.#row
      if (row) this.chat.filling.fill(fitted(this.#state.value.form, row))
    } catch (error) {
      this.problem = problemOf(error)
    }
  }

  readonly #typed = (event: Event): void => {
    const { name, value } = event.target as HTMLInputElement
    const change = name === "duration" ? { duration: Number(value) } : { [name]: value as AspectRatio }
    const form = { ...this.#state.value.form, ...change }
    const row = modelOf(form, this.rows ?? [])
    this.problem = undefined
    this.chat.filling.fill(row ? fitted(form, row) : form)
  }

  readonly #generate = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const { form } = this.#state.value
    const { quote, isFresh } = this.#quoting
    const row = this.#row
    if (!row || !quote || !isFresh || this.busy) return
    this.busy = true
    this.problem = undefined
    try {
      await this.chat.filling.make(requestOf(form, row, this.chat.references.links), quote.total)
    } catch (error) {
      this.problem = problemOf(error)
    }
    this.busy = false
  }
}

function problemOf(error: unknown): ErrorOut {
  return error instanceof Refusal
    ? error.error
    : { code: "unreachable", message: (error as Error).message, retryable: true }
}

define("campaign-chat-form", FilmFormCard)
