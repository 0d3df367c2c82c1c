/**
 * What the bundle leaves out of the libraries it is made of, and why nobody misses it. Each of these
 * stops the build when its library is made in another way by then, rather than quietly doing nothing.
 */
import { parseAst, type Plugin } from "vite"

export const diet = (): Plugin[] => [webSocketOnly(), ...textOnly(), lexerOnly(), tightTemplates()]

/** Puts other sources where files of `library` import these. */
function instead(library: string, sources: Readonly<Record<string, string>>): Plugin {
  const mark = `\0${library}:`
  const missed = new Set(Object.keys(sources))
  return {
    name: `less-of-${library}`,
    apply: "build",
    enforce: "pre",
    resolveId(source, importer) {
      if (!(source in sources) || !importer?.includes(`/${library}/`)) return undefined
      missed.delete(source)
      return mark + source
    },
    load: (id) => (id.startsWith(mark) ? sources[id.slice(mark.length)] : undefined),
    buildEnd() {
      if (missed.size > 0) this.error(`${library} no longer imports ${[...missed].join()}: look at diet.ts`)
    },
  }
}

/**
 * The studio speaks WebSocket only (contract, section 5), and connection.ts hands that transport over
 * itself: the library's list of all of its own stays empty, and the others are not there.
 */
const webSocketOnly = (): Plugin =>
  instead("engine.io-client", {
    "./transports/index.js": "export const transports = {}",
    "./transports/polling-fetch.js": "export const Fetch = undefined",
    "./transports/polling-xhr.js": "export const XHR = undefined",
    "./transports/polling-xhr.node.js": "export const XHR = undefined",
    "./transports/webtransport.js": "export const WT = undefined",
  })

/** Every frame is JSON, both ways: nothing takes attachments out of one, or puts them back. */
const textOnly = (): Plugin[] => [
  instead("socket.io-parser", {
    "./binary.js": "export const deconstructPacket = undefined, reconstructPacket = undefined",
    "./is-binary.js": "export const isBinary = () => false, hasBinary = isBinary",
  }),
  instead("engine.io-parser", {
    "./contrib/base64-arraybuffer.js": "export const decode = undefined",
  }),
]

/** The indentation of templates is nothing that anybody sees; a line's end stays, as a space between words. */
const tightTemplates = (): Plugin => ({
  name: "tight-templates",
  apply: "build",
  enforce: "pre",
  transform: (code, id) =>
    /\/web\/src\/.*\.ts$/.test(id) ? { code: code.replaceAll(/\n\s+/g, "\n"), map: null } : undefined,
})

const lexerOnly = (): Plugin => ({
  name: "lexer-only",
  apply: "build",
  transform: (code, id) => (id.endsWith("/marked/lib/marked.esm.js") ? { code: leanLexer(code), map: null } : undefined),
})

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
  code = replace(code, /\{normal:(\w+),gfm:(\w+)(,breaks:\w+)?,pedantic:\w+\}/g, "{gfm:$2$3}")
  // The grammar's expressions are put together by calls that change nothing else.
  code = replace(code, new RegExp(`([=:])${edit}\\(`, "g"), `$1/*@__PURE__*/${edit}(`)
  return `${code}export{${lexer} as Lexer}`
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

const changed = (what: string): Error => new Error(`marked is built in another way (${what}): look at leanLexer`)
