import { render } from "lit"
import { describe, expect, it } from "vitest"
import { markdown } from "../src/markdown"
import { settle } from "../src/settle"

describe("text that is still being written", () => {
  it.each([
    ["plain words", "plain words"],
    ["some **bold", "some **bold**"],
    ["some *soft", "some *soft*"],
    ["~~gone", "~~gone~~"],
    ["see `code", "see `code`"],
    ["a [link", "a "],
    ["a [link](https://exa", "a "],
    ["an ![image](https://exa", "an "],
    ["a [link](https://a.example) b", "a [link](https://a.example) b"],
    ["Models:\n\n| Name | Price |", "Models:\n\n"],
    ["| Name | Price |\n|---", ""],
    ["| Name | Price |\n|---|---|\n| Veo", "| Name | Price |\n|---|---|\n| Veo"],
    ["```js\nlet **a", "```js\nlet **a"],
    ["done **bold** text", "done **bold** text"],
    ["* item one\n* item", "* item one\n* item"],
    ["2 * 3 is", "2 * 3 is"],
    ["ends with **", "ends with "],
    ["**half closed*", "**half closed**"],
    ["**bold ", "**bold** "],
    ["**bold *and", "**bold *and***"],
    ["see `", "see "],
    ["`**` stays", "`**` stays"],
    ["- [ ] task", "- [ ] task"],
  ])("%j is shown as %j", (text, shown) => {
    expect(settle(text)).toBe(shown)
  })

  it("leaves what was finished before the last block alone", () => {
    expect(settle("a [b\n\nnow")).toBe("a [b\n\nnow")
  })

  it("never shows a sign of markup on the way to a whole answer", () => {
    const whole = "Here are **two models**, see [the list](https://a.example/models) and `draft`:\n\n| Name | Price |\n|---|--:|\n| **Veo** | $2 |\n\nPick *one* of them."
    const box = document.createElement("div")
    for (let end = 1; end <= whole.length; end += 1) {
      render(markdown(whole.slice(0, end), true), box)
      expect(box.textContent, `after ${end} characters`).not.toMatch(/\*\*\w|\]\(|`\w|\|-/)
    }
  })
})
