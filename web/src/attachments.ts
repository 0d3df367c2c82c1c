/** The images beside the text that is being written, or in the form of a film. */
import type { ChatState } from "./chat"
import { Refusal } from "./connection"
import { newId } from "./ids"
import { deliver, objection, pixelsOf, typeOf, type Attachment } from "./uploads"
import type { ReferenceRole, UploadNamed, UploadTaken } from "./protocol"
import type { Store } from "./store"
import type { Studio } from "./studio"
import type { Words } from "./words"

interface Owner {
  readonly store: Store<ChatState>
  readonly studio: Studio
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
    private readonly slot: "attachments" | "references",
  ) {}

  get #all(): readonly Attachment[] {
    return this.owner.store.value[this.slot]
  }

  get busy(): boolean {
    return this.#all.some((each) => each.state === "waiting" || each.state === "uploading")
  }

  get doneIds(): readonly string[] {
    return this.#all.map((each) => each.uploadId).filter((id) => id !== undefined)
  }

  /** The addresses of those that are finished. */
  get links(): readonly string[] {
    return this.#all.flatMap((each) => (each.state === "done" && each.link !== undefined ? [each.link] : []))
  }

  add(files: Iterable<File>): void {
    for (const file of files) {
      const { limits } = this.owner.store.value
      const previewUrl = typeOf(file).startsWith("image/") ? URL.createObjectURL(file) : undefined
      this.#append({ name: file.name, file, previewUrl }, limits && objection(file, limits, this.owner.words))
    }
  }

  addLink(link: string): void {
    const { hostname, pathname } = new URL(link)
    this.#append({ name: pathname.split("/").at(-1) || hostname, link })
  }

  #append(source: Pick<Attachment, "name" | "file" | "link" | "previewUrl">, wrong?: string): void {
    const most = this.owner.store.value.limits?.references ?? Infinity
    const error = this.#all.length >= most ? this.owner.words.tooManyImages(most) : wrong
    const state = error === undefined ? "waiting" : "failed"
    const attachment = { id: newId(), role: "logo", state, fraction: 0, error, warnings: [], ...source } as const
    this.#set([...this.#all, attachment])
    if (error === undefined) void this.#upload(attachment.id)
  }

  /** The role goes with the upload: another role is another upload of the same file. */
  setRole(id: string, role: ReferenceRole): void {
    const attachment = this.#find(id)
    if (!attachment || attachment.role === role) return
    this.#change(id, { role })
    if (attachment.state !== "failed") this.retry(id)
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
    this.#set(uploads.map((upload) => this.#known(upload)))
  }

  /** The images of a film that is to be made again: uploads of this session, or what the studio has to fetch. */
  fillFrom(links: readonly string[]): void {
    this.replaceWith([])
    const { uploads } = this.owner.store.value.timeline
    for (const link of links) {
      const upload = [...uploads.values()].find(({ url }) => new URL(url).pathname === new URL(link).pathname)
      if (upload) this.#set([...this.#all, this.#known(upload)])
      else this.addLink(link)
    }
  }

  #known({ uploadId, role = "logo" }: UploadNamed): Attachment {
    const { timeline } = this.owner.store.value
    const place = { uploadId, link: timeline.uploads.get(uploadId)?.url, sessionId: timeline.sessionId }
    const name = this.owner.words.uploadedImage
    return { id: newId(), name, role, state: "done", fraction: 1, warnings: [], ...place }
  }

  /** A session is open: those that were added before go now, those of another session go again. */
  opened(sessionId: string): void {
    for (const each of this.#all) {
      const elsewhere = each.state === "done" && each.sessionId !== sessionId
      if (each.state === "waiting") void this.#upload(each.id)
      else if (elsewhere && (each.file || each.link)) this.retry(each.id)
      else if (elsewhere) this.remove(each.id)
    }
  }

  async #upload(id: string): Promise<void> {
    const { timeline, limits } = this.owner.store.value
    const attachment = this.#find(id)
    if (!attachment || !limits) return
    const wrong = attachment.file && objection(attachment.file, limits, this.owner.words)
    if (wrong !== undefined) {
      this.#change(id, { state: "failed", error: wrong })
      return
    }
    const controller = new AbortController()
    this.#running.set(id, controller)
    this.#change(id, { state: "uploading" })
    try {
      const { sessionId } = timeline
      const { uploadId, url, warnings } = await this.#deliver(attachment, sessionId, controller.signal)
      this.#change(id, { state: "done", fraction: 1, uploadId, link: url, sessionId, warnings })
      // One may have gone to another chat meanwhile.
      this.opened(this.owner.store.value.timeline.sessionId)
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

  async #deliver(attachment: Attachment, sessionId: string, signal: AbortSignal): Promise<UploadTaken> {
    const { file, link = "", previewUrl = "", role, id } = attachment
    // What the studio has by now it need not be sent again: in another role, or for another session.
    if (link !== "" || !file) return this.owner.studio.take({ url: link, sessionId, role }, signal)
    const { words, store } = this.owner
    const most = store.value.limits?.uploadPixels ?? Infinity
    // A drawing has as many as it is drawn with.
    if (typeOf(file) !== "image/svg+xml" && (await pixelsOf(previewUrl)) > most) {
      const message = words.tooManyPixels(Math.floor(most / 1_000_000))
      throw new Refusal({ code: "too_large", message, retryable: false })
    }
    const { server, getToken } = this.door
    const onProgress = (fraction: number): void => this.#change(id, { fraction })
    const { noAnswer } = words
    return deliver({ file, role, server, token: await getToken(), sessionId, noAnswer, signal, onProgress })
  }

  #find(id: string): Attachment | undefined {
    return this.#all.find((each) => each.id === id)
  }

  #change(id: string, change: Partial<Attachment>): void {
    this.#set(this.#all.map((each) => (each.id === id ? { ...each, ...change } : each)))
  }

  #set(attachments: readonly Attachment[]): void {
    this.owner.patch({ [this.slot]: attachments })
  }
}
