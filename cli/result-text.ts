/** How a run ended, as a table. */
import wrapAnsi from 'wrap-ansi'
import type { RunResult } from '../src/hooks/run-result.ts'
import { durationText } from './duration-text.ts'
import type { Styles } from './output.ts'

/** The longest output that is shown whole, in characters; `--json` has all of it. */
const LONGEST = 4_000

/** The lines of the table. */
export function resultText(result: RunResult, columns: number, styles: Styles): string {
  const { status, durationMs, attempts, id, usage } = result
  const isFine = status === 'completed' || status === 'partial'
  const rows: [string, string][] = [['status', isFine ? styles.green(status) : styles.red(status)]]
  if ('output' in result) rows.push(['output', cut(textOf(result.output))])
  if (result.error !== undefined) rows.push(['error', `${result.error.message} [${result.error.code}]`])
  rows.push(['duration', durationText(durationMs)])
  if (attempts !== 1) rows.push(['attempts', String(attempts)])
  if (usage !== undefined) rows.push(['usage', JSON.stringify(usage)])
  rows.push(['id', id])
  const width = Math.max(...rows.map(([name]) => name.length))
  const lines = rows.flatMap(([name, value]) => cell(name.padEnd(width), value, columns, styles))
  return [styles.bold('Result'), ...lines].join('\n')
}

function cell(name: string, value: string, columns: number, { dim }: Styles): string[] {
  const indent = 2 + name.length + 2
  const room = Math.max(10, columns - indent)
  const text = room === Infinity ? value : wrapAnsi(value, room, { hard: true, trim: false })
  const lines = text.split('\n')
  return lines.map((line, i) => (i === 0 ? `  ${dim(name)}  ${line}` : ' '.repeat(indent) + line))
}

function textOf(output: unknown): string {
  if (output === undefined) return 'none'
  return typeof output === 'string' ? output : JSON.stringify(output, null, 2)
}

function cut(text: string): string {
  if (text.length <= LONGEST) return text
  return `${text.slice(0, LONGEST)}\n… ${String(text.length - LONGEST)} characters more; --json has them`
}
