/** A film that waits for a person's yes: what it would be, what it costs and why it asks. */
import { html, nothing, type PropertyValues, type TemplateResult } from "lit"
import { modelName, modelNames, moment, price } from "../format"
import { icons } from "../icons"
import type { AspectRatio } from "../protocol"
import type { Job, Proposal } from "../timeline"
import { define, Light, tell } from "./light"
import { notices } from "./notices"
import { property, state } from "./property"

/** More than these are folded: the sum is what is decided on. */
const FEW_LINES = 3
const RATIOS: readonly AspectRatio[] = ["16:9", "9:16", "1:1"]

export class ProposalCard extends Light {
  @property({ attribute: false }) job!: Job
  /** The question whose answer is on its way; the record then shows what was decided, here or elsewhere. */
  @state() private answered: Proposal | undefined
  @state() private problem = ""

  /** What went wrong with another question is no news about this one; only that it is another one is. */
  protected override willUpdate(changed: PropertyValues<this>): void {
    const isAnother = changed.has("job") && changed.get("job")?.proposal !== this.job.proposal
    if (!isAnother) return
    // It may have come under a pointer that was on its way to something else.
    this.settle()
    if (this.problem !== this.words.dearer) this.problem = ""
  }

  protected override render(): TemplateResult {
    const { words, job } = this
    const { duration, aspectRatio, prompt } = job.request
    const models = modelNames(job.model, job.requestedModel, words)
    return html`<div class="card job ask" part="card" role="group" aria-labelledby="ask-${job.id}">
      <header>
        <div class="grow">
          <h3 class="name" id="ask-${job.id}">${words.ask}</h3>
          <p class="meta">${words.shortSeconds(duration)} · ${aspectRatio} · ${models}</p>
        </div>
        <p class="price">${price(job.quote.total, words, this.locale)}</p>
      </header>
      <p class="two">${prompt}</p>
      ${this.#lines()} ${this.#notices()} ${this.#change()}
      ${job.proposal ? this.#question(job.proposal) : nothing}
    </div>`
  }

  get #waits(): boolean {
    return this.fresh || (this.answered !== undefined && this.answered === this.job.proposal)
  }

  /** One clip is what stands above already. */
  #lines(): TemplateResult | typeof nothing {
    const { words, job } = this
    const { lines } = job.quote
    if (lines.length < 2) return nothing
    return html`<details class="more" ?open=${lines.length <= FEW_LINES}>
      <summary>${icons.chevron}${words.clips(lines.filter(({ seconds }) => seconds > 0).length)}</summary>
      <ul class="bill">
        ${lines.map(
          ({ description, amount }) =>
            html`<li><span>${description}</span><span class="figures">${price(amount, words, this.locale)}</span></li>`,
        )}
      </ul>
    </details>`
  }

  /** The question itself says which model failed, where one did. */
  #notices(): TemplateResult | typeof nothing {
    const { proposal, quote } = this.job
    if (proposal?.reason !== "fallback") return notices(quote.warnings)
    return notices(quote.warnings.filter(({ code }) => code !== "model_substituted"))
  }

  /** A film that was begun keeps its shape: other clips of it are there already, or were paid for. */
  #change(): TemplateResult | typeof nothing {
    if (this.job.proposal?.reason === "fallback") return nothing
    const { words } = this
    const { duration, aspectRatio } = this.job.request
    return html`<details class="more">
      <summary>${icons.chevron}${words.change}</summary>
      <form class="why" @submit=${this.#quoteAgain}>
        <label class="soft">${words.seconds}
          <input type="number" name="duration" required min="1" .value=${String(duration)}>
        </label>
        <label class="soft">${words.ratio}
          <select name="aspectRatio">
            ${RATIOS.map((ratio) => html`<option ?selected=${ratio === aspectRatio}>${ratio}</option>`)}
          </select>
        </label>
        <button class="plain" ?disabled=${this.#waits}>${words.quoteAgain}</button>
      </form>
    </details>`
  }

  #question(proposal: Proposal): TemplateResult {
    const { words, job } = this
    const { total } = job.quote
    const before = proposal.before ?? job.requestedModel ?? job.model
    const why =
      proposal.reason !== "fallback"
        ? words.why[proposal.reason]
        : before === job.model
          ? words.why.again
          : words.why.fallback(modelName(before, words), modelName(job.model, words))
    const until = words.answerBy(moment(proposal.expiresAt, new Date(), words, this.locale))
    return html`<p class="cause">${why} <span class="soft">${until}</span></p>
      <div class="actions">
        <button class="plain yes" ?disabled=${this.#waits} @click=${this.#approve}>
          ${total.amount > 0 ? words.approveFor(price(total, words, this.locale)) : words.approve}
        </button>
        <button class="plain" ?disabled=${this.#waits} @click=${this.#decline}>
          ${words.decline}
        </button>
      </div>
      ${this.problem ? html`<p class="bad" role="alert">${this.problem}</p>` : nothing}`
  }

  readonly #approve = (): Promise<void> =>
    this.#ask(async () => {
      const { state: now } = await this.chat.approve(this.job)
      if (now === "proposed") throw new Error(this.words.dearer)
    })

  readonly #decline = (): Promise<void> => this.#ask(() => this.chat.decline(this.job))

  readonly #quoteAgain = (event: SubmitEvent): void => {
    event.preventDefault()
    const form = new FormData(event.target as HTMLFormElement)
    const aspectRatio = form.get("aspectRatio") as AspectRatio
    void this.#ask(() => this.chat.quoteAgain(this.job, { duration: Number(form.get("duration")), aspectRatio }))
  }

  async #ask(ask: () => Promise<unknown>): Promise<void> {
    this.answered = this.job.proposal
    this.problem = ""
    // Not once it is answered: the record may be here before the answer, and this card gone with it.
    tell(this, "focus-composer")
    try {
      await ask()
    } catch (error) {
      this.problem = (error as Error).message
      this.answered = undefined
    }
  }
}

define("campaign-chat-proposal", ProposalCard)
