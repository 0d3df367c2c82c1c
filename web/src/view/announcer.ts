/**
 * What a screen reader is told, by one polite node: beginnings, ends, stages, quarters. Never each
 * word of an answer, which would be read over and over.
 */
import { modelName, price, stageName } from "../format"
import { plainText } from "../markdown"
import type { Entry, VideoChangedData } from "../protocol"
import type { Timeline } from "../timeline"
import type { Words } from "../words"

const LONGEST = 800

/** What a new entry is worth saying, if anything. */
export function spoken(entry: Entry, words: Words, locale?: string): string | undefined {
  switch (entry.type) {
    case "turn.started":
      return words.said.writing
    case "message.added":
      return entry.data.sender === "assistant" ? plainText(entry.data.text).slice(0, LONGEST) : undefined
    case "turn.finished":
      return entry.data.outcome === "answered" ? undefined : words.outcome[entry.data.outcome]
    case "tool.started":
      return entry.data.title
    case "video.proposed":
      return words.said.ask(price(entry.data.quote.total, words, locale))
    case "video.changed":
      return changed(entry.data, words)
    case "video.failed":
      return `${words.said.failed}. ${entry.data.error.message}`
    case "video.cancelled":
      return words.filmCancelled[entry.data.reason]
    case "creative.added":
      return words.said.ready
    default:
      return undefined
  }
}

/** Of the clips after the first one their rendering alone: five orders are five lines nobody asked for. */
function changed({ stage, clip, clips, model }: VideoChangedData, words: Words): string | undefined {
  if (model !== undefined) return words.said.takesOver(modelName(model, words))
  if (clip !== undefined && clip > 1 && stage !== "rendering") return undefined
  return words.said.stage(stageName(words, stage, clip, clips))
}

/** Quarters of a rendering film, each said once. */
export class Quarters {
  readonly #said = new Map<string, number>()

  next(timeline: Timeline, words: Words): string | undefined {
    for (const { jobId, fraction } of timeline.progress.values()) {
      const quarter = Math.floor((fraction ?? 0) * 4)
      const before = this.#said.get(jobId) ?? 0
      if (quarter <= before || quarter > 3) continue
      this.#said.set(jobId, quarter)
      return words.said.percent(quarter * 25)
    }
    return undefined
  }
}
