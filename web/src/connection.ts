/**
 * The socket: who we are (a fresh token at every connect), whether we are connected, commands and
 * their answers. What is said over it is the follower's business.
 */
import type { Acks, Commands, ErrorOut } from "./protocol"
import { SocketWire, type Auth, type MakeWire, type Wire } from "./wire"

export type ConnectionState =
  | "idle"
  | "connecting"
  | "online"
  | "reconnecting"
  | "offline"
  | "signedOut"
  | "refused"

/** The server said no, in a typed way. */
export class Refusal extends Error {
  constructor(readonly error: ErrorOut) {
    super(error.message)
  }
}

/** Nothing came back in time: whether it was done is not known. */
export class NoAnswer extends Error {}

export interface ConnectionOptions {
  readonly server: string
  readonly getToken: () => Promise<string>
  /** Whether asking again can give another token. */
  readonly canRenew: () => boolean
  readonly onState: (state: ConnectionState, why?: ErrorOut) => void
  readonly onConnect: () => void
  readonly onFrame: (event: "entry" | "live", frame: unknown) => void
  readonly makeWire?: MakeWire
}

const ACK_MS = 10_000
const ATTEMPTS = 3
const FIRST_WAIT_MS = 500
/** The network comes back soon; a server that says no is asked ever less often. */
const LONGEST_WAIT_MS = { lost: 5000, refused: 30_000 }
const RENEW_BEFORE_MS = 30_000
const LONGEST_TIMER_MS = 2_147_000_000

/** Nothing to hurry: not begun, or already at it. */
const WORKING: ReadonlySet<ConnectionState> = new Set(["idle", "connecting", "online"])

export class Connection {
  readonly #wire: Wire
  #state: ConnectionState = "idle"
  #attempts = 0
  #asking = 0
  #again: ReturnType<typeof setTimeout> | undefined
  #renew: ReturnType<typeof setTimeout> | undefined
  #stopped = false

  constructor(private readonly options: ConnectionOptions) {
    const make: MakeWire = options.makeWire ?? ((...wire) => new SocketWire(...wire))
    this.#wire = make(options.server, () => this.#authorise(), {
      connected: () => this.#connected(),
      failed: (why) => this.#failed(why),
      lost: () => this.#lost(),
      frame: options.onFrame,
    })
  }

  get online(): boolean {
    return this.#wire.connected
  }

  get state(): ConnectionState {
    return this.#state
  }

  start(): void {
    this.#stopped = false
    this.#say(this.#state === "idle" ? "connecting" : "reconnecting")
    this.#wire.connect()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#again)
    clearTimeout(this.#renew)
    this.#wire.disconnect()
    this.#say("idle")
  }

  /** A person asked, or the browser says there is a network again: now, not after the next wait. */
  retryNow(): void {
    if (this.#wire.connected || WORKING.has(this.#state)) return
    this.#attempts = 0
    this.restart()
  }

  /** Now, whatever there was: the socket says it is open, say, and nothing comes through it. */
  restart(): void {
    if (this.#stopped) return
    clearTimeout(this.#again)
    this.#say("reconnecting")
    this.#wire.disconnect()
    this.#wire.connect()
  }

  /** One try. Throws Refusal, or NoAnswer after `ACK_MS`. */
  async ask<C extends keyof Commands>(command: C, payload: Commands[C]): Promise<Acks[C]> {
    let answer: unknown
    try {
      answer = await this.#wire.ask(command, payload, ACK_MS)
    } catch (cause) {
      throw new NoAnswer(command, { cause })
    }
    const ack = answer as (Acks[C] & { ok: true }) | { ok: false; error: ErrorOut }
    if (!ack.ok) throw new Refusal(ack.error)
    return ack
  }

  /** The same command with the same clientId, as often as it takes: the server does it once. */
  async command<C extends keyof Commands>(command: C, payload: Commands[C]): Promise<Acks[C]> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.ask(command, payload)
      } catch (error) {
        if (!(error instanceof NoAnswer) || attempt === ATTEMPTS || !this.#wire.connected) throw error
      }
    }
  }

  async #authorise(): Promise<Auth | undefined> {
    const asking = ++this.#asking
    const token = await this.options.getToken().catch(() => undefined)
    // An answer that a later connect did not wait for ends nothing.
    if (this.#stopped || asking !== this.#asking) return undefined
    if (!token) {
      this.#wire.disconnect()
      this.#say("signedOut")
      // No token is an answer; a page's own backend that fails may be back in a moment.
      if (token === undefined) this.#connectLater(LONGEST_WAIT_MS.refused)
      return undefined
    }
    this.#renewBeforeEnd(token)
    return { token, protocol: 1 }
  }

  #connected(): void {
    this.#attempts = 0
    this.#say("online")
    this.options.onConnect()
  }

  #lost(): void {
    clearTimeout(this.#renew)
    this.#say(navigator.onLine ? "reconnecting" : "offline")
    this.#connectLater(LONGEST_WAIT_MS.lost)
  }

  #failed(why?: ErrorOut): void {
    if (why === undefined) {
      this.#say(navigator.onLine ? this.#waiting() : "offline")
      return this.#connectLater(LONGEST_WAIT_MS.lost)
    }
    const mayHelp = why.code === "token_expired" ? this.options.canRenew() : why.retryable
    if (mayHelp) {
      this.#say(this.#waiting())
      return this.#connectLater(LONGEST_WAIT_MS.refused, why.retryAfterMs)
    }
    const known = why.code === "unauthenticated" || why.code === "token_expired"
    return this.#say(known ? "signedOut" : "refused", why)
  }

  #waiting(): ConnectionState {
    return this.#state === "connecting" ? "connecting" : "reconnecting"
  }

  /** Each later than the one before, and no two browsers together: a server that restarts has them all back. */
  #connectLater(atMostMs: number, atLeastMs = 0): void {
    clearTimeout(this.#again)
    const wait = Math.min(atMostMs, FIRST_WAIT_MS * 2 ** this.#attempts) * (0.5 + Math.random() / 2)
    this.#attempts += 1
    this.#again = setTimeout(() => this.#wire.connect(), Math.max(wait, atLeastMs))
  }

  /** A connection must not outlive its token, and need not end with it. */
  #renewBeforeEnd(token: string): void {
    clearTimeout(this.#renew)
    const end = endOf(token)
    if (end === undefined || !this.options.canRenew()) return
    const wait = Math.max(1000, end - Date.now() - RENEW_BEFORE_MS)
    if (wait > LONGEST_TIMER_MS) return
    this.#renew = setTimeout(() => void this.#renewNow(), wait)
  }

  async #renewNow(): Promise<void> {
    try {
      const token = await this.options.getToken()
      await this.command("auth.refresh", { token })
      this.#renewBeforeEnd(token)
    } catch {
      // The server closes at the end of the token, and connecting asks for a new one with backoff.
    }
  }

  #say(state: ConnectionState, why?: ErrorOut): void {
    this.#state = state
    this.options.onState(state, why)
  }
}

/** When a JWT ends, in milliseconds; undefined for anything else. Read for timing only, never trusted. */
export function endOf(token: string): number | undefined {
  try {
    const body = token.split(".")[1] ?? ""
    const claims = JSON.parse(atob(body.replaceAll("-", "+").replaceAll("_", "/"))) as { exp?: unknown }
    return typeof claims.exp === "number" ? claims.exp * 1000 : undefined
  } catch {
    return undefined
  }
}
