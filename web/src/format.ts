/** Times, amounts and names as people read them. */
import type { Money } from "./timeline"
import type { Words } from "./words"

const two = (value: number): string => String(value).padStart(2, "0")

/** 0:07, 1:05, 1:02:09. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

/** What is left, rounded up, and never seconds over a minute: a countdown would promise too much. */
export function roughly(seconds: number, words: Words): string {
  if (seconds > 90) return words.shortMinutes(Math.ceil(seconds / 60))
  return words.shortSeconds(Math.max(5, Math.ceil(seconds / 5) * 5))
}

/** Rounded up, so that nobody pays more than was shown. */
export function price(money: Money, words: Words, locale?: string): string {
  return money.amount === 0 ? words.free : dollars(money, locale)
}

export function dollars(money: Money, locale?: string): string {
  const digits = money.amount > 0 && money.amount < 10_000 ? 4 : 2
  const least = 10 ** (6 - digits)
  const sum = (Math.ceil(money.amount / least) * least) / 1_000_000
  const style = { style: "currency", currency: money.currency } as const
  return new Intl.NumberFormat(locale, { ...style, maximumFractionDigits: digits }).format(sum)
}

export function bytes(size: number): string {
  if (size < 1000) return `${size} B`
  if (size < 1_000_000) return `${Math.round(size / 1000)} KB`
  return `${(size / 1_048_576).toFixed(size < 10_485_760 ? 1 : 0)} MB`
}

export const modelName = (key: string, words: Words): string => words.models[key] ?? key

/** Who made it, or will: "Kling 3.0 instead of Sora 2 Pro" where another one was asked for. */
export function modelNames(made: string, asked: string | undefined, words: Words): string {
  const name = modelName(made, words)
  return asked === undefined || asked === made ? name : words.insteadOf(name, modelName(asked, words))
}

/** What is being done: "Clip 2 of 5 · rendering" where a film has several. */
export function stageName(words: Words, stage: string, clip = 1, clips = 1): string {
  const name = words.stages[stage] ?? stage
  return clips > 1 ? words.clip(clip, clips, name) : name
}

/** Image types as people call them: "PNG, JPEG or SVG". */
export function typeNames(types: readonly string[], words: Words): string {
  const names = types.map((type) => (type.split("/")[1] ?? type).replace("+xml", "").toUpperCase())
  return names.length < 2 ? names.join("") : words.or(names.slice(0, -1).join(", "), names.at(-1) ?? "")
}

/** Never broken in the middle. */
export const timeOfDay = (at: string, locale?: string): string =>
  new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" }).format(new Date(at)).replace(" ", "\u00a0")

/** A time of today by its hour alone, any other with its day. */
export function moment(at: string, now: Date, words: Words, locale?: string): string {
  const time = timeOfDay(at, locale)
  return dayKey(at) === now.toDateString() ? time : `${dayName(at, now, words, locale)}, ${time}`
}

export const dayKey = (at: string): string => new Date(at).toDateString()

export function dayName(at: string, now: Date, words: Words, locale?: string): string {
  const day = new Date(at)
  const near = [words.yesterday, words.today, words.tomorrow].find((_, index) => {
    const other = new Date(now)
    other.setDate(now.getDate() + index - 1)
    return day.toDateString() === other.toDateString()
  })
  if (near !== undefined) return near
  const year = day.getFullYear() === now.getFullYear() ? {} : ({ year: "numeric" } as const)
  return new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", ...year }).format(day)
}
