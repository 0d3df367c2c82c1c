/**
 * One chat as a thing that can be asked and told: the state that is shown, and every action a person
 * has. The views know this and nothing of sockets.
 */
import { Connection, NoAnswer, Refusal, type ConnectionState } from "./connection"
import { Filling } from "./filling"
import { askOf, type FilmForm } from "./film-form"
import { Follower } from "./follower"
import { newId } from "./ids"
import { Keep, type Outgoing } from "./keep"
import type {
  Acks,
  Commands,
  Entry,
  ErrorOut,
  Limits,
  SessionOpened,
  SessionRow,
  VideoAsk,
} from "./protocol"
import { Reviews, type Thought } from "./reviews"
import { listed, Way } from "./sessions"
import { Store } from "./store"
import { Studio } from "./studio"
import { emptyTimeline, type Job, type Timeline } from "./timeline"
import type { Attachment } from "./uploads"
import { Attachments } from "./attachments"
import type { MakeWire } from "./wire"
import type { Words } from "./words"

export interface ChatState {
  /** Those of the visitor's language come after the chat has begun. */
  readonly words: Words
  readonly timeline: Timeline
  readonly connection: ConnectionState
  /** Why the server refused, in its own words. */
  readonly refusal?: ErrorOut | undefined
  /** What the door takes; known once a session is open. */
  readonly limits?: Limits | undefined
  readonly draft: string
  readonly outgoing: readonly Outgoing[]
  readonly attachments: readonly Attachment[]
  readonly form: FilmForm
  /** The images of the form. */
  readonly references: readonly Attachment[]
  /** What is half written in other sessions, by session. */
  readonly drafts: Readonly<Record<string, string>>
  /** The message that is being edited and sent again. */
  readonly editing?: string | undefined
  /** The first entry that came while nobody looked. */
  readonly unseen?: number | undefined
  /** What was thought of a film before this tab's last verdict. */
  readonly undo?: Thought | undefined
}

export interface ChatOptions {
  readonly server: string
  readonly campaignId: string
  readonly sessionId?: string | undefined
  readonly words: Words
  readonly getToken: () => Promise<string>
  readonly canRenew: () => boolean
  readonly onReady: () => void
  readonly onNews: (entry: Entry, timeline: Timeline) => void
  readonly onError: (error: ErrorOut) => void
  readonly makeWire?: MakeWire
}

/** Room for the event's name and the library's own signs around a payload. */
const FRAME_MARGIN = 64

/** `Omit` that keeps the members apart. */
type Told<C extends keyof Commands> = Omit<Commands[C], "sessionId" | "clientId">

export class Chat {
  readonly store: Store<ChatState>
  readonly attachments: Attachments
  readonly references: Attachments
  readonly filling: Filling
  readonly studio: Studio
  readonly reviews = new Reviews(this)
  readonly #connection: Connection
  readonly #follower: Follower
  readonly #keep: Keep
  /** Commands that had no answer yet, as they were asked, and their ids. */
  readonly #unanswered = new Map<string, string>()
  /** What was being written when an edit took its place. */
  #begun = ""
  #sending = false
  readonly #way = new Way()
  #enter!: () => void
  readonly #inside = new Promise<void>((enter) => (this.#enter = enter))

  constructor(private readonly options: ChatOptions) {
    this.#keep = new Keep(`campaign-chat ${options.server} ${options.campaignId}`)
    const { sessionId: lastSession, ...kept } = this.#keep.read()
    const { words } = options
    this.store = new Store<ChatState>({ words, timeline: emptyTimeline(), connection: "idle", ...kept })
    this.#connection = new Connection({
      ...options,
      onState: (connection, refusal) => this.#connectionChanged(connection, refusal),
      onConnect: () => void this.#follower.open(),
      onFrame: (event, frame) => this.#follower.onFrame(event, frame),
    })
    this.#follower = new Follower({
      connection: this.#connection,
      campaignId: options.campaignId,
      sessionId: options.sessionId,
      lastSession,
      onTimeline: (timeline) => this.#timelineChanged(timeline),
      onOpened: (ack) => this.#opened(ack),
      onNews: (entry) => options.onNews(entry, this.#follower.timeline),
      onRefused: (refusal) => this.#connectionChanged("refused", refusal),
    })
    // Nothing is asked over HTTP with a token that the socket has not come in with.
    const getToken = (): Promise<string> => this.#inside.then(options.getToken)
    this.studio = new Studio({ ...options, getToken, noAnswer: () => this.words.noAnswer })
    this.attachments = new Attachments(this, options, "attachments")
    this.references = new Attachments(this, options, "references")
    this.filling = new Filling(this)
  }

  get state(): ChatState {
    return this.store.value
  }

  get words(): Words {
    return this.state.words
  }

  patch(change: Partial<ChatState>): void {
    this.store.set({ ...this.state, ...change })
  }

  start(): void {
    this.#keep.claim()
    this.#connection.start()
    this.#follower.start()
  }

  stop(): void {
    this.#follower.stop()
    this.#connection.stop()
    this.save()
    this.#keep.release()
  }

  /** Whatever may have been missed, now: the tab is seen again, the network is back. */
  wake(): void {
    this.#connection.retryNow()
    this.#follower.wake()
  }

  retryConnection(): void {
    if (this.#connection.online) void this.#follower.open()
    else this.#connection.retryNow()
  }

  /** Addresses of films age: the record is read anew and has fresh ones. */
  refresh(): void {
    this.#follower.refresh()
  }

  startNew(): void {
    this.patch(this.#way.leave(this.state, ""))
    this.#follower.startNew()
  }

  openSession(sessionId: string): void {
    this.patch(this.#way.leave(this.state, sessionId))
    this.#follower.follow(sessionId)
  }

  /** Those of this campaign, the newest first. */
  sessions(): Promise<readonly SessionRow[]> {
    return listed(this.#connection, this.options.campaignId, this.words)
  }

  setDraft(draft: string): void {
    this.patch({ draft })
  }

  save(): void {
    this.#keep.write({ ...this.state, sessionId: this.state.timeline.sessionId || undefined })
  }

  /** Why this text cannot be sent, in words; undefined when it can. */
  objection(text: string): string | undefined {
    const { limits } = this.state
    if (!limits) return undefined
    return this.#tooMuch(this.#outgoing(text), limits)
  }

  /** Sends what is written and attached. False when there is nothing to send, or it would be refused. */
  send(text: string): boolean {
    if (text.trim() === "" && this.attachments.doneIds.length === 0) return false
    if (this.objection(text) !== undefined || this.attachments.busy) return false
    // Images are of the chat they were given in, and go along once another one is there.
    if (this.#way.goingTo !== undefined && this.attachments.doneIds.length > 0) return false
    const outgoing = [...this.state.outgoing, this.#outgoing(text)]
    this.attachments.taken()
    this.patch({ outgoing, draft: "", editing: undefined, unseen: undefined })
    this.save()
    void this.#deliver()
    return true
  }

  /** A chip or the page speaks for the person; what is written and attached stays. */
  say(text: string): boolean {
    if (text.trim() === "" || this.objection(text) !== undefined) return false
    const message = { ...this.#outgoing(text), uploads: [], replaces: undefined }
    this.patch({ outgoing: [...this.state.outgoing, message] })
    this.save()
    void this.#deliver()
    return true
  }

  resend(clientId: string): void {
    this.#change(clientId, { error: undefined })
    void this.#deliver()
  }

  /** Takes a message that was not sent out of the line; its words go back to the composer. */
  takeBack(clientId: string): void {
    const message = this.state.outgoing.find((each) => each.clientId === clientId)
    this.#drop(clientId)
    if (message) this.setDraft(`${message.text}\n${this.state.draft}`.trim())
  }

  edit(messageId: string | undefined): void {
    const message = messageId === undefined ? undefined : this.state.timeline.messages.get(messageId)
    this.attachments.replaceWith(message?.uploads ?? [])
    if (this.state.editing === undefined) this.#begun = this.state.draft
    this.patch({ editing: message?.id, draft: message?.text ?? this.#begun })
  }

  async stopTurn(): Promise<void> {
    const turnId = this.state.timeline.activeTurnId
    if (turnId !== undefined) await this.command("turn.stop", { turnId })
  }

  retryTurn(turnId: string): Promise<unknown> {
    return this.command("turn.retry", { turnId })
  }

  cancelJob(jobId: string): Promise<Acks["job.cancel"]> {
    return this.command("job.cancel", { jobId })
  }

  /**
   * A yes to what a film waits for, up to the price that was shown. Asked again at another one, it is
   * another answer. `proposed` comes back when it is dearer by now: the question stands.
   */
  approve({ id: jobId, proposal, quote }: Job): Promise<Acks["job.approve"]> {
    return this.command("job.approve", { jobId, maxCost: quote.total }, proposal?.seq)
  }

  decline({ id: jobId, proposal }: Job): Promise<unknown> {
    return this.command("job.decline", { jobId }, proposal?.seq)
  }

  /** Before the yes: the same film in another length or ratio is quoted again, and asked about again. */
  quoteAgain({ id: jobId, request, proposal }: Job, change: Partial<VideoAsk>): Promise<unknown> {
    return this.command("job.approve", { jobId, request: { ...askOf(request), ...change } }, proposal?.seq)
  }

  /** The same request once more: a person's yes to the price that was shown. */
  makeAgain({ request, quote }: Job): Promise<unknown> {
    return this.command("video.request", { request: askOf(request), maxCost: quote.total })
  }

  /** Shows the form of a film: as it was left, or anew with what is given. */
  openForm(prefill?: Partial<VideoAsk>): void {
    this.filling.open(prefill)
  }

  /**
   * Rejects with an Error whose message is for a person. Asked again before it was answered, a command
   * keeps its id: a second click orders no second film. `about`: what else makes it the same one.
   */
  async command<C extends keyof Commands>(command: C, told: Told<C>, about?: number): Promise<Acks[C]> {
    const { sessionId } = this.state.timeline
    const asked = JSON.stringify([command, sessionId, told, about])
    const clientId = this.#unanswered.get(asked) ?? newId()
    this.#unanswered.set(asked, clientId)
    const payload = { ...told, sessionId, clientId }
    try {
      const ack = await this.#connection.command(command, payload as unknown as Commands[C])
      this.#unanswered.delete(asked)
      return ack
    } catch (error) {
      if (error instanceof NoAnswer) throw new Error(this.words.noAnswer, { cause: error })
      this.#unanswered.delete(asked)
      throw error
    }
  }

  /** Measured here, because the server cuts the connection of whoever sends a frame that is too big. */
  #tooMuch(message: Outgoing, limits: Limits): string | undefined {
    const over = Array.from(message.text).length - limits.messageChars
    if (over > 0) return this.words.tooLong(over)
    const frame = new TextEncoder().encode(JSON.stringify(this.#payload(message)))
    return frame.length + FRAME_MARGIN > limits.frameBytes ? this.words.tooBig : undefined
  }

  #outgoing(text: string): Outgoing {
    return {
      clientId: newId(),
      sessionId: this.#way.goingTo ?? this.state.timeline.sessionId,
      text,
      uploads: this.attachments.doneIds,
      replaces: this.state.editing,
    }
  }

  #payload(message: Outgoing): Commands["message.send"] {
    const { clientId, text, uploads, replaces } = message
    const sessionId = message.sessionId || this.state.timeline.sessionId
    return { sessionId, clientId, text, uploads, ...(replaces === undefined ? {} : { replaces }) }
  }

  /** One at a time, in order; what could not go waits for the next connection. */
  async #deliver(): Promise<void> {
    if (this.#sending || this.#way.goingTo !== undefined || this.state.limits === undefined) return
    this.#sending = true
    try {
      for (;;) {
        const message = this.state.outgoing.find((each) => !each.sent && each.error === undefined)
        if (!message || !this.#connection.online) return
        if (!(await this.#deliverOne(message))) return
      }
    } finally {
      this.#sending = false
    }
  }

  /** False when the connection is to be waited for. */
  async #deliverOne(message: Outgoing): Promise<boolean> {
    // Written before the limits were known.
    const tooMuch = this.state.limits && this.#tooMuch(message, this.state.limits)
    if (tooMuch !== undefined) {
      this.#change(message.clientId, { error: tooMuch })
      return true
    }
    try {
      await this.#connection.command("message.send", this.#payload(message))
      // It stays on screen until the record shows it in its place.
      this.#change(message.clientId, { sent: true })
      this.#dropRecorded()
      return true
    } catch (error) {
      const refused = error instanceof Refusal
      if (!refused && !this.#connection.online) return false
      const words = refused ? error.message : this.words.noAnswer
      const canRetry = !refused || error.error.retryable
      this.#change(message.clientId, { error: words, canRetry })
      this.save()
      if (refused) this.options.onError(error.error)
      return true
    }
  }

  #change(clientId: string, change: Partial<Outgoing>): void {
    const { outgoing } = this.state
    this.patch({
      outgoing: outgoing.map((each) => (each.clientId === clientId ? { ...each, ...change } : each)),
    })
  }

  #dropRecorded(): void {
    const { outgoing, timeline } = this.state
    if (outgoing.length === 0) return
    const recorded = new Set([...timeline.messages.values()].map((message) => message.clientId))
    for (const { clientId } of outgoing) if (recorded.has(clientId)) this.#drop(clientId)
  }

  #drop(clientId: string): void {
    this.patch({ outgoing: this.state.outgoing.filter((each) => each.clientId !== clientId) })
    this.save()
  }

  #timelineChanged(timeline: Timeline): void {
    this.patch({ timeline, ...this.#way.arrive(this.state, timeline.sessionId) })
    this.#dropRecorded()
  }

  #opened({ limits, sessionId }: SessionOpened): void {
    const first = this.state.limits === undefined
    this.#way.reached(sessionId)
    this.patch({ limits, connection: "online", refusal: undefined })
    this.#enter()
    if (first) this.options.onReady()
    void this.#deliver()
    this.attachments.opened(sessionId)
    this.references.opened(sessionId)
  }

  #connectionChanged(connection: ConnectionState, refusal?: ErrorOut): void {
    if (connection === "refused") this.#way.end()
    this.patch({ connection, refusal })
    if (refusal) this.options.onError(refusal)
  }
}
