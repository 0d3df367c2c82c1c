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
  if (tick !== -1) return tick === plain.length - 1 ? block.slice(0, tick) : `${block}\``
  const whole = holdLink(block, plain)
  return closeMarks(whole, plain.slice(0, whole.length))
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

/** Closes what is open. A mark at the very end says nothing yet, and waits. */
function closeMarks(block: string, plain: string): string {
  const open: string[] = []
  for (const { 0: mark, index } of plain.matchAll(/\*\*|~~|\*/g)) {
    const after = plain[index + mark.length]
    const closes = index > 0 && !/\s/.test(plain[index - 1] ?? " ") && open.includes(mark)
    if (closes) open.splice(open.lastIndexOf(mark))
    else if (after === undefined) return closed(block.slice(0, index), open)
    else if (!/\s/.test(after)) open.push(mark)
  }
  return closed(block, open)
}

/** A mark cannot close after a space: the space goes behind it. */
function closed(block: string, open: readonly string[]): string {
  if (open.length === 0) return block
  const words = block.trimEnd()
  return words + open.toReversed().join("") + block.slice(words.length)
}
