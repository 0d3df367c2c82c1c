/** The form of a film, as a card at the end of the conversation: what it shall be, and what it would cost. */
import { html, nothing, type PropertyValues, type TemplateResult } from "lit"
import { repeat } from "lit/directives/repeat.js"
import {
  EMPTY_FORM,
  fitted,
  modelOf,
  objectionTo,
  rangeOf,
  requestOf,
  wrongOf,
  type FilmForm,
  type Wrong,
} from "../film-form"
import { modelNames, price, roughly } from "../format"
import { icons } from "../icons"
import type { VideoModelRow } from "../protocol"
import { Quoting } from "../quoting"
import { attachmentView } from "./attachment"
import { define, Light, tell } from "./light"
import "./link-field"
import { modelFacts, modelMenu } from "./model-menu"
import { notices } from "./notices"
import { state } from "./property"
import { filePicker, pasted } from "./picker"

export class FilmFormCard extends Light {
  @state() private rows: readonly VideoModelRow[] | undefined
  @state() private failed: Wrong | undefined
  @state() private busy = false
  /** What was filled in last, before the model had its say. */
  #asked: FilmForm | undefined
  #opened: number | undefined
  /** Once it has its models, or words why not. */
  loaded = Promise.resolve()
  #quoting!: Quoting
  readonly #state = this.select((chat) => chat)

  override connectedCallback(): void {
    super.connectedCallback()
    this.#quoting = new Quoting(this.chat.studio, () => {
      this.requestUpdate()
      if (this.#quoting.isFresh) tell(this, "say", this.#yes)
    })
    this.loaded = this.#load()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#quoting.stop()
  }

  focusField(name = "prompt"): void {
    const field = this.querySelector<HTMLElement>(`[name=${name}]`)
    field?.closest("details")?.setAttribute("open", "")
    field?.focus({ preventScroll: name === "prompt" })
  }

  get #form(): FilmForm {
    return this.#state.value.form
  }

  get #row(): VideoModelRow | undefined {
    return modelOf(this.#form, this.rows ?? [])
  }

  protected override willUpdate(_changed: PropertyValues): void {
    const { opened } = this.#form
    // Opened anew, also with other things in it: what was said of those before is over.
    if (opened !== this.#opened) {
      this.#opened = opened
      this.#asked = this.failed = undefined
    }
    const row = this.#row
    if (row) this.#quoting.ask(requestOf(this.#form, row, this.chat.references.links))
  }

  protected override render(): TemplateResult {
    const { words } = this
    const row = this.#row
    return html`<form
      class="card job ask form"
      part="card"
      novalidate
      aria-label=${words.newFilm}
      @submit=${this.#generate}
      @input=${this.#typed}
      @keydown=${this.#key}
      @paste=${(event: ClipboardEvent) => pasted(event, (files) => this.chat.references.add(files))}
    >
      <header>
        <h3 class="grow">${words.newFilm}</h3>
        <button type="button" class="quiet" aria-label=${words.closeForm} @click=${() => this.chat.filling.close()}>
          ${icons.close}
        </button>
      </header>
      ${this.#text("prompt", words.prompt, words.promptPlaceholder)} ${this.#images(row)}
      ${row && this.rows ? this.#film(this.rows, row) : this.#loading()}
    </form>`
  }

  #film(rows: readonly VideoModelRow[], row: VideoModelRow): TemplateResult {
    const { words } = this
    const { duration, aspectRatio } = this.#form
    const { min, max } = row.durationRange
    const length = words.shortSeconds(duration)
    return html`<div>
        ${modelMenu(this.chat, rows, row)} ${modelFacts(this.chat, row, this.locale)} ${this.#wrong("model")}
      </div>
      <div>
        <label>
          <span class="line">${words.length}<span class="figures">${length}</span></span>
          <input type="range" name="duration" aria-valuetext=${length} min=${min} max=${max} .value=${String(duration)}>
        </label>
        ${this.#fitted("duration", row.name, words.shortSeconds(rangeOf(row)))}
      </div>
      <div>
        <p>${words.ratio}</p>
        <div class="roles" role="radiogroup" aria-label=${words.ratio}>
          ${row.aspectRatios.map(
            (each) => html`<label>
              <input type="radio" name="aspectRatio" value=${each} .checked=${each === aspectRatio}><span>${each}</span>
            </label>`,
          )}
        </div>
        ${this.#fitted("aspectRatio", row.name, row.aspectRatios.join(", "))}
      </div>
      ${this.#advanced()} ${this.#offer(rows)}`
  }

  #text(name: "prompt" | "refinementPrompt", label: string, placeholder = ""): TemplateResult {
    const wrong = this.#problem?.field === name
    return html`<div>
      <label>${label}
        <textarea name=${name} rows="3" dir=${this.#form[name] ? "auto" : nothing} placeholder=${placeholder} aria-invalid=${wrong}
          aria-describedby=${wrong ? `wrong-${name}` : nothing} .value=${this.#form[name]}></textarea>
      </label>
      ${this.#wrong(name)}
    </div>`
  }

  #images(row: VideoModelRow | undefined): TemplateResult {
    const { words } = this
    const { references, limits } = this.#state.value
    const owner = this.chat.references
    const takesNone = row?.supportsReferenceImages === false
    return html`<fieldset ?disabled=${takesNone}>
      <legend>${words.references}</legend>
      ${takesNone ? html`<p class="warn">${words.noImages(row.name)}</p>` : nothing}
      ${references.length > 0
        ? html`<ul class="attachments">
            ${repeat(
              references,
              (each) => each.id,
              (each) => attachmentView(this.chat, each, () => this.focusField(), owner),
            )}
          </ul>`
        : nothing}
      <div class="why">
        <campaign-chat-link class="grow" .chat=${this.chat} .into=${owner}></campaign-chat-link>
        ${filePicker(words.attach, limits, (files) => owner.add(files))}
      </div>
      ${this.#wrong("referenceImageUrls")}
    </fieldset>`
  }

  #advanced(): TemplateResult {
    const { words } = this
    const { creatives } = this.#state.value.timeline
    const last = [...creatives.values()].findLast(({ visual }) => visual.refinedPrompt)?.visual
    return html`<details class="more">
      <summary>${icons.chevron}${words.advanced}</summary>
      ${this.#text("refinementPrompt", words.refinement)}
      <div class="chips">
        ${Object.values(words.hints).map(
          (hint) => html`<button type="button" class="chip" @click=${() => this.#addHint(hint)}>${hint}</button>`,
        )}
      </div>
      ${last
        ? html`<dl>
            <div><dt>${words.before}</dt><dd>${last.prompt}</dd></div>
            <div><dt>${words.refinedPrompt}</dt><dd>${last.refinedPrompt}</dd></div>
          </dl>`
        : nothing}
    </details>`
  }

  /** Who would make it, in how many clips, how long that takes; and the yes to its price. */
  #offer(rows: readonly VideoModelRow[]): TemplateResult {
    const { words } = this
    const { quote, isFresh } = this.#quoting
    const clips = quote?.lines.filter(({ seconds }) => seconds > 0).length ?? 0
    const took = rows.find(({ key }) => key === quote?.model)?.typicalSeconds
    return html`${quote
        ? html`<div class="meta">
            <p>
              ${modelNames(quote.model, quote.requestedModel, words)} · ${words.clips(clips)}
              ${took ? html`· ${words.takes(roughly(took.min * clips, words), roughly(took.max * clips, words))}` : nothing}
            </p>
            ${notices(quote.warnings)}
          </div>`
        : nothing}
      ${this.#loading()}
      <div class="actions">
        <button class="plain yes" aria-disabled=${!isFresh || this.busy}>
          ${this.busy ? words.sending : this.#yes}
        </button>
      </div>`
  }

  get #yes(): string {
    const { words } = this
    const quote = this.#quoting.isFresh ? this.#quoting.quote : undefined
    if (quote?.model === "draft" && quote.total.amount === 0) return words.generateFree
    return words.generateFor(quote ? price(quote.total, words, this.locale) : "…")
  }

  /** What concerns no field: with the one thing that helps. */
  #loading(): TemplateResult | typeof nothing {
    const { words } = this
    const problem = this.#problem
    if (!problem) return this.rows ? nothing : html`<p class="soft">${icons.spinner} ${words.loading}</p>`
    if (problem.field !== undefined) return nothing
    return html`<p class="bad" role="alert">
      ${problem.message} <button type="button" class="link" @click=${this.#again}>${words.retry}</button>
    </p>`
  }

  get #problem(): Wrong | undefined {
    return this.failed ?? this.#quoting.problem
  }

  #wrong(field: Wrong["field"]): TemplateResult | typeof nothing {
    const problem = this.#problem
    if (!problem || problem.field !== field) return nothing
    return html`<p class="bad" role="alert" id="wrong-${field}">${problem.message}</p>`
  }

  /** What another model made of a value is told where that stands. */
  #fitted(field: "duration" | "aspectRatio", model: string, can: string): TemplateResult | typeof nothing {
    const changed = this.#asked !== undefined && this.#asked[field] !== this.#form[field]
    return changed ? html`<p class="warn">${this.words.makes(model, can)}</p>` : this.#wrong(field)
  }

  async #load(): Promise<void> {
    try {
      this.rows = await this.chat.studio.models()
      // One that was closed meanwhile knows no longer what is filled in.
      if (this.isConnected) this.#fill({})
    } catch (error) {
      this.failed = wrongOf(error)
    }
    await this.updateComplete
  }

  #fill(change: Partial<FilmForm>): void {
    this.#asked = { ...this.#form, ...change }
    const row = modelOf(this.#asked, this.rows ?? [])
    this.failed = undefined
    this.chat.filling.fill(row ? fitted(this.#asked, row) : this.#asked)
  }

  #addHint(hint: string): void {
    this.#fill({ refinementPrompt: [this.#form.refinementPrompt.trim(), hint].filter(Boolean).join(", ") })
  }

  readonly #typed = (event: Event): void => {
    const { name, value } = event.target as HTMLInputElement
    if (name in EMPTY_FORM) this.#fill({ [name]: name === "duration" ? Number(value) : value })
  }

  /** Enter in a field confirms that field: the button that spends money is pressed by itself alone. */
  readonly #key = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && event.target instanceof HTMLInputElement) event.preventDefault()
    if (event.key !== "Escape") return
    event.stopPropagation()
    this.chat.filling.close()
  }

  readonly #again = (): void => {
    this.failed = undefined
    if (this.rows) this.#quoting.again()
    else void this.#load()
  }

  readonly #generate = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const { chat, words } = this
    const row = this.#row
    const { quote, isFresh } = this.#quoting
    if (!row || !quote || !isFresh || this.busy) return
    this.failed = chat.references.busy
      ? { field: "referenceImageUrls", message: words.waitsForUploads }
      : objectionTo(this.#form, words)
    if (!this.failed) {
      this.busy = true
      try {
        await chat.filling.make(requestOf(this.#form, row, chat.references.links), quote.total)
      } catch (error) {
        this.failed = wrongOf(error)
      }
      this.busy = false
    }
    await this.updateComplete
    if (this.#problem?.field) this.focusField(this.#problem.field)
  }
}

define("campaign-chat-form", FilmFormCard)
