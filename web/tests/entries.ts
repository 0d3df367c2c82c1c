/** A story told in entries, for tests: each call is the next one. */
import type { Entry, ErrorOut } from "../src/protocol"
import type { Money } from "../src/timeline"

type Data<T extends Entry["type"]> = Extract<Entry, { type: T }>["data"]
type Links = Pick<Entry, "turnId" | "jobId">

export const SESSION = "session-1"

export class Story {
  readonly entries: Entry[] = []

  constructor(readonly sessionId = SESSION) {}

  add<T extends Entry["type"]>(type: T, data: Data<T>, links: Links = {}): this {
    const seq = this.entries.length + 1
    const at = new Date(Date.UTC(2026, 10, 22, 9, 0, seq)).toISOString()
    this.entries.push({ sessionId: this.sessionId, seq, at, type, data, ...links } as Entry)
    return this
  }

  user(id: string, text = id, more: Partial<Data<"message.added">> = {}): this {
    return this.add("message.added", { messageId: id, sender: "user", text, uploads: [], ...more })
  }

  begin(turnId: string, messageId: string): this {
    return this.add("turn.started", { turnId, messageId }, { turnId })
  }

  answer(id: string, turnId: string, text = id): this {
    const data = { messageId: id, sender: "assistant", text, uploads: [] } as const
    return this.add("message.added", data, { turnId })
  }

  remark(id: string, turnId: string, text = id): this {
    const data = { messageId: id, sender: "system", text, uploads: [] } as const
    return this.add("message.added", data, { turnId })
  }

  end(turnId: string, outcome: Data<"turn.finished">["outcome"] = "answered", error?: ErrorOut): this {
    return this.add("turn.finished", { turnId, outcome, ...(error ? { error } : {}) }, { turnId })
  }

  call(callId: string, turnId: string): this {
    const data = { callId, tool: "list-models", title: "Looking at the models", arguments: {} }
    return this.add("tool.started", data, { turnId })
  }

  called(callId: string, turnId: string): this {
    return this.add("tool.finished", { callId, tool: "list-models", ok: true, result: {} }, { turnId })
  }

  queue(jobId: string, turnId?: string): this {
    return this.add("video.queued", order("draft"), turnId === undefined ? { jobId } : { jobId, turnId })
  }

  /** Asks for a yes to clips of 5 s at these prices in cents. */
  propose(jobId: string, cents: readonly number[], more: Partial<Data<"video.proposed">> = {}): this {
    const data = { ...order("kling-v3", cents), reason: "price", expiresAt: "2026-11-22T21:30:00.000Z", ...more } as const
    return this.add("video.proposed", data, { jobId, turnId: "t1" })
  }

  approve(jobId: string, cents: readonly number[]): this {
    return this.add("video.queued", order("kling-v3", cents), { jobId, turnId: "t1" })
  }

  letGo(jobId: string, reason: Data<"video.cancelled">["reason"]): this {
    return this.add("video.cancelled", { reason, charged: "no" }, { jobId })
  }

  enter(jobId: string, stage: string, more: Partial<Data<"video.changed">> = {}): this {
    return this.add("video.changed", { stage, ...more }, { jobId })
  }

  film(jobId: string, id = `video-${jobId}`): this {
    this.add("creative.added", { creative: creative(id) }, { jobId })
    const text = "✅ Video generated and added to creatives! Model: draft, Duration: 6s"
    const data = { messageId: `said-${jobId}`, sender: "system", text, uploads: [], code: "video.ready" } as const
    return this.add("message.added", data, { jobId })
  }

  fail(jobId: string): this {
    const error = { code: "provider_unavailable", message: "No answer.", retryable: true }
    return this.add("video.failed", { error, charged: "no" }, { jobId })
  }
}

const dollars = (cents: number): Money => ({ amount: cents * 10_000, currency: "USD" })

function order(model: string, cents: readonly number[] = []): Data<"video.queued"> {
  const length = Math.max(6, cents.length * 5)
  const request = { prompt: "oats", model: "sora-2-pro", duration: length, aspectRatio: "9:16", referenceImages: [] }
  const lines = cents.map((each, at) => ({ description: `Clip ${at + 1}`, seconds: 5, amount: dollars(each) }))
  const total = dollars(cents.reduce((sum, each) => sum + each, 0))
  const quote = { model, requestedModel: "sora-2-pro", total, lines, warnings: [] }
  return { request, model, requestedModel: "sora-2-pro", quote }
}

export function creative(id: string): Data<"creative.added">["creative"] {
  return {
    _id: id,
    type: "video",
    campaignId: "spring-26",
    status: "needsReview",
    visual: {
      prompt: "oats",
      url: `https://studio.example/media/videos/generated/${id}.mp4?expires=1&signature=a`,
      model: "draft",
      requestedModel: "sora-2-pro",
      duration: 6,
      aspectRatio: "9:16",
      referenceImages: [],
    },
    metadata: { generatedAt: "2026-11-22T09:00:00.000Z", provider: "local", resolution: "1080x1920" },
    createdAt: "2026-11-22T09:00:00.000Z",
    updatedAt: "2026-11-22T09:00:00.000Z",
  }
}

/** The journey of the product: asked, answered with a tool and a film, reviewed. */
export const journey = (): Story =>
  new Story()
    .user("hello")
    .begin("t1", "hello")
    .answer("hi", "t1", "Hello **there**")
    .end("t1")
    .user("film")
    .begin("t2", "film")
    .call("c1", "t2")
    .called("c1", "t2")
    .queue("j1", "t2")
    .user("and now?")
    .answer("on-its-way", "t2")
    .enter("j1", "rendering")
    .end("t2")
    .begin("t3", "and now?")
    .answer("patience", "t3")
    .end("t3")
    .enter("j1", "storing")
    .film("j1")
    .add("creative.updated", { creative: { ...creative("video-j1"), status: "approved" } }, {})

/** Money asked for: a price agreed to, a model that fails in the middle, a dearer one, and two that are let go. */
export const bargain = (): Story =>
  new Story()
    .user("film")
    .begin("t1", "film")
    .propose("j1", [160])
    .propose("j1", [160, 160])
    .answer("waits", "t1")
    .end("t1")
    .propose("j2", [90])
    .approve("j1", [160, 160])
    .enter("j1", "submitting", { clip: 1, clips: 2 })
    .enter("j1", "rendering", { clip: 1, clips: 2, etaSeconds: 120 })
    .letGo("j2", "declined")
    .propose("j1", [300, 300], { reason: "fallback", model: "veo-3.1" })
    .propose("j3", [50], { reason: "repeated" })
    .approve("j1", [300, 300])
    .enter("j1", "rendering", { clip: 2, clips: 2 })
    .letGo("j3", "expired")
    .enter("j1", "storing")
    .film("j1")

/** Numbers that look random and are the same in every run. */
export function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

export function shuffled<T>(values: readonly T[], roll: () => number): T[] {
  const out = [...values]
  for (let at = out.length - 1; at > 0; at -= 1) {
    const other = Math.floor(roll() * (at + 1))
    ;[out[at], out[other]] = [out[other] as T, out[at] as T]
  }
  return out
}
