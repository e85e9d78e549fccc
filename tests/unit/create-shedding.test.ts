/** The options of `createShedding`, each with two values that come to two outcomes, and what it gives. */
import { createShedding, sheddingDefaults, sheddingMachine } from 'hookchart/machines'
import type { CreateSheddingOptions, Shedding } from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import { createActor } from 'xstate'
import { errorOf } from '../support/refusal.ts'

/** Windows of one operation, unless said otherwise. */
function bench(options: CreateSheddingOptions = {}) {
  const shedding = createShedding({ budget: 0.1, windowOperations: 1, ...options })
  shedding.add('a')
  return shedding
}

const shed = (shedding: Shedding) => shedding.stats().shed

/** Windows in which nothing is spent, until nothing is left out. */
function windowsUntilBack(shedding: Shedding, spent: Readonly<Record<string, number>> = {}): number {
  for (let i = 1; i < 1_000; i++) {
    shedding.count(100, spent)
    if (shed(shedding).length === 0) return i
  }
  return Infinity
}

const outcomes: {
  readonly [Name in keyof CreateSheddingOptions]-?: readonly [
    values: readonly [number, number],
    expected: readonly [unknown, unknown],
    (shedding: Shedding) => unknown,
  ]
} = {
  budget: [
    [0.1, 0.11],
    [['a'], []],
    (shedding) => {
      shedding.count(100, { a: 11 })
      return shed(shedding)
    },
  ],
  windowOperations: [
    [1, 2],
    [['a'], []],
    (shedding) => {
      shedding.count(100, { a: 50 })
      return shed(shedding)
    },
  ],
  shortestMs: [
    [1, 101],
    [['a'], []],
    (shedding) => {
      shedding.count(100, { a: 50 })
      return shed(shedding)
    },
  ],
  restoreRatio: [
    [0.8, 0.5],
    [1, 10],
    (shedding) => {
      shedding.add('b', { isKept: true })
      shedding.count(100, { a: 5, b: 6 })
      return windowsUntilBack(shedding, { b: 2 })
    },
  ],
  firstTrialWindows: [
    [10, 3],
    [10, 3],
    (shedding) => {
      shedding.count(100, { a: 50 })
      return windowsUntilBack(shedding)
    },
  ],
  lastTrialWindows: [
    [160, 15],
    [20, 15],
    (shedding) => {
      shedding.count(100, { a: 50 })
      windowsUntilBack(shedding)
      shedding.count(100, { a: 50 })
      return windowsUntilBack(shedding)
    },
  ],
}

describe.each(Object.entries(outcomes))('%s', (name, [values, expected, outcome]) => {
  test.each([0, 1] as const)('value %i', (i) => {
    expect(outcome(bench({ [name]: values[i] }))).toEqual(expected[i])
  })
})

test('without options it judges as the executor does', () => {
  expect(createShedding().actor.getSnapshot().context.settings).toEqual(sheddingDefaults)
  expect(sheddingDefaults).toEqual({
    budget: 0.05,
    windowOperations: 100,
    shortestMs: 1,
    restoreRatio: 0.8,
    firstTrialWindows: 10,
    lastTrialWindows: 160,
  })
})

test.each([{ budget: -1 }, { windowOperations: 0 }, { budgets: 1 }, { restoreRatio: 2 }, null])(
  '%j is refused',
  (bad) => {
    expect(errorOf(() => createShedding(bad as never)).code).toBe('INVALID_OPTIONS')
  },
)

test('the least critical goes first, among equals the last that came, and what is kept never', () => {
  const shedding = bench()
  shedding.add('b')
  shedding.add('vital', { criticality: 1 })
  shedding.add('kept', { criticality: -9, isKept: true })
  shedding.count(100, { a: 5, b: 5, vital: 5, kept: 9 })
  expect(shed(shedding)).toEqual(['b', 'a', 'vital'])
  expect(shedding.isShed('kept')).toBe(false)
})

test('its states: within, over when nothing may be left out, shedding', () => {
  const shedding = createShedding({ budget: 0.1, windowOperations: 1 })
  expect(shedding.state).toBe('within')
  shedding.add('kept', { isKept: true })
  shedding.count(100, { kept: 11 })
  expect(shedding.state).toBe('over')
  shedding.count(100, { kept: 10 })
  expect(shedding.state).toBe('within')
  shedding.add('a')
  shedding.count(100, { kept: 5, a: 6 })
  expect(shedding.state).toBe('shedding')
  shedding.remove('a')
  expect(shedding.state).toBe('over')
})

test('what took its time and is gone still counts in its window', () => {
  const shedding = bench({ windowOperations: 2 })
  shedding.add('b')
  shedding.count(100, { a: 40, b: 1 })
  shedding.remove('a')
  shedding.count(100, { b: 1 })
  expect(shedding.stats()).toEqual({ share: 0.21, operations: 0, shed: ['b'] })
})

test('one that was taken away and comes again is new', () => {
  const shedding = bench()
  shedding.count(100, { a: 50 })
  shedding.remove('a')
  expect(shed(shedding)).toEqual([])
  shedding.add('a')
  expect(shedding.isShed('a')).toBe(false)
  shedding.remove('nobody')
})

test('what is no time, or of nobody, counts as nothing', () => {
  const shedding = bench()
  shedding.add('toString')
  shedding.count(100, { a: NaN, nobody: 1_000 })
  shedding.count(NaN, { a: 50 })
  shedding.count(Infinity, { a: 50 })
  expect(shedding.stats()).toEqual({ share: 0, operations: 0, shed: [] })
  shedding.count(100, { a: Infinity })
  shedding.count(100)
  expect(shedding.stats()).toEqual({ share: 0, operations: 0, shed: [] })
  expect(errorOf(() => shedding.count(100, null as never))).toMatchObject({
    code: 'INVALID_OPTIONS',
    message: expect.stringContaining('shedding.count: spentMs') as string,
  })
})

test('the machine judges no window without a time', () => {
  const actor = createActor(sheddingMachine, { input: { ...sheddingDefaults, windowOperations: 2 } }).start()
  actor.send({ type: 'ADD', id: 'a', criticality: 0, isKept: false })
  for (const ownMs of [0, NaN, Infinity]) actor.send({ type: 'WINDOW', ownMs, spentMs: { a: 1 } })
  for (const ownMs of [Infinity, NaN]) actor.send({ type: 'OPERATION', ownMs, spentMs: { a: 1 } })
  expect(actor.getSnapshot()).toMatchObject({ value: 'within', context: { share: 0, operations: 0 } })
})

test('an id is taken once', () => {
  expect(errorOf(() => bench().add('a'))).toMatchObject({ code: 'INVALID_OPTIONS', details: { id: 'a' } })
  expect(errorOf(() => bench().add('b', { critical: 1 } as never)).message).toContain('shedding.add("b")')
})

test('disposed of, it leaves nothing out and counts nothing', () => {
  const shedding = bench()
  shedding.count(100, { a: 50 })
  shedding[Symbol.dispose]()
  expect(shedding.isShed('a')).toBe(false)
  shedding.count(100, { a: 50 })
  shedding.add('b')
  shedding.remove('a')
  expect(shedding.stats().operations).toBe(0)
  expect(shedding.actor.getSnapshot().status).toBe('stopped')
})

test('the machine alone counts operations itself, long ones only, and is JSON all the way', () => {
  const input = { ...sheddingDefaults, budget: 0.1, windowOperations: 2 }
  const actor = createActor(sheddingMachine, { input }).start()
  actor.send({ type: 'ADD', id: 'a', criticality: 0, isKept: false })
  actor.send({ type: 'ADD', id: 'a', criticality: 5, isKept: true })
  actor.send({ type: 'OPERATION', ownMs: 0.5, spentMs: { a: 9 } })
  actor.send({ type: 'OPERATION', ownMs: 10, spentMs: { a: 9 } })
  expect(actor.getSnapshot()).toMatchObject({ value: 'within', context: { operations: 1, ownMs: 10 } })
  actor.send({ type: 'OPERATION', ownMs: 10, spentMs: { a: 9 } })
  const { value, context } = actor.getSnapshot()
  expect([value, context.share, context.shed.map(({ id }) => id)]).toEqual(['shedding', 0.9, ['a']])
  expect(JSON.parse(JSON.stringify(context))).toEqual(context)
})
