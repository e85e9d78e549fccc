/** What each hook did in a run, in order. Data is not shown: the changes of a hook are counted. */
import cliTruncate from 'cli-truncate'
import stringWidth from 'string-width'
import type { TraceEntry } from '../src/hooks/trace.ts'
import { durationText } from './duration-text.ts'
import type { Styles } from './output.ts'

/** More are counted; `--json` has them all. */
const MOST = 60
/** A narrower terminal gets two lines for each. */
const NARROW = 72

/** The lines of the timeline. Where there are too many, those come first that did something. */
export function timeline(trace: readonly TraceEntry[], columns: number, styles: Styles): string {
  const { bold, dim } = styles
  const first = trace[0]?.at ?? 0
  const hooks = trace.filter(({ hook }) => hook !== null)
  const chosen = hooks.length > MOST ? hooks.filter(isEventful) : hooks
  const rows = chosen.slice(0, MOST).map((entry) => rowOf(entry, first, styles))
  const rest = hooks.length - rows.length
  const cut = trace.find(({ kind }) => kind === 'cut')?.message
  return [
    bold('Hooks'),
    ...(hooks.length === 0 ? ['  none ran'] : []),
    ...(columns < NARROW ? rows.flatMap((row) => narrow(row, columns)) : wide(rows, columns)),
    ...(rest > 0 ? [dim(fitted(`  and ${String(rest)} more, all of them by --json`, columns))] : []),
    ...(cut === undefined ? [] : [dim(fitted(`  the trace was full: ${cut}`, columns))]),
  ].join('\n')
}

function isEventful({ kind, type, outcome }: TraceEntry): boolean {
  return outcome !== 'ok' || (kind !== 'observe' && type !== 'continue')
}

function fitted(line: string, columns: number): string {
  return columns === Infinity ? line : cliTruncate(line, columns)
}

type Row = readonly [at: string, where: string, hook: string, what: string, duration: string]

function rowOf(entry: TraceEntry, first: number, { red, yellow, green, dim }: Styles): Row {
  const { at, component, point, hook, type, outcome, code, durationMs, patches } = entry
  const changes = patches === undefined ? '' : ` (${String(patches.length)})`
  const what = outcome === 'ok' ? type + changes : outcome + (code === undefined ? '' : ` [${code}]`)
  const colour = outcome !== 'ok' ? (outcome === 'skipped' ? dim : yellow) : type === 'cancel' ? red : green
  return [
    dim(durationText(at - first)),
    `${component} ${dim(point ?? '')}`,
    hook ?? '',
    colour(what),
    dim(durationText(durationMs)),
  ]
}

function wide(rows: readonly Row[], columns: number): string[] {
  const widths = [0, 1, 2, 3, 4].map((i) => Math.max(...rows.map((row) => stringWidth(row[i] ?? ''))))
  return rows.map((row) => {
    const cells = row.map((cell, i) => {
      const blank = ' '.repeat((widths[i] ?? 0) - stringWidth(cell))
      return i === 0 || i === 4 ? blank + cell : cell + blank
    })
    return fitted(`  ${cells.join('  ')}`.trimEnd(), columns)
  })
}

function narrow([at, where, hook, what, duration]: Row, columns: number): string[] {
  return [`  ${at}  ${where}`, `    ${hook}: ${what} ${duration}`].map((line) => fitted(line, columns))
}
