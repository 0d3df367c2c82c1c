import { describe, expect, it } from "vitest"
import type { LiveFrame } from "../src/protocol"
import { emptyTimeline, hasHole, hear, opened, read, type Timeline } from "../src/timeline"
import { dice, journey, SESSION, shuffled, Story } from "./entries"

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

describe("the fold", () => {
  it("ends in the same timeline whatever the order, repetition and paging of entries", () => {
    const whole = fold(journey())
    for (let seed = 1; seed <= 200; seed += 1) {
      const roll = dice(seed)
      const { entries } = journey()
      const twice = shuffled([...entries, ...entries.filter(() => roll() < 0.4)], roll)
      let timeline = emptyTimeline(SESSION, "e")
      while (twice.length > 0) timeline = read(timeline, twice.splice(0, 1 + Math.floor(roll() * 5)))
      expect(timeline, `seed ${seed}`).toEqual(whole)
    }
  })

  it("ends in the same timeline after frames were lost and the session was opened again", () => {
    const whole = fold(journey())
    for (let seed = 1; seed <= 200; seed += 1) {
      const roll = dice(seed)
      const { entries } = journey()
      let timeline = emptyTimeline(SESSION, "e")
      for (const entry of shuffled(entries, roll)) {
        if (roll() < 0.5) timeline = read(timeline, [entry])
        if (roll() < 0.1) timeline = hear(timeline, text(0, "lost words", `m${seed}`)).timeline
      }
      timeline = read(timeline, entries.filter((entry) => entry.seq > timeline.seq))
      expect(opened(timeline, { live: { texts: [], jobs: [] } }), `seed ${seed}`).toEqual(whole)
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
    const states = [...fold(stopped).jobs.values()].map((job) => job.state)
    expect(states).toEqual(["finished", "failed", "cancelled"])
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
