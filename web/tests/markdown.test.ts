import { render } from "lit"
import { beforeEach, describe, expect, it } from "vitest"
import { allowed, markdown, plainText } from "../src/markdown"

let box: HTMLElement

beforeEach(() => {
  box = document.createElement("div")
  document.body.replaceChildren(box)
})

const show = (text: string, growing = false): HTMLElement => {
  render(markdown(text, growing), box)
  return box
}

describe("markdown", () => {
  it.each([
    ["**bold** and *soft* and ~~gone~~", "strong,em,s"],
    ["`code`", "code"],
    ["- one\n- two", "ul,li,li"],
    ["3. three\n4. four", "ol,li,li"],
    ["> said", "blockquote,p"],
    ["```ts\nlet a = 1\n```", "pre,code"],
    ["---", "hr"],
    ["a\nb", "p,br"],
    ["| a | b |\n|---|--:|\n| 1 | 2 |", "div,table,thead,tr,th,th,tbody,tr,td,td"],
    ["- [x] done", "ul,li,input"],
  ])("%j has %s", (text, names) => {
    const found = [...show(text).querySelectorAll("*")].map((each) => each.localName).filter((name) => name !== "p" || names.includes("p"))
    expect(found.join()).toBe(names)
  })

  it.each([
    ["quotes that the parser cannot take", `${">".repeat(8000)} deep`],
    ["quotes that could not be drawn", `${">".repeat(300)} deep`],
    ["lists in quotes in lists", `${"- > ".repeat(150)} deep`],
    ["lists in lists", Array.from({ length: 120 }, (_, level) => `${"  ".repeat(level)}- deep`).join("\n")],
  ])("shows %s as they were written", (_, text) => {
    expect(show(text).textContent).toContain("deep")
    expect(show(text).querySelectorAll("blockquote, li")).toHaveLength(0)
    expect(plainText(text)).toContain("deep")
  })

  it("keeps headings out of the page's outline, whatever their depth", () => {
    const headings = [...show("# One\n\n#### Four").querySelectorAll("h1,h2,h3,h4")]
    expect(headings.map((each) => `${each.localName}.${each.className}`)).toEqual(["h3.h1", "h3.h4"])
  })

  it("starts a list where it starts", () => {
    expect(show("3. three").querySelector("ol")?.getAttribute("start")).toBe("3")
  })

  it.each(["&lt;b&gt;", "a &amp; b", "&#60;script&#62;", "&copy; 2026"])("shows the characters of %s as text", (text) => {
    expect(show(text).querySelector("b,script")).toBeNull()
    expect(box.textContent).not.toContain("&#")
  })

  it("does not render a block again that has not changed", () => {
    const first = show("# Title\n\nSome", true).querySelector("h3")
    expect(show("# Title\n\nSome words more", true).querySelector("h3")).toBe(first)
  })

  it("says the words alone for a screen reader", () => {
    expect(plainText("# Hi\n\n**Two** [links](https://a.example)\n\n- x\n- y")).toBe("Hi Two links x. y")
  })
})

describe("what a model may try", () => {
  it.each([
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "<svg onload=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    "<iframe src=//evil.example></iframe>",
    "a <b onclick=alert(1)>b</b>",
    "<style>*{display:none}</style>",
    "<!-- --><form action=//evil.example><input>",
    "[x]: <javascript:alert(1)>\n\n[x]",
    '```"><img src=x onerror=alert(1)>\nx\n```',
    '| a |\n|---|\n| <img src=x onerror=alert(1)> |',
    "- [ ] <img src=x onerror=alert(1)>",
    "# <img src=x onerror=alert(1)>",
    "`<img src=x onerror=alert(1)>`",
  ])("%j makes no element but text", (text) => {
    show(text)
    expect(box.querySelector("script,img,svg,iframe,style,form,b,[onclick],[onerror],[onload]")).toBeNull()
    expect(box.querySelector("a[href^=javascript]")).toBeNull()
  })

  it.each([
    "![logo](https://evil.example/pixel.png)",
    "![logo](//evil.example/p.png)",
    "[![x](https://evil.example/a.png)](https://evil.example)",
    "![x][r]\n\n[r]: https://evil.example/p.png",
    "![x](data:image/png;base64,AAAA)",
  ])("%j loads no image", (text) => {
    expect(show(text).querySelector("img,picture,source,object,video")).toBeNull()
  })

  it("shows an image of the outside as a link with its description", () => {
    const link = show("![our logo](https://a.example/l.png)").querySelector("a")
    expect([link?.textContent, link?.href]).toEqual(["our logo", "https://a.example/l.png"])
  })

  it("links open elsewhere and tell nothing of where they were", () => {
    const link = show("[x](https://a.example)").querySelector("a")
    expect([link?.target, link?.rel]).toEqual(["_blank", "noopener noreferrer nofollow"])
  })

  it.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "&#106;avascript:alert(1)",
    " data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://a.example/x",
    "//evil.example",
    "/logout",
    "#top",
    "",
  ])("%j may not be followed", (href) => {
    expect(allowed(href)).toBeUndefined()
  })

  it.each(["https://a.example/?a=1&amp;b=2", "http://a.example", "mailto:a@b.example"])("%s may", (href) => {
    expect(allowed(href)).toBeDefined()
  })
})
