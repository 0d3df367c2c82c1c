/** What the campaign has spent of its budget, and what its films weigh. */
import { html, nothing, type PropertyValues, type TemplateResult } from "lit"
import { property, state } from "./property"
import { bytes, dollars } from "../format"
import type { CampaignUsage } from "../protocol"
import { define, Light } from "./light"

export class Usage extends Light {
  @property({ attribute: false }) campaignId = ""
  @state() private usage: CampaignUsage | undefined
  @state() private problem = ""
  #asked: readonly unknown[] = []

  readonly #timeline = this.select((chat) => chat.timeline)

  /** Whatever begins, ends or fails may have cost something. */
  protected override willUpdate(_changed: PropertyValues): void {
    const { jobs, creatives } = this.#timeline.value
    if (jobs === this.#asked[0] && creatives === this.#asked[1]) return
    this.#asked = [jobs, creatives]
    void this.#ask()
  }

  protected override render(): TemplateResult | typeof nothing {
    const { words, usage } = this
    if (usage === undefined) return this.problem ? html`<p class="usage soft" role="status">${this.problem}</p>` : nothing
    const { spent, reserved, limit, bytesStored } = usage
    const told = [
      words.spent(dollars(spent, this.locale), dollars(limit, this.locale)),
      reserved.amount > 0 ? words.reserved(dollars(reserved, this.locale)) : undefined,
      words.stored(bytes(bytesStored)),
    ]
    return html`<div class="usage meta">
      <p>${told.filter(Boolean).join(" · ")}</p>
      <progress max=${limit.amount || 1} value=${spent.amount + reserved.amount} aria-label=${words.budget}></progress>
    </div>`
  }

  async #ask(): Promise<void> {
    try {
      this.usage = await this.chat.studio.usage(this.campaignId)
    } catch (error) {
      this.problem = (error as Error).message
    }
  }
}

define("campaign-chat-usage", Usage)
