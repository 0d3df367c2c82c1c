import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import type { ErrorOut } from "../src/protocol"
import { SocketWire, type Auth, type Ears } from "../src/wire"

const HELLO = '0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000}'
const AUTH: Auth = { token: "t", protocol: 1 }

/** The browser's end of a WebSocket; `say` and `hangUp` are the server. */
class Socket extends EventTarget {
  static readonly OPEN = 1
  static last: Socket
  readonly sent: string[] = []
  readyState = Socket.OPEN
  constructor(readonly url: string) {
    super()
    Socket.last = this
  }
  send(text: string): void {
    this.sent.push(text)
  }
  close(): void {
    this.readyState = 3
  }
  async say(...texts: string[]): Promise<void> {
    for (const data of texts) this.dispatchEvent(new MessageEvent("message", { data }))
    await Promise.resolve()
  }
  hangUp(): void {
    this.close()
    this.dispatchEvent(new Event("close"))
  }
}

let heard: unknown[]
let dialled: SocketWire[]
const ears: Ears = {
  connected: () => heard.push("connected"),
  failed: (why?: ErrorOut) => heard.push(["failed", why?.code]),
  lost: () => heard.push("lost"),
  frame: (event, payload) => heard.push([event, payload]),
}

const dial = (auth?: Auth): SocketWire => {
  const wire = new SocketWire("https://studio.example", async () => auth, ears)
  dialled.push(wire)
  wire.connect()
  return wire
}

const online = async (): Promise<SocketWire> => {
  const wire = dial(AUTH)
  await Socket.last.say(HELLO, '40{"sid":"x"}')
  return wire
}

const outcome = (asked: Promise<unknown>): Promise<unknown> => asked.catch(() => "no answer")

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal("WebSocket", Socket)
  heard = []
  dialled = []
})

afterEach(() => {
  for (const wire of dialled) wire.disconnect()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe("connecting", () => {
  it("shows its token once the server has spoken, and is connected by its yes", async () => {
    const wire = dial(AUTH)
    expect([Socket.last.url, Socket.last.sent]).toEqual(["wss://studio.example/socket.io/?EIO=4&transport=websocket", []])
    await Socket.last.say(HELLO)
    expect([Socket.last.sent, wire.connected]).toEqual([[`40${JSON.stringify(AUTH)}`], false])
    await Socket.last.say('40{"sid":"x"}')
    expect([heard, wire.connected]).toEqual([["connected"], true])
  })

  it("says nothing without a token", async () => {
    dial()
    await Socket.last.say(HELLO)
    expect(Socket.last.sent).toEqual([])
  })

  it("hands on why it was refused, and hangs up", async () => {
    dial()
    await Socket.last.say(HELLO, '44{"message":"no","data":{"code":"forbidden"}}')
    expect([heard, Socket.last.readyState]).toEqual([[["failed", "forbidden"]], 3])
  })

  it("fails once when it is cut before it stands", () => {
    dial()
    Socket.last.hangUp()
    Socket.last.hangUp()
    expect(heard).toEqual([["failed", undefined]])
  })

  it("gives up on a server that does not speak", () => {
    dial()
    vi.advanceTimersByTime(10_000)
    expect(heard).toEqual([["failed", undefined]])
  })

  it("gives up on a token that never comes, though the server goes on pinging", async () => {
    new SocketWire("https://studio.example", () => new Promise(() => undefined), ears).connect()
    await Socket.last.say(HELLO)
    for (let seconds = 0; seconds < 20; seconds += 5) {
      vi.advanceTimersByTime(5000)
      await Socket.last.say("2")
    }
    expect(heard).toEqual([["failed", undefined]])
  })

  it("fails in words where there is no such address", () => {
    const refuse = vi.fn<() => never>(() => {
      throw new SyntaxError("no such address")
    })
    vi.stubGlobal("WebSocket", refuse)
    new SocketWire("studio", async () => AUTH, ears).connect()
    expect(heard).toEqual([["failed", undefined]])
  })

  it("leaves nothing behind however often it is cut", async () => {
    const listening = vi.spyOn(globalThis, "addEventListener")
    const leaving = vi.spyOn(globalThis, "removeEventListener")
    const wire = await online()
    for (let cut = 0; cut < 100; cut += 1) {
      Socket.last.hangUp()
      wire.connect()
      await Socket.last.say(HELLO, '40{"sid":"x"}')
    }
    wire.disconnect()
    expect([listening.mock.calls.length <= leaving.mock.calls.length, vi.getTimerCount()]).toEqual([true, 0])
    expect(heard.filter((each) => each === "connected")).toHaveLength(101)
  })

  it("does not dial twice at once", () => {
    const wire = dial()
    const first = Socket.last
    wire.connect()
    expect(Socket.last).toBe(first)
  })
})

describe("being connected", () => {
  it("answers pings, and takes their absence for a dead line", async () => {
    await online()
    vi.advanceTimersByTime(40_000)
    await Socket.last.say("2")
    expect(Socket.last.sent.at(-1)).toBe("3")
    vi.advanceTimersByTime(44_000)
    expect(heard).toEqual(["connected"])
    vi.advanceTimersByTime(1000)
    expect(heard).toEqual(["connected", "lost"])
  })

  it("hands on entries and live frames, and nothing it has no name for", async () => {
    await online()
    await Socket.last.say('42["entry",{"seq":1}]', '42["live",{"n":2}]', '42["other",{}]', "6")
    expect(heard).toEqual(["connected", ["entry", { seq: 1 }], ["live", { n: 2 }]])
  })

  it.each(["41", "1"])("is lost when the server ends it with %s", async (end) => {
    const wire = await online()
    await Socket.last.say(end)
    expect([heard, wire.connected]).toEqual([["connected", "lost"], false])
  })

  it("is lost with the network, though the socket does not know it yet", async () => {
    await online()
    dispatchEvent(new Event("offline"))
    expect(heard).toEqual(["connected", "lost"])
  })

  it("says good-bye when it leaves, and hears nothing more", async () => {
    const wire = await online()
    const socket = Socket.last
    wire.disconnect()
    await socket.say('42["entry",{"seq":1}]')
    expect([socket.sent.at(-1), socket.readyState, heard]).toEqual(["41", 3, ["connected"]])
  })

  it("can be connected again", async () => {
    const wire = await online()
    Socket.last.hangUp()
    wire.connect()
    await Socket.last.say(HELLO, '40{"sid":"y"}')
    expect(heard).toEqual(["connected", "lost", "connected"])
  })
})

describe("asking", () => {
  it("gives each question its own answer", async () => {
    const wire = await online()
    const answers = Promise.all([wire.ask("a", { x: 1 }, 1000), wire.ask("b", {}, 1000)])
    expect(Socket.last.sent.slice(-2)).toEqual(['420["a",{"x":1}]', '421["b",{}]'])
    await Socket.last.say('431[{"ok":"second"}]', '430[{"ok":"first"}]')
    expect(await answers).toEqual([{ ok: "first" }, { ok: "second" }])
  })

  it("waits no longer than it was told to", async () => {
    const wire = await online()
    const end = outcome(wire.ask("a", {}, 1000))
    vi.advanceTimersByTime(1000)
    expect(await end).toBe("no answer")
  })

  it("knows at once that a lost connection brings no answer", async () => {
    const wire = await online()
    const end = outcome(wire.ask("a", {}, 1000))
    Socket.last.hangUp()
    expect(await end).toBe("no answer")
  })

  it("asks nothing of nobody", async () => {
    expect(await outcome(dial().ask("a", {}, 1000))).toBe("no answer")
  })
})
