/** A finished film: it plays, it can be judged and taken along. In the chat and in the list of creatives. */
import { html, nothing, type TemplateResult } from "lit"
import { property, state } from "./property"
import type { ChatState } from "../chat"
import { modelNames, price } from "../format"
import { icons } from "../icons"
import type { CreativeOut, ReviewStatus } from "../protocol"
import { costOf } from "../result"
import { Select } from "../store"
import type { Job } from "../timeline"
import { define, Light } from "./light"
import { notices } from "./notices"

/** Class names of the frames whose room is kept before the film is there. */
const SHAPES: Readonly<Record<string, string>> = { "16:9": "wide", "9:16": "tall", "1:1": "square" }

export class FilmCard extends Light {
  @property({ attribute: false }) creativeId = ""
  @property({ attribute: false }) job: Job | undefined
  /** In a list of many: a poster until it is asked to play. */
  @property({ attribute: false }) facade = false
  @state() private playing = false
  @state() private broken = false
  @state() private asking: ReviewStatus | undefined
  @state() private busy: ReviewStatus | undefined
  @state() private problem = ""

  readonly #creative = new Select<ChatState, CreativeOut | undefined>(
    this,
    () => this.chat.store,
    (chat) => chat.timeline.creatives.get(this.creativeId),
  )

  protected override render(): TemplateResult | typeof nothing {
    const creative = this.#creative.value
    if (!creative) return nothing
    const { visual } = creative
    const shape = SHAPES[visual.aspectRatio] ?? "wide"
    return html`<article class="card film ${shape}" part="card film" aria-label=${visual.prompt}>
      <div class="screen">
        ${this.broken ? this.#missing() : this.#player(creative)}
      </div>
      <div class="about">
        <div class="top">
          <p class="name two">${visual.prompt}</p>
          <p class="meta">
            ${visual.model === "draft"
              ? html`<span class="badge" title=${this.words.draftMore}>${this.words.draft}</span>`
              : nothing}${this.#facts(creative)}
          </p>
        </div>
        ${this.facade ? nothing : notices(this.job?.quote.warnings)}
        ${this.#review(creative)} ${this.#more(creative)}
      </div>
    </article>`
  }

  #facts(creative: CreativeOut): string {
    const { words } = this
    const { visual, metadata } = creative
    const size = metadata.resolution?.replace("x", "×")
    const cost = costOf(creative, this.job)
    const paid = cost && price(cost, words, this.locale)
    return [modelNames(visual.model, visual.requestedModel, words), `${visual.duration} s`, visual.aspectRatio, size, paid]
      .filter(Boolean)
      .join(" · ")
  }

  #player({ visual }: CreativeOut): TemplateResult {
    if (this.facade && !this.playing) {
      return html`<button class="facade" aria-label=${this.words.play(visual.prompt)} @click=${this.#play}>
        ${visual.posterUrl
          ? html`<img src=${visual.posterUrl} alt="" loading="lazy">`
          : nothing}<span class="glyph">${icons.play}</span>
      </button>`
    }
    return html`<video
      controls
      playsinline
      preload="metadata"
      ?autoplay=${this.facade}
      poster=${visual.posterUrl ?? nothing}
      src=${visual.url}
      aria-label=${visual.prompt}
      @play=${this.#pauseOthers}
      @error=${() => (this.broken = true)}
    ></video>`
  }

  /** Addresses age: the record is asked for new ones. */
  #missing(): TemplateResult {
    return html`<div class="missing">
      <p>${this.words.filmBroken}</p>
      <button class="plain small" @click=${this.#reload}>${icons.retry}<span>${this.words.reload}</span></button>
    </div>`
  }

  #review(creative: CreativeOut): TemplateResult {
    const { words } = this
    const { status } = creative
    const note = creative.metadata.note
    return html`<p class="status ${status}">${words.status[status]}</p>
    <div class="review" role="group" aria-label=${words.review}>
      ${this.#verdict("approved", words.approve, status)} ${this.#verdict("rejected", words.reject, status)}
      <a class="plain small" href=${downloadOf(creative.visual.url)} download=${`${creative._id}.mp4`}>
        ${icons.download}<span>${words.download}</span>
      </a>
    </div>
    ${note && this.asking === undefined ? html`<p class="soft quoted">${note}</p>` : nothing}
    ${this.asking === undefined ? nothing : this.#noteForm(note ?? "")}
    ${this.problem ? html`<p class="bad" role="alert">${this.problem}</p>` : nothing}`
  }

  #verdict(to: "approved" | "rejected", label: string, now: ReviewStatus): TemplateResult {
    const pressed = now === to
    // Pressing it again takes the verdict back: undo, where another would ask "are you sure".
    const press = (): void => void this.#judge(pressed ? "needsReview" : to)
    return html`<button
      class="plain small toggle ${to}"
      aria-pressed=${pressed}
      ?disabled=${this.busy !== undefined}
      @click=${press}
    >
      ${to === "approved" ? icons.check : icons.cross}<span>${label}</span>
    </button>`
  }

  #noteForm(note: string): TemplateResult {
    const { words } = this
    return html`<form class="why" @submit=${this.#saveNote}>
      <input name="note" maxlength="1000" autocomplete="off" .value=${note}
        aria-label=${words.note} placeholder=${words.notePlaceholder}>
      <button class="plain small" type="submit">${words.saveNote}</button>
      <button class="quiet small" type="button" aria-label=${words.closeChat} @click=${() => (this.asking = undefined)}>
        ${icons.close}
      </button>
    </form>`
  }

  #more({ visual }: CreativeOut): TemplateResult {
    const { words } = this
    return html`<details class="more">
      <summary>${icons.chevron}${words.details}</summary>
      <dl>
        <div><dt>${words.prompt}</dt><dd>${visual.prompt}</dd></div>
        ${visual.refinedPrompt
          ? html`<div><dt>${words.refinedPrompt}</dt><dd>${visual.refinedPrompt}</dd></div>`
          : nothing}
        ${visual.referenceImages.length > 0
          ? html`<div>
              <dt>${words.references}</dt>
              <dd class="images">
                ${visual.referenceImages.map(
                  (image) => html`<img src=${image.url} alt=${words.reference} loading="lazy" width="48" height="48">`,
                )}
              </dd>
            </div>`
          : nothing}
      </dl>
    </details>`
  }

  async #judge(status: ReviewStatus, note?: string): Promise<void> {
    this.busy = status
    this.problem = ""
    try {
      await this.chat.review(this.creativeId, status, note)
      this.asking = status === "rejected" && note === undefined ? status : undefined
    } catch (error) {
      this.problem = (error as Error).message
    }
    this.busy = undefined
    if (this.asking === undefined) return
    await this.updateComplete
    this.querySelector<HTMLInputElement>(".why input")?.focus()
  }

  readonly #saveNote = (event: SubmitEvent): void => {
    event.preventDefault()
    const note = new FormData(event.target as HTMLFormElement).get("note")
    if (this.asking) void this.#judge(this.asking, String(note ?? ""))
  }

  readonly #play = async (): Promise<void> => {
    this.playing = true
    await this.updateComplete
    this.querySelector("video")?.focus()
  }

  readonly #pauseOthers = (event: Event): void => {
    const root = this.getRootNode() as ShadowRoot
    for (const video of root.querySelectorAll("video")) if (video !== event.target) video.pause()
  }

  readonly #reload = (): void => {
    this.broken = false
    this.chat.refresh()
  }
}

/** The studio answers with an attachment when asked so: the `download` attribute is ignored across origins. */
function downloadOf(url: string): string {
  const address = new URL(url)
  address.searchParams.set("download", "1")
  return address.href
}

define("campaign-chat-film", FilmCard)
