/** A studio at the other end of a socket: a record, and answers. Stands where socket.io's client would. */
import type { MakeWire, Wire } from "../src/connection"
import type { Entry, ErrorOut, SessionOpen, SessionOpened } from "../src/protocol"
import { SESSION } from "./entries"

type Listener = (...values: never[]) => void
type Auth = { token: string; protocol: number }

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
  active = false
  readonly #listeners = new Map<string, Listener[]>()
  #authorise: ((answer: (auth: Auth) => void) => void) | undefined

  readonly makeWire: MakeWire = (_server, auth) => {
    this.#authorise = auth
    const wire = {
      connected: false,
      active: false,
      connect: () => this.connect(),
      disconnect: () => this.drop("io client disconnect"),
      on: (event, listener) => this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]),
      timeout: (ms) => ({ emitWithAck: (command, payload) => this.#ask(ms, command, payload) }),
    } satisfies Wire
    Object.defineProperty(wire, "connected", { get: () => this.connected })
    Object.defineProperty(wire, "active", { get: () => this.active })
    return wire
  }

  say(event: string, ...values: unknown[]): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(...(values as never[]))
  }

  /** An entry into the record and out to the client. */
  tell(...entries: readonly Entry[]): void {
    for (const entry of entries) this.say("entry", entry)
  }

  beat(head: number): void {
    this.say("live", { sessionId: this.sessionId, type: "beat", head })
  }

  drop(reason: string): void {
    const was = this.connected
    this.connected = false
    this.active = reason === "transport close"
    if (was) this.say("disconnect", reason)
  }

  count(command: string): number {
    return this.asked.filter((each) => each.command === command).length
  }

  /** Also what the library does by itself after a lost connection. */
  connect(): void {
    if (this.connected) return
    this.#authorise?.((auth) => {
      this.auths.push(auth)
      const refusal = this.refusals.shift()
      this.active = refusal === undefined
      this.connected = refusal === undefined
      if (refusal) this.say("connect_error", Object.assign(new Error(refusal.message), { data: refusal }))
      else this.say("connect")
    })
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
