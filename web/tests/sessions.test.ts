import { describe, expect, it } from "vitest"
import type { ChatState } from "../src/chat"
import { moved } from "../src/sessions"
import { emptyTimeline } from "../src/timeline"

const state = (from: string, more: Partial<ChatState> = {}): ChatState =>
  ({ timeline: emptyTimeline(from), draft: "", drafts: {}, ...more }) as ChatState

describe("from one chat to another", () => {
  it("leaves what is half written, and takes up what was", () => {
    const change = moved(state("a", { draft: "for a", drafts: { b: "for b", c: "for c" } }), "b")
    expect(change).toMatchObject({ draft: "for b", drafts: { a: "for a", c: "for c" } })
  })

  it("drops the change of a message, which is still said where it was", () => {
    expect(moved(state("a", { draft: "changed", editing: "m1" }), "b")).toMatchObject({ draft: "", drafts: {} })
  })

  it("is no way at all to where one is, nor the first opening", () => {
    expect(moved(state("a", { draft: "x" }), "a")).toEqual({})
    expect(moved(state("", { draft: "x" }), "a")).toEqual({})
  })
})
