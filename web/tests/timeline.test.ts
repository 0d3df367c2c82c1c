import { describe, expect, it } from "vitest"
import type { LiveFrame } from "../src/protocol"
import { emptyTimeline, hasHole, hear, opened, read, type Job, type Timeline } from "../src/timeline"
import { bargain, dice, journey, SESSION, shuffled, Story } from "./entries"

const fold = (story: Story): Timeline => read(emptyTimeline(SESSION, "e"), story.entries)
const text = (pos: number, words: string, messageId = "m"): Extract<LiveFrame, { type: "text" }> => ({
  sessionId: SESSION,
  type: "text",
  messageId,
  pos,
  text: words,
})
const progress = (n: number, fraction: number): Extract<LiveFrame, { type: "progress" }> => ({
  sessionId: SESSION,
  type: "progress",
  jobId: "j1",
  n,
  stage: "rendering",
  fraction,
  elapsedSeconds: n,
})

const job = (story: Story): Job | undefined => fold(story).jobs.get("j1")

describe("the fold", () => {
  it.each([["journey", journey], ["bargain", bargain]])("ends in the same timeline whatever the order, repetition and paging of a %s", (_, tell) => {
    const whole = fold(tell())
    for (let seed = 1; seed <= 200; seed += 1) {
      const roll = dice(seed)
      const { entries } = tell()
      const twice = shuffled([...entries, ...entries.filter(() => roll() < 0.4)], roll)
      let timeline = emptyTimeline(SESSION, "e")
      while (twice.length > 0) timeline = read(timeline, twice.splice(0, 1 + Math.floor(roll() * 5)))
      expect(timeline, `seed ${seed}`).toEqual(whole)
    }
  })

  it.each([["journey", journey], ["bargain", bargain]])("ends in the same timeline after frames of a %s were lost and the session was opened again", (_, tell) => {
    const whole = fold(tell())
    for (let seed = 1; seed <= 200; seed += 1) {
      const roll = dice(seed)
      const { entries } = tell()
      let timeline = emptyTimeline(SESSION, "e")
      for (const entry of shuffled(entries, roll)) {
        if (roll() < 0.5) timeline = read(timeline, [entry])
        if (roll() < 0.1) timeline = hear(timeline, text(0, "lost words", `m${seed}`)).timeline
      }
      timeline = read(timeline, entries.filter((entry) => entry.seq > timeline.seq))
      expect(opened(timeline, { live: { texts: [], jobs: [] } }), `seed ${seed}`).toEqual(whole)
    }
  })

  it.each([["journey", journey], ["bargain", bargain]])("ends in what the opening of a half told %s says, whatever words and progress came, were lost or came twice", (_, tell) => {
    const live = {
      texts: [{ messageId: "growing", text: "Some words so far" }],
      jobs: [{ jobId: "j1", n: 3, stage: "rendering", fraction: 0.4, elapsedSeconds: 3 }],
    }
    const spoken = ["hi", "on-its-way", "patience", "growing"].flatMap((id) => [text(0, "Some ", id), text(5, "words", id)])
    const moved = [1, 2, 3, 4].map((n) => progress(n, n / 10))
    for (let seed = 1; seed <= 200; seed += 1) {
      const roll = dice(seed)
      const { entries } = tell()
      const recorded = entries.slice(0, 1 + Math.floor(roll() * entries.length))
      const whole = opened(read(emptyTimeline(SESSION, "e"), recorded), { live })
      let timeline = emptyTimeline(SESSION, "e")
      for (const frame of shuffled([...recorded, ...spoken, ...moved, ...recorded, ...moved], roll)) {
        if (roll() < 0.4) continue
        timeline = "seq" in frame ? read(timeline, [frame]) : hear(timeline, frame).timeline
      }
      timeline = read(timeline, recorded.filter((entry) => entry.seq > timeline.seq))
      expect(opened(timeline, { live }), `seed ${seed}`).toEqual(whole)
    }
  })

  it("holds back what comes before its time, and says so", () => {
    const [first, second, third] = journey().entries
    const early = read(emptyTimeline(SESSION, "e"), [third, second].filter((entry) => entry !== undefined))
    expect([early.seq, early.messages.size, hasHole(early)]).toEqual([0, 0, true])
    const healed = read(early, [first].filter((entry) => entry !== undefined))
    expect([healed.seq, hasHole(healed)]).toEqual([3, false])
  })

  it("goes on with the running turn when one that waited is stopped", () => {
    const story = new Story().user("m1").begin("t1", "m1").user("m2")
    const running = hear(fold(story), text(0, "Half a ")).timeline
    const after = read(running, story.begin("t2", "m2").end("t2", "stopped").entries)
    expect([after.activeTurnId, after.texts.get("m")?.text]).toEqual(["t1", "Half a "])
    expect(read(after, story.end("t1").entries).activeTurnId).toBeUndefined()
  })

  it("is the same object when nothing is new, so that nothing renders", () => {
    const whole = fold(journey())
    expect(read(whole, journey().entries)).toBe(whole)
  })

  it("does not read another session's entries", () => {
    expect(read(emptyTimeline(SESSION), new Story("other").user("x").entries).messages.size).toBe(0)
  })

  it("passes over an entry of a later server without losing the count", () => {
    const entries = [...new Story().user("a").entries, { ...new Story().user("b").entries[0], seq: 2, type: "moon.rose" }]
    const timeline = read(emptyTimeline(SESSION), entries as never)
    expect([timeline.seq, timeline.messages.size]).toEqual([2, 1])
  })

  it("ends a job with its film, its failure or its stop", () => {
    const story = new Story().queue("a").film("a").queue("b").fail("b").queue("c")
    const stopped = story.add("video.cancelled", { reason: "cancelled", charged: "no" }, { jobId: "c" })
    const states = [...fold(stopped).jobs.values()].map(({ state }) => state)
    expect(states).toEqual(["finished", "failed", "cancelled"])
  })
})

describe("a film that waits for a yes", () => {
  it("is asked about at the last price, where it was asked about first", () => {
    const asked = job(new Story().propose("j1", [160]).propose("j1", [200]))
    expect([asked?.state, asked?.seq, asked?.proposal?.seq, asked?.quote.total.amount]).toEqual(["proposed", 1, 2, 2_000_000])
  })

  it("is no question any more once it is approved, and waits from then on", () => {
    const approved = job(new Story().propose("j1", [160]).user("meanwhile").approve("j1", [160]))
    expect([approved?.state, approved?.proposal, approved?.seq]).toEqual(["queued", undefined, 1])
    expect(approved?.queuedAt).not.toBe(approved?.at)
  })

  it.each(["declined", "expired"] as const)("is over when it is %s", (reason) => {
    const over = job(new Story().propose("j1", [160]).letGo("j1", reason))
    expect([over?.state, over?.reason]).toEqual(["cancelled", reason])
  })

  it("asks again in its middle, and remembers which model failed", () => {
    const story = new Story().approve("j1", [160]).enter("j1", "rendering", { clip: 2, clips: 3 })
    const asked = job(story.propose("j1", [300], { reason: "fallback", model: "veo-3.1" }))
    expect([asked?.proposal?.before, asked?.model, asked?.stage, asked?.clip]).toEqual(["kling-v3", "veo-3.1", undefined, undefined])
  })

  it("forgets that another model stands in when the next one does not", () => {
    const own = { requestedModel: undefined } as unknown as { requestedModel: string }
    expect(job(new Story().propose("j1", [160]).propose("j1", [160], own))?.requestedModel).toBeUndefined()
  })

  it("hears no progress while it waits", () => {
    const waiting = fold(new Story().propose("j1", [160]))
    expect(hear(waiting, progress(1, 0.5)).timeline).toBe(waiting)
  })

  it("is made by the model that took over from here on", () => {
    const story = new Story().approve("j1", [160]).enter("j1", "rendering").enter("j1", "submitting", { model: "veo-3.1" })
    expect(job(story.enter("j1", "rendering"))).toMatchObject({ model: "veo-3.1", tookOverFrom: "kling-v3" })
    expect(job(story.propose("j1", [300]).approve("j1", [300]))?.tookOverFrom).toBeUndefined()
  })

  it("keeps the clip and the estimate of its last change", () => {
    const making = job(new Story().approve("j1", [160]).enter("j1", "rendering", { clip: 2, clips: 5, etaSeconds: 120 }))
    expect(making).toMatchObject({ state: "running", clip: 2, clips: 5, etaSeconds: 120 })
    expect(job(new Story().queue("j1").enter("j1", "rendering", { etaSeconds: 9 }).enter("j1", "storing"))?.etaSeconds).toBeUndefined()
  })
})

describe("live text", () => {
  it("grows by code points, and drops what is there already", () => {
    let timeline = hear(emptyTimeline(SESSION), text(0, "Fri🎬")).timeline
    timeline = hear(timeline, text(2, "i🎬 day")).timeline
    expect(timeline.texts.get("m")?.text).toBe("Fri🎬 day")
    expect(hear(timeline, text(0, "Fri")).timeline).toBe(timeline)
  })

  it("reports a gap and shows nothing wrong", () => {
    const heard = hear(emptyTimeline(SESSION), text(5, "later"))
    expect([heard.gap, heard.timeline.texts.size]).toEqual([true, 0])
  })

  it("gives way to the recorded message, and does not come back", () => {
    const story = new Story().user("q").begin("t", "q")
    const growing = hear(fold(story), text(0, "half an ans")).timeline
    const done = read(growing, story.answer("m", "t", "half an answer").entries)
    expect(done.texts.size).toBe(0)
    expect(hear(done, text(11, "wer")).timeline).toBe(done)
  })

  it("is forgotten when its turn ends without it", () => {
    const story = new Story().user("q").begin("t", "q")
    const growing = hear(fold(story), text(0, "never said")).timeline
    expect(read(growing, story.end("t", "interrupted").entries).texts.size).toBe(0)
  })

  it("is what the opening says it is", () => {
    const before = hear(emptyTimeline(SESSION), text(0, "stale", "old")).timeline
    const live = { texts: [{ messageId: "m", text: "so far🎬" }], jobs: [] }
    const after = hear(opened(before, { live }), text(7, " and on")).timeline
    expect([...after.texts].map(([id, growing]) => [id, growing.text])).toEqual([["m", "so far🎬 and on"]])
  })
})

describe("progress", () => {
  it("takes only newer frames, and none for a film that is done", () => {
    const running = hear(fold(new Story().queue("j1")), progress(2, 0.5)).timeline
    expect(hear(running, progress(1, 0.2)).timeline).toBe(running)
    const done = read(running, new Story().queue("j1").film("j1").entries)
    expect([done.progress.size, hear(done, progress(3, 0.9)).timeline === done]).toEqual([0, true])
  })

  it("counts from the opening's number, also when that is lower", () => {
    const before = hear(fold(new Story().queue("j1")), progress(40, 0.9)).timeline
    const last = { jobId: "j1", n: 1, stage: "rendering", fraction: 0.1, elapsedSeconds: 1 }
    const after = opened(before, { live: { texts: [], jobs: [last] } })
    expect(hear(after, progress(2, 0.2)).timeline.progress.get("j1")?.fraction).toBe(0.2)
  })
})
