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
  /** What is half written in other sessions, by session. */
  readonly drafts: Readonly<Record<string, string>>
  /** The session that was open. */
  readonly sessionId?: string | undefined
}

const NOTHING: Kept = { draft: "", outgoing: [], attachments: [], form: EMPTY_FORM, references: [], drafts: {} }

/** Keys of the chats on this page: two of one campaign keep apart. */
const taken = new Set<string>()

export class Keep {
  readonly #key: string

  constructor(key: string) {
    this.#key = key
    while (taken.has(this.#key)) this.#key += "+"
    this.claim()
  }

  claim(): void {
    taken.add(this.#key)
  }

  /** Another chat of this campaign may take up what is kept, as when a page draws itself anew. */
  release(): void {
    taken.delete(this.#key)
  }

  read(): Kept {
    try {
      const text = sessionStorage.getItem(this.#key)
      return text === null ? NOTHING : { ...NOTHING, ...(JSON.parse(text) as Partial<Kept>) }
    } catch {
      // A sandboxed frame has no storage: then nothing is kept, and nothing breaks.
      return NOTHING
    }
  }

  write({ draft, outgoing, attachments, form, references, drafts, sessionId }: Kept): void {
    const images = { attachments: plain(attachments), references: plain(references) }
    const kept: Kept = { draft, outgoing, form, drafts, sessionId, ...images }
    try {
      sessionStorage.setItem(this.#key, JSON.stringify(kept))
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
