/** One film being made. When it is done, this card becomes the film, where it stands. */
import { html, nothing, type PropertyValues, type TemplateResult } from "lit"
import { property, state } from "./property"
import { clock, modelName, modelNames, price, roughly, stageName } from "../format"
import { icons } from "../icons"
import type { JobCancelled, ProgressOut } from "../protocol"
import type { Job } from "../timeline"
import { mayAsk, mayNotify } from "../told"
import "./film"
import { define, Light, tell } from "./light"
import { notices } from "./notices"
import "./proposal"

const TICK_MS = 1000
/** So much past its estimate a film is late, and not just about to be there. */
const LATE_S = 10
const STAGES = ["refining", "uploading", "submitting", "rendering", "storing"] as const

export class JobCard extends Light {
  @property({ attribute: false }) job!: Job
  @state() private stopping = false
  @state() private asked = false
  @state() private willBeCharged: JobCancelled["willBeCharged"] | undefined
  @state() private problem = ""
  #ticking: ReturnType<typeof setInterval> | undefined
  #heard: { progress: ProgressOut; at: number } | undefined
  /** A bar that runs backwards is a lie about what was there before. */
  #most = 0
  readonly #progress = this.select((chat) => chat.timeline.progress.get(this.job.id))

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#tick(false)
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get("job")
    if (before && before.state !== this.job.state) {
      this.settle()
      if (this.job.state === "queued") this.#begin()
    }
    const progress = this.#progress.value
    if (progress && progress !== this.#heard?.progress) {
      this.#heard = { progress, at: performance.now() }
      this.#most = Math.max(this.#most, progress.fraction ?? 0)
    }
    const { state: now } = this.job
    this.#most = Math.max(this.#most, this.#made)
    this.#tick(now === "queued" || now === "running")
  }

  protected override render(): TemplateResult {
    switch (this.job.state) {
      case "finished":
        return html`<campaign-chat-film
          .chat=${this.chat}
          .locale=${this.locale}
          .creativeId=${this.job.creativeId ?? ""}
        ></campaign-chat-film>`
      case "proposed":
        return html`<campaign-chat-proposal
          .chat=${this.chat}
          .locale=${this.locale}
          .job=${this.job}
        ></campaign-chat-proposal>`
      case "failed":
        return this.#failed()
      case "cancelled":
        return this.#cancelled()
      default:
        return this.#running()
    }
  }

  /** A film may begin anew: when its model failed and another one was agreed to. */
  #begin(): void {
    this.#most = 0
    this.stopping = false
    this.willBeCharged = undefined
    if (!this.#progress.value) this.#heard = undefined
  }

  #running(): TemplateResult {
    const { words, job } = this
    return html`<article class="card job" part="card" aria-label=${this.#title}>
      <header>
        <span class="glyph">${icons.film}</span>
        <div class="grow">
          <p class="name">${this.#title}</p>
          <p class="meta">${[this.#models, this.#price].filter(Boolean).join(" · ")}</p>
        </div>
        <button class="plain small" ?disabled=${this.stopping} aria-label=${words.stopFilm} @click=${this.#stop}>
          ${icons.stop}<span>${this.stopping ? words.stopping : words.stop}</span>
        </button>
      </header>
      ${this.#bar()} ${this.#steps()} ${this.#notify()} ${notices(job.quote.warnings)}
      ${this.willBeCharged ? html`<p class="soft" role="status">${words.willBeCharged[this.willBeCharged]}</p>` : nothing}
      ${this.#trouble()}
    </article>`
  }

  /** What is there already of the whole film: its clips are seldom of one length. */
  get #made(): number {
    const { clip = 1, clips = 1, quote } = this.job
    const lengths = quote.lines.map(({ seconds }) => seconds).filter(Boolean)
    // A model that took over cuts in another way than the quote says.
    if (lengths.length !== clips) return (clip - 1) / clips
    return sum(lengths.slice(0, clip - 1)) / sum(lengths)
  }

  get #size(): string {
    const { duration, aspectRatio } = this.job.request
    return `${this.words.shortSeconds(duration)} · ${aspectRatio}`
  }

  get #title(): string {
    return `${this.words.film} · ${this.#size}`
  }

  get #models(): string {
    const { words, job } = this
    if (job.tookOverFrom === undefined) return modelNames(job.model, job.requestedModel, words)
    return words.takesOver(modelName(job.model, words), modelName(job.tookOverFrom, words))
  }

  /** Nothing where there is nothing to pay. */
  get #price(): string | undefined {
    const { total } = this.job.quote
    return total.amount > 0 ? price(total, this.words, this.locale) : undefined
  }

  /** Money that is gone, or may be, is no small print. */
  get #charged(): TemplateResult | typeof nothing {
    const { words, job } = this
    const { charged, cost } = job
    if (charged === undefined) return nothing
    const told = charged === "yes" && cost ? words.chargedCost(price(cost, words, this.locale)) : words.charged[charged]
    return html`<span class=${charged === "no" ? "soft" : "gone"}>${told}</span>`
  }

  get #elapsed(): number {
    if (!this.#heard) return secondsSince(this.job.queuedAt)
    const { at, queuedAt } = this.job
    // The studio counts from the first asking: what a person took to say yes is none of the making.
    const asked = queuedAt === undefined ? 0 : Date.parse(queuedAt) - Date.parse(at)
    return this.#heard.progress.elapsedSeconds + (performance.now() - this.#heard.at - asked) / 1000
  }

  get #stageWords(): string {
    const { words, job } = this
    // A film that was ordered waits once more, in its model's own queue; no later stage does.
    const heard = job.stage === undefined || job.stage === "rendering" ? this.#progress.value : undefined
    if (heard?.queuePosition !== undefined) return words.queuePosition(heard.queuePosition)
    return stageName(words, heard?.stage ?? job.stage ?? "queued", job.clip, job.clips)
  }

  /** What is left by the estimate: the one just heard, or the one in the record, counted down. */
  get #left(): string | undefined {
    const { words, job } = this
    if (job.stage !== "rendering") return undefined
    const heard = this.#heard?.progress
    const recorded = job.etaSeconds === undefined ? undefined : job.etaSeconds - secondsSince(job.changedAt)
    const eta = (heard?.stage === job.stage ? heard.etaSeconds : undefined) ?? recorded
    if (eta === undefined || (eta <= 0 && eta > -LATE_S)) return undefined
    return eta > 0 ? words.left(roughly(eta, words)) : words.longer
  }

  #bar(): TemplateResult {
    const { job } = this
    const known = (job.stage === "rendering" && this.#heard?.progress.fraction !== undefined) || (job.clip ?? 0) > 1
    const value = job.stage === "storing" ? 1 : this.#most
    const percent = known ? `${Math.floor(value * 100)} %` : undefined
    const told = [percent, this.#left].filter(Boolean)
    const spoken = [this.#stageWords, ...told].join(", ")
    return html`<div class="line">
        <span class="stage">${this.#stageWords}</span>
        <span class="figures">${told.join(" · ")}</span>
      </div>
      ${known || job.stage === "storing"
        ? html`<progress max="1" value=${value} aria-label=${this.#title} aria-valuetext=${spoken}></progress>`
        : html`<progress max="1" aria-label=${this.#title} aria-valuetext=${spoken}></progress>`}`
  }

  /** Stages that were passed by are left out; those to come stand there, so that the way is seen. */
  #steps(): TemplateResult {
    const { words, job } = this
    const now = STAGES.findIndex((stage) => stage === job.stage)
    const shown = STAGES.filter((stage, at) => at >= now || job.stages.includes(stage))
    return html`<div class="path">
      <ol>
        ${shown.map((stage) => {
          const at = STAGES.indexOf(stage)
          const when = at < now ? "past" : at === now ? "now" : "next"
          return html`<li class=${when} aria-current=${when === "now" ? "step" : nothing}>
            ${when === "past" ? icons.check : html`<i></i>`}<span>${words.shortStages[stage]}</span>
          </li>`
        })}
      </ol>
      <span class="figures">${words.elapsed(clock(this.#elapsed))}</span>
    </div>`
  }

  #failed(): TemplateResult {
    const { words, job } = this
    const cause = job.error?.message ?? ""
    return html`<article class="card job over" part="card" aria-label=${this.#title}>
      <header>
        <span class="glyph bad">${icons.warning}</span>
        <div class="grow">
          <p class="name">${words.filmFailed}</p>
          <p class="meta">${this.#size} · ${this.#models}</p>
        </div>
      </header>
      <p class="cause">${cause} ${this.#charged}</p>
      ${this.#trouble()}
      <div class="actions">${this.#makeAgain()}</div>
    </article>`
  }

  #cancelled(): TemplateResult {
    const { words, job } = this
    return html`<article class="card job over slim" part="card" aria-label=${this.#title}>
      <header>
        <span class="glyph">${icons.stop}</span>
        <div class="grow">
          <p class="name">${words.filmCancelled[job.reason ?? "cancelled"]}</p>
          <p class="meta">${this.#size} · ${this.#charged}</p>
        </div>
        ${this.#makeAgain()}
      </header>
      ${this.#trouble()}
    </article>`
  }

  /** The only place that asks a browser for leave to notify. */
  #notify(): TemplateResult | typeof nothing {
    const { words } = this
    const ask = async (): Promise<void> => {
      await Notification.requestPermission()
      this.asked = true
      tell(this, "focus-composer")
    }
    if (mayAsk()) return html`<p><button class="link" @click=${ask}>${words.notifyMe}</button></p>`
    return this.asked ? html`<p class="soft" role="status">${mayNotify() ? words.willNotify : words.mayNotNotify}</p>` : nothing
  }

  #trouble(): TemplateResult | typeof nothing {
    return this.problem ? html`<p class="bad" role="alert">${this.problem}</p>` : nothing
  }

  /** It is a yes to the price it shows. */
  #makeAgain(): TemplateResult {
    const label = this.job.state === "failed" ? this.words.retry : this.words.makeAgain
    return html`<button class="plain small" ?disabled=${this.fresh} @click=${this.#again}>
      ${icons.retry}<span>${[label, this.#price].filter(Boolean).join(" · ")}</span>
    </button>`
  }

  readonly #again = async (): Promise<void> => {
    this.settle()
    this.problem = ""
    // Not once it is answered: whoever has gone on by then is not called back.
    tell(this, "focus-composer")
    try {
      await this.chat.makeAgain(this.job)
    } catch (error) {
      this.problem = (error as Error).message
    }
  }

  readonly #stop = async (): Promise<void> => {
    this.stopping = true
    this.problem = ""
    tell(this, "focus-composer")
    try {
      this.willBeCharged = (await this.chat.cancelJob(this.job.id)).willBeCharged
    } catch (error) {
      this.problem = (error as Error).message
      this.stopping = false
    }
  }

  #tick(run: boolean): void {
    if (run === (this.#ticking !== undefined)) return
    clearInterval(this.#ticking)
    this.#ticking = run ? setInterval(() => this.requestUpdate(), TICK_MS) : undefined
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0)
const secondsSince = (at = ""): number => Math.max(0, (Date.now() - Date.parse(at)) / 1000) || 0

define("campaign-chat-job", JobCard)
