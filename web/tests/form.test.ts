import { afterEach, beforeEach, describe, expect, it, vi, type Mock } from "vitest"
import { Refusal } from "../src/connection"
import {
  canBeAsked,
  EMPTY_FORM,
  fitted,
  formOf,
  modelOf,
  objectionTo,
  rangeOf,
  requestOf,
  stars,
  wrongOf,
  type FilmForm,
} from "../src/film-form"
import type { QuoteOut, VideoAsk, VideoModelRow } from "../src/protocol"
import { Quoting } from "../src/quoting"
import { Studio } from "../src/studio"
import { english } from "../src/words"

const row = (more: Partial<VideoModelRow> = {}): VideoModelRow => ({
  key: "sora-2-pro",
  name: "OpenAI Sora 2 Pro",
  description: "",
  durationRange: { min: 5, max: 60 },
  supportsReferenceImages: true,
  quality: "highest",
  available: true,
  lifecycle: { state: "active" },
  aspectRatios: ["16:9", "9:16"],
  maxReferenceImages: 1,
  typicalSeconds: { min: 120, max: 300, estimate: true },
  ...more,
})
const veo = row({ key: "veo-3.1", durationRange: { min: 4, max: 8 }, quality: "high" })
const mute = row({ key: "runway-gen3", supportsReferenceImages: false, maxReferenceImages: 0, quality: "good" })
const form = (more: Partial<FilmForm> = {}): FilmForm => ({ ...EMPTY_FORM, prompt: "A boat", ...more })
const ask = (more: Partial<VideoAsk> = {}): VideoAsk => ({ ...requestOf(form(), row(), []), ...more })
const quoteOf = (amount: number): QuoteOut => ({ model: "veo-3.1", total: { amount, currency: "USD" }, lines: [], warnings: [] })
const rest = (): Promise<unknown> => vi.advanceTimersByTimeAsync(300)
const answering = (status: number, body: string): Mock<typeof fetch> => {
  const answer = vi.fn<typeof fetch>(async () => new Response(body, { status }))
  vi.stubGlobal("fetch", answer)
  return answer
}

describe("what a model lets a film be", () => {
  it.each([
    [6, 6],
    [2, 4],
    [20, 8],
  ])("%d seconds of Veo are %d", (asked, made) => {
    expect(fitted(form({ duration: asked }), veo).duration).toBe(made)
  })

  it("is a ratio that it makes, the first where it does not make the asked one", () => {
    const asked = [form({ aspectRatio: "9:16" }), form({ aspectRatio: "1:1" })]
    expect(asked.map((each) => fitted(each, veo).aspectRatio)).toEqual(["9:16", "16:9"])
  })

  it("is told in stars and seconds", () => {
    expect([row(), veo, mute].map(stars)).toEqual(["★★★", "★★", "★"])
    expect(rangeOf(veo)).toBe("4–8")
  })

  it("can be asked where another model makes its films, and not where nobody does", () => {
    const gone = { available: false, unavailableReason: "It was retired." }
    expect([row(), row({ ...gone, standIn: "draft" }), row(gone)].map(canBeAsked)).toEqual([true, true, false])
  })

  it("is the model of the form, else the first that can be asked for", () => {
    const rows = [row({ available: false }), veo, mute]
    const keyOf = (model: string): string | undefined => modelOf(form({ model }), rows)?.key
    expect([keyOf("runway-gen3"), keyOf(""), keyOf("of another time")]).toEqual(["runway-gen3", "veo-3.1", "veo-3.1"])
  })
})

describe("the request of a form", () => {
  const logo = "https://studio.example/media/logo.png"

  it("is the seed's body, trimmed, without what was left empty", () => {
    expect(requestOf(form({ prompt: " A boat ", refinementPrompt: "  " }), row(), [logo])).toEqual({
      prompt: "A boat",
      model: "sora-2-pro",
      duration: 6,
      aspectRatio: "16:9",
      referenceImageUrls: [logo],
    })
  })

  it("says how to refine, and leaves images at home that the model cannot use", () => {
    const { refinementPrompt, referenceImageUrls } = requestOf(form({ refinementPrompt: "Cinematic " }), mute, [logo])
    expect([refinementPrompt, referenceImageUrls]).toEqual(["Cinematic", []])
  })

  it("begins with what a film like it was asked with", () => {
    const { prompt, duration, model, opened } = formOf({ prompt: "A boat", duration: 12, referenceImageUrls: [logo] })
    expect([prompt, duration, model, opened]).toEqual(["A boat", 12, "", undefined])
  })

  it.each([
    [{ prompt: " " }, { field: "prompt", message: "Describe the film first." }],
    [{ prompt: "é".repeat(4001) }, { field: "prompt", message: "1 character too long" }],
    [{ refinementPrompt: "x".repeat(2002) }, { field: "refinementPrompt", message: "2 characters too long" }],
    [{ prompt: "🎬".repeat(4000) }, undefined],
  ])("%# is objected to at the field that is wrong", (more, wrong) => {
    expect(objectionTo(form(more), english)).toEqual(wrong)
  })

  it("tells a refusal at the field that it names, and any other for the whole", () => {
    const refusal = { code: "c", message: "No.", retryable: false }
    const named = ["duration", "request.prompt", "maxCost"].map((field) => new Refusal({ ...refusal, field }))
    const fields = [...named, new Refusal(refusal), new Error("No.")].map((each) => wrongOf(each).field)
    expect(fields).toEqual(["duration", "prompt", undefined, undefined, undefined])
  })
})

describe("the price of what is filled in", () => {
  let asked: { body: VideoAsk; signal: AbortSignal; answer: (quote: QuoteOut) => void; refuse: (error: Error) => void }[]
  let quoting: Quoting
  let changes: number

  beforeEach(() => {
    vi.useFakeTimers()
    asked = []
    changes = 0
    const quote = (body: VideoAsk, signal: AbortSignal): Promise<QuoteOut> =>
      new Promise((answer, refuse) => void asked.push({ body, signal, answer, refuse }))
    quoting = new Quoting({ quote }, () => (changes += 1))
  })
  afterEach(() => void vi.useRealTimers())

  it("is asked once the hand rests, for the last that was filled in", async () => {
    quoting.ask(ask({ duration: 7 }))
    quoting.ask(ask({ duration: 8 }))
    await rest()
    expect(asked.map(({ body }) => body.duration)).toEqual([8])
  })

  it("does not hang on the words", async () => {
    quoting.ask(ask())
    await rest()
    asked[0]?.answer(quoteOf(1))
    await rest()
    quoting.ask(ask({ prompt: "Another boat", refinementPrompt: "Cinematic" }))
    await rest()
    expect([asked.length, quoting.isFresh]).toEqual([1, true])
  })

  it("is no price to say yes to while a newer one is asked for", async () => {
    quoting.ask(ask())
    await rest()
    asked[0]?.answer(quoteOf(1))
    await rest()
    quoting.ask(ask({ duration: 9 }))
    expect([quoting.isFresh, quoting.quote?.total.amount]).toEqual([false, 1])
    await rest()
    asked[1]?.answer(quoteOf(2))
    await rest()
    expect([quoting.isFresh, quoting.quote?.total.amount, changes]).toEqual([true, 2, 2])
  })

  it("is the newest, also when the one before is answered last", async () => {
    quoting.ask(ask())
    await rest()
    quoting.ask(ask({ duration: 9 }))
    await rest()
    expect(asked[0]?.signal.aborted).toBe(true)
    asked[1]?.answer(quoteOf(2))
    asked[0]?.answer(quoteOf(1))
    await rest()
    expect(quoting.quote?.total.amount).toBe(2)
  })

  it("that is refused says why, and may be asked again", async () => {
    quoting.ask(ask({ duration: 99 }))
    await rest()
    asked[0]?.refuse(new Refusal({ code: "duration_out_of_range", message: "Too long.", retryable: false, field: "duration" }))
    await rest()
    expect([quoting.problem, quoting.isFresh]).toEqual([{ message: "Too long.", field: "duration" }, false])
    quoting.again()
    await rest()
    expect([asked.length, quoting.problem]).toEqual([2, undefined])
  })
})

describe("the studio over HTTP", () => {
  const studio = new Studio({ server: "https://studio.example", getToken: async () => "a token", noAnswer: () => "No answer." })
  afterEach(() => void vi.unstubAllGlobals())

  it("is asked with the token, and by a name that may hold anything", async () => {
    const asked = answering(200, '{"bytesStored": 1}')
    expect(await studio.usage("spring/26")).toEqual({ bytesStored: 1 })
    expect(asked).toHaveBeenCalledWith(
      "https://studio.example/api/campaigns/spring%2F26/usage",
      expect.objectContaining({ headers: expect.objectContaining({ Authorization: "Bearer a token" }) }),
    )
  })

  it.each([
    [422, '{"error": {"code": "unknown_model", "message": "There is no such model."}}', "There is no such model."],
    [502, "<h1>Bad Gateway</h1>", "No answer."],
    [500, "{}", "No answer."],
    [200, "<h1>Sign in to the hotel's network</h1>", "No answer."],
  ])("answers %d with words of its own, never with a stranger's", async (status, body, words) => {
    answering(status, body)
    await expect(studio.models()).rejects.toThrow(words)
  })
})
