/** What must survive a reload of this tab: unsent text, messages on their way, finished uploads. */
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
}

const NOTHING: Kept = { draft: "", outgoing: [], attachments: [] }

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

  write({ draft, outgoing, attachments }: Kept): void {
    const done = attachments.filter((each) => each.state === "done")
    const plain = done.map((each) => ({ ...each, file: undefined, previewUrl: undefined }))
    try {
      if (draft === "" && outgoing.length === 0 && plain.length === 0) sessionStorage.removeItem(this.key)
      else sessionStorage.setItem(this.key, JSON.stringify({ draft, outgoing, attachments: plain }))
    } catch {
      // As above; or the storage is full.
    }
  }
}
