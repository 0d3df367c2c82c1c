/** A finished film: it plays, it can be judged and taken along. In the chat and in the list of creatives. */
import { html, nothing, type TemplateResult } from "lit"
import { property, state } from "./property"
import { modelNames, moment, price } from "../format"
import { icons } from "../icons"
import type { AspectRatio, CreativeOut, CreativeVisual, VideoAsk } from "../protocol"
import { costOf } from "../result"
import { jobOf, type Job } from "../timeline"
import { define, Light, tell } from "./light"
import { notices } from "./notices"
import "./verdict"

/** Class names of the frames whose room is kept before the film is there. */
const SHAPES: Readonly<Record<string, string>> = { "16:9": "wide", "9:16": "tall", "1:1": "square" }

export class FilmCard extends Light {
  @property({ attribute: false }) creativeId = ""
  /** In a list of many: a poster until it is asked to play. */
  @property({ attribute: false }) facade = false
  /** Seen with another one: neither stops the other. */
  @property({ attribute: false }) together = false
  /** Chosen to be compared. */
  @property({ attribute: false }) picked = false
  /** Nothing of a film is loaded before it comes into sight. */
  @state() private seen = false
  @state() private playing = false
  /** The address that could not be played. */
  @state() private broken = ""

  #sight: IntersectionObserver | undefined
  readonly #creative = this.select((chat) => chat.timeline.creatives.get(this.creativeId))

  override connectedCallback(): void {
    super.connectedCallback()
    if (!this.seen) this.#watchSight()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#sight?.disconnect()
  }

  /** A person asked for this very film. */
  async show(): Promise<void> {
    this.seen = true
    await this.updateComplete
    this.querySelector<HTMLElement>("video, .facade")?.focus({ preventScroll: true })
  }

  protected override render(): TemplateResult | typeof nothing {
    const creative = this.#creative.value
    if (!creative) return nothing
    const { visual } = creative
    const shape = SHAPES[visual.aspectRatio] ?? "wide"
    return html`<article class="card film ${shape}" part="card film" aria-label=${visual.prompt}>
      <div class="screen">
        ${this.broken === visual.url ? this.#missing() : this.#player(creative)} ${this.facade ? this.#pick() : nothing}
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
        ${this.facade ? nothing : notices(this.#job?.quote.warnings)}
        <campaign-chat-verdict .chat=${this.chat} .locale=${this.locale} .creative=${creative}></campaign-chat-verdict>
        ${this.#actions(creative)} ${this.#more(creative)}
      </div>
    </article>`
  }

  get #job(): Job | undefined {
    return jobOf(this.chat.state.timeline, this.creativeId)
  }

  #facts(creative: CreativeOut): string {
    const { words } = this
    const { visual, metadata } = creative
    // Kept in its order: from right to left, 1080×1920 would be read as 1920×1080.
    const size = metadata.resolution?.replace(/(.+)x(.+)/, "\u2066$1×$2\u2069")
    const cost = costOf(creative, this.#job)
    const made = moment(metadata.generatedAt, new Date(), words, this.locale)
    const paid = cost && price(cost, words, this.locale)
    return [modelNames(visual.model, visual.requestedModel, words), words.shortSeconds(visual.duration), visual.aspectRatio, size, paid, made]
      .filter(Boolean)
      .join(" · ")
  }

  #player({ visual }: CreativeOut): TemplateResult | typeof nothing {
    if (!this.seen) return nothing
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
      @error=${() => (this.broken = visual.url)}
    ></video>`
  }

  /** Addresses age: the record is asked for new ones. */
  #missing(): TemplateResult {
    return html`<div class="missing">
      <p>${this.words.filmBroken}</p>
      <button class="plain small" @click=${this.#reload}>${icons.retry}<span>${this.words.reload}</span></button>
    </div>`
  }

  /** Over the poster, where it is seen which two stand side by side. */
  #pick(): TemplateResult {
    return html`<button class="pick" aria-pressed=${this.picked} @click=${() => tell(this, "pick-film", this.creativeId)}>
      ${icons.compare}<span>${this.words.compare}</span>
    </button>`
  }

  #actions({ _id, visual }: CreativeOut): TemplateResult {
    return html`<div class="actions">
      <a class="plain small" href=${downloadOf(visual.url)} download=${`${_id}.mp4`}>
        ${icons.download}<span>${this.words.download}</span>
      </a>
      <button class="plain small" @click=${() => this.chat.openForm(likeIt(visual))}>
        ${icons.retry}<span>${this.words.makeAnother}</span>
      </button>
      ${this.facade || this.together
        ? nothing
        : html`<button class="plain small" @click=${() => this.chat.openForm({})}>
            ${icons.plus}<span>${this.words.generateAnother}</span>
          </button>`}
    </div>`
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
                ${visual.referenceImages.map(({ url }) =>
                  originOf(url) === originOf(visual.url)
                    ? html`<img src=${url} alt=${words.reference} loading="lazy" width="48" height="48">`
                    : html`<span>${url}</span>`,
                )}
              </dd>
            </div>`
          : nothing}
      </dl>
    </details>`
  }

  #watchSight(): void {
    this.#sight = new IntersectionObserver((changes) => {
      if (!changes.some((change) => change.isIntersecting)) return
      this.#sight?.disconnect()
      this.seen = true
    })
    this.#sight.observe(this)
  }

  readonly #play = async (): Promise<void> => {
    this.playing = true
    await this.updateComplete
    this.querySelector("video")?.focus()
  }

  readonly #pauseOthers = (event: Event): void => {
    if (this.together) return
    const root = this.getRootNode() as ShadowRoot
    for (const video of root.querySelectorAll("video")) if (video !== event.target) video.pause()
  }

  readonly #reload = (): void => {
    this.broken = ""
    this.chat.refresh()
  }
}

/** What asks for another one of its kind. */
const likeIt = ({ prompt, model, requestedModel, duration, aspectRatio, referenceImages }: CreativeVisual): VideoAsk => ({
  prompt,
  model: requestedModel ?? model,
  duration,
  aspectRatio: aspectRatio as AspectRatio,
  referenceImageUrls: referenceImages.map(({ url }) => url),
})

/** What is not kept where the film is, is a stranger's: it is named, and never loaded. */
const originOf = (url: string): string => new URL(url).origin

/** The studio answers with an attachment when asked so: the `download` attribute is ignored across origins. */
function downloadOf(url: string): string {
  const address = new URL(url)
  address.searchParams.set("download", "1")
  return address.href
}

define("campaign-chat-film", FilmCard)
