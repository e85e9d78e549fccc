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

/** The lines of the timeline. */
export function timeline(trace: readonly TraceEntry[], columns: number, styles: Styles): string {
  const first = trace[0]?.at ?? 0
  const hooks = trace.filter(({ hook }) => hook !== null)
  const lines = hooks.slice(0, MOST).map((entry) => rowOf(entry, first, styles))
  const head = styles.bold('Hooks')
  if (lines.length === 0) return `${head}\n  none ran`
  const text = columns < NARROW ? lines.flatMap((row) => narrow(row, columns)) : wide(lines, columns)
  const rest = hooks.length - lines.length
  const cut = trace.find(({ kind }) => kind === 'cut')?.message
  return [
    head,
    ...text,
    ...(rest > 0 ? [styles.dim(`  and ${String(rest)} more; --json has them`)] : []),
    ...(cut === undefined ? [] : [styles.dim(`  ${cut}`)]),
  ].join('\n')
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
    return cliTruncate(`  ${cells.join('  ')}`.trimEnd(), columns)
  })
}

function narrow([at, where, hook, what, duration]: Row, columns: number): string[] {
  return [`  ${at}  ${where}`, `    ${hook}: ${what} ${duration}`].map((line) => cliTruncate(line, columns))
}
