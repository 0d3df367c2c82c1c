/** Several chats of one campaign: which there are, and what goes along from one to another. */
import type { ChatState } from "./chat"
import { NoAnswer, type Connection } from "./connection"
import type { SessionRow } from "./protocol"
import type { Words } from "./words"

/** Rejects with an Error whose message is for a person. */
export async function listed(
  connection: Pick<Connection, "ask">,
  campaignId: string,
  words: Words,
): Promise<readonly SessionRow[]> {
  try {
    return (await connection.ask("session.list", { campaignId })).sessions
  } catch (error) {
    throw error instanceof NoAnswer ? new Error(words.noAnswer, { cause: error }) : error
  }
}

/** What is half written stays with its session, images go along; what was edited is still said there. */
export function moved({ timeline, draft, editing, drafts }: ChatState, to: string): Partial<ChatState> {
  const from = timeline.sessionId
  if (from === "" || from === to) return {}
  const { [to]: next = "", ...others } = drafts
  const left = editing === undefined && draft !== "" ? { [from]: draft } : {}
  return { draft: next, drafts: { ...others, ...left }, editing: undefined, undo: undefined, unseen: undefined }
}

/** From one chat to another: what is said meanwhile is for where one goes. */
export class Way {
  /** Empty: a new one, which has no name yet. Undefined: one is there. */
  goingTo: string | undefined
  #from = ""

  leave(state: ChatState, goingTo: string): Partial<ChatState> {
    this.#from = state.timeline.sessionId
    this.goingTo = goingTo
    return moved(state, goingTo)
  }

  /** Who is on the way already left everything behind that stays. */
  arrive(state: ChatState, at: string): Partial<ChatState> {
    return this.goingTo === undefined ? moved(state, at) : {}
  }

  /** Also told of openings that were under way before: those of where one came from. */
  reached(sessionId: string): void {
    if (this.goingTo === "" ? sessionId !== this.#from : sessionId === this.goingTo) this.end()
  }

  end(): void {
    this.goingTo = undefined
  }
}
