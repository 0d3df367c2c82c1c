/** The images beside the text that is being written. */
import type { ChatState } from "./chat"
import { Refusal } from "./connection"
import { newId } from "./ids"
import { deliver, objection, typeOf, type Attachment } from "./uploads"
import type { ReferenceRole, UploadNamed } from "./protocol"
import type { Store } from "./store"
import type { Words } from "./words"

interface Owner {
  readonly store: Store<ChatState>
  readonly words: Words
  patch(change: Partial<ChatState>): void
  save(): void
}

interface Door {
  readonly server: string
  readonly getToken: () => Promise<string>
}

export class Attachments {
  readonly #running = new Map<string, AbortController>()

  constructor(
    private readonly owner: Owner,
    private readonly door: Door,
  ) {}

  get #all(): readonly Attachment[] {
    return this.owner.store.value.attachments
  }

  get busy(): boolean {
    return this.#all.some((each) => each.state === "waiting" || each.state === "uploading")
  }

  get doneIds(): readonly string[] {
    return this.#all.map((each) => each.uploadId).filter((id) => id !== undefined)
  }

  add(files: Iterable<File>): void {
    for (const file of files) {
      const { limits } = this.owner.store.value
      const full = this.#all.length >= (limits?.references ?? Infinity)
      const error = full
        ? this.owner.words.tooManyImages(this.#all.length)
        : limits && objection(file, limits, this.owner.words)
      const attachment: Attachment = {
        id: newId(),
        name: file.name,
        role: "logo",
        state: error === undefined ? "waiting" : "failed",
        fraction: 0,
        file,
        previewUrl: typeOf(file).startsWith("image/") ? URL.createObjectURL(file) : undefined,
        error,
        warnings: [],
      }
      this.#set([...this.#all, attachment])
      if (error === undefined) void this.#upload(attachment.id)
    }
  }

  /** The role goes with the upload: another role is another upload of the same file. */
  setRole(id: string, role: ReferenceRole): void {
    const attachment = this.#find(id)
    if (!attachment || attachment.role === role) return
    this.#change(id, { role })
    if (attachment.state !== "failed" && attachment.file) this.retry(id)
  }

  retry(id: string): void {
    this.#running.get(id)?.abort()
    this.#change(id, { state: "waiting", fraction: 0, error: undefined, uploadId: undefined })
    void this.#upload(id)
  }

  stop(id: string): void {
    this.#running.get(id)?.abort()
    this.#running.delete(id)
    const error = this.owner.words.uploadStopped
    this.#change(id, { state: "failed", fraction: 0, error, canRetry: true })
  }

  remove(id: string): void {
    this.#running.get(id)?.abort()
    this.#running.delete(id)
    const attachment = this.#find(id)
    if (attachment?.previewUrl?.startsWith("blob:")) URL.revokeObjectURL(attachment.previewUrl)
    this.#set(this.#all.filter((each) => each.id !== id))
    this.owner.save()
  }

  /** They went with a message, whose thumbnails come from the record; what was refused has been read. */
  taken(): void {
    for (const each of this.#all) if (!each.canRetry) this.remove(each.id)
  }

  /** The images of a message that is edited. */
  replaceWith(uploads: readonly UploadNamed[]): void {
    for (const each of this.#all) this.remove(each.id)
    this.#set(
      uploads.map(({ uploadId, role }) => ({
        id: newId(),
        name: this.owner.words.uploadedImage,
        role: role ?? "logo",
        state: "done",
        fraction: 1,
        uploadId,
        sessionId: this.owner.store.value.timeline.sessionId,
        warnings: [],
      })),
    )
  }

  /** A session is open: those that were added before go now, those of another session go again. */
  opened(sessionId: string): void {
    for (const each of this.#all) {
      const elsewhere = each.state === "done" && each.sessionId !== sessionId
      if (each.state === "waiting") void this.#upload(each.id)
      else if (elsewhere && each.file) this.retry(each.id)
      else if (elsewhere) this.remove(each.id)
    }
  }

  async #upload(id: string): Promise<void> {
    const { timeline, limits } = this.owner.store.value
    const attachment = this.#find(id)
    if (!attachment?.file || !limits) return
    const wrong = objection(attachment.file, limits, this.owner.words)
    if (wrong !== undefined) {
      this.#change(id, { state: "failed", error: wrong })
      return
    }
    const { file, role } = attachment
    const controller = new AbortController()
    this.#running.set(id, controller)
    this.#change(id, { state: "uploading" })
    try {
      const taken = await deliver({
        file,
        role,
        server: this.door.server,
        token: await this.door.getToken(),
        sessionId: timeline.sessionId,
        noAnswer: this.owner.words.noAnswer,
        signal: controller.signal,
        onProgress: (fraction) => this.#change(id, { fraction }),
      })
      const { uploadId, warnings } = taken
      const { sessionId } = timeline
      this.#change(id, { state: "done", fraction: 1, uploadId, sessionId, warnings })
      this.owner.save()
    } catch (error) {
      if (controller.signal.aborted) return
      const message = error instanceof Error ? error.message : this.owner.words.uploadFailed
      const canRetry = !(error instanceof Refusal) || error.error.retryable
      this.#change(id, { state: "failed", error: message, canRetry })
    } finally {
      if (this.#running.get(id) === controller) this.#running.delete(id)
    }
  }

  #find(id: string): Attachment | undefined {
    return this.#all.find((each) => each.id === id)
  }

  #change(id: string, change: Partial<Attachment>): void {
    this.#set(this.#all.map((each) => (each.id === id ? { ...each, ...change } : each)))
  }

  #set(attachments: readonly Attachment[]): void {
    this.owner.patch({ attachments })
  }
}
