/** What must survive a reload of this tab: unsent text, messages on their way, finished uploads, the form. */
import { EMPTY_FORM, type FilmForm } from "./film-form"
import type { Attachment } from "./uploads"

export interface Outgoing {
  readonly clientId: string
  /** A message is for the session it was written in, also when another one is open by then. */
  readonly sessionId: string
  readonly text: string
  readonly uploads: readonly string[]
  readonly replaces?: string | undefined
  /** The server has it; the record shows it in a moment. */
  readonly sent?: boolean
  readonly error?: string | undefined
  readonly canRetry?: boolean
}

export interface Kept {
  readonly draft: string
  readonly outgoing: readonly Outgoing[]
  readonly attachments: readonly Attachment[]
  readonly form: FilmForm
  readonly references: readonly Attachment[]
}

const NOTHING: Kept = { draft: "", outgoing: [], attachments: [], form: EMPTY_FORM, references: [] }

export class Keep {
  constructor(private readonly key: string) {}

  read(): Kept {
    try {
      const text = sessionStorage.getItem(this.key)
      return text === null ? NOTHING : { ...NOTHING, ...(JSON.parse(text) as Partial<Kept>) }
    } catch {
      // A sandboxed frame has no storage: then nothing is kept, and nothing breaks.
      return NOTHING
    }
  }

  write({ draft, outgoing, attachments, form, references }: Kept): void {
    const kept: Kept = { draft, outgoing, attachments: plain(attachments), form, references: plain(references) }
    const text = JSON.stringify(kept)
    try {
      if (text === JSON.stringify(NOTHING)) sessionStorage.removeItem(this.key)
      else sessionStorage.setItem(this.key, text)
    } catch {
      // As above; or the storage is full.
    }
  }
}

/** Those that are finished: a file is gone with the page. */
const plain = (attachments: readonly Attachment[]): readonly Attachment[] =>
  attachments
    .filter((each) => each.state === "done")
    .map((each) => ({ ...each, file: undefined, previewUrl: undefined }))
