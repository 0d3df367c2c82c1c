import { describe, expect, it } from "vitest"
import { clock, modelNames, moment, price, roughly, stageName, typeNames } from "../src/format"
import { pathOf, resultOf } from "../src/result"
import { emptyTimeline, read } from "../src/timeline"
import { english } from "../src/words"
import { creative, journey, SESSION } from "./entries"

describe("words for numbers", () => {
  it.each([[0, "0:00"], [7.9, "0:07"], [65, "1:05"], [3729, "1:02:09"], [-3, "0:00"]])("%s s is %s", (seconds, text) => {
    expect(clock(seconds)).toBe(text)
  })

  it.each([[1, "5 s"], [12, "15 s"], [61, "65 s"], [91, "2 min"], [600, "10 min"]])("%s s left is about %s", (seconds, text) => {
    expect(roughly(seconds, english)).toBe(text)
  })

  it.each([[0, "Free"], [480_000, "$0.48"], [12_500_000, "$12.50"], [1500, "$0.0015"], [484_001, "$0.49"], [101, "$0.0002"]])("%s millionths are %s", (amount, text) => {
    expect(price({ amount, currency: "USD" }, english, "en")).toBe(text)
  })

  it("names types as people do", () => {
    expect(typeNames(["image/png", "image/svg+xml"], english)).toBe("PNG or SVG")
  })
})

describe("words for films", () => {
  it.each([[0, "Next in line"], [1, "Next in line"], [2, "2nd in line"], [3, "3rd in line"], [4, "4th in line"], [11, "11th in line"], [12, "12th in line"], [21, "21st in line"], [103, "103rd in line"], [113, "113th in line"]])(
    "place %s is %s", (place, text) => expect(english.queuePosition(place)).toBe(text),
  )

  it("tells the clip where there are several", () => {
    expect([stageName(english, "rendering", 2, 5), stageName(english, "rendering")]).toEqual(["Clip 2 of 5 · rendering", "Rendering"])
  })

  it("tells both models where one stands in for another", () => {
    const names = [modelNames("kling-v3", "sora-2-pro", english), modelNames("kling-v3", undefined, english)]
    expect(names).toEqual(["Kling 3.0 instead of Sora 2 Pro", "Kling 3.0"])
  })

  it("tells the day of a time that is not today", () => {
    const now = new Date(2026, 10, 22, 9)
    expect(moment(new Date(2026, 10, 22, 21, 30).toISOString(), now, english, "en")).toMatch(/^9:30.PM$/)
    expect(moment(new Date(2026, 10, 23, 9, 0).toISOString(), now, english, "en")).toMatch(/^tomorrow, 9:00.AM$/)
    expect(moment(new Date(2026, 10, 24, 9, 0).toISOString(), now, english, "en")).toMatch(/^November 24, 9:00.AM$/)
  })
})

describe("what the page is told of a film", () => {
  it("is the seed's result, with the page's own step", () => {
    const job = read(emptyTimeline(SESSION), journey().entries).jobs.get("j1")
    expect(resultOf(creative("video-j1"), job, "assetGeneration")).toEqual({
      videoUrl: "https://studio.example/media/videos/generated/video-j1.mp4?expires=1&signature=a",
      videoPath: "videos/generated/video-j1.mp4",
      prompt: "oats",
      model: "draft",
      requestedModel: "sora-2-pro",
      duration: 6,
      referenceImages: [],
      metadata: { generatedAt: "2026-11-22T09:00:00.000Z", provider: "local", resolution: "1080x1920" },
      creativeId: "video-j1",
      jobId: "j1",
      cost: { amount: 0, currency: "USD" },
      warnings: [],
      step: "assetGeneration",
    })
  })

  it("tells what it came to, and not what it was quoted at", () => {
    const cost = { amount: 3_024_000, currency: "USD" } as const
    const made = creative("video-j1")
    const paid = { ...made, metadata: { ...made.metadata, cost } }
    expect(resultOf(paid, undefined, "assetGeneration").cost).toEqual(cost)
    expect(resultOf(made, undefined, "assetGeneration").cost).toBeUndefined()
  })

  it.each([
    ["https://h/media/videos/a%20b.mp4?x=1", "videos/a b.mp4"],
    ["https://h/base/media/videos/a.mp4", "videos/a.mp4"],
    ["https://cdn.example/videos/a.mp4", "videos/a.mp4"],
  ])("%s is stored as %s", (url, path) => {
    expect(pathOf(url)).toBe(path)
  })
})
