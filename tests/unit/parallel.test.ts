import { hook } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { parallel } from '../../src/hooks/executor/patterns/parallel.ts'
import type { GateRules } from '../../src/hooks/executor/pass.ts'
import { newOutcome } from '../../src/hooks/executor/outcome.ts'
import type { Outcome } from '../../src/hooks/executor/outcome.ts'
import { runUnit } from '../../src/hooks/executor/run-unit.ts'
import { drive } from '../../src/hooks/flow.ts'
import type { GateData } from '../../src/hooks/change.ts'
import type { MergeChanges } from '../../src/hooks/compose/pattern.ts'
import { deferred } from '../support/kernel.ts'
import { kernelOf, passOf, unitOf } from './kernel-samples.ts'

interface Options {
  concurrency?: number
  merge?: MergeChanges
  rules?: GateRules
  data?: object
  checked?: boolean
}

/** Runs handlers as the children of a parallel composite. */
function run(handlers: readonly (() => unknown)[], options: Options = {}) {
  const { concurrency = 99, merge, rules = {}, data = { a: 0, b: 0, inner: { x: 0, y: 0 } }, checked = true } = options
  const sample = kernelOf({ checked })
  const pass = passOf(rules, data as never, sample)
  const outcomes: Outcome[] = []
  const own = newOutcome(
    unitOf('all', () => undefined),
    0,
  )
  const end = drive(
    parallel({ type: 'parallel', concurrency, merge })({
      outcome: own,
      children: handlers.map((handler, i) => unitOf(`c${i}`, handler)),
      scope: pass.scope,
      outcomes,
      pass,
      runUnit: (unit, scope, list) => runUnit(pass, unit, scope, list),
    }),
  )
  return { end, scope: pass.scope, own, outcomes, pass, clock: sample.clock }
}

const edit = (change: (draft: never) => unknown) => () => hook.modified(change as never)
const set = (patch: object) => () => hook.modified(patch)
interface Inner {
  inner: { x: number; y: number }
}

describe('changes', () => {
  test('of different paths are merged in declaration order', () => {
    const { end, scope, own, outcomes } = run([
      set({ b: 1 }),
      edit((draft: Inner) => void (draft.inner.x = 1)),
      set({ a: 1 }),
      edit((draft: Inner) => void (draft.inner.y = 1)),
    ])
    expect(end).toBeUndefined()
    expect(scope.data).toEqual({ a: 1, b: 1, inner: { x: 1, y: 1 } })
    expect(scope.changes.map(({ patches }) => patches[0]!.path.join('.'))).toEqual(['b', 'inner.x', 'a', 'inner.y'])
    expect(scope.changes.at(-1)?.data).toBe(scope.data)
    expect(own.change).toBeUndefined()
    expect(outcomes.map(({ change, message }) => [change === undefined, message])).toEqual(
      Array.from({ length: 4 }, () => [false, undefined]),
    )
  })

  test('those of one child alone stay its own', () => {
    const { own, outcomes } = run([set({ a: 1 }), () => undefined])
    expect(own.change).toBeUndefined()
    expect(outcomes[0]?.change?.data).toMatchObject({ a: 1 })
  })

  test('each child works on what was given', () => {
    const seen: unknown[] = []
    run([set({ a: 1 }), (...[ctx]: unknown[]) => void seen.push((ctx as { data: unknown }).data)])
    expect(seen).toEqual([{ a: 0, b: 0, inner: { x: 0, y: 0 } }])
  })

  test('without any the data stays the same object', () => {
    const data = { a: 0 }
    expect(run([() => undefined, () => hook.skipped()], { data }).scope.data).toBe(data)
  })

  test.each<[string, (() => unknown)[], string]>([
    ['one key', [set({ a: 1 }), set({ a: 2 })], 'a'],
    [
      'one path',
      [edit((draft: Inner) => void (draft.inner.x = 1)), edit((draft: Inner) => void (draft.inner.x = 2))],
      'inner.x',
    ],
    [
      'a part of what the other replaced',
      [edit((draft: Inner) => void (draft.inner.x = 1)), set({ inner: 7 })],
      'inner.x',
    ],
    [
      'what holds what the other changed',
      [set({ inner: 7 }), edit((draft: Inner) => void (draft.inner.x = 1))],
      'inner.x',
    ],
    ['the last of several', [set({ b: 1 }), set({ a: 1 }), set({ c: 1, b: 2 })], 'b'],
    ['some in the middle', [set({ a: 1 }), set({ b: 1 }), set({ a: 2 }), set({ c: 1 })], 'a'],
  ])('by two children of %s are a conflict', (_, handlers, path) => {
    const { end, scope } = run(handlers)
    expect(end).toEqual({
      type: 'conflict',
      problem: `has two children that change "${path}"; give it a merge function`,
    })
    expect(scope.changes).toEqual([])
  })

  test('of keys with a common beginning are none', () => {
    expect(run([set({ ab: 1 }), set({ abc: 1 })], { data: {} }).scope.data).toEqual({ ab: 1, abc: 1 })
  })

  test('the merged data must fit the schema', async () => {
    const checkData = (data: unknown) =>
      (data as { a: number; b: number }).a + (data as { b: number }).b > 1 ? 'a and b are too much' : undefined
    expect(run([set({ a: 1 }), set({ b: 1 })], { rules: { checkData } }).end).toEqual({
      type: 'conflict',
      problem: 'has children whose changes do not fit the schema together: a and b are too much',
    })
    const later = run([set({ a: 1 }), set({ b: 1 })], { rules: { checkData: async (data) => checkData(data) } })
    expect(await later.end).toMatchObject({ type: 'conflict' })
    expect(run([set({ a: 1 }), set({ b: 0 })], { rules: { checkData } }).end).toBeUndefined()
  })

  test('what the schema makes of them together is one change, the composite’s', () => {
    const settled = ({ a, b }: GateData) => (a === 1 && b === 1 ? { a: 5 } : undefined)
    const { end, scope, own, outcomes } = run([set({ a: 1 }), set({ b: 1 })], { rules: { settled } })
    expect(end).toBeUndefined()
    expect(scope.data).toMatchObject({ a: 5, b: 1 })
    expect(scope.changes).toHaveLength(1)
    expect(own.change?.patches.map(({ path, value }) => [path.join('.'), value as unknown])).toEqual([
      ['a', 1],
      ['b', 1],
      ['a', 5],
    ])
    expect(outcomes.map(({ change, message }) => [change, message])).toEqual([
      [undefined, 'merged into all'],
      [undefined, 'merged into all'],
    ])
  })

  test('the data is frozen where it is checked', () => {
    const handlers = [edit((draft: Inner) => void (draft.inner.x = 1)), set({ a: 1 })]
    expect(Object.isFrozen(run(handlers).scope.data)).toBe(true)
    expect(Object.isFrozen(run(handlers, { checked: false }).scope.data)).toBe(false)
  })
})

describe('a merge function', () => {
  test('gets what was given and each changed copy, in declaration order', () => {
    const calls: unknown[] = []
    const merge: MergeChanges = (base, changed) => {
      calls.push([base['a'], changed.map((each) => each['a'])])
      return { ...base, a: changed.reduce((sum, each) => sum + Number(each['a']), 0) }
    }
    const { scope } = run([set({ a: 1 }), () => undefined, set({ a: 2 })], { merge })
    expect(calls).toEqual([[0, [1, 2]]])
    expect(scope.data).toMatchObject({ a: 3, b: 0 })
    expect(scope.changes).toHaveLength(1)
  })

  test('is not asked where only one child changed something', () => {
    const merge = () => {
      throw new Error('not asked')
    }
    expect(run([set({ a: 1 }), () => undefined], { merge }).scope.data).toMatchObject({ a: 1 })
  })

  test.each<[string, () => unknown, string]>([
    ['gives nothing', () => undefined, 'has a merge function that gave no plain object'],
    ['gives a list', () => [], 'has a merge function that gave no plain object'],
    [
      'throws',
      () => {
        throw new Error('no way')
      },
      'has a merge function that failed: no way',
    ],
    [
      'throws a text',
      () => {
        throw 'no way'
      },
      'has a merge function that failed: no way',
    ],
    [
      'gives what is no JSON',
      () => ({ a: () => 1 }),
      'has a merge function whose result is not JSON: "a" is a function',
    ],
  ])('that %s is a conflict', (_, merge, problem) => {
    expect(run([set({ a: 1 }), set({ a: 2 })], { merge: merge as MergeChanges }).end).toEqual({
      type: 'conflict',
      problem,
    })
  })

  test('the result must fit the schema too', () => {
    const rules = { checkData: (data: unknown) => ((data as { a: number }).a > 5 ? 'too much' : undefined) }
    const merge: MergeChanges = (base) => ({ ...base, a: 6 })
    expect(run([set({ a: 1 }), set({ a: 2 })], { merge, rules }).end).toMatchObject({
      problem: expect.stringContaining('too much'),
    })
  })
})

describe('the rest of what children come to', () => {
  test('the strongest verdict counts, with the changes of the others', () => {
    const { end, scope } = run([() => hook.replace(1), set({ a: 1 }), () => hook.cancel('no')])
    expect(end).toMatchObject({ type: 'cancel', reason: 'no', hook: 'c2' })
    expect(scope.data).toMatchObject({ a: 1 })
  })

  test('state and the first cache note are taken over', () => {
    const { scope } = run([
      () => hook.cache({ key: 'first' }, { state: { a: 1 } }),
      () => hook.cache({ key: 'second' }, { state: { b: 2 } }),
    ])
    expect(scope.cache).toEqual({ key: 'first', ttlMs: 300_000, hook: 'c0' })
    expect(scope.statePatch).toEqual({ a: 1, b: 2 })
  })

  test('outcomes stand in declaration order, whoever ends first', async () => {
    const [first, second] = [deferred(), deferred()]
    const { end, outcomes } = run([() => first.promise, () => second.promise])
    second.resolve()
    first.resolve()
    await end
    expect(outcomes.map(({ unit, outcome }) => [unit.name, outcome])).toEqual([
      ['c0', 'ok'],
      ['c1', 'ok'],
    ])
  })

  test('as many at once as allowed', async () => {
    const gates = [deferred(), deferred(), deferred()]
    const started: number[] = []
    const { end, clock } = run(
      gates.map(({ promise }, i) => () => {
        started.push(i)
        return promise
      }),
      { concurrency: 2 },
    )
    expect(started).toEqual([0, 1])
    gates[1]!.resolve()
    await clock.settle()
    expect(started).toEqual([0, 1, 2])
    for (const { resolve } of gates) resolve()
    await end
  })

  test('who starts later has what the others have left, also of what is still running', async () => {
    const seen: number[] = []
    const gates = [deferred(), deferred()]
    const { end, clock } = run(
      [
        () => gates[0]!.promise,
        () => gates[1]!.promise,
        () => new Promise<void>((resolve) => clock.setTimeout(() => resolve(void seen.push(clock.now())), 2_000)),
      ],
      { concurrency: 2 },
    )
    const start = clock.now()
    await clock.advance(400)
    gates[0]!.resolve()
    await clock.settle()
    await clock.advance(599)
    gates[1]!.resolve()
    let ended = false
    void Promise.resolve(end).then(() => (ended = true))
    await clock.settle()
    expect(ended).toBe(false)
    await clock.advance(1)
    expect([ended, clock.now() - start, seen]).toEqual([true, 1_000, []])
  })

  test('together they took as long as the longest', async () => {
    const { end, scope, clock } = run([
      () => new Promise<void>((resolve) => clock.setTimeout(resolve, 30)),
      () => new Promise<void>((resolve) => clock.setTimeout(resolve, 70)),
    ])
    await clock.advance(70)
    await end
    expect(scope.leftMs).toBe(930)
  })
})
