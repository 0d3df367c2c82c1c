/**
 * The order in which a timeline is shown. A message stands where its turn began (so a queued one is
 * below the answer it waits for), a turn's parts stand together, and what was replaced or retried is
 * left out; only a film, once ordered, is never hidden.
 */
import { dayKey } from "./format"
import type { Call, Job, Message, Timeline, Turn } from "./timeline"

export type Item =
  | { readonly kind: "day"; readonly key: string; readonly at: string }
  | { readonly kind: "new"; readonly key: string }
  | {
      readonly kind: "message"
      readonly key: string
      readonly message: Message
      /** Waits behind the running turn. */
      readonly queued: boolean
      readonly canEdit: boolean
      readonly showSuggestions: boolean
    }
  | { readonly kind: "growing"; readonly key: string }
  | { readonly kind: "thinking"; readonly key: string }
  | { readonly kind: "steps"; readonly key: string; readonly calls: readonly Call[]; readonly over: boolean }
  | { readonly kind: "job"; readonly key: string; readonly job: Job }
  | { readonly kind: "end"; readonly key: string; readonly turn: Turn; readonly canRetry: boolean }

/** Where a thing stands: its block's number, then its own. */
interface Placed {
  readonly block: number
  readonly place: number
  readonly at?: string
  readonly item: Item
}

const LAST = Number.MAX_SAFE_INTEGER

/** An answer, or a remark made while it was given ("another model goes on"). */
const isOfTurn = ({ sender, turnId }: Message): boolean =>
  sender === "assistant" || (sender === "system" && turnId !== undefined)

class Arranger {
  readonly placed: Placed[] = []
  readonly #hiddenMessages: ReadonlySet<string>
  readonly #latestTurn = new Map<string, Turn>()
  readonly #lastTurn: Turn | undefined

  constructor(private readonly timeline: Timeline) {
    const replaced = [...timeline.messages.values()].map((message) => message.replaces)
    this.#hiddenMessages = new Set(replaced.filter((id) => id !== undefined))
    for (const turn of timeline.turns.values()) {
      const other = this.#latestTurn.get(turn.messageId)
      if (!other || other.seq < turn.seq) this.#latestTurn.set(turn.messageId, turn)
      if (!this.#lastTurn || this.#lastTurn.seq < turn.seq) this.#lastTurn = turn
    }
  }

  arrange(): readonly Item[] {
    this.#placeMessages()
    this.#placeCalls()
    this.#placeJobs()
    this.#placeEnds()
    this.#placeGrowing()
    this.placed.sort((a, b) => a.block - b.block || a.place - b.place)
    return withDays(withSteps(this.placed))
  }

  #isHiddenTurn(id: string | undefined): boolean {
    const turn = id === undefined ? undefined : this.timeline.turns.get(id)
    if (!turn) return false
    return this.#hiddenMessages.has(turn.messageId) || this.#latestTurn.get(turn.messageId) !== turn
  }

  /** The number of the block that a part of `turnId` belongs to; its own where there is no turn. */
  #blockOf(turnId: string | undefined, seq: number): number {
    return (turnId === undefined ? undefined : this.timeline.turns.get(turnId)?.seq) ?? seq
  }

  #placeMessages(): void {
    const shown = [...this.timeline.messages.values()].filter((message) => !this.#isHidden(message))
    const users = shown.filter((message) => message.sender === "user")
    const lastUser = users.reduce<Message | undefined>(
      (last, each) => (last && this.#spot(last) > this.#spot(each) ? last : each),
      undefined,
    )
    const newest = shown.reduce((most, each) => Math.max(most, this.#spot(each)), 0)
    const calm = this.timeline.activeTurnId === undefined
    for (const message of shown) {
      const spot = this.#spot(message)
      const suggests = message.code === "welcome" ? users.length === 0 : spot === newest
      const item: Item = {
        kind: "message",
        key: `m:${message.id}`,
        message,
        queued: spot === LAST && !calm,
        canEdit: calm && message === lastUser,
        showSuggestions: calm && suggests && message.suggestions.length > 0,
      }
      const own = isOfTurn(message) || spot === LAST ? message.seq : 0
      this.placed.push({ block: spot, place: own, at: message.at, item })
    }
  }

  #isHidden(message: Message): boolean {
    if (this.#hiddenMessages.has(message.id)) return true
    return isOfTurn(message) && this.#isHiddenTurn(message.turnId)
  }

  #spot(message: Message): number {
    if (isOfTurn(message)) return this.#blockOf(message.turnId, message.seq)
    if (message.sender === "system") return message.seq
    const turn = this.#latestTurn.get(message.id)
    if (turn) return turn.seq
    const waits = this.timeline.activeTurnId !== undefined || message.seq > (this.#lastTurn?.seq ?? 0)
    return waits ? LAST : message.seq
  }

  #placeCalls(): void {
    for (const call of this.timeline.calls.values()) {
      if (this.#isHiddenTurn(call.turnId)) continue
      const over = call.turnId === undefined || this.timeline.activeTurnId !== call.turnId
      const item: Item = { kind: "steps", key: `c:${call.id}`, calls: [call], over }
      this.placed.push({ block: this.#blockOf(call.turnId, call.seq), place: call.seq, item })
    }
  }

  #placeJobs(): void {
    for (const job of this.timeline.jobs.values()) {
      const hidden = this.#isHiddenTurn(job.turnId)
      if (hidden && (job.state === "failed" || job.state === "cancelled")) continue
      const block = hidden ? job.seq : this.#blockOf(job.turnId, job.seq)
      this.placed.push({ block, place: job.seq, at: job.at, item: { kind: "job", key: `j:${job.id}`, job } })
    }
  }

  #placeEnds(): void {
    const calm = this.timeline.activeTurnId === undefined
    for (const turn of this.timeline.turns.values()) {
      if (!turn.outcome || turn.outcome === "answered" || this.#isHiddenTurn(turn.id)) continue
      const canRetry = calm && turn === this.#lastTurn
      const item: Item = { kind: "end", key: `e:${turn.id}`, turn, canRetry }
      this.placed.push({ block: turn.seq, place: LAST, item })
    }
  }

  #placeGrowing(): void {
    const active = this.timeline.activeTurnId
    const block = this.#blockOf(active, LAST - 1)
    for (const id of this.timeline.texts.keys()) {
      this.placed.push({ block, place: LAST - 2, item: { kind: "growing", key: `m:${id}` } })
    }
    if (active === undefined || this.timeline.texts.size > 0) return
    const calls = [...this.timeline.calls.values()].filter((call) => call.turnId === active)
    if (calls.some((call) => call.ok === undefined)) return
    this.placed.push({ block, place: LAST - 1, item: { kind: "thinking", key: `t:${active}` } })
  }
}

/** Calls that follow each other are one list of steps. */
function withSteps(placed: readonly Placed[]): Placed[] {
  const out: Placed[] = []
  for (const each of placed) {
    const last = out.at(-1)
    if (each.item.kind === "steps" && last?.item.kind === "steps" && last.block === each.block) {
      const calls = [...last.item.calls, ...each.item.calls]
      out[out.length - 1] = { ...last, item: { ...last.item, calls } }
    } else {
      out.push(each)
    }
  }
  return out
}

function withDays(placed: readonly Placed[]): Item[] {
  const out: Item[] = []
  let day: string | undefined
  for (const { at, item } of placed) {
    if (at !== undefined && dayKey(at) !== day) {
      // The first day needs no line: a chat of today alone has none.
      if (day !== undefined) out.push({ kind: "day", key: `d:${dayKey(at)}:${item.key}`, at })
      day = dayKey(at)
    }
    out.push(item)
  }
  return out
}

/** The last story of a timeline is kept: progress and growing text do not change the order. */
export function storyteller(): (timeline: Timeline) => readonly Item[] {
  let before: readonly unknown[] = []
  let story: readonly Item[] = []
  return (timeline) => {
    const { messages, turns, calls, jobs, activeTurnId, texts } = timeline
    const parts = [messages, turns, calls, jobs, activeTurnId, [...texts.keys()].join(" ")]
    if (parts.some((part, index) => part !== before[index])) {
      before = parts
      story = new Arranger(timeline).arrange()
    }
    return story
  }
}

/** The number of the entry that made this news for whoever looks; 0 for what they said themselves. */
export function newsOf(item: Item): number {
  if (item.kind === "message") return item.message.sender === "user" ? 0 : item.message.seq
  return item.kind === "job" ? (item.job.proposal?.seq ?? item.job.seq) : 0
}

/** The story with a line before what the entry `seq` brought, that came while nobody looked. */
export function withNew(items: readonly Item[], seq: number | undefined): readonly Item[] {
  const at = seq === undefined ? -1 : items.findIndex((item) => newsOf(item) === seq)
  return at < 0 ? items : items.toSpliced(at, 0, { kind: "new", key: "new" })
}

/** The keys of what says or shows these words, in their order. */
export function found(items: readonly Item[], words: string): readonly string[] {
  const wanted = words.trim().toLocaleLowerCase()
  if (wanted === "") return []
  return items.filter((item) => textOf(item).toLocaleLowerCase().includes(wanted)).map(({ key }) => key)
}

function textOf(item: Item): string {
  if (item.kind === "message") return item.message.text
  return item.kind === "job" ? item.job.request.prompt : ""
}
