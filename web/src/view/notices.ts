/** What a person should know about how their film is made: an image is left out, a model has gone. */
import { html, nothing, type TemplateResult } from "lit"
import type { NoticeOut } from "../protocol"

export function notices(warnings: readonly NoticeOut[] = []): TemplateResult | typeof nothing {
  if (warnings.length === 0) return nothing
  return html`<ul class="notices">
    ${warnings.map(({ message }) => html`<li>${message}</li>`)}
  </ul>`
}
