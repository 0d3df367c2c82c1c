/**
 * The socket: who we are (a fresh token at every connect), whether we are connected, commands and
 * their answers. What is said over it is the follower's business.
 */
import { WebSocket as WebSocketTransport } from "engine.io-client"
import { io } from "socket.io-client"
import type { Acks, Commands, ErrorOut } from "./protocol"

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

/** The part of a socket.io client socket that is used here. */
export interface Wire {
  readonly connected: boolean
  /** False when the library will not try again by itself, as after a refusal. */
  readonly active: boolean
  connect(): unknown
  disconnect(): unknown
  on(event: string, listener: (...values: never[]) => void): unknown
  timeout(ms: number): { emitWithAck(event: string, payload: unknown): Promise<unknown> }
}

type Auth = (answer: (auth: { token: string; protocol: number }) => void) => void
export type MakeWire = (server: string, auth: Auth) => Wire

export const makeSocket: MakeWire = (server, auth) =>
  io(server, {
    auth: auth as (answer: (data: object) => void) => void,
    transports: [WebSocketTransport],
    autoConnect: false,
    reconnectionDelay: 500,
    reconnectionDelayMax: 5000,
    timeout: 10_000,
  })

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
const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 30_000
const RENEW_BEFORE_MS = 30_000
const LONGEST_TIMER_MS = 2_147_000_000

/** Nothing to hurry: not begun, or already at it. */
const WORKING: ReadonlySet<ConnectionState> = new Set(["idle", "connecting", "online"])

export class Connection {
  readonly #wire: Wire
  #state: ConnectionState = "idle"
  #refusals = 0
  #again: ReturnType<typeof setTimeout> | undefined
  #renew: ReturnType<typeof setTimeout> | undefined
  #stopped = false

  constructor(private readonly options: ConnectionOptions) {
    const make = options.makeWire ?? makeSocket
    this.#wire = make(options.server, (answer) => void this.#authorise(answer))
    this.#wire.on("connect", () => this.#connected())
    this.#wire.on("disconnect", (reason: string) => this.#disconnected(reason))
    this.#wire.on("connect_error", (error: Error & { data?: ErrorOut }) => this.#failed(error))
    this.#wire.on("entry", (frame: unknown) => options.onFrame("entry", frame))
    this.#wire.on("live", (frame: unknown) => options.onFrame("live", frame))
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
    if (this.#stopped || this.#wire.connected || WORKING.has(this.#state)) return
    clearTimeout(this.#again)
    this.#refusals = 0
    this.#say("reconnecting")
    // A socket that waits for its next attempt ignores connect().
    this.#wire.disconnect()
    this.#wire.connect()
  }

  /** The socket says it is open and nothing comes through it. */
  restart(): void {
    if (this.#stopped) return
    this.#say("reconnecting")
    this.#wire.disconnect()
    this.#wire.connect()
  }

  /** One try. Throws Refusal, or NoAnswer after `ACK_MS`. */
  async ask<C extends keyof Commands>(command: C, payload: Commands[C]): Promise<Acks[C]> {
    if (!this.#wire.connected) throw new NoAnswer(command)
    let answer: unknown
    try {
      answer = await this.#wire.timeout(ACK_MS).emitWithAck(command, payload)
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

  async #authorise(answer: (auth: { token: string; protocol: number }) => void): Promise<void> {
    let token = ""
    try {
      token = await this.options.getToken()
    } catch {
      // The same as no token: the page's own backend has its own words for why.
    }
    if (this.#stopped) return
    if (token === "") {
      this.#wire.disconnect()
      this.#say("signedOut")
      return
    }
    this.#renewBeforeEnd(token)
    answer({ token, protocol: 1 })
  }

  #connected(): void {
    this.#refusals = 0
    this.#say("online")
    this.options.onConnect()
  }

  #disconnected(reason: string): void {
    clearTimeout(this.#renew)
    if (this.#stopped || this.#state === "signedOut") return
    this.#say(navigator.onLine ? "reconnecting" : "offline")
    // The server closed it (a token's end, a restart): the library leaves that to us.
    if (reason === "io server disconnect") this.#connectLater()
  }

  #failed(error: Error & { data?: ErrorOut }): void {
    if (this.#stopped) return
    if (this.#wire.active) {
      this.#say(navigator.onLine ? this.#waiting() : "offline")
      return
    }
    const why = error.data
    const mayHelp = why?.code === "token_expired" ? this.options.canRenew() : why?.retryable === true
    if (mayHelp) {
      this.#say(this.#waiting())
      this.#connectLater(why?.retryAfterMs)
      return
    }
    const known = why?.code === "unauthenticated" || why?.code === "token_expired"
    this.#say(known || why === undefined ? "signedOut" : "refused", why)
  }

  #waiting(): ConnectionState {
    return this.#state === "connecting" ? "connecting" : "reconnecting"
  }

  #connectLater(atLeastMs = 0): void {
    clearTimeout(this.#again)
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#refusals)
    this.#refusals += 1
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
