/**
 * The language a visitor reads. English is built in; each other one is a file beside the widget, of
 * `english`'s own shape: a text for a text, and for what English says by a function a text with
 * places, "{0} of {1}", or one such for each number's kind, as Intl.PluralRules tells them apart.
 */
import { openChat as arabic } from "./words/ar.json"
import { openChat as german } from "./words/de.json"
import { openChat as spanish } from "./words/es.json"
import { english, type Words } from "./words"

/** What opens the chat is read before anything is loaded. */
const OPENS = { en: english.openChat, de: german, es: spanish, ar: arabic }
type Language = keyof typeof OPENS

/** A language, and the visitor's own kind of it for dates and sums: "de-AT". */
export interface Tongue {
  readonly language: Language
  readonly locale: string
}

export interface Speech extends Tongue {
  readonly words: Words
  readonly dir: "ltr" | "rtl"
}

type Forms = Readonly<Record<string, string>>
type Sentence = string | Forms
/** A word file. What it lacks is said in English. */
export type Told<W> = {
  readonly [K in keyof W]?: W[K] extends string ? string : W[K] extends (...given: never[]) => string ? Sentence : Told<W[K]>
}

/** The first of `wanted` that we speak; else English, also for its dates: half a language is none. */
export function tongueOf(wanted: readonly string[]): Tongue {
  for (const tag of wanted) {
    const locale = localeOf(tag)
    if (locale && Object.hasOwn(OPENS, locale.language)) {
      return { language: locale.language as Language, locale: String(locale) }
    }
  }
  return { language: "en", locale: "en" }
}

/** Digits as everywhere else in the chat: of "42 %" and 9:16, one kind in a line. */
function localeOf(tag: string): Intl.Locale | undefined {
  try {
    return new Intl.Locale(tag, { numberingSystem: "latn" })
  } catch {
    return undefined
  }
}

export const opensIn = ({ language }: Tongue): string => OPENS[language]

export const inEnglish = ({ language, locale }: Tongue): Speech => ({
  language: "en",
  locale: language === "en" ? locale : "en",
  words: english,
  dir: "ltr",
})

/** The words of this tongue, from the studio; English ones where they cannot be had. */
export async function speechIn(tongue: Tongue, server: string): Promise<Speech> {
  const { language, locale } = tongue
  if (language === "en") return inEnglish(tongue)
  try {
    const reply = await fetch(`${server}/campaign-chat.${language}.json`, { credentials: "omit" })
    const words = wordsOf((await reply.json()) as Told<Words>, locale)
    return { ...tongue, words, dir: language === "ar" ? "rtl" : "ltr" }
  } catch {
    return inEnglish(tongue)
  }
}

export function wordsOf(file: Told<Words>, locale: string): Words {
  const kinds = new Intl.PluralRules(locale)
  const numbers = new Intl.NumberFormat(locale)
  const [open, close] = locale.startsWith("ar") ? ["\u2068", "\u2069"] : ["", ""]
  const say = (sentence: Sentence, given: readonly unknown[]): string => {
    const text = typeof sentence === "string" ? sentence : formFor(sentence, given)
    return text.replaceAll(/\{(\d)\}/g, (_, place: string) => {
      const each = given[Number(place)]
      // Isolated: from right to left, a "5–60" that nothing holds together is read as 60–5.
      return typeof each === "number" ? numbers.format(each) : `${open}${String(each)}${close}`
    })
  }
  /** A number's own form comes before its kind's: "=1" for a place in a line. */
  const formFor = (forms: Forms, given: readonly unknown[]): string => {
    const count = Number(given.find((each) => typeof each === "number"))
    return forms[`=${count}`] ?? forms[kinds.select(count)] ?? forms["other"] ?? ""
  }
  const translated = (said: unknown, told: unknown): unknown => {
    if (told === undefined) return said
    if (typeof said === "function") return (...given: unknown[]) => say(told as Sentence, given)
    if (typeof said === "string") return told
    const theirs = told as Readonly<Record<string, unknown>>
    const keys = Object.entries(said as object)
    return Object.fromEntries(keys.map(([key, each]) => [key, translated(each, theirs[key])]))
  }
  return translated(english, file) as Words
}
