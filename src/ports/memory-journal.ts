/** The journal in memory: unfinished runs and the last finished ones. */
import * as z from 'zod'
import { parseOptions } from '../options.ts'
import type { Journal, JournalEntry, JournalRecord, RunJournal, RunSummary, SingleEntry } from './journal.ts'

/** Options of {@link createMemoryJournal}. */
export interface MemoryJournalOptions {
  /** Finished runs kept; older ones are dropped. Default 1,000. */
  readonly maxFinishedRuns?: number
}

/** A memory journal reads synchronously. */
export interface MemoryJournal extends Journal {
  read(run: string): readonly JournalRecord[]
  runs(): readonly RunSummary[]
}

interface OpenedRun {
  readonly run: string
  readonly correlationId: string
  readonly entries: JournalEntry[]
}

type StoredRun = OpenedRun | SingleEntry

const schema = z.strictObject({ maxFinishedRuns: z.int().positive().default(1_000) })

/**
 * A journal that keeps its records in memory: all unfinished runs and the last finished ones.
 *
 * @throws INVALID_OPTIONS
 * @example
 * ```ts
 * import { createHooks, createMemoryJournal } from 'hookchart/hooks'
 * const journal = createMemoryJournal({ maxFinishedRuns: 10 })
 * const hooks = createHooks({ journal })
 * const result = await hooks.wrap({ name: 'double' }, (n: number) => n * 2)(21)
 * console.assert(journal.read(result.id).some((record) => record.type === 'effect'))
 * ```
 */
export function createMemoryJournal(options: MemoryJournalOptions = {}): MemoryJournal {
  const { maxFinishedRuns } = parseOptions(schema, options, 'createMemoryJournal')
  const unfinished = new Set<OpenedRun>()
  const finished: StoredRun[] = []
  let next = 0

  const finish = (run: StoredRun) => {
    finished[next] = run
    if (++next === maxFinishedRuns) next = 0
  }
  const stored = () => [...finished.slice(next), ...finished.slice(0, next), ...unfinished]

  return {
    open(run, correlationId): RunJournal {
      const entries: JournalEntry[] = []
      const opened = { run, correlationId, entries }
      unfinished.add(opened)
      return {
        append: (entry) => {
          entries.push(entry)
        },
        commit: () => undefined,
        close: () => {
          if (unfinished.delete(opened)) finish(opened)
        },
      }
    },
    append(entry) {
      finish(entry)
    },
    read: (id) => {
      const found = stored().findLast(({ run }) => run === id)
      if (found === undefined) return []
      return listOf(found).map((entry, index) => ({ version: 1, run: id, index, ...entry.toRecord() }))
    },
    runs: () =>
      stored().map((each) => ({
        run: each.run,
        correlationId: each.correlationId,
        finished: !('entries' in each && unfinished.has(each)),
        records: listOf(each).length,
      })),
  }
}

function listOf(run: StoredRun): readonly JournalEntry[] {
  return 'entries' in run ? run.entries : [run]
}
