/**
 * Follows one session's timeline: opens it (and again whenever something may be missing), pages,
 * waits for holes, notices silence. Frames are applied once per animation frame.
 */
import { NoAnswer, Refusal, type Connection } from "./connection"
import type { Entry, ErrorOut, LiveFrame, SessionOpen, SessionOpened } from "./protocol"
import { emptyTimeline, hasHole, hear, opened, read, type Timeline } from "./timeline"

export interface FollowerOptions {
  readonly connection: Pick<Connection, "ask" | "online" | "restart">
  readonly campaignId: string
  readonly sessionId?: string | undefined
  /** The one that was open before a reload: gone on with where none is asked for and it is still there. */
  readonly lastSession?: string | undefined
  readonly onTimeline: (timeline: Timeline) => void
  readonly onOpened: (ack: SessionOpened) => void
  /** An entry of after this follower's birth, once, also when it came by a reopening. */
  readonly onNews: (entry: Entry) => void
  readonly onRefused: (error: ErrorOut) => void
  readonly schedule?: (run: () => void) => void
}

export const HOLE_MS = 2000
export const SILENCE_MS = 25_000
const LOOK_EVERY_MS = 5000
const FRESH_MS = 11_000
const HIDDEN_MS = 200
const RETRY_MS = 1000

/** requestAnimationFrame does not run in hidden tabs, where films still get ready. */
const nextFrame = (run: () => void): void => {
  if (document.hidden) setTimeout(run, HIDDEN_MS)
  else requestAnimationFrame(run)
}

export class Follower {
  #timeline: Timeline = emptyTimeline()
  #sessionId: string | undefined
  #epoch = ""
  #wantsNew = false
  /** The last entry that was told as news, or was there before us. */
  #told: number | undefined
  #head = 0
  #heardAt = 0
  #opening = false
  #openAgain = false
  #frames: (["entry", Entry] | ["live", LiveFrame])[] = []
  #scheduled = false
  #holeTimer: ReturnType<typeof setTimeout> | undefined
  #retryTimer: ReturnType<typeof setTimeout> | undefined
  #silenceTimer: ReturnType<typeof setInterval> | undefined

  constructor(private readonly options: FollowerOptions) {
    this.#sessionId = options.sessionId ?? options.lastSession
  }

  get timeline(): Timeline {
    return this.#timeline
  }

  start(): void {
    this.#silenceTimer ??= setInterval(() => this.#listenForSilence(), LOOK_EVERY_MS)
  }

  stop(): void {
    clearTimeout(this.#holeTimer)
    clearTimeout(this.#retryTimer)
    clearInterval(this.#silenceTimer)
    this.#silenceTimer = undefined
  }

  /** Leaves this session for a new one of the same campaign. */
  startNew(): void {
    this.#wantsNew = true
    void this.open()
  }

  /** Leaves this session for another one; what is shown stays until that is read. */
  follow(sessionId: string): void {
    this.#wantsNew = false
    this.#sessionId = sessionId
    this.#told = undefined
    this.refresh()
  }

  /** Reads everything anew: addresses in the record are made when it is read, and age. */
  refresh(): void {
    this.#timeline = emptyTimeline()
    void this.open()
  }

  onFrame(event: "entry" | "live", frame: unknown): void {
    this.#heardAt = Date.now()
    if (event === "entry") this.#frames.push(["entry", frame as Entry])
    else this.#frames.push(["live", frame as LiveFrame])
    this.#flushSoon()
  }

  /** The tab is seen again, or the network is back: what was missed comes now. */
  wake(): void {
    if (this.options.connection.online && Date.now() - this.#heardAt > FRESH_MS) void this.open()
  }

  /** Reads on from where it is. While one opening runs, another is done after it. */
  async open(): Promise<void> {
    this.#openAgain = true
    if (this.#opening) return
    this.#opening = true
    try {
      while (this.#openAgain) {
        this.#openAgain = false
        await this.#readAll()
      }
    } catch (error) {
      this.#openFailed(error)
    } finally {
      this.#opening = false
    }
    this.#flush()
  }

  async #readAll(): Promise<void> {
    for (;;) {
      const asked = this.#question()
      const wanted = this.#sessionId
      const ack = await this.options.connection.ask("session.open", asked)
      this.#heardAt = Date.now()
      // Somebody went elsewhere meanwhile: the opening of that follows.
      if (wanted !== this.#sessionId || this.#wantsNew !== (asked.new === true)) return
      const other = ack.sessionId !== this.#timeline.sessionId || ack.epoch !== this.#timeline.epoch
      if (other) this.#forget(ack)
      // These entries follow a number of another record: read this one from its start.
      if (other && (asked.after ?? 0) > 0) continue
      this.#read(ack.entries as readonly Entry[])
      if (ack.more) continue
      this.#head = Math.max(this.#head, ack.head)
      this.#timeline = opened(this.#timeline, ack)
      this.options.onTimeline(this.#timeline)
      this.options.onOpened(ack)
      return
    }
  }

  #question(): SessionOpen {
    const { campaignId } = this.options
    if (this.#wantsNew) return { campaignId, new: true }
    const after = this.#timeline.seq
    const known = this.#timeline.epoch === "" ? {} : { after, epoch: this.#timeline.epoch }
    return { campaignId, ...(this.#sessionId === undefined ? {} : { sessionId: this.#sessionId }), ...known }
  }

  #forget(ack: SessionOpened): void {
    this.#wantsNew = false
    if (ack.sessionId !== this.#sessionId || ack.epoch !== this.#epoch) this.#told = undefined
    this.#told ??= ack.head
    this.#epoch = ack.epoch
    this.#sessionId = ack.sessionId
    this.#head = ack.head
    this.#timeline = emptyTimeline(ack.sessionId, ack.epoch)
  }

  #openFailed(error: unknown): void {
    clearTimeout(this.#retryTimer)
    if (error instanceof Refusal) {
      const again = this.#forgets(error.error.code)
      if (!error.error.retryable && !again) return this.options.onRefused(error.error)
      const wait = again ? 0 : (error.error.retryAfterMs ?? RETRY_MS)
      this.#retryTimer = setTimeout(() => void this.open(), wait)
      return undefined
    }
    if (!(error instanceof NoAnswer)) throw error
    // Not connected: connecting opens. Connected and mute: a half-open socket, or a server that hangs.
    if (this.options.connection.online) this.options.connection.restart()
    return undefined
  }

  /** A session of this tab's past that is gone, or somebody else's, is no reason to stay outside. */
  #forgets(code: string): boolean {
    const { sessionId, lastSession } = this.options
    const was = code === "not_found" && sessionId === undefined && lastSession !== undefined && this.#sessionId === lastSession
    if (was) this.#sessionId = undefined
    return was
  }

  #flushSoon(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    const schedule = this.options.schedule ?? nextFrame
    schedule(() => {
      this.#scheduled = false
      this.#flush()
    })
  }

  #flush(): void {
    // While it opens, frames wait: what the answer says comes first.
    if (this.#opening || this.#frames.length === 0) return
    const frames = this.#frames
    this.#frames = []
    const before = this.#timeline
    let gap = false
    for (const [event, frame] of frames) {
      if (frame.sessionId !== this.#timeline.sessionId) continue
      if (event === "entry") this.#read([frame])
      else gap = this.#hear(frame) || gap
    }
    if (this.#timeline !== before) this.options.onTimeline(this.#timeline)
    if (gap) void this.open()
    else this.#watchHole()
  }

  #hear(frame: LiveFrame): boolean {
    if (frame.type === "beat") {
      this.#head = Math.max(this.#head, frame.head)
      return false
    }
    const heard = hear(this.#timeline, frame)
    this.#timeline = heard.timeline
    return heard.gap
  }

  #read(entries: readonly Entry[]): void {
    const before = this.#timeline
    const after = read(before, entries)
    if (after === before) return
    this.#timeline = after
    const bySeq = new Map([...before.waiting.values(), ...entries].map((each) => [each.seq, each]))
    for (let seq = (this.#told ?? 0) + 1; seq <= after.seq; seq += 1) {
      const entry = bySeq.get(seq)
      if (entry) this.options.onNews(entry)
    }
    this.#told = Math.max(this.#told ?? 0, after.seq)
  }

  get #isBehind(): boolean {
    return hasHole(this.#timeline) || this.#head > this.#timeline.seq
  }

  #watchHole(): void {
    if (!this.#isBehind) {
      clearTimeout(this.#holeTimer)
      this.#holeTimer = undefined
      return
    }
    this.#holeTimer ??= setTimeout(() => {
      this.#holeTimer = undefined
      if (this.#isBehind && this.options.connection.online) void this.open()
    }, HOLE_MS)
  }

  #listenForSilence(): void {
    if (this.options.connection.online && Date.now() - this.#heardAt > SILENCE_MS) void this.open()
  }
}
