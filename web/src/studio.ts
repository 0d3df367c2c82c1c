/** What is asked of the studio over HTTP and stands in no record. Every failure has words for a person. */
import { Refusal } from "./connection"
import type { CampaignUsage, ErrorOut, QuoteOut, ReferenceRole, UploadTaken, VideoAsk, VideoModelRow } from "./protocol"

export interface Door {
  readonly server: string
  readonly getToken: () => Promise<string>
  /** Said when nothing came back that is an answer of the studio. */
  readonly noAnswer: () => string
}

interface Given {
  readonly body?: object
  readonly signal?: AbortSignal
  readonly ms?: number
}

const ANSWER_MS = 15_000
/** The studio fetches the image before it answers. */
const FETCH_MS = 60_000

export class Studio {
  constructor(private readonly door: Door) {}

  models(): Promise<readonly VideoModelRow[]> {
    return this.#ask("video/models")
  }

  quote(body: VideoAsk, signal: AbortSignal): Promise<QuoteOut> {
    return this.#ask("video/quote", { body, signal })
  }

  usage(campaignId: string): Promise<CampaignUsage> {
    return this.#ask(`campaigns/${encodeURIComponent(campaignId)}/usage`)
  }

  /** An image by its address: the studio fetches it, so that no browser asks a stranger for anything. */
  take(body: { url: string; sessionId: string; role: ReferenceRole }, signal: AbortSignal): Promise<UploadTaken> {
    return this.#ask("storage/upload", { body, signal, ms: FETCH_MS })
  }

  /** Throws Refusal; an AbortError when the caller gave up. */
  async #ask<T>(path: string, { body, signal, ms = ANSWER_MS }: Given = {}): Promise<T> {
    const { server, getToken, noAnswer } = this.door
    const unanswered = { code: "unreachable", message: noAnswer(), retryable: true }
    try {
      const headers = { Authorization: `Bearer ${await getToken()}`, "Content-Type": "application/json" }
      const late = AbortSignal.timeout(ms)
      const post = body && { method: "POST", body: JSON.stringify(body) }
      const either = signal ? AbortSignal.any([signal, late]) : late
      const answer = await fetch(`${server}/api/${path}`, { ...post, headers, signal: either })
      const said = (await answer.json()) as T & { error?: ErrorOut }
      if (!answer.ok) throw new Refusal(said.error ?? unanswered)
      return said
    } catch (error) {
      if (signal?.aborted || error instanceof Refusal) throw error
      throw new Refusal(unanswered)
    }
  }
}
