/** An image by its address. No browser loads it: the studio fetches it, and shows what it took. */
import { html, nothing, type TemplateResult } from "lit"
import type { Attachments } from "../attachments"
import { define, Light } from "./light"
import { property, state } from "./property"

export class LinkField extends Light {
  @property({ attribute: false }) into!: Attachments
  @state() private problem = ""

  protected override render(): TemplateResult {
    const { words, problem } = this
    return html`<div class="why">
        <input
          type="url" dir="ltr"
          aria-label=${words.link}
          placeholder="https://"
          aria-invalid=${problem !== ""}
          @input=${() => (this.problem = "")}
          @keydown=${this.#key}
        >
        <button type="button" class="plain" @click=${this.#add}>${words.add}</button>
      </div>
      ${problem ? html`<p class="bad" role="alert">${problem}</p>` : nothing}`
  }

  readonly #key = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || event.isComposing) return
    event.preventDefault() // this is no yes to the form around it
    this.#add()
  }

  readonly #add = (): void => {
    const input = this.querySelector("input")
    const link = input?.value.trim() ?? ""
    if (!input || !isLink(link)) this.problem = this.words.noLink
    else {
      this.into.addLink(link)
      input.value = ""
    }
    input?.focus()
  }
}

const isLink = (text: string): boolean => /^https?:\/\/\S+$/i.test(text) && URL.canParse(text)

define("campaign-chat-link", LinkField)
