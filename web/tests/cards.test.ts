import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { Chat } from "../src/chat"
import { spoken } from "../src/view/announcer"
import "../src/view/job"
import type { JobCard } from "../src/view/job"
import { english } from "../src/words"
import type { Entry, QuoteOut } from "../src/protocol"
import { creative, SESSION, Story } from "./entries"
import { Studio } from "./studio"

let studio: Studio
let chat: Chat
let card: JobCard
let story: Story

/** The story so far, told to a chat whose card of `j1` is on the page. */
const tell = async (next: Story): Promise<void> => {
  studio.tell(...next.entries)
  await vi.advanceTimersByTimeAsync(50)
  const job = chat.state.timeline.jobs.get("j1")
  if (job) card.job = job
  if (!card.isConnected) document.body.replaceChildren(card)
  await drawn()
}

const drawn = async (): Promise<void> => {
  await vi.advanceTimersByTimeAsync(0)
  await card.updateComplete
  await card.querySelector<JobCard>("campaign-chat-proposal")?.updateComplete
}

/** Told, and looked at for longer than a double click takes. */
const read = async (next: Story): Promise<void> => {
  await tell(next)
  await vi.advanceTimersByTimeAsync(700)
  await drawn()
}

const progress = async (more: object): Promise<void> => {
  studio.say("live", { sessionId: SESSION, type: "progress", jobId: "j1", n: 1, elapsedSeconds: 1, ...more })
  await vi.advanceTimersByTimeAsync(50)
  await drawn()
}

const text = (where: ParentNode | null = card): string => (where?.textContent ?? "").replace(/\s+/g, " ").trim()
const part = (selector: string): string => text(card.querySelector(selector))
const button = (name: string): HTMLButtonElement | undefined =>
  [...card.querySelectorAll("button")].find((each) => text(each) === name)
const press = async (name: string): Promise<void> => {
  button(name)?.click()
  await drawn()
}
const asking = (told: Story): { quote: QuoteOut } => told.entries.at(-1)?.data as unknown as { quote: QuoteOut }
const asked = (command: string): Record<string, unknown>[] =>
  studio.asked.filter((each) => each.command === command).map((each) => each.payload)

beforeEach(async () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 22, 9, 1) })
  studio = new Studio()
  story = new Story()
  chat = new Chat({
    server: "https://studio.example",
    campaignId: "spring-26",
    words: english,
    getToken: async () => "token",
    canRenew: () => true,
    onReady: () => undefined,
    onNews: () => undefined,
    onError: () => undefined,
    makeWire: studio.makeWire,
  })
  chat.start()
  await vi.advanceTimersByTimeAsync(50)
  card = document.createElement("campaign-chat-job") as JobCard
  card.chat = chat
  card.locale = "en-US"
})

afterEach(() => {
  card.remove()
  chat.stop()
  vi.useRealTimers()
})

describe("the card that asks for a yes", () => {
  it("is a group with a heading, and says what would be made, by whom and for how much", async () => {
    await tell(story.propose("j1", [160, 160]))
    const group = card.querySelector("[role=group]")
    const heading = card.querySelector("h3")
    expect([group?.getAttribute("aria-labelledby"), text(heading)]).toEqual([heading?.id, "Make this film?"])
    expect(part(".meta")).toBe("10 s · 9:16 · Kling 3.0 instead of Sora 2 Pro")
    expect(part(".price")).toBe("$3.20")
    expect(button("Approve $3.20")).toBeDefined()
    expect(button("Decline")).toBeDefined()
  })

  it("shows each clip with its price, folded where there are many", async () => {
    await tell(story.propose("j1", [160, 160, 80]))
    const lines = [...card.querySelectorAll(".bill li span")].map((each) => text(each))
    expect(lines).toEqual(["Clip 1", "$1.60", "Clip 2", "$1.60", "Clip 3", "$0.80"])
    expect(card.querySelector("details")?.open).toBe(true)
    await tell(story.propose("j1", [160, 160, 160, 80]))
    expect(card.querySelector("details")?.open).toBe(false)
    await tell(story.propose("j1", [160]))
    expect(card.querySelector(".bill")).toBeNull()
  })

  it.each([
    [{ reason: "price" }, "This costs money, so it waits for your yes."],
    [{ reason: "repeated" }, "This very film is already being made."],
  ] as const)("says why it asks: %j", async (more, why) => {
    await tell(story.propose("j1", [160], more))
    expect(part(".cause")).toContain(why)
  })

  it("names the model that failed, and the dearer one", async () => {
    await tell(story.approve("j1", [160]).propose("j1", [300], { reason: "fallback", model: "veo-3.1" }))
    expect(part(".cause")).toContain("Kling 3.0 failed; Veo 3.1 costs more.")
    expect(card.querySelector("form")).toBeNull()
  })

  it("names no other model where the same one is tried again, and counts what is lost as no clip", async () => {
    const { quote } = asking(story.propose("j1", [160]))
    const lost = { description: "Already spent on it", seconds: 0, amount: { amount: 800_000, currency: "USD" } } as const
    await tell(story.approve("j1", [160]))
    await tell(story.propose("j1", [160], { reason: "fallback", quote: { ...quote, lines: [lost, ...quote.lines] } }))
    expect(part(".cause")).toContain("It failed; another try costs more.")
    expect(part("summary")).toBe("1 clip")
  })

  it("says until when, and what the studio has to remark", async () => {
    const warnings = [{ code: "references_not_supported", message: "Kling 3.0 takes no images." }]
    const total = { amount: 1_600_000, currency: "USD" } as const
    const quote = { model: "kling-v3", total, lines: [], warnings }
    await tell(story.propose("j1", [], { quote, expiresAt: "2026-11-24T21:30:00.000Z" }))
    expect(part(".cause")).toMatch(/Answer by November 2\d, \d+:\d\d.[AP]M; after that it is not made\./)
    expect(part(".notices")).toBe("Kling 3.0 takes no images.")
  })

  it("takes one answer: both buttons rest until the record says what was decided", async () => {
    await read(story.propose("j1", [160]))
    button("Approve $1.60")?.click()
    await drawn()
    expect([button("Approve $1.60")?.disabled, button("Decline")?.disabled]).toEqual([true, true])
    const maxCost = { amount: 1_600_000, currency: "USD" }
    expect(asked("job.approve")).toMatchObject([{ sessionId: SESSION, jobId: "j1", maxCost }])
    await tell(story.approve("j1", [160]))
    expect(part(".stage")).toBe("In the queue")
    expect(card.querySelector("[role=group]")).toBeNull()
  })

  it("gives the focus back also where the record comes before the answer", async () => {
    await read(story.propose("j1", [160]))
    const heard = vi.fn<() => void>()
    card.addEventListener("focus-composer", heard)
    studio.mute.add("job.decline")
    await press("Decline")
    await tell(story.letGo("j1", "declined"))
    expect(heard).toHaveBeenCalledOnce()
  })

  it("takes no yes that was on its way to something else when it came, or came back dearer", async () => {
    await tell(story.propose("j1", [160]))
    await press("Approve $1.60")
    await read(story)
    await tell(story.propose("j1", [300]))
    await press("Approve $3.00")
    expect(asked("job.approve")).toEqual([])
    await read(story)
    await press("Approve $3.00")
    expect(asked("job.approve")).toMatchObject([{ maxCost: { amount: 3_000_000 } }])
  })

  it("sends the answer that had none again under the same name", async () => {
    await read(story.propose("j1", [160]))
    studio.mute.add("job.approve")
    await press("Approve $1.60")
    await vi.advanceTimersByTimeAsync(40_000)
    await drawn()
    expect(part("[role=alert]")).toBe("The server did not answer. Try again.")
    studio.mute.clear()
    await press("Approve $1.60")
    const names = new Set(asked("job.approve").map((each) => each["clientId"]))
    expect([asked("job.approve").length, names.size]).toEqual([4, 1])
  })

  it("never sends a yes to another price under the name of an earlier one", async () => {
    await read(story.propose("j1", [160]))
    studio.mute.add("job.approve")
    await press("Approve $1.60")
    await vi.advanceTimersByTimeAsync(40_000)
    studio.mute.clear()
    await read(story.propose("j1", [300]))
    expect(card.querySelector("[role=alert]")).toBeNull()
    await press("Approve $3.00")
    const names = asked("job.approve").map((each) => each["clientId"])
    expect(names.at(-1)).not.toBe(names[0])
  })

  it("says that it is dearer by now, and goes on saying so on the new question", async () => {
    await read(story.propose("j1", [160]))
    studio.answers.set("job.approve", { state: "proposed" })
    await press("Approve $1.60")
    await read(story.propose("j1", [300]))
    expect(part("[role=alert]")).toBe("It is dearer by now, so nothing was ordered. Look at the new price.")
    expect(button("Approve $3.00")?.disabled).toBe(false)
    studio.answers.clear()
    await press("Approve $3.00")
    expect(card.querySelector("[role=alert]")).toBeNull()
  })

  it.each(["budget_exceeded", "already_final"])("says in the studio's words that it was refused: %s", async (code) => {
    await read(story.propose("j1", [160]))
    studio.refuses.set("job.approve", { code, message: "Only $0.40 of $25.00 is left.", retryable: false })
    await press("Approve $1.60")
    expect(part("[role=alert]")).toBe("Only $0.40 of $25.00 is left.")
    expect(button("Approve $1.60")?.disabled).toBe(false)
  })

  it("asks for another price before the yes", async () => {
    await read(story.propose("j1", [160]))
    const length = card.querySelector<HTMLInputElement>("input")
    const ratio = card.querySelector<HTMLSelectElement>("select")
    if (length) length.value = "12"
    if (ratio) ratio.value = "1:1"
    card.querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }))
    await drawn()
    const request = { prompt: "oats", model: "sora-2-pro", duration: 12, aspectRatio: "1:1", referenceImageUrls: [] }
    expect(asked("job.approve")).toMatchObject([{ jobId: "j1", request }])
    expect(button("Approve $1.60")?.disabled).toBe(true)
    await read(story.propose("j1", [200]))
    expect(button("Approve $2.00")?.disabled).toBe(false)
  })

  it.each([["declined", "Film declined"], ["expired", "Film not approved in time"]] as const)("shows in every tab that it was %s", async (reason, words) => {
    await tell(story.propose("j1", [160]))
    await tell(story.letGo("j1", reason))
    await vi.advanceTimersByTimeAsync(700)
    await drawn()
    expect([part(".name"), button("Make again · $1.60")?.disabled]).toEqual([words, false])
    expect(part(".meta")).toContain("Nothing was charged.")
  })

  it("buys nothing with the second half of a double click", async () => {
    await tell(story.approve("j1", [160]).enter("j1", "rendering"))
    await tell(story.letGo("j1", "cancelled"))
    await press("Make again · $1.60")
    expect(asked("video.request")).toEqual([])
    await vi.advanceTimersByTimeAsync(700)
    await drawn()
    await press("Make again · $1.60")
    expect(asked("video.request")).toMatchObject([{ maxCost: { amount: 1_600_000, currency: "USD" } }])
  })

  it("makes one more film of a double click, also where the first half was answered in between", async () => {
    await tell(story.approve("j1", [160]).enter("j1", "rendering"))
    await tell(story.letGo("j1", "cancelled"))
    await vi.advanceTimersByTimeAsync(700)
    await drawn()
    await press("Make again · $1.60")
    await vi.advanceTimersByTimeAsync(150)
    await drawn()
    await press("Make again · $1.60")
    expect(asked("video.request")).toHaveLength(1)
  })

  it("is told once to who cannot see it", () => {
    const said = story.propose("j1", [160, 160]).letGo("j1", "declined").entries.map((entry) => spoken(entry, english, "en-US"))
    expect(said).toEqual(["A film waits for your yes: $3.20", "Film declined"])
  })
})

describe("the card of a film being made", () => {
  it("says which clip it is at, and what it costs", async () => {
    await tell(story.approve("j1", [160, 160]).enter("j1", "rendering", { clip: 2, clips: 5 }))
    expect(part(".stage")).toBe("Clip 2 of 5 · rendering")
    expect(part(".meta")).toBe("Kling 3.0 instead of Sora 2 Pro · $3.20")
    expect(card.querySelector("progress")?.value).toBeCloseTo(0.2)
  })

  it("counts what is there by the lengths of its clips", async () => {
    const { quote } = asking(story.propose("j1", [504, 168]))
    const lines = quote.lines.map((line, at) => ({ ...line, seconds: at === 0 ? 15 : 5 }))
    await tell(story.propose("j1", [504, 168], { quote: { ...quote, lines } }).enter("j1", "rendering", { clip: 2, clips: 2 }))
    expect(part(".line .figures")).toBe("75 %")
  })

  it("counts the recorded estimate down, calls it one, and says when it is over", async () => {
    await tell(story.approve("j1", [160]).enter("j1", "rendering", { etaSeconds: 180 }))
    expect(part(".line .figures")).toBe("estimate: about 3 min left")
    await vi.advanceTimersByTimeAsync(70_000)
    await drawn()
    expect(part(".line .figures")).toBe("estimate: about 55 s left")
    await vi.advanceTimersByTimeAsync(90_000)
    await drawn()
    expect(part(".line .figures")).toBe("taking longer than estimated")
  })

  it("says which model takes over from which", async () => {
    await tell(story.approve("j1", [160]).enter("j1", "rendering").enter("j1", "submitting", { model: "veo-3.1" }))
    expect(part(".meta")).toBe("Veo 3.1 takes over from Kling 3.0 · $1.60")
    expect(spoken(story.entries.at(-1) as Entry, english)).toBe("Film: Veo 3.1 takes over")
  })

  it("names the clip that waits for its model", async () => {
    await tell(story.approve("j1", [160, 160]).enter("j1", "rendering", { clip: 2, clips: 2 }))
    await progress({ stage: "queued" })
    expect([part(".stage"), part(".line .figures")]).toEqual(["Clip 2 of 2 · in the queue", "50 %"])
    await tell(story.enter("j1", "storing", { clip: 2, clips: 2 }))
    expect(part(".stage")).toBe("Clip 2 of 2 · saving")
  })

  it("counts from the yes, however long that was waited for", async () => {
    await tell(story.propose("j1", [160]).user("a").user("b").user("c").approve("j1", [160]).enter("j1", "rendering"))
    await progress({ stage: "rendering", elapsedSeconds: 7 })
    expect(part(".path .figures")).toBe("0:03 elapsed")
  })

  it("prefers the estimate that it has just heard", async () => {
    await tell(story.approve("j1", [160]).enter("j1", "rendering", { etaSeconds: 900 }))
    await progress({ stage: "rendering", etaSeconds: 100, fraction: 0.5 })
    expect(part(".line .figures")).toBe("50 % · estimate: about 2 min left")
  })

  it("makes up no estimate where there is none", async () => {
    await tell(story.approve("j1", [160]).enter("j1", "rendering"))
    expect(part(".line .figures")).toBe("")
  })

  it("says its place in line", async () => {
    await tell(story.approve("j1", [160]))
    await progress({ stage: "queued", queuePosition: 3 })
    expect(part(".stage")).toBe("3rd in line")
  })

  it("says that it stops also a film that still waits in the queue", async () => {
    await tell(story.approve("j1", [160]))
    studio.answers.set("job.cancel", { state: "queued", willBeCharged: "no" })
    await press("Stop")
    expect(part("[role=status]")).toBe("Nothing will be charged.")
    expect(button("Stopping…")?.disabled).toBe(true)
  })

  it.each([
    ["yes", "What was ordered already will be charged."],
    ["no", "Nothing will be charged."],
    ["unknown", "It is not known yet whether it will be charged."],
  ])("says while it stops whether it will be charged: %s", async (willBeCharged, words) => {
    await tell(story.approve("j1", [160]).enter("j1", "rendering"))
    studio.answers.set("job.cancel", { state: "running", willBeCharged })
    await press("Stop")
    expect(part("[role=status]")).toBe(words)
  })

  it.each([
    [{ charged: "yes", cost: { amount: 1_200_000, currency: "USD" } }, "You were charged $1.20."],
    [{ charged: "yes" }, "You were charged."],
    [{ charged: "no" }, "Nothing was charged."],
    [{ charged: "unknown" }, "It is not known yet whether it was charged."],
  ] as const)("says of a failure what it cost: %j", async (money, words) => {
    const error = { code: "provider_refused", message: "The model refused it.", retryable: false }
    await tell(story.approve("j1", [160]).add("video.failed", { error, ...money }, { jobId: "j1" }))
    expect(part(".cause")).toBe(`The model refused it. ${words}`)
    expect(button("Retry · $1.60")).toBeDefined()
  })

  it("begins anew with another model, and its bar with it", async () => {
    await tell(story.approve("j1", [160]).enter("j1", "rendering", { clip: 4, clips: 5 }))
    await tell(story.propose("j1", [300], { reason: "fallback" }).approve("j1", [300]).enter("j1", "rendering"))
    expect([part(".stage"), card.querySelector("progress")?.hasAttribute("value")]).toEqual(["Rendering", false])
  })
})

describe("the card of a finished film", () => {
  it("says who made it, instead of whom, and for how much", async () => {
    await tell(story.approve("j1", [160]).film("j1"))
    const film = card.querySelector<JobCard>("campaign-chat-film")
    await film?.updateComplete
    expect(part(".about .meta")).toBe("DRAFTDraft animatic instead of Sora 2 Pro · 6 s · 9:16 · \u20661080×1920\u2069 · $1.60 · 9:00 AM")
  })

  it("says what it came to, and not what it was quoted at", async () => {
    const made = creative("video-j1")
    const paid = { ...made, metadata: { ...made.metadata, cost: { amount: 1_420_000, currency: "USD" } as const } }
    await tell(story.approve("j1", [160]).add("creative.added", { creative: paid }, { jobId: "j1" }))
    await card.querySelector<JobCard>("campaign-chat-film")?.updateComplete
    expect(part(".about .meta")).toContain("· $1.42")
  })
})
