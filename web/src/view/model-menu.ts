/** The models as a person chooses among them: how good, how long, with images or without, for how much. */
import { html, nothing, type TemplateResult } from "lit"
import type { Chat } from "../chat"
import { canBeAsked, rangeOf, stars } from "../film-form"
import { price } from "../format"
import type { VideoModelRow } from "../protocol"

/** One that nobody makes films for says why, where it cannot be chosen. */
export function modelMenu({ words }: Chat, rows: readonly VideoModelRow[], chosen: VideoModelRow): TemplateResult {
  return html`<label>${words.model}
    <select name="model" aria-describedby="form-model">
      ${rows.map((row) => {
        const can = canBeAsked(row)
        return html`<option value=${row.key} .selected=${row === chosen} ?disabled=${!can}>
          ${row.name} · ${can ? `${stars(row)} · ${words.shortSeconds(rangeOf(row))}` : row.unavailableReason}
        </option>`
      })}
    </select>
  </label>`
}

export function modelFacts({ words }: Chat, row: VideoModelRow, locale?: string): TemplateResult {
  const { pricePerSecond: cost, unavailableReason } = row
  const facts = [
    `${stars(row)} ${words.quality[row.quality]}`,
    words.shortSeconds(rangeOf(row)),
    words.takesImages(row.maxReferenceImages),
    cost && (cost.amount > 0 ? words.perSecond(price(cost, words, locale)) : words.free),
  ]
  return html`<div id="form-model" class="meta">
    <p>${facts.filter(Boolean).join(" · ")}</p>
    ${unavailableReason ? html`<p class="warn" dir="auto">${unavailableReason}</p>` : nothing}
  </div>`
}
