import { describe, expect, it } from "vitest"
import { found, newsOf, storyteller, withNew, type Item } from "../src/story"
import { emptyTimeline, hear, read, type Timeline } from "../src/timeline"
import { journey, SESSION, Story } from "./entries"

const fold = (story: Story): Timeline => read(emptyTimeline(SESSION), story.entries)
const tell = (story: Story): readonly Item[] => storyteller()(fold(story))
const keys = (story: Story): string[] => tell(story).map((item) => item.key)
const find = <K extends Item["kind"]>(story: Story, kind: K): Extract<Item, { kind: K }>[] =>
  tell(story).filter((item): item is Extract<Item, { kind: K }> => item.kind === kind)

describe("the story", () => {
  it("stands in the order of turns: a message that waited is told where its turn began", () => {
    expect(keys(journey())).toEqual([
      "m:hello", "m:hi", "m:film", "c:c1", "j:j1", "m:on-its-way", "m:and now?", "m:patience", "m:said-j1",
    ])
  })

  it("shows a message behind the running turn as queued, below what is being written", () => {
    const story = new Story().user("a").begin("t", "a").user("b")
    const growing = hear(fold(story), { sessionId: SESSION, type: "text", messageId: "x", pos: 0, text: "…" })
    const items = storyteller()(growing.timeline)
    expect(items.map((item) => item.key)).toEqual(["m:a", "m:x", "m:b"])
    expect(items.at(-1)).toMatchObject({ kind: "message", queued: true })
  })

  it("tells a remark on a turn where it was made in it", () => {
    const story = new Story().user("a").begin("t", "a").remark("another goes on", "t")
    story.call("c", "t").called("c", "t").answer("x", "t").end("t")
    expect(keys(story)).toEqual(["m:a", "m:another goes on", "c:c", "m:x"])
  })

  it("hides a replaced message with its turn", () => {
    const story = new Story().user("a").begin("t1", "a").answer("x", "t1").end("t1")
    story.user("b", "better", { replaces: "a" }).begin("t2", "b").answer("y", "t2").end("t2")
    expect(keys(story)).toEqual(["m:b", "m:y"])
  })

  it("hides the former attempt of a retried turn", () => {
    const story = new Story().user("a").begin("t1", "a").call("c", "t1").called("c", "t1").end("t1", "failed")
    story.begin("t2", "a").answer("y", "t2").end("t2")
    expect(keys(story)).toEqual(["m:a", "m:y"])
  })

  it("never hides a film that was ordered in what it hides", () => {
    const story = new Story().user("a").begin("t1", "a").queue("j", "t1").end("t1", "stopped").film("j")
    story.begin("t2", "a").end("t2")
    expect(keys(story)).toContain("j:j")
  })

  it("offers to retry only the last turn, and only when nothing runs", () => {
    const story = new Story().user("a").begin("t1", "a").end("t1", "failed")
    story.user("b").begin("t2", "b").end("t2", "stopped")
    expect(find(story, "end").map((item) => item.canRetry)).toEqual([false, true])
    expect(find(story.user("c").begin("t3", "c"), "end").map((item) => item.canRetry)).toEqual([false, false])
  })

  it("offers to edit only the last message of the person", () => {
    const story = new Story().user("a").begin("t1", "a").end("t1").user("b").begin("t2", "b").end("t2")
    expect(find(story, "message").map((item) => item.canEdit)).toEqual([false, true])
  })

  it("joins calls that follow each other into one list of steps", () => {
    const story = new Story().user("a").begin("t", "a").call("c1", "t").called("c1", "t").call("c2", "t")
    expect(find(story, "steps").map((item) => item.calls.map((call) => call.id))).toEqual([["c1", "c2"]])
  })

  it("thinks while a turn runs and nothing is seen of it", () => {
    const story = new Story().user("a").begin("t", "a")
    expect(find(story, "thinking")).toHaveLength(1)
    expect(find(story.call("c", "t"), "thinking")).toHaveLength(0)
    expect(find(story.called("c", "t"), "thinking")).toHaveLength(1)
  })

  it("shows the starters until a person has said something", () => {
    const story = new Story().add("message.added", {
      messageId: "w", sender: "system", text: "Hello", uploads: [], code: "welcome", suggestions: ["One"],
    })
    expect(find(story, "message").map((item) => item.showSuggestions)).toEqual([true])
    expect(find(story.user("a"), "message").map((item) => item.showSuggestions)).toEqual([false, false])
  })

  it("keeps the same story while only words and progress come", () => {
    const story = storyteller()
    const timeline = fold(new Story().user("a").begin("t", "a"))
    const frame = { sessionId: SESSION, type: "text", messageId: "x", pos: 0, text: "a" } as const
    const first = hear(timeline, frame).timeline
    const second = hear(first, { ...frame, pos: 1, text: "b" }).timeline
    expect(story(second)).toBe(story(first))
  })
})

describe("what is new", () => {
  const story = journey()
  const items = tell(story)

  it("has a line before the first of it, and none where it is not shown", () => {
    const patience = story.entries.find(({ data }) => "messageId" in data && data.messageId === "patience")?.seq
    const shown = withNew(items, patience).map((item) => item.key)
    expect(shown.slice(shown.indexOf("new"))).toEqual(["new", "m:patience", "m:said-j1"])
    expect(withNew(items, undefined)).toBe(items)
    expect(withNew(items, 999)).toBe(items)
  })

  it("is nothing that people said themselves", () => {
    const said = items.filter((item) => item.kind === "message" && item.message.sender === "user")
    expect(said.map(newsOf)).toEqual([0, 0, 0])
  })

  it("is a question about a film at the number of its asking", () => {
    const asked = new Story().user("film").begin("t1", "film").propose("j1", [160]).end("t1").propose("j1", [300])
    expect(tell(asked).map(newsOf)).toEqual([0, 5])
  })
})

describe("a search", () => {
  it("finds what was said and what was ordered, in the order of the story, whatever the case", () => {
    expect(found(tell(journey()), " THERE")).toEqual(["m:hi"])
    expect(found(tell(journey()), "oats")).toEqual(["j:j1"])
  })

  it("finds nothing for no words", () => {
    expect(found(tell(journey()), "  ")).toEqual([])
  })
})
