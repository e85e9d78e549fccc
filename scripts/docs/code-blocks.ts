/** Fenced code blocks in lines of text: Markdown pages and doc comments alike. */

/** A fenced block. */
export interface CodeBlock {
  /** What follows the fence: `ts`, `ts no-run`, … */
  readonly info: string
  /** The number of its first line of code, from 1. */
  readonly line: number
  readonly code: string
}

/** The blocks, and the lines that stand in none, by their numbers. */
export interface Fenced {
  readonly blocks: readonly CodeBlock[]
  readonly prose: readonly { readonly line: number; readonly text: string }[]
}

const OPENING = /^(?<indent>\s*)(?<fence>`{3,})(?<info>[^`]*)$/

/** Splits lines into blocks and prose. `firstLine` is the number of the first one. */
export function splitFences(lines: readonly string[], firstLine = 1): Fenced {
  const blocks: CodeBlock[] = []
  const prose: { line: number; text: string }[] = []
  for (let i = 0; i < lines.length; i++) {
    const text = lines[i]!
    const opening = OPENING.exec(text)?.groups
    if (opening === undefined) {
      prose.push({ line: firstLine + i, text })
      continue
    }
    const { indent, fence, info } = opening as Record<'indent' | 'fence' | 'info', string>
    const start = i + 1
    const code: string[] = []
    while (++i < lines.length && !closes(lines[i]!, fence)) code.push(unindent(lines[i]!, indent.length))
    blocks.push({ info: info.trim(), line: firstLine + start, code: code.join('\n') + '\n' })
  }
  return { blocks, prose }
}

/** A fence is closed by one of at least its length with nothing behind it. */
function closes(line: string, fence: string): boolean {
  const text = line.trim()
  return text.length >= fence.length && /^`+$/.test(text)
}

/** A block inside a list item is indented as a whole. */
function unindent(line: string, width: number): string {
  return line.slice(0, width).trim() === '' ? line.slice(width) : line
}
