/**
 * Markdown as Lit templates, token by token: no HTML is ever parsed, so none can be smuggled in.
 * Raw HTML shows as text, links go to the web or a mailbox only, images from elsewhere are never
 * loaded (an address can carry what was said to a stranger). Each block is guarded by its source:
 * of an answer that grows only the last block renders again, and a selection in the others stays.
 */
import { html, nothing, type TemplateResult } from "lit"
import { guard } from "lit/directives/guard.js"
import { repeat } from "lit/directives/repeat.js"
import { Lexer, type MarkedOptions, type Token, type Tokens } from "marked"
import { settle } from "./settle"

type Shown = TemplateResult | string | typeof nothing | readonly Shown[]

/** `growing`: still being written. */
export function markdown(text: string, growing = false): TemplateResult {
  const tokens = lexed(growing ? settle(text) : text, { gfm: true, breaks: true })
  return html`${repeat(
    tokens,
    (_, index) => index,
    (token) => guard([token.raw], () => block(token)),
  )}`
}

/** The text alone, for a screen reader's announcement. */
export function plainText(text: string): string {
  const words = (tokens: readonly Token[]): string =>
    tokens
      .map((token) => {
        if ("tokens" in token && token.tokens) return words(token.tokens)
        if (token.type === "list") return (token as Tokens.List).items.map((item) => words(item.tokens)).join(". ")
        if (token.type === "table") return tableWords(token as Tokens.Table)
        return token.type === "space" ? " " : "text" in token ? String(token.text) : ""
      })
      .join("")
  const tableWords = ({ rows }: Tokens.Table): string =>
    rows.map((row) => row.map((cell) => words(cell.tokens)).join(", ")).join(". ")
  return words(lexed(text)).replace(/\s+/g, " ").trim()
}

const DEEPEST = 40

/** Nobody nests this deep but to overflow a stack: that text is shown as it is. */
function lexed(text: string, options?: MarkedOptions): readonly Token[] {
  try {
    const tokens = new Lexer(options).lex(text)
    if (!isDeeper(tokens, DEEPEST)) return tokens
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  return [{ type: "html", raw: text, text }]
}

function isDeeper(tokens: readonly Token[], levels: number): boolean {
  if (levels === 0) return true
  return tokens.some((token) => {
    const within = "tokens" in token && token.tokens ? token.tokens : []
    const items = token.type === "list" ? (token as Tokens.List).items : []
    return isDeeper(within, levels - 1) || (items.length > 0 && isDeeper(items, levels - 1))
  })
}

function block(token: Token): Shown {
  switch (token.type) {
    case "heading":
      // One level for all: an answer's headings are no part of the page's outline.
      return html`<h3 class="h${(token as Tokens.Heading).depth}">${inlines(token)}</h3>`
    case "paragraph":
      return html`<p>${inlines(token)}</p>`
    case "text":
      return "tokens" in token && token.tokens ? html`${inlines(token)}` : decoded(token.raw)
    case "code":
      return html`<pre tabindex="0"><code>${(token as Tokens.Code).text}</code></pre>`
    case "blockquote":
      return html`<blockquote>${blocks((token as Tokens.Blockquote).tokens)}</blockquote>`
    case "list":
      return list(token as Tokens.List)
    case "table":
      return table(token as Tokens.Table)
    case "hr":
      return html`<hr>`
    case "space":
    case "def":
      return nothing
    default:
      return html`<p>${token.raw}</p>`
  }
}

const blocks = (tokens: readonly Token[]): Shown => tokens.map(block)

function list(token: Tokens.List): Shown {
  const items = token.items.map(
    (item) =>
      html`<li class=${item.task ? "task" : nothing}>
        ${item.task ? html`<input type="checkbox" disabled ?checked=${item.checked === true} aria-label="">` : nothing}
        ${blocks(item.tokens.filter((each) => each.type !== "checkbox"))}
      </li>`,
  )
  if (!token.ordered) return html`<ul>${items}</ul>`
  return html`<ol start=${token.start === "" ? 1 : token.start}>${items}</ol>`
}

function table(token: Tokens.Table): Shown {
  const side = (index: number): string | typeof nothing =>
    token.align[index] ? `to-${token.align[index]}` : nothing
  const head = token.header.map((cell, at) => html`<th class=${side(at)}>${inlineAll(cell.tokens)}</th>`)
  const rows = token.rows.map(
    (row) => html`<tr>${row.map((cell, at) => html`<td class=${side(at)}>${inlineAll(cell.tokens)}</td>`)}</tr>`,
  )
  return html`<div class="table" tabindex="0" role="group">
    <table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table>
  </div>`
}

const inlines = (token: Token): Shown =>
  "tokens" in token && token.tokens ? inlineAll(token.tokens) : decoded(token.raw)

const inlineAll = (tokens: readonly Token[]): Shown => tokens.map(inline)

function inline(token: Token): Shown {
  switch (token.type) {
    case "strong":
      return html`<strong>${inlines(token)}</strong>`
    case "em":
      return html`<em>${inlines(token)}</em>`
    case "del":
      return html`<s>${inlines(token)}</s>`
    case "codespan":
      return html`<code>${decoded((token as Tokens.Codespan).text)}</code>`
    case "br":
      return html`<br>`
    case "link":
      return link((token as Tokens.Link).href, inlines(token))
    case "image":
      return picture(token as Tokens.Image)
    case "text":
    case "escape":
      return "tokens" in token && token.tokens ? inlines(token) : decoded((token as Tokens.Text).text)
    default:
      return token.raw
  }
}

/** An image of the outside: a link with its description, and nothing is fetched. */
function picture({ href, text }: Tokens.Image): Shown {
  return link(href, text === "" ? href : text)
}

function link(href: string, shown: Shown): Shown {
  const address = allowed(href)
  if (address === undefined) return shown
  return html`<a href=${address} target="_blank" rel="noopener noreferrer nofollow">${shown}</a>`
}

const PROTOCOLS: ReadonlySet<string> = new Set(["http:", "https:", "mailto:"])

/** The address if it may be followed. Relative ones may not: they would be the host page's. */
export function allowed(href: string): string | undefined {
  try {
    const url = new URL(decoded(href))
    return PROTOCOLS.has(url.protocol) ? url.href : undefined
  } catch {
    return undefined
  }
}

const NAMED: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00a0",
  copy: "©",
  hellip: "…",
  ndash: "–",
  mdash: "—",
}

/** Character references as characters; they are set as text, so what they spell stays text. */
function decoded(text: string): string {
  if (!text.includes("&")) return text
  return text.replace(/&(?:#x([\da-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return NAMED[name] ?? whole
    const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
    return point > 0 && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff)
      ? String.fromCodePoint(point)
      : whole
  })
}
