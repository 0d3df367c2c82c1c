/** Images on their way to the studio: checked here first, sent over HTTP with progress, never over the socket. */
import { Refusal } from "./connection"
import { bytes, typeNames } from "./format"
import type { ErrorOut, Limits, NoticeOut, ReferenceRole, UploadTaken } from "./protocol"
import type { Words } from "./words"

export type AttachmentState = "waiting" | "uploading" | "done" | "failed"

/** One image beside what is written. `file` is gone after a reload; a finished one has an address. */
export interface Attachment {
  readonly id: string
  readonly name: string
  readonly role: ReferenceRole
  readonly state: AttachmentState
  readonly fraction: number
  readonly file?: File | undefined
  /** Where the studio takes it from: the address it was given by, once finished its own. */
  readonly link?: string | undefined
  readonly previewUrl?: string | undefined
  readonly uploadId?: string | undefined
  /** The session that has it: another one needs an upload of its own. */
  readonly sessionId?: string | undefined
  readonly error?: string | undefined
  readonly canRetry?: boolean
  readonly warnings: readonly NoticeOut[]
}

/** What browsers call a file whose type they do not know goes by its name. */
const TYPE_BY_ENDING: Readonly<Record<string, string>> = {
  svg: "image/svg+xml",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  webp: "image/webp",
}

export const typeOf = (file: File): string =>
  file.type || (TYPE_BY_ENDING[file.name.split(".").at(-1)?.toLowerCase() ?? ""] ?? "")

/** Why this file would be refused, in words; undefined when it may go. */
export function objection(file: File, limits: Limits, words: Words): string | undefined {
  if (!limits.uploadTypes.includes(typeOf(file))) return words.wrongType(typeNames(limits.uploadTypes, words))
  if (file.size === 0) return words.emptyFile
  if (file.size > limits.uploadBytes) return words.tooLarge(bytes(limits.uploadBytes))
  return undefined
}

/** As far as a browser can tell from its first bytes; 0 where it cannot. */
export function pixelsOf(url: string): Promise<number> {
  const image = new Image()
  image.src = url
  return new Promise((resolve) => {
    image.addEventListener("load", () => resolve(image.naturalWidth * image.naturalHeight))
    image.addEventListener("error", () => resolve(0))
  })
}

export interface Delivery {
  readonly server: string
  readonly token: string
  readonly sessionId: string
  readonly role: ReferenceRole
  readonly file: File
  readonly noAnswer: string
  readonly signal: AbortSignal
  readonly onProgress: (fraction: number) => void
}

const UPLOAD_MS = 300_000

/** fetch has no progress of what is sent; this is why XMLHttpRequest is still here. */
export function deliver(delivery: Delivery): Promise<UploadTaken> {
  const { file, signal } = delivery
  const form = new FormData()
  form.append("sessionId", delivery.sessionId)
  form.append("role", delivery.role)
  form.append("file", file, file.name)
  const request = new XMLHttpRequest()
  request.open("POST", `${delivery.server}/api/storage/upload`)
  request.setRequestHeader("Authorization", `Bearer ${delivery.token}`)
  request.timeout = UPLOAD_MS
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) delivery.onProgress(event.loaded / event.total)
  })
  return new Promise((resolve, reject) => {
    const silent = (): void => reject(new Refusal(unanswered(delivery.noAnswer)))
    request.addEventListener("load", () => {
      const answer = parsed(request.responseText)
      if (request.status === 201 && answer) resolve(answer as unknown as UploadTaken)
      else reject(new Refusal((answer?.["error"] as ErrorOut | undefined) ?? unanswered(delivery.noAnswer)))
    })
    for (const event of ["error", "timeout"]) request.addEventListener(event, silent)
    request.addEventListener("abort", () => reject(new DOMException("stopped", "AbortError")))
    signal.addEventListener("abort", () => request.abort(), { once: true })
    if (signal.aborted) reject(new DOMException("stopped", "AbortError"))
    else request.send(form)
  })
}

const unanswered = (message: string): ErrorOut => ({ code: "unreachable", message, retryable: true })

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return undefined
  }
}
