/** The list of finished films, as it stands in every open tab: by status, with a verdict a tap away. */
import { html, nothing, type TemplateResult } from "lit"
import { state } from "./property"
import { repeat } from "lit/directives/repeat.js"
import type { ChatState } from "../chat"
import { icons } from "../icons"
import type { CreativeOut, ReviewStatus } from "../protocol"
import { Select } from "../store"
import type { Job } from "../timeline"
import "./film"
import { define, Light } from "./light"

type Filter = ReviewStatus | "all"
const FILTERS: readonly Filter[] = ["all", "needsReview", "approved", "rejected"]

export class CreativesList extends Light {
  @state() private filter: Filter = "all"

  readonly #creatives = new Select<ChatState, ReadonlyMap<string, CreativeOut>>(
    this,
    () => this.chat.store,
    (chat) => chat.timeline.creatives,
  )

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
    const shown = all.filter((each) => this.filter === "all" || each.status === this.filter)
    return html`<div class="filters" role="group" aria-label=${words.filter}>
        ${FILTERS.map((filter) => this.#filterButton(filter, all))}
      </div>
      <div class="gallery" tabindex="0" role="group" aria-label=${words.creatives}>
        ${repeat(
          shown,
          (each) => each._id,
          (each) => html`<campaign-chat-film
            .chat=${this.chat}
            .locale=${this.locale}
            .creativeId=${each._id}
            .job=${this.#jobOf(each._id)}
            .facade=${true}
          ></campaign-chat-film>`,
        )}
        ${shown.length === 0 ? html`<p class="soft none">${words.emptyFilter}</p>` : nothing}
      </div>`
  }

  #filterButton(filter: Filter, all: readonly CreativeOut[]): TemplateResult {
    const count = filter === "all" ? all.length : all.filter((each) => each.status === filter).length
    const label = filter === "all" ? this.words.all : this.words.status[filter]
    return html`<button class="chip" aria-pressed=${this.filter === filter} @click=${() => (this.filter = filter)}>
      ${label}<span class="count">${count}</span>
    </button>`
  }

  #jobOf(creativeId: string): Job | undefined {
    const jobs = [...this.chat.state.timeline.jobs.values()]
    return jobs.find((job) => job.creativeId === creativeId)
  }
}

define("campaign-chat-creatives", CreativesList)
