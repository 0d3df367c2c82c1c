/** One film being made. When it is done, this card becomes the film, where it stands. */
import { html, nothing, type PropertyValues, type TemplateResult } from "lit"
import { property, state } from "lit/decorators.js"
import type { ChatState } from "../chat"
import { clock, modelName, price, roughly } from "../format"
import { icons } from "../icons"
import type { ProgressOut } from "../protocol"
import { Select } from "../store"
import { isOver, type Job } from "../timeline"
import "./film"
import { define, Light, tell } from "./light"
import { substitution } from "./substitution"

const TICK_MS = 1000
const STAGES = ["refining", "uploading", "submitting", "rendering", "storing"] as const

export class JobCard extends Light {
  @property({ attribute: false }) job!: Job
  @state() private stopping = false
  @state() private problem = ""
  #ticking: ReturnType<typeof setInterval> | undefined
  #heard: { progress: ProgressOut; at: number } | undefined
  /** A bar that runs backwards is a lie about what was there before. */
  #most = 0

  readonly #progress = new Select<ChatState, ProgressOut | undefined>(
    this,
    () => this.chat.store,
    (chat) => chat.timeline.progress.get(this.job.id),
  )

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#tick(false)
  }

  protected override willUpdate(_changed: PropertyValues): void {
    const progress = this.#progress.value
    if (progress && progress !== this.#heard?.progress) {
      this.#heard = { progress, at: performance.now() }
      this.#most = Math.max(this.#most, progress.fraction ?? 0)
    }
    this.#tick(!isOver(this.job))
  }

  protected override render(): TemplateResult {
    switch (this.job.state) {
      case "finished":
        return html`<campaign-chat-film
          .chat=${this.chat}
          .locale=${this.locale}
          .job=${this.job}
          .creativeId=${this.job.creativeId ?? ""}
        ></campaign-chat-film>`
      case "failed":
        return this.#failed()
      case "cancelled":
        return this.#cancelled()
      default:
        return this.#running()
    }
  }

  #running(): TemplateResult {
    const { words, job } = this
    const cost = job.quote.total.amount > 0 ? price(job.quote.total, words, this.locale) : undefined
    return html`<article class="card job" part="card" aria-label=${this.#title}>
      <header>
        <span class="glyph">${icons.film}</span>
        <div class="grow">
          <p class="name">${this.#title}</p>
          <p class="meta">${[modelName(job.model, words), cost].filter(Boolean).join(" · ")}</p>
        </div>
        <button class="plain small" ?disabled=${this.stopping} aria-label=${words.stopFilm} @click=${this.#stop}>
          ${icons.stop}<span>${this.stopping ? words.stopping : words.stop}</span>
        </button>
      </header>
      ${this.#bar()} ${this.#steps()} ${substitution(words, job.model, job.requestedModel, job.quote.warnings)}
      ${this.#trouble()}
    </article>`
  }

  get #title(): string {
    const { duration, aspectRatio } = this.job.request
    return `${this.words.film} · ${duration} s · ${aspectRatio}`
  }

  get #elapsed(): number {
    if (!this.#heard) return (Date.now() - Date.parse(this.job.at)) / 1000
    return this.#heard.progress.elapsedSeconds + (performance.now() - this.#heard.at) / 1000
  }

  get #stageWords(): string {
    const { words, job } = this
    if (job.state === "queued" || this.#progress.value?.stage === "queued") {
      const place = this.#progress.value?.queuePosition
      return place === undefined ? (words.stages["queued"] ?? "") : words.queuePosition(place)
    }
    const stage = words.stages[job.stage ?? ""] ?? job.stage ?? ""
    return job.clips && job.clips > 1 ? `${stage}, ${words.clip(job.clip ?? 1, job.clips)}` : stage
  }

  #bar(): TemplateResult {
    const { words, job } = this
    const known = job.stage === "rendering" && this.#heard?.progress.fraction !== undefined
    const value = job.stage === "storing" ? 1 : this.#most
    const eta = job.stage === "rendering" ? this.#heard?.progress.etaSeconds : undefined
    const left = eta === undefined || eta <= 0 ? undefined : words.left(roughly(eta))
    const percent = known ? `${Math.floor(value * 100)} %` : undefined
    const told = [percent, left].filter(Boolean).join(" · ")
    const spoken = [this.#stageWords, percent, left].filter(Boolean).join(", ")
    return html`<div class="line">
        <span class="stage">${this.#stageWords}</span>
        <span class="figures">${told}</span>
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
          <p class="meta">${this.#title} · ${modelName(job.model, words)}</p>
        </div>
      </header>
      <p class="cause">${cause} <span class="soft">${job.charged ? words.charged[job.charged] : ""}</span></p>
      ${this.#trouble()}
      <div class="actions">${this.#makeAgain()}</div>
    </article>`
  }

  #cancelled(): TemplateResult {
    const { words, job } = this
    const reason = words.filmCancelled[(job.reason ?? "cancelled") as keyof typeof words.filmCancelled]
    return html`<article class="card job over slim" part="card" aria-label=${this.#title}>
      <header>
        <span class="glyph">${icons.stop}</span>
        <div class="grow">
          <p class="name">${reason}</p>
          <p class="meta">${this.#title} · ${job.charged ? words.charged[job.charged] : ""}</p>
        </div>
        ${this.#makeAgain()}
      </header>
      ${this.#trouble()}
    </article>`
  }

  #trouble(): TemplateResult | typeof nothing {
    return this.problem ? html`<p class="bad" role="alert">${this.problem}</p>` : nothing
  }

  #makeAgain(): TemplateResult {
    return html`<button class="plain small" @click=${this.#again}>
      ${icons.retry}<span>${this.job.state === "failed" ? this.words.retry : this.words.makeAgain}</span>
    </button>`
  }

  readonly #again = async (): Promise<void> => {
    this.problem = ""
    try {
      await this.chat.makeAgain(this.job)
      tell(this, "focus-composer")
    } catch (error) {
      this.problem = (error as Error).message
    }
  }

  readonly #stop = async (): Promise<void> => {
    this.stopping = true
    this.problem = ""
    try {
      await this.chat.cancelJob(this.job.id)
    } catch (error) {
      this.problem = (error as Error).message
      this.stopping = false
    }
    tell(this, "focus-composer")
  }

  #tick(run: boolean): void {
    if (run === (this.#ticking !== undefined)) return
    clearInterval(this.#ticking)
    this.#ticking = run ? setInterval(() => this.requestUpdate(), TICK_MS) : undefined
  }
}

define("campaign-chat-job", JobCard)
