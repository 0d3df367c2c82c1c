import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { Chat, type ChatState } from "../src/chat"
import { HOLE_MS, SILENCE_MS } from "../src/follower"
import type { Entry, ErrorOut } from "../src/protocol"
import { english } from "../src/words"
import { creative, journey, SESSION, Story } from "./entries"
import { Studio } from "./studio"

let studio: Studio
let chat: Chat
let news: Entry[]
let tokens: string[]

const start = (more: { getToken?: () => Promise<string>; canRenew?: () => boolean } = {}): Chat => {
  chat = new Chat({
    server: "https://studio.example",
    campaignId: "spring-26",
    words: english,
    getToken: async () => tokens.shift() ?? "token",
    canRenew: () => true,
    onReady: () => undefined,
    onNews: (entry) => news.push(entry),
    onError: () => undefined,
    makeWire: studio.makeWire,
    ...more,
  })
  chat.start()
  return chat
}

const soon = (ms = 50): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)
const state = (): ChatState => chat.state
const seq = (): number => state().timeline.seq
const refusal = (code: string, more: Partial<ErrorOut> = {}): ErrorOut => ({ code, message: code, retryable: false, ...more })

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "requestAnimationFrame"] })
  sessionStorage.clear()
  studio = new Studio()
  news = []
  tokens = []
})

afterEach(() => {
  chat.stop()
  vi.useRealTimers()
})

describe("opening", () => {
  it("reads a session page by page", async () => {
    studio.entries = journey().entries
    studio.pageSize = 4
    start()
    await soon()
    expect([seq(), studio.count("session.open")]).toEqual([studio.entries.length, 5])
  })

  it("tells nothing of what was there before, and of what comes once each", async () => {
    const { entries } = journey()
    studio.entries = entries.slice(0, 3)
    start()
    await soon()
    expect(news).toEqual([])
    studio.tell(...entries.slice(3, 6), ...entries.slice(3, 6))
    await soon()
    expect(news.map((entry) => entry.seq)).toEqual([4, 5, 6])
  })

  it("tells as news what came while it was away", async () => {
    const { entries } = journey()
    studio.entries = entries.slice(0, 3)
    start()
    await soon()
    studio.drop()
    studio.entries = entries
    void studio.connect()
    await soon()
    expect(news.map((entry) => entry.seq)).toEqual(entries.slice(3).map((entry) => entry.seq))
  })

  it("forgets everything when the record is another one", async () => {
    studio.entries = journey().entries
    start()
    await soon()
    studio.drop()
    studio.epoch = "epoch-2"
    studio.entries = new Story().user("only this").entries
    void studio.connect()
    await soon()
    expect([seq(), [...state().timeline.messages.keys()], news]).toEqual([1, ["only this"], []])
  })

  it("asks from its own number on when it comes back", async () => {
    studio.entries = journey().entries
    start()
    await soon()
    chat.retryConnection()
    await soon()
    expect(studio.asked.at(-1)?.payload).toMatchObject({ after: studio.entries.length, epoch: "epoch-1" })
  })

  it("leaves for a new session, and tells its entries as news from there on", async () => {
    studio.entries = journey().entries
    start()
    await soon()
    chat.startNew()
    await soon()
    expect([state().timeline.sessionId, seq()]).toEqual([studio.sessionId, 0])
    studio.tell(...new Story(studio.sessionId).user("a").entries)
    await soon()
    expect(news).toHaveLength(1)
  })

  it("says in the new session what was said while it was being opened", async () => {
    start()
    await soon()
    const before = state().timeline.sessionId
    chat.startNew()
    chat.send("for the new one")
    await soon()
    const said = studio.asked.filter((each) => each.command === "message.send")
    expect(said.map((each) => each.payload.sessionId)).toEqual([studio.sessionId])
    expect(studio.sessionId).not.toBe(before)
  })

  it("goes where one wanted last, also when an answer of before comes meanwhile", async () => {
    start()
    await soon()
    const first = state().timeline.sessionId
    chat.startNew()
    await soon()
    chat.retryConnection()
    chat.openSession(first)
    await soon()
    chat.send("back here")
    await soon()
    expect(studio.asked.findLast((each) => each.command === "session.open")?.payload).toMatchObject({ sessionId: first })
    expect(chat.state.outgoing.map((each) => each.sessionId)).not.toContain("")
  })

  it("keeps what is typed while another chat opens for that one, and the rest for the one before", async () => {
    start()
    await soon()
    const before = state().timeline.sessionId
    chat.setDraft("for the old one")
    chat.startNew()
    expect(state().draft).toBe("")
    chat.setDraft("for the new one")
    await soon()
    expect([state().draft, state().drafts[before]]).toEqual(["for the new one", "for the old one"])
  })
})

describe("what is missing", () => {
  it("waits for a hole, and reads again when it does not fill", async () => {
    const { entries } = journey()
    start()
    await soon()
    studio.entries = entries.slice(0, 3)
    studio.tell(...entries.slice(1, 3))
    await soon(HOLE_MS - 200)
    expect([seq(), studio.count("session.open")]).toEqual([0, 1])
    await soon(400)
    expect([seq(), studio.count("session.open")]).toEqual([3, 2])
  })

  it("does not read again when the hole fills by itself", async () => {
    const { entries } = journey()
    start()
    await soon()
    studio.tell(...entries.slice(1, 3))
    await soon(1000)
    studio.tell(...entries.slice(0, 1))
    await soon(HOLE_MS * 2)
    expect([seq(), studio.count("session.open")]).toEqual([3, 1])
  })

  it("learns from a beat that something was lost", async () => {
    start()
    await soon()
    studio.entries = journey().entries
    studio.beat(studio.entries.length)
    await soon(HOLE_MS + 200)
    expect(seq()).toBe(studio.entries.length)
  })

  it("reads again at once when words are missing", async () => {
    start()
    await soon()
    studio.live = { texts: [{ messageId: "m", text: "whole so far" }], jobs: [] }
    studio.say("live", { sessionId: SESSION, type: "text", messageId: "m", pos: 8, text: "far" })
    await soon()
    expect(state().timeline.texts.get("m")?.text).toBe("whole so far")
  })

  it("keeps words that come while it is reading", async () => {
    start()
    await soon()
    studio.live = { texts: [{ messageId: "m", text: "one" }], jobs: [] }
    chat.retryConnection()
    studio.say("live", { sessionId: SESSION, type: "text", messageId: "m", pos: 3, text: " two" })
    await soon()
    expect(state().timeline.texts.get("m")?.text).toBe("one two")
  })

  it("ignores another session's frames", async () => {
    start()
    await soon()
    studio.tell(...new Story("other").user("x").entries)
    studio.say("live", { sessionId: "other", type: "beat", head: 99 })
    await soon(HOLE_MS * 2)
    expect([seq(), studio.count("session.open")]).toEqual([0, 1])
  })

  it("asks after long silence, and connects anew when there is no answer", async () => {
    start()
    await soon()
    studio.mute.add("session.open")
    await soon(SILENCE_MS + 6000)
    expect(studio.count("session.open")).toBe(2)
    studio.mute.clear()
    await soon(10_000)
    expect([studio.auths.length, state().connection]).toEqual([2, "online"])
  })
})

describe("sending", () => {
  it("sends once, and shows the message until the record has it", async () => {
    start()
    await soon()
    chat.send("hello")
    await soon()
    const sent = studio.asked.find((each) => each.command === "message.send")
    expect(state().outgoing.map((each) => [each.text, each.sent])).toEqual([["hello", true]])
    studio.tell(...new Story().user("m", "hello", { clientId: String(sent?.payload["clientId"]) }).entries)
    await soon()
    expect(state().outgoing).toEqual([])
  })

  it("says the same again under the same name when no answer comes", async () => {
    start()
    await soon()
    studio.mute.add("message.send")
    chat.send("hello")
    await soon(5000)
    studio.mute.clear()
    await soon(6000)
    const ids = studio.asked.filter((each) => each.command === "message.send").map((each) => each.payload["clientId"])
    expect([ids.length, new Set(ids).size]).toEqual([2, 1])
  })

  it("keeps what was not sent over a reload, and sends it then under the same name", async () => {
    start()
    await soon()
    studio.drop()
    chat.send("while away")
    chat.setDraft("half a thought")
    const [kept] = state().outgoing
    chat.stop()
    start()
    expect([state().draft, state().outgoing.map((each) => each.text)]).toEqual(["half a thought", ["while away"]])
    await soon()
    expect(studio.asked.at(-1)?.payload).toMatchObject({ clientId: kept?.clientId, text: "while away" })
  })

  it("shows a refusal on the message, in the server's words, and sends on", async () => {
    start()
    await soon()
    studio.refuses.set("message.send", refusal("busy", { message: "The line is full.", retryable: true }))
    chat.send("one")
    await soon()
    studio.refuses.clear()
    chat.send("two")
    await soon()
    expect(state().outgoing.map((each) => [each.text, each.error ?? each.sent])).toEqual([
      ["one", "The line is full."],
      ["two", true],
    ])
  })

  it("gives the words of a refused message back", async () => {
    start()
    await soon()
    studio.refuses.set("message.send", refusal("invalid_payload"))
    chat.send("one")
    await soon()
    chat.takeBack(state().outgoing[0]?.clientId ?? "")
    expect([state().draft, state().outgoing]).toEqual(["one", []])
  })

  it("gives them back in front of what was begun since", async () => {
    start()
    await soon()
    studio.refuses.set("message.send", refusal("invalid_payload"))
    chat.send("one")
    await soon()
    chat.setDraft("and two")
    chat.takeBack(state().outgoing[0]?.clientId ?? "")
    expect(state().draft).toBe("one\nand two")
  })

  it("gives what was half written back after an edit that was thought better of", async () => {
    start()
    await soon()
    studio.tell(...new Story().user("m1", "one").entries)
    await soon()
    chat.setDraft("half a sent")
    chat.edit("m1")
    chat.setDraft("one and a half")
    chat.edit(undefined)
    expect([state().editing, state().draft]).toEqual([undefined, "half a sent"])
  })

  it.each([
    ["too many characters", "x".repeat(101), /1 character/],
    ["more bytes than a frame takes", "🎬".repeat(100) + "", /too big|long/],
  ])("refuses %s in words, and sends nothing", async (_name, text, words) => {
    start()
    await soon()
    expect(chat.objection(text)).toMatch(words)
    expect(chat.send(text)).toBe(false)
    await soon()
    expect(studio.count("message.send")).toBe(0)
  })

  it("measures a message that was written before the limits were known", async () => {
    start()
    chat.say("x".repeat(101))
    await soon()
    expect([state().outgoing.map((each) => each.error), studio.count("message.send")]).toEqual([
      ["1 character too long"],
      0,
    ])
  })

  it("leaves images of another session behind when it has no file to send again", async () => {
    start()
    await soon()
    const done = { name: "a.png", role: "logo", state: "done", fraction: 1, warnings: [] } as const
    const there = { ...done, id: "1", uploadId: "u1", sessionId: SESSION }
    const elsewhere = { ...done, id: "2", uploadId: "u2", sessionId: "other" }
    chat.patch({ attachments: [there, elsewhere] })
    chat.retryConnection()
    await soon()
    expect(state().attachments.map((each) => each.uploadId)).toEqual(["u1"])
  })

  it("does not send nothing", async () => {
    start()
    await soon()
    expect([chat.send("   "), chat.say("")]).toEqual([false, false])
  })
})

describe("what is kept", () => {
  it("is kept apart for two chats of one campaign on a page, and found again by each", () => {
    const drafts = ["one", "other"]
    const chats = drafts.map(() => start())
    for (const [at, each] of chats.entries()) each.setDraft(drafts[at] ?? "")
    for (const each of chats) each.stop()
    const again = drafts.map(() => start())
    expect(again.map((each) => each.state.draft)).toEqual(drafts)
    for (const each of again) each.stop()
  })

  it("is sent under one name by a tab and its duplicate", async () => {
    chat = start()
    chat.setDraft("Hello")
    await soon()
    studio.mute.add("message.send")
    chat.send("Hello")
    await soon()
    const copied = { ...sessionStorage }
    chat.stop()
    for (const [key, value] of Object.entries(copied)) sessionStorage.setItem(key, String(value))
    studio.mute.clear()
    studio.connected = false
    chat = start()
    await soon(1000)
    const sent = studio.asked.filter((each) => each.command === "message.send").map((each) => each.payload["clientId"])
    expect([sent.length > 1, new Set(sent).size]).toEqual([true, 1])
  })
})

describe("signing in", () => {
  it("asks for a token at every connect", async () => {
    tokens = ["first", "second"]
    start()
    await soon()
    studio.drop()
    await soon(1000)
    expect(studio.auths.map((auth) => auth.token)).toEqual(["first", "second"])
  })

  it("asks again with patience when a token is too old", async () => {
    studio.refusals.push(refusal("token_expired"), refusal("token_expired"))
    start()
    await soon(200)
    expect(studio.auths).toHaveLength(1)
    await soon(300)
    expect(studio.auths).toHaveLength(2)
    await soon(1000)
    expect([studio.auths.length, state().connection]).toEqual([3, "online"])
  })

  it("is signed out when an old token is all there is", async () => {
    studio.refusals.push(refusal("token_expired"))
    start({ canRenew: () => false })
    await soon(5000)
    expect([studio.auths.length, state().connection]).toEqual([1, "signedOut"])
  })

  it("is signed out on a bad token, until a person tries again", async () => {
    studio.refusals.push(refusal("unauthenticated"))
    start()
    await soon(60_000)
    expect(state().connection).toBe("signedOut")
    chat.retryConnection()
    await soon()
    expect(state().connection).toBe("online")
  })

  it("does not knock without a token", async () => {
    start({ getToken: async () => "" })
    await soon()
    expect([studio.auths.length, state().connection]).toEqual([0, "signedOut"])
  })

  it("says that it is signed out when the page's backend fails, and asks that again by itself", async () => {
    const answers = [Promise.reject(new Error("502")), Promise.resolve("token")]
    start({ getToken: () => answers.shift() ?? Promise.reject(new Error("asked too often")) })
    await soon()
    expect([studio.auths.length, state().connection]).toEqual([0, "signedOut"])
    await soon(1000)
    expect([studio.auths.length, state().connection]).toEqual([1, "online"])
  })

  it("keeps away as long as it was told to", async () => {
    studio.refusals.push(refusal("rate_limited", { retryable: true, retryAfterMs: 20_000 }))
    start()
    await soon(19_900)
    expect(studio.auths).toHaveLength(1)
    await soon(200)
    expect([studio.auths.length, state().connection]).toEqual([2, "online"])
  })

  it("renews a token before its end, over the same connection", async () => {
    const claims = btoa(JSON.stringify({ exp: Date.now() / 1000 + 60 }))
    tokens = [`h.${claims}.s`, "next"]
    start()
    await soon(29_000)
    expect(studio.count("auth.refresh")).toBe(0)
    studio.beat(0)
    await soon(2000)
    expect(studio.asked.filter((each) => each.command === "auth.refresh").map((each) => each.payload)).toEqual([
      { token: "next" },
    ])
  })

  it("forgets a session of this tab's past that is gone", async () => {
    const kept = { sessionId: "session-of-nobody" }
    sessionStorage.setItem("campaign-chat https://studio.example spring-26", JSON.stringify(kept))
    vi.spyOn(studio.refuses, "get").mockReturnValueOnce(refusal("not_found"))
    studio.entries = journey().entries
    start()
    await soon()
    expect(studio.asked.map(({ payload }) => payload["sessionId"])).toEqual(["session-of-nobody", undefined])
    expect([state().connection, seq()]).toEqual(["online", studio.entries.length])
  })

  it("says why when the session is refused", async () => {
    studio.refuses.set("session.open", refusal("not_found", { message: "There is no such session." }))
    start()
    await soon()
    expect([state().connection, state().refusal?.message]).toEqual(["refused", "There is no such session."])
  })
})

const ids = (): unknown[] =>
  studio.asked.filter((each) => each.command === "creative.review").map((each) => each.payload["clientId"])

describe("a command without an answer", () => {
  it("keeps its id when it is asked again, and gets a new one once it was answered", async () => {
    studio.entries = journey().entries
    start()
    await soon()
    studio.mute.add("creative.review")
    const unanswered = chat.reviews.judge(creative("video-1"), "approved").catch(() => "no answer")
    await soon(60_000)
    expect(await unanswered).toBe("no answer")
    studio.mute.clear()
    await Promise.all([chat.reviews.judge(creative("video-1"), "approved"), soon()])
    await Promise.all([chat.reviews.judge(creative("video-1"), "approved"), soon()])
    expect(new Set(ids()).size).toBe(2)
    expect(ids().at(0)).toBe(ids().at(-2))
    expect(ids().at(-1)).not.toBe(ids().at(-2))
  })
})
