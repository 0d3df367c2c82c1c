/**
 * Markdown that is still being written, made whole enough to show: nothing flashes as raw signs and
 * turns into something else a moment later. Only the last block is touched.
 */
export function settle(text: string): string {
  const start = lastBlock(text)
  const [done, block] = [text.slice(0, start), text.slice(start)]
  if (isInFence(text)) return text
  return done + settleInline(settleTable(block))
}

/** Where the block that is being written begins: after the last empty line. */
function lastBlock(text: string): number {
  const at = text.lastIndexOf("\n\n")
  return at === -1 ? 0 : at + 2
}

function isInFence(text: string): boolean {
  const fences = text.match(/^ {0,3}(```|~~~)/gm)
  return fences !== null && fences.length % 2 === 1
}

/** A table is a table from its delimiter row on; until then its head would stand there as text. */
function settleTable(block: string): string {
  if (!block.trimStart().startsWith("|")) return block
  const lines = block.split("\n")
  const delimiter = lines[1]
  if (delimiter === undefined || !/^\s*\|?(\s*:?-+:?\s*\|)+\s*:?-*:?\s*$/.test(delimiter)) return ""
  if (lines.length === 2 && columns(delimiter) < columns(lines[0] ?? "")) return ""
  return block
}

const columns = (line: string): number =>
  line.trim().replace(/^\|/, "").replace(/\|$/, "").split("|").length

function settleInline(block: string): string {
  const plain = block.replace(/`[^`\n]*`/g, (code) => "x".repeat(code.length))
  const tick = plain.lastIndexOf("`")
  if (tick !== -1) return `${block}\``
  const whole = holdLink(block, plain)
  return whole + openMarks(plain.slice(0, whole.length), whole)
}

/** Half a link or image is held back: its address is nothing to look at. */
function holdLink(block: string, plain: string): string {
  const open = plain.lastIndexOf("[")
  if (open === -1) return block
  const rest = plain.slice(open)
  const isWhole = /^\[[^\]]*\]\([^)]*\)/.test(rest) || /^\[[^\]]*\][^(]/.test(rest)
  const isTask = /^\[[ xX]?\]?\s?/.test(rest) && /(^|\n)\s*[-*+]\s$/.test(plain.slice(0, open))
  if (isWhole || isTask) return block
  const bang = plain[open - 1] === "!" ? 1 : 0
  return block.slice(0, open - bang)
}

/** The closing signs that are still to come. */
function openMarks(plain: string, block: string): string {
  if (/(\*\*|~~|\*|_)$/.test(block) && /(^|\s)(\*\*|~~|\*|_)$/.test(block)) return ""
  let closing = ""
  for (const mark of ["**", "~~"]) {
    const count = plain.split(mark).length - 1
    if (count % 2 === 1) closing = mark + closing
  }
  const single = plain.replaceAll("**", "").replace(/(^|\n)\s*\*\s/g, "$1").match(/\*/g)
  if (single !== null && single.length % 2 === 1) closing = `*${closing}`
  // A mark cannot close after a space: "**bold " would stay as it is.
  return closing
}
