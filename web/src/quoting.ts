/** The price of what is filled in: asked when the hand rests, and only the newest answer counts. */
import { wrongOf, type Wrong } from "./film-form"
import type { QuoteOut, VideoAsk } from "./protocol"
import type { Studio } from "./studio"

const REST_MS = 250
/** A price does not depend on the words, and is known before there are any. */
const ANY_WORDS = "…"

export class Quoting {
  /** The last one there was; what may be bought is `isFresh`. */
  quote: QuoteOut | undefined
  problem: Wrong | undefined
  #asked = ""
  #running: AbortController | undefined
  #resting: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly studio: Pick<Studio, "quote">,
    private readonly onChange: () => void,
  ) {}

  get isFresh(): boolean {
    return this.quote !== undefined && this.#running === undefined && this.problem === undefined
  }

  ask({ refinementPrompt: _words, ...request }: VideoAsk): void {
    const asked = JSON.stringify({ ...request, prompt: ANY_WORDS })
    if (asked === this.#asked) return
    this.#asked = asked
    this.again(REST_MS)
  }

  again(inMs = 0): void {
    this.stop()
    const running = new AbortController()
    this.#running = running
    this.problem = undefined
    this.#resting = setTimeout(() => void this.#quote(running), inMs)
  }

  stop(): void {
    clearTimeout(this.#resting)
    this.#running?.abort()
    this.#running = undefined
  }

  async #quote(running: AbortController): Promise<void> {
    try {
      const quote = await this.studio.quote(JSON.parse(this.#asked) as VideoAsk, running.signal)
      if (running.signal.aborted) return
      this.quote = quote
    } catch (error) {
      if (running.signal.aborted) return
      this.problem = wrongOf(error)
    }
    this.#running = undefined
    this.onChange()
  }
}
