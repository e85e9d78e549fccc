import { createMemoryJournal } from 'hookchart/hooks'
import type { JournalEntry, RecordContent } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { errorOf } from '../support/refusal.ts'

const entry = (content: Partial<RecordContent> = {}): JournalEntry => ({
  toRecord: () => ({ type: 'effect', at: 1, operation: 'op', ...content }),
})

const single = (run: string) => ({ ...entry({ type: 'gate' }), run, correlationId: `c of ${run}` })

function closed(journal: ReturnType<typeof createMemoryJournal>, ...ids: string[]) {
  for (const id of ids) journal.open(id, 'c').close()
}

const idsOf = (journal: ReturnType<typeof createMemoryJournal>) => journal.runs().map(({ run }) => run)

test('the records of a run have version, run and index, in order', () => {
  const journal = createMemoryJournal()
  const run = journal.open('run-1', 'c')
  run.append(entry({ at: 3 }))
  run.append(entry({ type: 'settled', extra: true }))
  expect(journal.read('run-1')).toEqual([
    { version: 1, run: 'run-1', index: 0, type: 'effect', at: 3, operation: 'op' },
    { version: 1, run: 'run-1', index: 1, type: 'settled', at: 1, operation: 'op', extra: true },
  ])
})

test('a record is made when it is read, not when it is appended', () => {
  const journal = createMemoryJournal()
  let status = 'started'
  journal.open('run-1', 'c').append({ toRecord: () => ({ type: 'effect', at: 0, operation: 'op', status }) })
  status = 'completed'
  expect(journal.read('run-1')[0]?.['status']).toBe('completed')
})

test('an unknown run has no records', () => {
  const journal = createMemoryJournal()
  expect(journal.read('nope')).toEqual([])
  journal.append(single('run-1'))
  expect(journal.read('nope')).toEqual([])
})

test('each run has its own', () => {
  const journal = createMemoryJournal()
  journal.open('run-1', 'c').append(entry({ at: 1 }))
  journal.open('run-2', 'c').append(entry({ at: 2 }))
  expect([journal.read('run-1')[0]?.at, journal.read('run-2')[0]?.at]).toEqual([1, 2])
})

test('commit has nothing to wait for', () => {
  expect(createMemoryJournal().open('run-1', 'c').commit()).toBeUndefined()
})

test('a firing outside an operation is a finished run of one record', () => {
  const journal = createMemoryJournal()
  journal.append(single('run-1'))
  expect(journal.runs()).toEqual([{ run: 'run-1', correlationId: 'c of run-1', finished: true, records: 1 }])
  expect(journal.read('run-1')).toEqual([{ version: 1, run: 'run-1', index: 0, type: 'gate', at: 1, operation: 'op' }])
})

describe('the list of runs', () => {
  test('has the finished ones, the oldest first, and then the unfinished ones', () => {
    const journal = createMemoryJournal()
    const open = journal.open('open', 'c1')
    closed(journal, 'a', 'b')
    open.append(entry())
    expect(journal.runs()).toEqual([
      { run: 'a', correlationId: 'c', finished: true, records: 0 },
      { run: 'b', correlationId: 'c', finished: true, records: 0 },
      { run: 'open', correlationId: 'c1', finished: false, records: 1 },
    ])
    open.close()
    expect(journal.runs().map(({ run, finished }) => [run, finished])).toEqual([
      ['a', true],
      ['b', true],
      ['open', true],
    ])
  })

  test('a run is finished once, however often it is closed', () => {
    const journal = createMemoryJournal()
    const run = journal.open('a', 'c')
    run.close()
    run.close()
    expect(idsOf(journal)).toEqual(['a'])
  })

  test('what comes after the end is kept with the run', () => {
    const journal = createMemoryJournal()
    const run = journal.open('a', 'c')
    run.close()
    run.append(entry({ type: 'late' }))
    expect(journal.read('a')).toMatchObject([{ type: 'late', index: 0 }])
  })
})

describe('how many are kept', () => {
  test('the last finished ones, the oldest first, however many came before', () => {
    const journal = createMemoryJournal({ maxFinishedRuns: 3 })
    closed(journal, 'a', 'b', 'c')
    expect(idsOf(journal)).toEqual(['a', 'b', 'c'])
    closed(journal, 'd')
    expect(idsOf(journal)).toEqual(['b', 'c', 'd'])
    journal.append(single('e'))
    closed(journal, 'f', 'g')
    expect(idsOf(journal)).toEqual(['e', 'f', 'g'])
    expect(journal.read('a')).toEqual([])
  })

  test('one, if that is asked for', () => {
    const journal = createMemoryJournal({ maxFinishedRuns: 1 })
    closed(journal, 'a', 'b')
    expect(idsOf(journal)).toEqual(['b'])
  })

  test('1,000 by default', () => {
    const journal = createMemoryJournal()
    closed(journal, ...Array.from({ length: 1_001 }, (_, i) => `run-${i}`))
    expect(idsOf(journal)).toHaveLength(1_000)
    expect(idsOf(journal)[0]).toBe('run-1')
  })

  test('all unfinished ones', () => {
    const journal = createMemoryJournal({ maxFinishedRuns: 1 })
    for (let i = 0; i < 5; i++) journal.open(`run-${i}`, 'c')
    expect(idsOf(journal)).toHaveLength(5)
  })

  test('of two runs with one id the later counts', () => {
    const journal = createMemoryJournal()
    closed(journal, 'a')
    journal.open('a', 'c').append(entry())
    expect(journal.read('a')).toHaveLength(1)
  })

  test.each([[0], [-1], [1.5], ['2']])('%j is refused', (maxFinishedRuns) => {
    const error = errorOf(() => createMemoryJournal({ maxFinishedRuns: maxFinishedRuns as number }))
    expect(error.code).toBe('INVALID_OPTIONS')
    expect(error.message).toMatch(/^createMemoryJournal: "maxFinishedRuns"/)
  })

  test('an unknown option is refused', () => {
    expect(errorOf(() => createMemoryJournal({ maxRuns: 1 } as never)).message).toContain('"maxRuns"')
  })
})
