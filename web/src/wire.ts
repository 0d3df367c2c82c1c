/**
 * The wire: Socket.IO as this studio speaks it (contract, section 5): one namespace, WebSocket, text.
 * That is Engine.IO 4 and Socket.IO 5, of which the usual client's 13 KB are mostly the rest. It
 * connects when it is told to and reports; when to try again is the connection's business.
 *
 * Read in https://socket.io/docs/v4/engine-io-protocol/ and …/socket-io-protocol/. On the wire, the
 * first digit is Engine.IO's packet (0 open, 1 close, 2 ping, 3 pong, 4 message), the second one
 * Socket.IO's (0 connect, 1 disconnect, 2 event, 3 ack, 4 connect error).
 */
import type { ErrorOut } from "./protocol"

export interface Auth {
  readonly token: string
  readonly protocol: 1
}

/** What is heard from a wire. Every `connect()` ends in exactly one of the first two, or in silence after `disconnect()`. */
export interface Ears {
  connected(): void
  /** No connection came about: refused with the server's reason, or not reached at all. */
  failed(why?: ErrorOut): void
  /** It was there and is gone, by whatever but our own `disconnect()`. */
  lost(): void
  frame(event: "entry" | "live", payload: unknown): void
}

export interface Wire {
  readonly connected: boolean
  /** Does nothing while one is open or opening. */
  connect(): void
  disconnect(): void
  /** The server's ack. Rejects when none came within `ms`, or the connection went meanwhile. */
  ask(command: string, payload: unknown, ms: number): Promise<unknown>
}

/** Asked at every connect, once the server has answered at all. Nothing: there is no token, and no more is tried. */
export type Authorise = () => Promise<Auth | undefined>
export type MakeWire = (server: string, authorise: Authorise, ears: Ears) => Wire

const CONNECT_MS = 10_000

interface Waiting {
  readonly answer: (ack: unknown) => void
  readonly giveUp: () => void
}

export class SocketWire implements Wire {
  connected = false
  readonly #waiting = new Map<number, Waiting>()
  readonly #url: string
  #socket: WebSocket | undefined
  #asked = 0
  /** Of an opening, whatever holds it up, the page's token too; then of silence, which no ping ends. */
  #silence: ReturnType<typeof setTimeout> | undefined
  #patienceMs = 0

  constructor(
    server: string,
    private readonly authorise: Authorise,
    private readonly ears: Ears,
  ) {
    this.#url = `${server.replace(/^http/, "ws")}/socket.io/?EIO=4&transport=websocket`
  }

  connect(): void {
    if (this.#socket) return
    let socket: WebSocket
    try {
      socket = new WebSocket(this.#url)
    } catch {
      // No address, or one that this page may not speak to.
      return this.ears.failed()
    }
    this.#socket = socket
    this.#silence = setTimeout(this.#gone, CONNECT_MS)
    addEventListener("offline", this.#gone)
    socket.addEventListener("message", ({ data }) => this.#socket === socket && this.#hear(socket, String(data)))
    socket.addEventListener("close", () => this.#socket === socket && this.#gone())
  }

  disconnect(): void {
    const socket = this.#forget()
    if (socket?.readyState === WebSocket.OPEN) socket.send("41")
    socket?.close()
  }

  ask(command: string, payload: unknown, ms: number): Promise<unknown> {
    const number = this.#asked++
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(number)
        reject(new Error(command))
      }
      const answer = (ack: unknown): void => {
        clearTimeout(timer)
        resolve(ack)
      }
      const timer = setTimeout(giveUp, ms)
      this.#waiting.set(number, { answer, giveUp })
      if (this.connected) this.#socket?.send(`42${number}${JSON.stringify([command, payload])}`)
      else giveUp()
    })
  }

  #hear(socket: WebSocket, text: string): void {
    if (this.connected) this.#listen()
    const kind = /^(?:4[0-4]|\d)/.exec(text)?.[0] ?? ""
    const body = text.slice(kind.length)
    switch (kind) {
      case "0": {
        const { pingInterval, pingTimeout } = JSON.parse(body) as Record<string, number>
        this.#patienceMs = (pingInterval ?? 0) + (pingTimeout ?? 0)
        return void this.#introduce(socket)
      }
      case "2":
        return socket.send("3")
      case "40":
        this.connected = true
        this.#listen()
        return this.ears.connected()
      case "42": {
        const [event, payload] = JSON.parse(body) as [string, unknown]
        if (event === "entry" || event === "live") this.ears.frame(event, payload)
        return undefined
      }
      case "43":
        return this.#acknowledge(body)
      case "44":
        this.#forget()?.close()
        return this.ears.failed((JSON.parse(body) as { data?: ErrorOut }).data)
      case "1":
      case "41":
        return this.#gone()
      default:
        return undefined
    }
  }

  async #introduce(socket: WebSocket): Promise<void> {
    const auth = await this.authorise()
    if (auth && this.#socket === socket) socket.send(`40${JSON.stringify(auth)}`)
  }

  #acknowledge(body: string): void {
    const number = Number.parseInt(body, 10)
    const waiting = this.#waiting.get(number)
    this.#waiting.delete(number)
    waiting?.answer((JSON.parse(body.slice(body.indexOf("["))) as unknown[])[0])
  }

  #listen(): void {
    clearTimeout(this.#silence)
    this.#silence = setTimeout(this.#gone, this.#patienceMs)
  }

  readonly #gone = (): void => {
    const was = this.connected
    this.#forget()?.close()
    if (was) this.ears.lost()
    else this.ears.failed()
  }

  /** The socket, which is not listened to from here on. */
  #forget(): WebSocket | undefined {
    const socket = this.#socket
    this.#socket = undefined
    this.connected = false
    clearTimeout(this.#silence)
    removeEventListener("offline", this.#gone)
    for (const { giveUp } of this.#waiting.values()) giveUp()
    return socket
  }
}
