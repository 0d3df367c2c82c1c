import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { badgeTitle, clearTitle } from "../src/told"

describe("the title of a page that is not looked at", () => {
  beforeEach(() => (document.title = "Spring 26"))
  afterEach(clearTitle)

  it("counts what has ended, and is itself again afterwards", () => {
    badgeTitle()
    badgeTitle()
    expect(document.title).toBe("(2) Spring 26")
    clearTitle()
    expect(document.title).toBe("Spring 26")
  })

  it("leaves alone what the page made of its title meanwhile", () => {
    badgeTitle()
    document.title = "Summer 27"
    clearTitle()
    expect(document.title).toBe("Summer 27")
    badgeTitle()
    expect(document.title).toBe("(1) Summer 27")
  })
})
