/** The answer that is being written. Only this element renders when a word comes. */
import { html, nothing, type TemplateResult } from "lit"
import { property } from "./property"
import { markdown } from "../markdown"
import { define, Light } from "./light"

export class GrowingText extends Light {
  @property({ attribute: false }) messageId = ""

  readonly #text = this.select((state) => state.timeline.texts.get(this.messageId)?.text)

  protected override render(): TemplateResult | typeof nothing {
    const text = this.#text.value
    if (text === undefined) return nothing
    return html`<div class="answer growing" dir="auto" aria-busy="true">${markdown(text, true)}</div>`
  }
}

define("campaign-chat-growing", GrowingText)
