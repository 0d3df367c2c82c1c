/** Where a message is written: text, images, send; while an answer is written, stop. */
import { html, nothing, type PropertyValues, type TemplateResult } from "lit"
import { state } from "./property"
import { repeat } from "lit/directives/repeat.js"
import { icons } from "../icons"
import { attachmentView } from "./attachment"
import { define, Light } from "./light"
import "./link-field"
import { filePicker, pasted } from "./picker"

/** `keyCode` of a key that an input method has taken. Safari ends composition before the Enter. */
const TAKEN_BY_IME = 229
const SIZES_ITSELF = CSS.supports("field-sizing", "content")
const TALLEST_PX = 192

export class Composer extends Light {
  @state() private stopping: string | undefined
  @state() private problem = ""
  @state() private linking = false
  #wasEditing: string | undefined

  readonly #state = this.select((chat) => chat)

  get #field(): HTMLTextAreaElement | null {
    return this.querySelector("textarea")
  }

  focusField(): void {
    const field = this.#field
    if (!field) return
    field.focus({ preventScroll: true })
    field.setSelectionRange(field.value.length, field.value.length)
  }

  focusVideos(): void {
    this.querySelector<HTMLElement>(".videos")?.focus()
  }

  protected override updated(_changed: PropertyValues): void {
    const { editing } = this.#state.value
    if (editing !== undefined && editing !== this.#wasEditing) this.focusField()
    this.#wasEditing = editing
    const field = this.#field
    if (SIZES_ITSELF || !field) return
    field.style.setProperty("height", "auto")
    field.style.setProperty("height", `${Math.min(field.scrollHeight, TALLEST_PX)}px`)
  }

  protected override render(): TemplateResult {
    const { words } = this
    const { draft, attachments, editing, limits, form } = this.#state.value
    const objection = draft === "" ? undefined : this.chat.objection(draft)
    return html`<form class="composer" part="composer" @submit=${this.#submit}>
      ${editing === undefined ? nothing : this.#editingLine()}
      ${attachments.length === 0
        ? nothing
        : html`<ul class="attachments">
            ${repeat(
              attachments,
              (each) => each.id,
              (each) => attachmentView(this.chat, each, () => this.focusField()),
            )}
          </ul>`}
      ${this.linking
        ? html`<campaign-chat-link .chat=${this.chat} .into=${this.chat.attachments}></campaign-chat-link>`
        : nothing}
      <textarea
        rows="1"
        dir=${draft === "" ? nothing : "auto"}
        enterkeyhint="send"
        aria-label=${words.message}
        aria-describedby="composer-note"
        placeholder=${editing === undefined ? words.placeholder : words.placeholderEdit}
        .value=${draft}
        @input=${this.#typed}
        @keydown=${this.#key}
        @paste=${(event: ClipboardEvent) => pasted(event, this.#take)}
      ></textarea>
      <div class="tools">
        ${filePicker(words.attach, limits, this.#take)}
        <button type="button" class="quiet" aria-label=${words.link} title=${words.link} aria-expanded=${this.linking}
          @click=${this.#byLink}>${icons.link}</button>
        <button
          type="button"
          class="videos"
          aria-pressed=${form.opened !== undefined}
          aria-expanded=${form.opened !== undefined}
          @click=${() => (form.opened === undefined ? this.chat.openForm() : this.chat.filling.close())}
        >
          ${icons.clapper}<span><span class="hidden">🎬 </span>${words.videos}</span>
        </button>
        <p id="composer-note" class="aside" role="status">${objection ?? this.#aside()}</p>
        ${this.#buttons(objection !== undefined)}
      </div>
    </form>`
  }

  #editingLine(): TemplateResult {
    const { words } = this
    return html`<p class="editing">
      ${icons.pencil}<span>${words.editing}</span>
      <button type="button" class="link" @click=${this.#stopEditing}>${words.cancel}</button>
    </p>`
  }

  #aside(): string {
    const { words } = this
    const { connection, draft } = this.#state.value
    if (this.problem) return this.problem
    if (this.chat.attachments.busy && draft !== "") return words.waitsForUploads
    const away = connection === "reconnecting" || connection === "offline"
    return away && draft !== "" ? words.waitsForConnection : ""
  }

  #buttons(refused: boolean): TemplateResult {
    const { words } = this
    const { draft, attachments, timeline } = this.#state.value
    const active = timeline.activeTurnId
    const empty = draft.trim() === "" && !attachments.some((each) => each.state === "done")
    const blocked = refused || this.chat.attachments.busy
    const stop = html`<button
      type="button"
      class=${empty ? "disc" : "quiet"}
      aria-label=${words.stop}
      title=${words.stop}
      ?disabled=${this.stopping === active}
      @click=${({ detail }: MouseEvent) => detail > 1 || this.#stop()}
    >
      ${icons.stop}
    </button>`
    const send = html`<button class="disc" type="submit" aria-label=${words.send} title=${words.send} ?disabled=${empty || blocked}>
      ${icons.send}
    </button>`
    return html`${active === undefined ? nothing : stop}${active !== undefined && empty ? nothing : send}`
  }

  readonly #submit = (event: Event): void => {
    event.preventDefault()
    this.problem = ""
    this.chat.send(this.#state.value.draft)
    this.focusField()
  }

  readonly #typed = (event: Event): void => {
    this.problem = ""
    this.chat.setDraft((event.target as HTMLTextAreaElement).value)
  }

  readonly #key = (event: KeyboardEvent): void => {
    if (event.isComposing || event.keyCode === TAKEN_BY_IME) return
    if (event.key === "Enter" && !event.shiftKey) {
      this.#submit(event)
    } else if (event.key === "Escape" && this.#escape()) {
      event.preventDefault()
      event.stopPropagation()
    }
  }

  /** Escape leaves the nearest thing: an edit, then a running answer; else it is the panel's. */
  #escape(): boolean {
    if (this.#state.value.editing !== undefined) this.#stopEditing()
    else if (this.#state.value.timeline.activeTurnId === undefined) return false
    else void this.#stop()
    return true
  }

  readonly #take = (files: Iterable<File>): void => {
    this.chat.attachments.add(files)
    this.focusField()
  }

  readonly #byLink = async (): Promise<void> => {
    this.linking = !this.linking
    await this.updateComplete
    if (this.linking) this.querySelector<HTMLElement>("[type=url]")?.focus()
  }

  readonly #stopEditing = (): void => {
    this.chat.edit(undefined)
    this.focusField()
  }

  readonly #stop = async (): Promise<void> => {
    this.stopping = this.#state.value.timeline.activeTurnId
    this.problem = ""
    this.focusField()
    try {
      await this.chat.stopTurn()
    } catch (error) {
      this.problem = (error as Error).message
      this.stopping = undefined
    }
  }
}

define("campaign-chat-composer", Composer)
