/** Two films side by side: seen together, told apart by their facts, one of them approved. */
import { html, nothing, type TemplateResult } from "lit"
import { property, state } from "./property"
import type { ChatState } from "../chat"
import { modelNames, price } from "../format"
import { icons } from "../icons"
import type { CreativeOut } from "../protocol"
import { costOf } from "../result"
import { Select } from "../store"
import { jobOf, type Timeline } from "../timeline"
import { define, Light, tell } from "./light"
import "./verdict"

export class Comparison extends Light {
  @property({ attribute: false }) ids: readonly string[] = []
  @state() private playing = false

  readonly #timeline = new Select<ChatState, Timeline>(
    this,
    () => this.chat.store,
    (chat) => chat.timeline,
  )

  get #videos(): HTMLVideoElement[] {
    return [...this.querySelectorAll("video")]
  }

  protected override firstUpdated(): void {
    this.querySelector("button")?.focus()
  }

  protected override render(): TemplateResult {
    const { words } = this
    const films = this.ids.map((id) => this.#timeline.value.creatives.get(id)).filter((film) => film !== undefined)
    const key = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return
      event.stopPropagation()
      tell(this, "leave")
    }
    return html`<div class="filters" @keydown=${key}>
        <button class="plain small back" @click=${() => tell(this, "leave")}>${icons.chevron}<span>${words.back}</span></button>
        <button class="plain small" @click=${this.#playBoth}>
          ${this.playing ? icons.pause : icons.play}<span>${this.playing ? words.pauseBoth : words.playBoth}</span>
        </button>
      </div>
      <div class="gallery pair" tabindex="0" role="group" aria-label=${words.comparing} @keydown=${key}>
        ${films.map((film, at) => this.#film(film, at > 0))}
      </div>`
  }

  /** The second is mute: two sounds at once are none. */
  #film(film: CreativeOut, mute: boolean): TemplateResult {
    const { visual } = film
    return html`<article class="card film" part="card film" aria-label=${visual.prompt}>
      <div class="screen">
        <video
          controls
          playsinline
          preload="metadata"
          ?muted=${mute}
          poster=${visual.posterUrl ?? nothing}
          src=${visual.url}
          aria-label=${visual.prompt}
          @play=${this.#look}
          @pause=${this.#look}
        ></video>
      </div>
      <div class="about">
        ${this.#facts(film)}
        <campaign-chat-verdict .chat=${this.chat} .locale=${this.locale} .creative=${film}></campaign-chat-verdict>
      </div>
    </article>`
  }

  #facts(film: CreativeOut): TemplateResult {
    const { words } = this
    const { model, requestedModel, duration, aspectRatio, prompt } = film.visual
    const cost = costOf(film, jobOf(this.#timeline.value, film._id))
    const rows = [
      [words.model, modelNames(model, requestedModel, words)],
      [words.length, words.shortSeconds(duration)],
      [words.ratio, aspectRatio],
      [words.cost, cost && price(cost, words, this.locale)],
      [words.prompt, prompt],
    ]
    return html`<dl class="facts">
      ${rows.map(([name, value]) => (value ? html`<div><dt>${name}</dt><dd>${value}</dd></div>` : nothing))}
    </dl>`
  }

  readonly #look = (): void => {
    this.playing = this.#videos.some((video) => !video.paused)
  }

  /** From the same moment, so that one can be held against the other. */
  readonly #playBoth = (): void => {
    const videos = this.#videos
    if (this.playing) return videos.forEach((video) => video.pause())
    const from = videos.every((video) => !video.ended) ? Math.min(...videos.map((video) => video.currentTime)) : 0
    for (const video of videos) {
      video.currentTime = from
      // What cannot be played says so in its own controls.
      video.play().catch(this.#look)
    }
  }
}

define("campaign-chat-compare", Comparison)
