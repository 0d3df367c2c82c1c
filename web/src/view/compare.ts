/** Two films side by side: seen together, told apart by their facts, one of them approved. */
import { html, type TemplateResult } from "lit"
import { property, state } from "./property"
import { icons } from "../icons"
import "./film"
import { define, Light, tell } from "./light"

export class Comparison extends Light {
  @property({ attribute: false }) ids: readonly string[] = []
  @state() private playing = false

  constructor() {
    super()
    // They do not bubble.
    for (const event of ["play", "pause"]) this.addEventListener(event, this.#look, true)
    this.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return
      event.stopPropagation()
      tell(this, "leave")
    })
  }

  get #videos(): HTMLVideoElement[] {
    return [...this.querySelectorAll("video")]
  }

  protected override firstUpdated(): void {
    this.querySelector("button")?.focus()
  }

  protected override render(): TemplateResult {
    const { words, playing } = this
    return html`<div class="filters">
        <button class="plain small back" @click=${() => tell(this, "leave")}>${icons.chevron}<span>${words.back}</span></button>
        <button class="plain small" @click=${this.#playBoth}>
          ${playing ? icons.pause : icons.play}<span>${playing ? words.pauseBoth : words.playBoth}</span>
        </button>
      </div>
      <div class="gallery pair" tabindex="0" role="group" aria-label=${words.comparing}>
        ${this.ids.map(
          (id) => html`<campaign-chat-film
            .chat=${this.chat}
            .locale=${this.locale}
            .creativeId=${id}
            .together=${true}
          ></campaign-chat-film>`,
        )}
      </div>`
  }

  readonly #look = (): void => {
    this.playing = this.#videos.some((video) => !video.paused)
  }

  /** From the same moment, so that one can be held against the other; with one sound. */
  readonly #playBoth = (): void => {
    const videos = this.#videos
    if (this.playing) return videos.forEach((video) => video.pause())
    const from = videos.some((video) => video.ended) ? 0 : Math.min(...videos.map((video) => video.currentTime))
    for (const [at, video] of videos.entries()) {
      video.currentTime = from
      video.muted = at > 0
      // What cannot be played says so in its own controls.
      video.play().catch(this.#look)
    }
  }
}

define("campaign-chat-compare", Comparison)
