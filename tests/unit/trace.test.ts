import { blame, redoChanges, undoChanges } from 'hookchart/hooks'
import type { TraceEntry } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { changeData } from '../../src/hooks/change.ts'
import type { Change, GateData } from '../../src/hooks/change.ts'
import { traceOf } from '../../src/hooks/trace.ts'
import type { TraceCause, TraceLine, TraceRecord } from '../../src/hooks/trace.ts'

const POINT = 'BeforeToolExecution'

const line = (more: Partial<TraceLine> = {}): TraceLine => ({
  at: 1,
  point: null,
  component: 'tool',
  hook: null,
  kind: 'operation',
  type: 'completed',
  durationMs: 0,
  outcome: 'ok',
  parent: null,
  ...more,
})

const record = (cause: TraceCause | undefined, ...lines: TraceLine[]): TraceRecord => ({ cause, lines: () => lines })
const under = (of: TraceRecord, at = 0): TraceCause => ({ record: of, line: () => at })

/** Changes that hooks made to data, one after another, as a trace. */
function changes(from: GateData, steps: readonly (readonly [hook: string, patch: unknown, point?: string])[]) {
  let data = from
  const trace = steps.map(([hook, patch, point = POINT], seq): TraceEntry => {
    const change = changeData(data, patch as object, undefined) as Change
    data = change.data
    const { patches, inversePatches } = change
    return { ...line({ hook, point, kind: 'transform', type: 'modified' }), seq, patches, inversePatches }
  })
  return { trace, data }
}

describe('traceOf', () => {
  test('numbers the entries and links each to its parent', () => {
    const root = record(undefined, line())
    const gate = record(
      under(root),
      line({ kind: 'gate' }),
      line({ hook: 'a', parent: 0 }),
      line({ hook: 'a/b', parent: 1 }),
    )
    const child = record(under(gate, 2), line({ component: 'child' }))
    expect(traceOf([root, gate, child], root, 10).map(({ seq, parent }) => [seq, parent])).toEqual([
      [0, null],
      [1, 0],
      [2, 1],
      [3, 2],
      [4, 3],
    ])
  })

  test('of an operation within a run it has what lies under it, and its parent is nobody', () => {
    const root = record(undefined, line())
    const child = record(under(root), line({ component: 'child' }))
    const inner = record(under(child), line({ component: 'inner' }))
    const other = record(under(root), line({ component: 'other' }))
    expect(traceOf([root, child, inner, other], child, 10).map(({ component, parent }) => [component, parent])).toEqual(
      [
        ['child', null],
        ['inner', 0],
      ],
    )
  })

  test('what belongs to nothing is left out', () => {
    const root = record(undefined, line())
    expect(traceOf([root, record(undefined, line({ component: 'stray' }))], root, 10)).toHaveLength(1)
  })

  test('a record without lines takes no place', () => {
    const root = record(undefined, line())
    const empty = record(under(root))
    const last = record(under(root), line({ component: 'last' }))
    expect(traceOf([root, empty, last], root, 10).map(({ seq }) => seq)).toEqual([0, 1])
    expect(traceOf([empty], empty, 10)).toEqual([])
  })

  test('the place in a record is asked for when the trace is read', () => {
    let at = 0
    const root = record(undefined, line(), line({ parent: 0 }))
    const child = record({ record: root, line: () => at }, line())
    at = 1
    expect(traceOf([root, child], root, 10)[2]?.parent).toBe(1)
  })

  test('as many entries as allowed are kept; the rest is counted in one more', () => {
    const root = record(undefined, line({ at: 5 }), line({ at: 7, component: 'second', parent: 0 }))
    const more = record(under(root), line(), line())
    expect(traceOf([root, more], root, 4)).toHaveLength(4)
    expect(traceOf([root, more], root, 2)).toEqual([
      expect.objectContaining({ seq: 0, at: 5 }),
      expect.objectContaining({ seq: 1, at: 7 }),
      {
        seq: 2,
        at: 7,
        point: null,
        component: 'second',
        hook: null,
        kind: 'cut',
        type: 'cut',
        durationMs: 0,
        outcome: 'ok',
        message: '2 more entries',
        parent: 0,
      },
    ])
    const [last, cut] = traceOf(
      [root, record(under(root), line({ at: 9, component: 'third' }), line())],
      root,
      3,
    ).slice(-2)
    expect(cut).toMatchObject({ kind: 'cut', message: '1 more entries', seq: 3, at: 9, component: 'third' })
    expect(last).toMatchObject({ seq: 2, parent: 0 })
  })
})

describe('blame', () => {
  const { trace } = changes({ input: { a: 1, list: [1, 2] } }, [
    ['whole', { input: { a: 2, b: { c: 1 }, list: [1, 2] } }],
    ['same', { input: { a: 2, b: { c: 1 }, list: [1, 2] } }],
    ['deep', (draft: { input: { b: { c: number } } }) => void (draft.input.b.c = 2)],
    ['list', (draft: { input: { list: number[] } }) => void draft.input.list.push(3)],
    ['removes', (draft: { input: { a?: number } }) => void delete draft.input.a],
  ])
  const { trace: removed } = changes({ input: { a: 1 } }, [
    ['removes', (draft: { input: { a?: number } }) => void delete draft.input.a],
    ['adds', { extra: 1 }],
  ])

  test.each<[string | (string | number)[], string | undefined]>([
    ['input.a', 'removes'],
    ['input.b', 'deep'],
    ['input.b.c', 'deep'],
    ['input.b.d', undefined],
    ['input.list', 'list'],
    [['input', 'list', 2], 'list'],
    [['input', 'list', 0], undefined],
    [['input', 'list', '2'], 'list'],
    ['input', 'removes'],
    ['output', undefined],
    ['inputs', undefined],
  ])('%j: %s', (path, name) => {
    expect(blame(trace, path)?.hook).toBe(name)
  })

  test('a value that was taken away is blamed on who took it', () => {
    expect(blame(removed, 'input.a')?.hook).toBe('removes')
    expect(blame(removed, 'extra')?.hook).toBe('adds')
  })

  test('an element that was taken off the end of a list is, too', () => {
    const { trace: popped } = changes({ input: { list: [1, 2, 3] } }, [
      ['pops', (draft: { input: { list: number[] } }) => void draft.input.list.pop()],
    ])
    expect(blame(popped, ['input', 'list', 2])?.hook).toBe('pops')
    expect(blame(popped, ['input', 'list', 1])).toBeUndefined()
  })

  test('a key that is given as undefined is as absent as before', () => {
    const { trace: given } = changes({ input: 1 }, [['gives', { extra: undefined }]])
    expect(given[0]?.patches).toHaveLength(1)
    expect(blame(given, 'extra')).toBeUndefined()
  })

  test('who changed several parts of an object is blamed for the whole', () => {
    const { trace: swapped } = changes({ input: { a: { n: 1 }, b: { n: 2 } } }, [
      [
        'swaps',
        (draft: { input: Record<'a' | 'b', { n: number }> }) => {
          draft.input.a.n = 2
          draft.input.b.n = 1
        },
      ],
    ])
    expect(blame(swapped, 'input')?.hook).toBe('swaps')
    expect(blame(swapped, 'input.a')?.hook).toBe('swaps')
  })

  test('who set another part of the object around it is not blamed', () => {
    const { trace: parts } = changes({ input: { a: 1, b: 1 } }, [
      ['a', { input: { a: 2, b: 1 } }],
      ['b', { input: { a: 2, b: 2 } }],
    ])
    expect(blame(parts, 'input.a')?.hook).toBe('a')
    expect(blame(parts, 'input.b')?.hook).toBe('b')
  })

  test('the entry is that of the trace', () => {
    expect(blame(trace, 'input.b.c')).toBe(trace[2])
  })

  test('without changes nobody is', () => {
    expect(blame([], 'input')).toBeUndefined()
    expect(blame([{ ...line(), seq: 0 }], 'input')).toBeUndefined()
  })

  test('a path through what is no object leads to nobody', () => {
    const { trace: flat } = changes({ input: 'x' }, [['flat', { input: 'y' }]])
    expect(blame(flat, 'input.length')).toBeUndefined()
    expect(blame(flat, 'input')?.hook).toBe('flat')
    const { trace: none } = changes({ input: null }, [['none', { input: { a: null } }]])
    expect(blame(none, 'input.a')?.hook).toBe('none')
  })

  test('a key with a dot is reached by a list', () => {
    const { trace: dotted } = changes({ input: {} }, [['dots', { input: { 'a.b': 1 } }]])
    expect(blame(dotted, ['input', 'a.b'])?.hook).toBe('dots')
    expect(blame(dotted, 'input.a.b')).toBeUndefined()
  })
})

describe('redoChanges and undoChanges', () => {
  const from = { input: { n: 1, list: [1] } }
  const steps: Parameters<typeof changes>[1] = [
    ['a', (draft: { input: { n: number } }) => void (draft.input.n = 2)],
    ['b', (draft: { input: { n: number; list: number[] } }) => void draft.input.list.push(draft.input.n)],
    ['c', { extra: true }],
    ['d', (draft: { input: { list: number[] } }) => void draft.input.list.shift()],
  ]
  const { trace, data } = changes(from, steps)

  test('make all changes again, in order, and take them back', () => {
    expect(data).toEqual({ input: { n: 2, list: [2] }, extra: true })
    expect(redoChanges(from, trace, POINT)).toEqual(data)
    expect(undoChanges(data, trace, POINT)).toEqual(from)
  })

  test('leave what they are given as it is', () => {
    const before = JSON.stringify([from, data])
    redoChanges(Object.freeze(from), trace, POINT)
    undoChanges(data, trace, POINT)
    expect(JSON.stringify([from, data])).toBe(before)
  })

  test('only changes of that point count', () => {
    const other = trace.map((entry) => ({ ...entry, point: 'AfterToolExecution' }))
    expect(redoChanges(from, other, POINT)).toBe(from)
    expect(undoChanges(from, other, POINT)).toBe(from)
    expect(redoChanges(from, [...other, ...trace], POINT)).toEqual(data)
  })

  test('entries without changes change nothing', () => {
    expect(redoChanges(from, [{ ...line({ point: POINT }), seq: 0 }], POINT)).toBe(from)
    expect(undoChanges(from, [{ ...line({ point: POINT }), seq: 0 }], POINT)).toBe(from)
  })
})
