/** What a person does with the form of a film: opens, fills and closes it, and says yes to its price. */
import type { Attachments } from "./attachments"
import type { ChatState } from "./chat"
import { EMPTY_FORM, formOf, type FilmForm } from "./film-form"
import type { Acks, MoneyOut, VideoAsk, VideoRequestCommand } from "./protocol"

interface Owner {
  readonly state: ChatState
  readonly references: Attachments
  patch(change: Partial<ChatState>): void
  save(): void
  command(command: "video.request", told: Pick<VideoRequestCommand, "request" | "maxCost">): Promise<Acks["video.request"]>
}

export class Filling {
  constructor(private readonly owner: Owner) {}

  open(prefill?: Partial<VideoAsk>): void {
    const { form } = this.owner.state
    if (prefill) this.owner.references.fillFrom(prefill.referenceImageUrls ?? [])
    this.#set({ ...(prefill ? formOf(prefill) : form), opened: (form.opened ?? 0) + 1 })
  }

  close(): void {
    this.#set({ ...this.owner.state.form, opened: undefined })
  }

  fill(change: Partial<FilmForm>): void {
    this.owner.patch({ form: { ...this.owner.state.form, ...change } })
  }

  /** A yes to the price that stands beside it; the form has done its work then. */
  async make(request: VideoAsk, maxCost: MoneyOut): Promise<void> {
    await this.owner.command("video.request", { request, maxCost })
    this.owner.references.fillFrom([])
    this.#set(EMPTY_FORM)
  }

  #set(form: FilmForm): void {
    this.owner.patch({ form })
    this.owner.save()
  }
}
