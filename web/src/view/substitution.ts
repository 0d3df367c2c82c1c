/** What a person should know about how their film is made: another model stands in, an image is left out. */
import { html, nothing, type TemplateResult } from "lit"
import { modelName } from "../format"
import type { NoticeOut } from "../protocol"
import type { Words } from "../words"

export function substitution(
  words: Words,
  made: string,
  asked: string | undefined,
  warnings: readonly NoticeOut[] = [],
): TemplateResult | typeof nothing {
  const told = warnings.map((warning) => warning.message)
  if (asked !== undefined && asked !== made && !warnings.some((each) => each.code.startsWith("model_"))) {
    told.unshift(words.substitution(modelName(asked, words), modelName(made, words)))
  }
  if (told.length === 0) return nothing
  return html`<ul class="notices">
    ${told.map((line) => html`<li>${line}</li>`)}
  </ul>`
}
