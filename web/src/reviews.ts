/** Verdicts on films, and the way back from the last one. */
import type { ChatState } from "./chat"
import type { CreativeOut, CreativeReview, ReviewStatus } from "./protocol"
import type { Store } from "./store"

/** What was thought of a film. */
export type Thought = Pick<CreativeReview, "creativeId" | "status" | "note">

interface Owner {
  readonly store: Store<ChatState>
  patch(change: Partial<ChatState>): void
  command(command: "creative.review", thought: Thought): Promise<unknown>
}

export class Reviews {
  constructor(private readonly owner: Owner) {}

  /**
   * A verdict, or words about the one that stands. What was before is known at once: the record may be
   * here before the answer, and whoever shows the film must know by then that it was judged just now.
   */
  async judge({ _id: creativeId, status: before, metadata }: CreativeOut, status: ReviewStatus, note = ""): Promise<void> {
    const { undo } = this.owner.store.value
    if (status !== before) this.owner.patch({ undo: thoughtOf(creativeId, before, metadata.note) })
    try {
      await this.#tell(thoughtOf(creativeId, status, note))
    } catch (error) {
      this.owner.patch({ undo })
      throw error
    }
  }

  async takeBack(): Promise<void> {
    const { undo } = this.owner.store.value
    if (undo === undefined) return
    await this.#tell(undo)
    this.owner.patch({ undo: undefined })
  }

  #tell(thought: Thought): Promise<unknown> {
    return this.owner.command("creative.review", thought)
  }
}

/** A verdict without words takes away those of the last one. */
const thoughtOf = (creativeId: string, status: ReviewStatus, note?: string): Thought =>
  note ? { creativeId, status, note } : { creativeId, status }
