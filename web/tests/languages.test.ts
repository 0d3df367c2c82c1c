import { readFileSync } from "node:fs"
import { afterEach, describe, expect, it, vi } from "vitest"
import { inEnglish, speechIn, tongueOf, wordsOf, type Told } from "../src/languages"
import arabic from "../src/words/ar.json"
import german from "../src/words/de.json"
import spanish from "../src/words/es.json"
import { english, type Words } from "../src/words"

const FILES = { ar: arabic, de: german, es: spanish } as const
const LANGUAGES = Object.entries(FILES)

/** What is the same in a language and in English, and rightly so. */
const SHARED: Readonly<Record<string, readonly string[]>> = {
  ar: [],
  de: ["chat", "details", "film", "prompt", "roles.logo", "said.stage", "shortSeconds", "videos"],
  es: ["chat", "prompt", "roles.logo", "shortMinutes", "shortSeconds"],
}
/** Names of products are the same everywhere; the one of them that is a word is not. */
const isName = (path: string): boolean => path.startsWith("models.") && path !== "models.draft"

type Leaf = readonly [path: string, value: unknown]
type Tree = Readonly<Record<string, unknown>>

/** Every text of English, and every function, by its path. */
const leaves = (tree: Tree, path = ""): Leaf[] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "object" ? leaves(value as Tree, `${path}${key}.`) : [[`${path}${key}`, value] as const],
  )
const at = (tree: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((branch, key) => (branch as Tree | undefined)?.[key], tree)

const ENGLISH = leaves(english)
/** What English puts in: which of its arguments come up in what it says. */
function placesOf(say: (...given: never[]) => string): string[] {
  const given = ["⟦0⟧", "⟦1⟧", "⟦2⟧", "⟦3⟧"]
  return given.map((_, place) => String(place)).filter((place) => say(...(given as never[])).includes(`⟦${place}⟧`))
}
const placesIn = (text: string): string[] => [...new Set([...text.matchAll(/\{(\d)\}/g)].map((match) => match[1] ?? ""))].toSorted()
/** One thing, or two: a language may have a word for the number. */
const SAYS_ITS_NUMBER: ReadonlySet<string> = new Set(["=1", "zero", "one", "two"])

describe.each(LANGUAGES)("the word file %s", (language, file) => {
  it("has every word of English", () => {
    expect(ENGLISH.map(([path]) => path).filter((path) => !isName(path) && at(file, path) === undefined)).toEqual([])
  })

  it("says nothing twice under one name", () => {
    const names = [...readFileSync(`src/words/${language}.json`, "utf8").matchAll(/^ {2}"(\w+)":/gm)].map((match) => match[1])
    expect(names).toEqual(Object.keys(file))
  })

  it("has no word that English has not", () => {
    const forms = ENGLISH.filter(([, value]) => typeof value === "function").map(([path]) => `${path}.`)
    const known = new Set(ENGLISH.map(([path]) => path))
    const strangers = leaves(file).filter(([path]) => !known.has(path) && !forms.some((form) => path.startsWith(form)))
    expect(strangers).toEqual([])
  })

  it("puts in what English puts in", () => {
    for (const [path, say] of ENGLISH) {
      const told = at(file, path)
      if (typeof say === "string" || told === undefined) continue
      const places = placesOf(say as (...given: never[]) => string)
      const forms = typeof told === "string" ? { other: told } : (told as Record<string, string>)
      for (const [form, text] of Object.entries(forms)) {
        const expected = SAYS_ITS_NUMBER.has(form) && placesIn(text).length === 0 ? [] : places
        expect([path, form, placesIn(text)]).toEqual([path, form, expected])
      }
    }
  })

  it("has a form for every kind of number", () => {
    const kinds = new Intl.PluralRules(language).resolvedOptions().pluralCategories
    for (const [path, say] of ENGLISH) {
      const forms = at(file, path)
      if (typeof say !== "function" || typeof forms !== "object") continue
      // Nobody says that no image was added, or that a text is no character too long.
      const missing = kinds.filter((kind) => kind !== "zero" && kind !== "many" && !Object.hasOwn(forms as object, kind))
      const ordinal = Object.hasOwn(forms as object, "=1")
      expect([path, ordinal ? [] : missing]).toEqual([path, []])
    }
  })

  it("leaves nothing in English by accident", () => {
    const said = ENGLISH.filter(([path, value]) => {
      const told = at(file, path)
      const text = typeof value === "function" ? (value as (...given: string[]) => string)("{0}", "{1}", "{2}", "{3}") : value
      return !isName(path) && told === text
    })
    expect(said.map(([path]) => path).toSorted()).toEqual(SHARED[language])
  })

  it("says nothing twice for different things that stand side by side", () => {
    const words = wordsOf(file as Told<Words>, language)
    expect(new Set([words.approve, words.reject, words.download]).size).toBe(3)
    expect(new Set(Object.values(words.status)).size).toBe(3)
    expect(new Set(Object.values(words.shortStages)).size).toBe(5)
  })
})

describe("words of a file", () => {
  it("take numbers and names in the language's own order and digits", () => {
    const { clip, queuePosition, said, tooLong } = wordsOf(german as Told<Words>, "de")
    expect(clip(2, 5, "Wird gerendert")).toBe("Clip 2 von 5 · Wird gerendert")
    expect([queuePosition(1), queuePosition(3)]).toEqual(["Als Nächstes an der Reihe", "Platz 3 in der Warteschlange"])
    expect([said.dropped(1), said.dropped(2)]).toEqual(["1 Bild hinzugefügt", "2 Bilder hinzugefügt"])
    expect(tooLong(12_345)).toBe("12.345 Zeichen zu lang")
  })

  it("count in Arabic as one counts there", () => {
    const { clips } = wordsOf(arabic as Told<Words>, "ar-EG-u-nu-latn")
    expect([1, 2, 3, 11, 100].map((count) => clips(count))).toEqual(["مقطع واحد", "مقطعان", "3 مقاطع", "11 مقطعًا", "100 مقطع"])
  })

  it("are English where the file of another version lacks them", () => {
    const words = wordsOf({ send: "Senden", stages: { queued: "Wartet" } }, "de")
    expect([words.send, words.stop, words.stages["queued"], words.stages["rendering"]]).toEqual(["Senden", "Stop", "Wartet", "Rendering"])
    expect(words.clips(2)).toBe("2 clips")
  })
})

describe("the language of a visitor", () => {
  it.each([
    [["de-AT", "en"], "de", "de-AT-u-nu-latn"],
    [["fr", "es-MX", "en"], "es", "es-MX-u-nu-latn"],
    [["ar"], "ar", "ar-u-nu-latn"],
    [["en-GB", "de"], "en", "en-GB-u-nu-latn"],
    [["fr"], "en", "en"],
    [["not a language", "tostring"], "en", "en"],
    [[], "en", "en"],
  ])("of %s is %s", (wanted, language, locale) => {
    expect(tongueOf(wanted)).toEqual({ language, locale })
  })
})

describe("speech", () => {
  const austrian = tongueOf(["de-AT"])
  afterEach(() => vi.unstubAllGlobals())

  it("is asked of the studio alone, without credentials, and once it is there, said", async () => {
    const fetched = vi.fn<(...asked: unknown[]) => Promise<Response>>(async () => new Response(JSON.stringify({ send: "Senden" })))
    vi.stubGlobal("fetch", fetched)
    const { words, locale, dir } = await speechIn(austrian, "https://studio.example")
    expect([words.send, locale, dir]).toEqual(["Senden", "de-AT-u-nu-latn", "ltr"])
    expect(fetched.mock.calls).toEqual([["https://studio.example/campaign-chat.de.json", { credentials: "omit" }]])
  })

  it.each([
    ["no file", async () => new Response("The widget is not built.", { status: 503 })],
    ["no network", async () => Promise.reject(new TypeError("Failed to fetch"))],
    ["no words", async () => new Response("null")],
  ])("is English, with English dates, where there is %s", async (_, answer) => {
    vi.stubGlobal("fetch", answer)
    expect(await speechIn(austrian, "")).toEqual(inEnglish(austrian))
    expect(inEnglish(austrian)).toMatchObject({ language: "en", locale: "en", words: english })
  })

  it("asks for nothing to speak English", async () => {
    const fetched = vi.fn<typeof fetch>()
    vi.stubGlobal("fetch", fetched)
    await speechIn(tongueOf(["en-GB"]), "")
    expect(fetched).not.toHaveBeenCalled()
  })
})
