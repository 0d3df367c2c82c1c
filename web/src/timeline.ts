/**
 * What a session's timeline says, folded into what can be shown: one pure function for entries that
 * are replayed and entries that arrive. `read` takes them in any order, drops what it has, and holds
 * back what comes before its time; `hear` takes what may be lost.
 */
import type {
  CreativeOut,
  Entry,
  ErrorOut,
  LiveBeatFrame,
  LiveFrame,
  MessageAddedData,
  ProgressOut,
  QuoteOut,
  RequestOut,
  SessionOpened,
  TurnOutcome,
  UploadAddedData,
  UploadNamed,
  VideoCancelledData,
  VideoFailedData,
  VideoProposedData,
} from "./protocol"

export type Sender = MessageAddedData["sender"]
export type Charged = VideoFailedData["charged"]
export type Money = QuoteOut["total"]

export interface Message {
  readonly id: string
  readonly seq: number
  readonly at: string
  readonly sender: Sender
  readonly text: string
  readonly uploads: readonly UploadNamed[]
  readonly suggestions: readonly string[]
  readonly turnId?: string | undefined
  readonly jobId?: string | undefined
  readonly clientId?: string | undefined
  readonly replaces?: string | undefined
  readonly code?: string | undefined
}

export interface Turn {
  readonly id: string
  readonly seq: number
  readonly messageId: string
  readonly startedAt: string
  readonly outcome?: TurnOutcome
  readonly error?: ErrorOut | undefined
}

export interface Call {
  readonly id: string
  readonly seq: number
  readonly turnId?: string | undefined
  readonly tool: string
  readonly title: string
  readonly arguments: Readonly<Record<string, unknown>>
  readonly ok?: boolean
  readonly result?: Readonly<Record<string, unknown>> | undefined
  readonly error?: ErrorOut | undefined
}

export type JobState = "proposed" | "queued" | "running" | "finished" | "failed" | "cancelled"

/** What a person is asked to say yes to. */
export interface Proposal {
  /** The entry that asks: another one is another question. */
  readonly seq: number
  readonly reason: VideoProposedData["reason"]
  readonly expiresAt: string
  /** The model that had the film before, where this is not the first that is asked of it. */
  readonly before?: string | undefined
}

export interface Job {
  readonly id: string
  readonly seq: number
  readonly at: string
  readonly turnId?: string | undefined
  readonly state: JobState
  readonly request: RequestOut
  readonly model: string
  readonly requestedModel?: string | undefined
  /** The model that gave up on it, where `model` goes on in its place. */
  readonly tookOverFrom?: string
  readonly quote: QuoteOut
  /** While it waits for a yes. */
  readonly proposal?: Proposal
  /** When it began to wait for its turn: a person's yes may come long after `at`. */
  readonly queuedAt?: string
  /** Every stage entered, in order; `stage` is the last, `changedAt` when that was entered. */
  readonly stages: readonly string[]
  readonly stage?: string
  readonly changedAt?: string
  readonly clip?: number | undefined
  readonly clips?: number | undefined
  /** An estimate, as of `changedAt`. */
  readonly etaSeconds?: number | undefined
  readonly error?: ErrorOut
  readonly charged?: Charged
  readonly cost?: Money | undefined
  readonly reason?: VideoCancelledData["reason"]
  readonly creativeId?: string
}

export interface Growing {
  readonly text: string
  /** Its length in code points, as the wire counts. */
  readonly points: number
}

export interface Timeline {
  readonly sessionId: string
  readonly epoch: string
  /** The last entry that was read without a hole before it. */
  readonly seq: number
  /** Entries that came before their time. */
  readonly waiting: ReadonlyMap<number, Entry>
  readonly messages: ReadonlyMap<string, Message>
  readonly turns: ReadonlyMap<string, Turn>
  readonly calls: ReadonlyMap<string, Call>
  readonly jobs: ReadonlyMap<string, Job>
  readonly uploads: ReadonlyMap<string, UploadAddedData>
  readonly creatives: ReadonlyMap<string, CreativeOut>
  /** Text still being written, by message. */
  readonly texts: ReadonlyMap<string, Growing>
  readonly progress: ReadonlyMap<string, ProgressOut>
  readonly activeTurnId?: string | undefined
}

export const emptyTimeline = (sessionId = "", epoch = ""): Timeline => ({
  sessionId,
  epoch,
  seq: 0,
  waiting: new Map(),
  messages: new Map(),
  turns: new Map(),
  calls: new Map(),
  jobs: new Map(),
  uploads: new Map(),
  creatives: new Map(),
  texts: new Map(),
  progress: new Map(),
})

type Draft = { -readonly [K in keyof Timeline]: Timeline[K] }
type Collections = {
  [K in keyof Timeline]-?: NonNullable<Timeline[K]> extends ReadonlyMap<infer I, infer V> ? Map<I, V> : never
}

/** A copy whose maps are copied only when first written, so that a page of entries costs one copy. */
class Writer {
  readonly state: Draft
  readonly #own = new Set<keyof Timeline>()

  constructor(before: Timeline) {
    this.state = { ...before }
  }

  map<K extends keyof Collections>(name: K): Collections[K] {
    if (!this.#own.has(name)) {
      this.#own.add(name)
      const copy: unknown = new Map(this.state[name] as unknown as ReadonlyMap<unknown, unknown>)
      Object.assign(this.state, { [name]: copy })
    }
    return this.state[name] as unknown as Collections[K]
  }
}

/** Entries in any order, any number of times. A hole holds the rest back: see `hasHole`. */
export function read(before: Timeline, entries: readonly Entry[]): Timeline {
  const fresh = entries.filter((entry) => entry.seq > before.seq && entry.sessionId === before.sessionId)
  if (fresh.length === 0) return before
  const writer = new Writer(before)
  const waiting = writer.map("waiting")
  for (const entry of fresh) waiting.set(entry.seq, entry)
  for (;;) {
    const next = waiting.get(writer.state.seq + 1)
    if (next === undefined) break
    waiting.delete(next.seq)
    writer.state.seq = next.seq
    write(writer, next)
  }
  return writer.state
}

/** An entry came whose predecessor did not. */
export const hasHole = (timeline: Timeline): boolean => timeline.waiting.size > 0

function write(writer: Writer, entry: Entry): void {
  switch (entry.type) {
    case "message.added":
      return addMessage(writer, entry)
    case "turn.started":
    case "turn.finished":
      return changeTurn(writer, entry)
    case "tool.started":
    case "tool.finished":
      return changeCall(writer, entry)
    case "upload.added":
      writer.map("uploads").set(entry.data.uploadId, entry.data)
      return undefined
    case "video.proposed":
    case "video.queued":
      return orderJob(writer, entry)
    case "video.changed":
    case "video.failed":
    case "video.cancelled":
      return changeJob(writer, entry)
    case "creative.added":
    case "creative.updated":
      return changeCreative(writer, entry)
    default:
      // An entry of a later server: the record goes on, this widget does not show it.
      return undefined
  }
}

type Of<T extends Entry["type"]> = Extract<Entry, { type: T }>

function addMessage(writer: Writer, { seq, at, turnId, jobId, data }: Of<"message.added">): void {
  const { messageId, sender, text, uploads, suggestions, clientId, replaces, code } = data
  const message = { seq, at, sender, text, uploads: uploads ?? [], suggestions: suggestions ?? [] }
  const links = { turnId, jobId, clientId, replaces, code }
  writer.map("messages").set(messageId, { id: messageId, ...message, ...links })
  if (writer.state.texts.has(messageId)) writer.map("texts").delete(messageId)
}

function changeTurn(writer: Writer, entry: Of<"turn.started"> | Of<"turn.finished">): void {
  const turns = writer.map("turns")
  if (entry.type === "turn.started") {
    const { turnId: id, messageId } = entry.data
    turns.set(id, { id, seq: entry.seq, messageId, startedAt: entry.at })
    writer.state.activeTurnId = id
    return
  }
  const { turnId: id, outcome, error } = entry.data
  const turn = turns.get(id)
  if (turn) turns.set(id, { ...turn, outcome, error })
  if (writer.state.activeTurnId === id) writer.state.activeTurnId = unfinished(turns)
  if (writer.state.activeTurnId !== undefined) return
  // What was recorded of the text stands in its message; the rest was never said.
  if (writer.state.texts.size > 0) writer.map("texts").clear()
}

/** A waiting turn that is stopped begins and ends in the middle of the one that runs. */
function unfinished(turns: ReadonlyMap<string, Turn>): string | undefined {
  return [...turns.values()].findLast((turn) => turn.outcome === undefined)?.id
}

function changeCall(writer: Writer, entry: Of<"tool.started"> | Of<"tool.finished">): void {
  const calls = writer.map("calls")
  if (entry.type === "tool.started") {
    const { callId: id, tool, title } = entry.data
    const call = { seq: entry.seq, turnId: entry.turnId, tool, title, arguments: entry.data.arguments }
    calls.set(id, { id, ...call })
    return
  }
  const { callId, ok, result, error } = entry.data
  const call = calls.get(callId)
  if (call) calls.set(callId, { ...call, ok, result, error })
}

/** Asked for, or on its way. A job may be asked about again, also in its middle: it keeps its place. */
function orderJob(writer: Writer, entry: Of<"video.proposed"> | Of<"video.queued">): void {
  const { seq, at, turnId, jobId: id } = entry
  if (id === undefined) return
  const jobs = writer.map("jobs")
  const known = jobs.get(id)
  const place = known ?? { seq, at, turnId }
  const { request, model, requestedModel, quote } = entry.data
  const order = { id, seq: place.seq, at: place.at, turnId: place.turnId, request, model, requestedModel, quote }
  writer.map("progress").delete(id)
  if (entry.type === "video.queued") {
    jobs.set(id, { ...order, state: "queued", queuedAt: at, stages: [] })
    return
  }
  const { reason, expiresAt } = entry.data
  jobs.set(id, { ...order, state: "proposed", stages: [], proposal: { seq, reason, expiresAt, before: known?.model } })
}

function changeJob(
  writer: Writer,
  entry: Of<"video.changed"> | Of<"video.failed"> | Of<"video.cancelled">,
): void {
  const job = entry.jobId === undefined ? undefined : writer.state.jobs.get(entry.jobId)
  if (!job) return
  const jobs = writer.map("jobs")
  if (entry.type === "video.changed") {
    const { stage, clip, clips, etaSeconds, model } = entry.data
    const stages = job.stages.includes(stage) ? job.stages : [...job.stages, stage]
    const by = model === undefined || model === job.model ? {} : { model, tookOverFrom: job.model }
    jobs.set(job.id, { ...job, ...by, state: "running", stage, stages, changedAt: entry.at, clip, clips, etaSeconds })
    return
  }
  const state = entry.type === "video.failed" ? "failed" : "cancelled"
  jobs.set(job.id, { ...job, ...entry.data, state })
  writer.map("progress").delete(job.id)
}

function changeCreative(writer: Writer, entry: Of<"creative.added"> | Of<"creative.updated">): void {
  const { creative } = entry.data
  writer.map("creatives").set(creative._id, creative)
  const job = entry.jobId === undefined ? undefined : writer.state.jobs.get(entry.jobId)
  if (!job || entry.type === "creative.updated") return
  writer.map("jobs").set(job.id, { ...job, state: "finished", creativeId: creative._id })
  writer.map("progress").delete(job.id)
}

/** What became of a live frame: a `gap` is healed by opening the session again. */
export interface Heard {
  readonly timeline: Timeline
  readonly gap: boolean
}

export function hear(before: Timeline, frame: Exclude<LiveFrame, LiveBeatFrame>): Heard {
  if (frame.sessionId !== before.sessionId) return { timeline: before, gap: false }
  return frame.type === "text" ? hearText(before, frame) : hearProgress(before, frame)
}

function hearText(before: Timeline, frame: Extract<LiveFrame, { type: "text" }>): Heard {
  const { messageId, pos, text } = frame
  if (before.messages.has(messageId)) return { timeline: before, gap: false }
  const own = before.texts.get(messageId) ?? { text: "", points: 0 }
  if (pos > own.points) return { timeline: before, gap: true }
  const fresh = Array.from(text).slice(own.points - pos)
  if (fresh.length === 0) return { timeline: before, gap: false }
  const writer = new Writer(before)
  const grown = { text: own.text + fresh.join(""), points: own.points + fresh.length }
  writer.map("texts").set(messageId, grown)
  return { timeline: writer.state, gap: false }
}

function hearProgress(before: Timeline, frame: Extract<LiveFrame, { type: "progress" }>): Heard {
  const job = before.jobs.get(frame.jobId)
  const last = before.progress.get(frame.jobId)
  if (isStill(job) || (last && frame.n <= last.n)) return { timeline: before, gap: false }
  const writer = new Writer(before)
  writer.map("progress").set(frame.jobId, frame)
  return { timeline: writer.state, gap: false }
}

/** The last page of an opening: its live part is the whole truth about what is not recorded yet. */
export function opened(before: Timeline, ack: Pick<SessionOpened, "live">): Timeline {
  const texts = ack.live.texts.filter(({ messageId }) => !before.messages.has(messageId))
  const jobs = ack.live.jobs.filter(({ jobId }) => !isStill(before.jobs.get(jobId)))
  return {
    ...before,
    texts: new Map(
      texts.map(({ messageId, text }) => [messageId, { text, points: Array.from(text).length }]),
    ),
    progress: new Map(jobs.map((progress) => [progress.jobId, progress])),
  }
}

export const isOver = (job: Job): boolean =>
  job.state === "finished" || job.state === "failed" || job.state === "cancelled"

/** The job that made a film. */
export const jobOf = ({ jobs }: Timeline, creativeId: string): Job | undefined =>
  [...jobs.values()].find((job) => job.creativeId === creativeId)

/** Nobody works on it: what is heard of its progress comes late. */
const isStill = (job: Job | undefined): boolean => job !== undefined && (job.state === "proposed" || isOver(job))
