/** The form of a film: what is filled in, what a model lets it be, and the request it comes to. */
import { Refusal } from "./connection"
import type { AspectRatio, ErrorOut, RequestOut, VideoAsk, VideoModelRow } from "./protocol"
import type { Words } from "./words"

export interface FilmForm {
  /** Its openings so far, as each one is scrolled to; undefined while it is closed. */
  readonly opened?: number | undefined
  readonly prompt: string
  /** Empty: the first of the list that can be asked for. */
  readonly model: string
  readonly duration: number
  readonly aspectRatio: AspectRatio
  readonly refinementPrompt: string
}

export const EMPTY_FORM: FilmForm = { prompt: "", model: "", duration: 6, aspectRatio: "16:9", refinementPrompt: "" }

/** What the door takes, in characters. */
const MOST = { prompt: 4000, refinementPrompt: 2000 } as const

/** What is wrong, and with which field; none where it concerns the whole. */
export interface Wrong {
  readonly message: string
  readonly field?: keyof VideoAsk | undefined
}

/** Its images are attachments of their own. */
export function formOf({ referenceImageUrls: _images, ...given }: Partial<VideoAsk>): FilmForm {
  return { ...EMPTY_FORM, ...given }
}

/** It can be had, or another model makes its films. */
export const canBeAsked = (row: VideoModelRow): boolean => row.available || row.standIn !== undefined

export const modelOf = (form: FilmForm, rows: readonly VideoModelRow[]): VideoModelRow | undefined =>
  rows.find(({ key }) => key === form.model) ?? rows.find(canBeAsked)

/** The same film, as far as this model makes it. */
export function fitted(form: FilmForm, { durationRange, aspectRatios }: VideoModelRow): FilmForm {
  const { min, max } = durationRange
  const aspectRatio = aspectRatios.includes(form.aspectRatio) ? form.aspectRatio : (aspectRatios[0] ?? "16:9")
  return { ...form, duration: Math.min(max, Math.max(min, form.duration)), aspectRatio }
}

/** The seed's stars for quality; as text, because a font for ⭐ is not on every machine. */
export const stars = ({ quality }: VideoModelRow): string => "★".repeat({ highest: 3, high: 2, good: 1 }[quality])

export const rangeOf = ({ durationRange: { min, max } }: VideoModelRow): string => `${min}–${max}`

/** What is asked for: images that the model cannot use stay in the form. */
export function requestOf(form: FilmForm, row: VideoModelRow, images: readonly string[]): VideoAsk {
  const refinementPrompt = form.refinementPrompt.trim()
  return {
    prompt: form.prompt.trim(),
    model: row.key,
    duration: form.duration,
    aspectRatio: form.aspectRatio,
    referenceImageUrls: row.supportsReferenceImages ? images : [],
    ...(refinementPrompt === "" ? {} : { refinementPrompt }),
  }
}

/** A request of the record as it is asked for again: images by their addresses. */
export function askOf(request: RequestOut): VideoAsk {
  const { prompt, model, duration, refinementPrompt } = request
  return {
    prompt,
    model,
    duration,
    aspectRatio: request.aspectRatio as AspectRatio,
    referenceImageUrls: request.referenceImages.map((image) => image.url),
    ...(refinementPrompt === undefined ? {} : { refinementPrompt }),
  }
}

export function objectionTo(form: FilmForm, words: Words): Wrong | undefined {
  if (form.prompt.trim() === "") return { field: "prompt", message: words.noPrompt }
  for (const field of ["prompt", "refinementPrompt"] as const) {
    const over = Array.from(form[field].trim()).length - MOST[field]
    if (over > 0) return { field, message: words.tooLong(over) }
  }
  return undefined
}

/** A failure as the form tells it: at the field that it names, where there is one. */
export function wrongOf(error: unknown): Wrong {
  const { message, field }: Pick<ErrorOut, "message" | "field"> =
    error instanceof Refusal ? error.error : { message: (error as Error).message }
  const name = field?.replace("request.", "")
  const isHere = name !== undefined && (name in EMPTY_FORM || name === "referenceImageUrls")
  return isHere ? { message, field: name as keyof VideoAsk } : { message }
}
