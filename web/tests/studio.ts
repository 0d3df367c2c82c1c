/** A studio at the other end of a wire: a record, and answers. */
import type { Entry, ErrorOut, SessionOpen, SessionOpened } from "../src/protocol"
import type { Auth, Authorise, Ears, MakeWire } from "../src/wire"
import { SESSION } from "./entries"

export class Studio {
  /** What is recorded; a client sees what it is told, or what it reads. */
  entries: Entry[] = []
  epoch = "epoch-1"
  sessionId = SESSION
  pageSize = 1000
  live: SessionOpened["live"] = { texts: [], jobs: [] }
  readonly asked: { command: string; payload: Record<string, unknown> }[] = []
  readonly auths: Auth[] = []
  /** What the next connects are refused with. */
  readonly refusals: ErrorOut[] = []
  /** Commands that get no answer. */
  mute = new Set<string>()
  /** Commands that are refused. */
  readonly refuses = new Map<string, ErrorOut>()
  /** What commands are answered with, beside `ok`. */
  readonly answers = new Map<string, object>()
  connected = false
  #authorise: Authorise | undefined
  #ears: Ears | undefined

  readonly makeWire: MakeWire = (_server, authorise, ears) => {
    this.#authorise = authorise
    this.#ears = ears
    const wire = {
      connected: false,
      connect: () => void this.connect(),
      disconnect: () => void (this.connected = false),
      ask: (command: string, payload: unknown, ms: number) => this.#ask(ms, command, payload),
    }
    return Object.defineProperty(wire, "connected", { get: () => this.connected })
  }

  say(event: "entry" | "live", frame: unknown): void {
    this.#ears?.frame(event, frame)
  }

  /** An entry into the record and out to the client. */
  tell(...entries: readonly Entry[]): void {
    for (const entry of entries) this.say("entry", entry)
  }

  beat(head: number): void {
    this.say("live", { sessionId: this.sessionId, type: "beat", head })
  }

  /** The connection goes: the network, the server's restart, a token's end. */
  drop(): void {
    this.connected = false
    this.#ears?.lost()
  }

  count(command: string): number {
    return this.asked.filter((each) => each.command === command).length
  }

  async connect(): Promise<void> {
    if (this.connected) return
    const auth = await this.#authorise?.()
    if (!auth) return
    this.auths.push(auth)
    const refusal = this.refusals.shift()
    this.connected = refusal === undefined
    if (refusal) this.#ears?.failed(refusal)
    else this.#ears?.connected()
  }

  async #ask(ms: number, command: string, payload: unknown): Promise<unknown> {
    this.asked.push({ command, payload: payload as Record<string, unknown> })
    if (this.mute.has(command) || !this.connected) {
      await new Promise((resolve) => setTimeout(resolve, ms))
      throw new Error("operation has timed out")
    }
    const error = this.refuses.get(command)
    if (error) return { ok: false, error }
    if (command === "session.open") return { ok: true, ...this.#open(payload as SessionOpen) }
    return { ok: true, ...(this.answers.get(command) ?? { seq: 1, turnId: "t" }) }
  }

  #open({ after = 0, epoch, new: fresh }: SessionOpen): Omit<SessionOpened, "activeTurnId"> {
    if (fresh) {
      this.sessionId = `session-${this.asked.length}`
      this.entries = []
    }
    const from = epoch === undefined || epoch === this.epoch ? after : 0
    const rest = this.entries.filter((entry) => entry.seq > from)
    return {
      sessionId: this.sessionId,
      epoch: this.epoch,
      head: this.entries.length,
      entries: rest.slice(0, this.pageSize),
      more: rest.length > this.pageSize,
      live: this.live,
      user: { id: "u", tenant: "t" },
      limits: {
        messageChars: 100,
        uploadBytes: 1000,
        uploadPixels: 1_000_000,
        uploadTypes: ["image/png", "image/svg+xml"],
        frameBytes: 500,
        references: 3,
        queued: 5,
      },
    }
  }
}
