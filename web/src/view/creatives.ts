/** The list of finished films, as it stands in every open tab: by status, with a verdict a tap away. */
import { html, nothing, type TemplateResult } from "lit"
import { state } from "./property"
import { repeat } from "lit/directives/repeat.js"
import { icons } from "../icons"
import type { CreativeOut, ReviewStatus } from "../protocol"
import "./compare"
import "./film"
import type { FilmCard } from "./film"
import { define, Light } from "./light"
import "./usage"

type Filter = ReviewStatus | "all"
const FILTERS: readonly Filter[] = ["all", "needsReview", "approved", "rejected"]

export class CreativesList extends Light {
  @state() private filter: Filter = "all"
  /** Films chosen to be compared, in the order of choosing; two are compared. */
  @state() private picked: readonly string[] = []

  readonly #creatives = this.select((chat) => chat.timeline.creatives)
  /** The film that was just judged stays where it is, with its Undo, also where it does not belong any more. */
  readonly #judged = this.select((chat) => chat.undo?.creativeId)

  constructor() {
    super()
    this.addEventListener("pick-film", (event) => this.#pick((event as CustomEvent<string>).detail))
    this.addEventListener("leave", () => void this.#leave())
  }

  protected override render(): TemplateResult {
    const { words } = this
    const all = [...this.#creatives.value.values()].toReversed()
    if (all.length === 0) {
      return html`<div class="empty">
        <span class="glyph">${icons.film}</span>
        <p class="name">${words.emptyCreatives}</p>
        <p class="soft">${words.emptyCreativesMore}</p>
      </div>`
    }
    if (this.picked.length === 2) {
      return html`<campaign-chat-compare .chat=${this.chat} .locale=${this.locale} .ids=${this.picked}></campaign-chat-compare>`
    }
    const shown = all.filter(({ _id, status }) => this.#belongs(status) || _id === this.#judged.value)
    return html`<campaign-chat-usage .chat=${this.chat} .locale=${this.locale} .campaignId=${all[0]?.campaignId}></campaign-chat-usage>
      <div class="filters" role="group" aria-label=${words.filter}>
        ${FILTERS.map((filter) => this.#filterButton(filter, all))}
        <p class="soft" role="status">${this.picked.length === 1 ? words.pickAnother : nothing}</p>
      </div>
      <div class="gallery" tabindex="0" role="group" aria-label=${words.creatives}>
        ${repeat(
          shown,
          (each) => each._id,
          (each) => html`<campaign-chat-film
            .chat=${this.chat}
            .locale=${this.locale}
            .creativeId=${each._id}
            .facade=${true}
            .picked=${this.picked.includes(each._id)}
          ></campaign-chat-film>`,
        )}
        ${shown.length === 0 ? html`<p class="soft none">${words.emptyFilter}</p>` : nothing}
      </div>`
  }

  #filterButton(filter: Filter, all: readonly CreativeOut[]): TemplateResult {
    const count = filter === "all" ? all.length : all.filter((each) => each.status === filter).length
    const label = filter === "all" ? this.words.all : this.words.status[filter]
    return html`<button class="chip" aria-pressed=${this.filter === filter} @click=${() => this.#show(filter)}>
      ${label}<span class="count">${count}</span>
    </button>`
  }

  #belongs(status: ReviewStatus): boolean {
    return this.filter === "all" || this.filter === status
  }

  #show(filter: Filter): void {
    this.filter = filter
    this.chat.patch({ undo: undefined })
  }

  #pick(id: string): void {
    this.picked = this.picked.includes(id) ? this.picked.filter((each) => each !== id) : [...this.picked, id]
  }

  /** Back to where it was asked for. */
  async #leave(): Promise<void> {
    const last = this.picked.at(-1)
    this.picked = []
    await this.updateComplete
    const card = [...this.querySelectorAll<FilmCard>("campaign-chat-film")].find((each) => each.creativeId === last)
    await card?.updateComplete
    const there = card?.querySelector<HTMLElement>(".pick") ?? this.querySelector<HTMLElement>(".chip")
    there?.focus()
  }
}

define("campaign-chat-creatives", CreativesList)
