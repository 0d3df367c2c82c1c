// @vitest-environment node
import { readFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { Lexer } from "marked"
import { expect, it } from "vitest"
import { leanLexer } from "../diet"
import { dice } from "./entries"

const PIECES = [
  "words ", "**", "*", "_", "__", "~~", "~", "`", "```\n", "\n", "\n\n", "- ", "1. ", "> ", "# ", "| a | b |\n|---|--:|\n| 1 | 2 |\n",
  "[x](https://a.example)", "![x](y)", "[r]", "[r]: https://b.example\n", "<b>", "</b>", "<div>\n", "<!-- c -->", "www.a.example ",
  "https://a.example/?q=1&amp;b ", "me@a.example ", "&copy;", "\\*", "---\n", "===\n", "    code\n", "- [x] ", "  ", "\t", "é🎬", "<a href=x>",
]

it("what is left of marked's lexer reads as the whole of it does", async () => {
  const whole = fileURLToPath(new URL("../node_modules/marked/lib/marked.esm.js", import.meta.url))
  const code = leanLexer(await readFile(whole, "utf8"))
  const lean = (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`)) as { Lexer: typeof Lexer }
  for (let seed = 1; seed <= 3000; seed += 1) {
    const roll = dice(seed)
    const text = Array.from({ length: 1 + roll() * 20 }, () => PIECES[Math.floor(roll() * PIECES.length)]).join("")
    // A lexer writes its tokenizer into its options: each has its own.
    const [one, other] = roll() < 0.5 ? [{ gfm: true, breaks: true }, { gfm: true, breaks: true }] : []
    expect(new lean.Lexer(one).lex(text), `seed ${seed}`).toEqual(new Lexer(other).lex(text))
  }
})
