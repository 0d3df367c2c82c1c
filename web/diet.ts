/**
 * What the bundle leaves out of the libraries it is made of, and why nobody misses it. Each of these
 * stops the build when its library is made in another way by then, rather than quietly doing nothing.
 */
import { parseAst, type Plugin } from "vite"

export const diet = (): Plugin[] => [lexerOnly(), leanLit(), tightTemplates()]

/** The indentation of templates is nothing that anybody sees; a line's end stays, as a space between words. */
const tightTemplates = (): Plugin => ({
  name: "tight-templates",
  apply: "build",
  enforce: "pre",
  transform: (code, id) =>
    /\/web\/src\/.*\.ts$/.test(id) ? { code: code.replaceAll(/\n\s+/g, "\n"), map: null } : undefined,
})

/** A decorator alone on a field is a call with that field's class and name. */
export const plainDecorators = (minified: string): string =>
  replace(minified, /[\w$]+\(\[([^[\]]*)\],([\w$]+\.prototype,[`"]\w+[`"]),void 0\)/g, "$1($2)")

const lexerOnly = (): Plugin => ({
  name: "lexer-only",
  apply: "build",
  transform: (code, id) => (id.endsWith("/marked/lib/marked.esm.js") ? { code: leanLexer(code), map: null } : undefined),
})

/** Lit's regard for polyfills, servers, other decorators, other Lits, and browsers older than ours. */
const NOT_OURS: Readonly<Record<string, readonly (readonly [pattern: RegExp, instead: string])[]>> = {
  "reactive-element/css-tag.js": [[/=\w+\.ShadowRoot&&.*?CSSStyleSheet\.prototype/, "=!0"]],
  "reactive-element/reactive-element.js": [
    [/,\w+\?\.\(\{ReactiveElement:\w+\}\),\(\w+\.reactiveElementVersions\?\?=\[\]\)\.push\("[^"]*"\)/, ""],
    [/Symbol\.metadata\?\?=.*?new WeakMap;/, ""],
    [/const (\w+)=this\[Symbol\.metadata\];if\(null!==\1\)\{.*?\}(?=this\.\S+=new Map)/, ""],
    [/if\((this\.finalized=!0,[^,]*),this\.hasOwnProperty\(\w+\("properties"\)\)\)\{.*?\}(?=const|this)/, "$1;"],
    [/static addInitializer\(\w+\)\{.*?\}(?=static)/, ""],
    [/,void 0!==(\w+)\.l&&\(this\.l=\[\.\.\.\1\.l\]\)/, ""],
    [/,this\.constructor\.l\?\.forEach\(.*?\)(?=\})/, ""],
    [/case Number:.*?;case Object:case Array:try\{.*?catch\(\w+\)\{.*?\}/, ""],
  ],
  "lit-html/lit-html.js": [[/\w+\?\.\(\w+,\w+\),\(\w+\.litHtmlVersions\?\?=\[\]\)\.push\("[^"]*"\);/, ""]],
  "lit-element/lit-element.js": [
    [/,\w+\.litElementHydrateSupport\?\.\(\{LitElement:\w+\}\)/, ""],
    [/\w+\?\.\(\{LitElement:\w+\}\);/, ""],
    [/\(\w+\.litElementVersions\?\?=\[\]\)\.push\("[^"]*"\);/, ""],
  ],
}

const leanLit = (): Plugin => ({
  name: "lean-lit",
  apply: "build",
  transform: (code, id) => {
    const cuts = Object.entries(NOT_OURS).find(([path]) => id.endsWith(path))?.[1]
    return cuts && { code: cuts.reduce((lean, [pattern, instead]) => replaceOne(lean, pattern, instead), code), map: null }
  },
})

/** Expressions of the renderer, and of options that we never set. */
const OF_OTHERS = /^(escape[TR]|pedantic|percent|outputLink|listReplaceN|spaceLine|notSpace|endingNew)/

/**
 * Of marked's one module the Lexer alone, and of that what markdown.ts asks for: GFM, with or without
 * breaks. Everything else hangs on top-level calls and on options that a bundler must take for needed.
 */
export function leanLexer(whole: string): string {
  const lexer = need(whole, /(\w+) as Lexer\b/)
  const edit = need(whole, /function (\w+)\(\w+,\w+=""\)\{let \w+=typeof/)
  const statement = parseAst(whole).body.find(({ start, end }) => whole.slice(start, end).includes(`${lexer}=class `))
  if (statement === undefined) throw changed("where its Lexer ends")
  let code = whole.slice(0, statement.end)
  // Always so in our options: what was for the others is dead code then.
  for (const [option, value] of [["pedantic", "!1"], ["gfm", "!0"], ["extensions", "null"], ["silent", "!1"]]) {
    code = replace(code, new RegExp(`this\\.options\\.${option}\\b`, "g"), value ?? "")
  }
  const grammars = /\{normal:(\w+),gfm:(\w+)(,breaks:\w+)?,pedantic:\w+\}/g
  const bases = [...code.matchAll(grammars)]
  code = replace(code, grammars, "{gfm:$2$3}")
  // What GFM says in another way.
  for (const [, plain = "", gfm = ""] of bases) {
    const own = new Set(propertiesOf(code, gfm).map(({ key }) => key))
    code = withoutProperties(code, plain, (key) => own.has(key))
  }
  const rules = need(code, /(\w+)=\{codeRemoveIndent:/)
  code = withoutProperties(code, rules, (key) => OF_OTHERS.test(key))
  // The grammar's expressions are put together by calls that change nothing else.
  code = replace(code, new RegExp(`([=:])${edit}\\(`, "g"), `$1/*@__PURE__*/${edit}(`)
  return `${code}export{${lexer} as Lexer}`
}

interface Property {
  readonly key: string
  readonly start: number
  readonly end: number
}

/** Of the object that a top-level `name` is made with. */
function propertiesOf(code: string, name: string): readonly Property[] {
  const made = parseAst(code).body.flatMap((each) => (each.type === "VariableDeclaration" ? each.declarations : []))
  const object = made.find(({ id }) => id.type === "Identifier" && id.name === name)?.init
  if (object?.type !== "ObjectExpression") throw changed(`${name} is no object`)
  return object.properties.map((each) => {
    const isNamed = each.type === "Property" && each.key.type === "Identifier"
    return { key: isNamed && each.key.type === "Identifier" ? each.key.name : "", start: each.start, end: each.end }
  })
}

function withoutProperties(code: string, name: string, isLeftOut: (key: string) => boolean): string {
  const all = propertiesOf(code, name)
  const [first, last] = [all.at(0), all.at(-1)]
  if (!first || !last || !all.some(({ key }) => isLeftOut(key))) throw changed(`nothing to leave out of ${name}`)
  const kept = all.filter(({ key }) => !isLeftOut(key)).map(({ start, end }) => code.slice(start, end))
  return code.slice(0, first.start) + kept.join(",") + code.slice(last.end)
}

function need(code: string, pattern: RegExp): string {
  const found = pattern.exec(code)?.[1]
  if (found === undefined) throw changed(String(pattern))
  return found
}

function replace(code: string, pattern: RegExp, words: string): string {
  const replaced = code.replaceAll(pattern, words)
  if (replaced === code) throw changed(String(pattern))
  return replaced
}

function replaceOne(code: string, pattern: RegExp, words: string): string {
  if (!pattern.test(code)) throw changed(String(pattern))
  return code.replace(pattern, words)
}

const changed = (what: string): Error => new Error(`a library is built in another way (${what}): look at diet.ts`)
