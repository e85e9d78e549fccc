import { describe, expect, test } from 'vitest'
import { OverheadBudget } from '../../src/hooks/executor/overhead.ts'
import type { Link } from '../../src/hooks/registry/link.ts'
import type { Slot } from '../../src/hooks/registry/slot.ts'
import { nothing, registryOf } from './kernel-samples.ts'

const POINT = 'BeforeToolExecution'

interface Told {
  readonly share: number
  readonly budget: number
  readonly hooks: readonly string[]
}

/** A budget over hooks, given as name → options. */
function bench(hooks: Record<string, object>, executor: object = { overheadBudget: 0.1 }) {
  const registry = registryOf(executor)
  for (const [name, options] of Object.entries(hooks))
    registry.register({ points: POINT, handler: nothing, options: { name, ...options } })
  const slot = registry.points.slot(POINT)
  const link = (name: string) => slot.links.find((each) => each.name === name) as Link
  const told: Told[] = []
  const budget = new OverheadBudget(
    () => registry.points.all,
    (share, limit, names) => told.push({ share, budget: limit, hooks: names }),
  )
  /** Operations of a time of their own, in which hooks that are not shed take theirs. */
  const operations = (times: number, ownMs: number, costs: Record<string, number> = {}, at: Slot = slot) => {
    for (let i = 0; i < times; i++) {
      let ms = 0
      for (const [name, cost] of Object.entries(costs)) {
        if (link(name).shed) continue
        link(name).meter.count++
        link(name).meter.record(cost, 0)
        ms += cost
      }
      budget.count(ownMs, [{ slot: at, passes: 1, hookMs: ms }])
    }
  }
  const shed = () => budget.stats().flatMap((group) => group.shed.map(({ hook }) => hook))
  return { registry, slot, link, told, budget, operations, shed }
}

describe('judging', () => {
  test('before there was a window it knows of no share', () => {
    const { budget, operations } = bench({ a: {} })
    expect(budget.stats()).toEqual([])
    operations(99, 10, { a: 5 })
    expect(budget.stats()).toEqual([{ budget: 0.1, share: 0, operations: 99, shed: [] }])
  })

  test('at the 100th operation', () => {
    const { budget, operations, told, link } = bench({ a: {} })
    operations(100, 10, { a: 5 })
    expect(budget.stats()).toEqual([{ budget: 0.1, share: 0.5, operations: 0, shed: [{ hook: 'a', point: POINT }] }])
    expect(told).toEqual([{ share: 0.5, budget: 0.1, hooks: ['a'] }])
    expect(link('a').shed).toBe(true)
  })

  test('a share of exactly the budget is within it', () => {
    const { operations, shed, budget } = bench({ a: {} }, { overheadBudget: 0.5 })
    operations(100, 2, { a: 1 })
    expect(budget.stats()[0]?.share).toBe(0.5)
    expect(shed()).toEqual([])
    operations(100, 2, { a: 1.01 })
    expect(shed()).toEqual(['a'])
  })

  test('operations of less than 1 ms do not count, those of 1 ms do', () => {
    const { operations, budget } = bench({ a: {} })
    operations(100, 0.999, { a: 5 })
    expect(budget.stats()).toEqual([])
    operations(1, 1, { a: 5 })
    expect(budget.stats()[0]?.operations).toBe(1)
  })

  test('each window by itself', () => {
    const { operations, shed, budget } = bench({ a: {} })
    operations(100, 100, { a: 1 })
    expect(budget.stats()[0]?.share).toBe(0.01)
    operations(100, 10, { a: 0.99 })
    expect(shed()).toEqual([])
    expect(budget.stats()[0]?.share).toBeCloseTo(0.099)
  })

  test('false turns it off', () => {
    const { operations, budget, link } = bench({ a: {} }, { overheadBudget: false })
    operations(100, 10, { a: 50 })
    expect(budget.stats()).toEqual([])
    expect(link('a').shed).toBe(false)
  })

  test('points with different budgets are judged apart', () => {
    const { registry, operations, budget, shed } = bench(
      { a: {} },
      { overheadBudget: 0.1, points: { AfterToolExecution: { overheadBudget: 0.9 } } },
    )
    registry.register({ points: 'AfterToolExecution', handler: nothing, options: { name: 'b' } })
    const after = registry.points.slot('AfterToolExecution')
    operations(100, 10, {}, after)
    operations(100, 10, { a: 5 })
    expect(budget.stats().map((each) => [each.budget, each.operations])).toEqual([
      [0.9, 0],
      [0.1, 0],
    ])
    expect(shed()).toEqual(['a'])
  })

  test('a budget counts the operations that pass its points, and sheds hooks there, not elsewhere', () => {
    const { registry, operations, budget, shed } = bench(
      { a: {} },
      { overheadBudget: 0.1, points: { AfterToolExecution: { overheadBudget: 0.9 } } },
    )
    const { links } = registry.register({
      points: 'AfterToolExecution',
      handler: nothing,
      options: { name: 'b', criticality: -9 },
    })
    links[0]!.meter.count = 100
    links[0]!.meter.record(5, 0)
    operations(50, 10, { a: 5 })
    operations(60, 10, {}, registry.points.slot('AfterToolExecution'))
    expect(budget.stats().map((each) => [each.budget, each.operations])).toEqual([
      [0.1, 50],
      [0.9, 60],
    ])
    operations(50, 10, { a: 5 })
    expect(shed()).toEqual(['a'])
  })

  test('points of one budget are judged together, an operation once', () => {
    const { registry, slot, budget } = bench({ a: {} })
    const after = registry.points.slot('AfterToolExecution')
    for (let i = 0; i < 100; i++)
      budget.count(10, [
        { slot, passes: 1, hookMs: 1 },
        { slot: after, passes: 1, hookMs: 2 },
      ])
    expect(budget.stats()).toMatchObject([{ share: 0.3, operations: 0 }])
  })
})

describe('shedding', () => {
  test('the least critical goes first, until the rest fits', () => {
    const { operations, shed, told } = bench({ vital: { criticality: 5 }, trifle: { criticality: -5 }, plain: {} })
    operations(100, 100, { vital: 5, trifle: 10, plain: 5 })
    expect(shed()).toEqual(['trifle'])
    expect(told[0]?.hooks).toEqual(['trifle'])
  })

  test('as many as it takes', () => {
    const { operations, shed } = bench({ vital: { criticality: 5 }, trifle: { criticality: -5 }, plain: {} })
    operations(100, 100, { vital: 11, trifle: 5, plain: 5 })
    expect(shed()).toEqual(['trifle', 'plain', 'vital'])
  })

  test('among equals the one registered last', () => {
    const { operations, shed } = bench({ first: {}, second: {} })
    operations(100, 100, { first: 6, second: 6 })
    expect(shed()).toEqual(['second'])
  })

  test('guards and hooks that fail closed never are', () => {
    const { operations, shed, told } = bench({
      g: { kind: 'guard' },
      c: { onFailure: 'closed' },
      o: { kind: 'observe' },
    })
    operations(100, 10, { g: 50, c: 50, o: 0.1 })
    expect(shed()).toEqual(['o'])
    const none = bench({ g: { kind: 'guard' } })
    none.operations(100, 10, { g: 50 })
    expect(none.shed()).toEqual([])
    expect(none.told).toEqual([])
    expect(told).toHaveLength(1)
  })

  test('a hook that costs nothing would not help', () => {
    const { operations, shed } = bench({ free: { criticality: -1 }, dear: {} })
    operations(100, 10, { free: 0, dear: 5 })
    expect(shed()).toEqual(['dear'])
  })

  test('what it cost before the window does not count', () => {
    const { operations, shed } = bench({ once: { criticality: -1 }, dear: {} })
    operations(100, 1_000, { once: 50 })
    expect(shed()).toEqual([])
    operations(100, 10, { dear: 5 })
    expect(shed()).toEqual(['dear'])
  })

  test('one that is shed already is not shed again', () => {
    const { operations, shed, told } = bench({ a: { criticality: -1 }, b: {} })
    operations(100, 10, { a: 1.5 })
    operations(100, 10, { b: 1.5 })
    expect(shed()).toEqual(['a', 'b'])
    expect(told.map(({ hooks }) => hooks)).toEqual([['a'], ['b']])
  })

  test('its point makes a new chain without it', () => {
    const { operations, slot } = bench({ a: { criticality: -1 }, b: {} })
    expect(slot.chainFor(slot.component)?.links).toHaveLength(2)
    operations(100, 10, { a: 5 })
    expect(slot.chainFor(slot.component)?.links.map(({ name }) => name)).toEqual(['b'])
    expect(slot.chainFor(slot.component)?.shed.map(({ name }) => name)).toEqual(['a'])
  })
})

describe('coming back', () => {
  /** `a` is shed at a cost of 5 of 100; `b` stays, and costs what it is told. */
  function shedding() {
    const all = bench({ a: { criticality: -1 }, b: { kind: 'guard' } })
    all.operations(100, 100, { a: 5, b: 6 })
    expect(all.shed()).toEqual(['a'])
    return { ...all, window: (b: number) => all.operations(100, 100, { b }) }
  }

  test.each([
    ['fits under four fifths of the budget', 3, []],
    ['would not', 3.01, ['a']],
  ])('a hook whose last cost %s', (_, b, left) => {
    const { window, shed, told } = shedding()
    window(b)
    expect(shed()).toEqual(left)
    expect(told.length).toBe(left.length === 0 ? 2 : 1)
  })

  test('one that does not fit is tried again after 10 windows, then 20, 40 … up to 160', () => {
    const { operations, shed } = bench({ a: {} })
    const waits: number[] = []
    for (let trial = 0; trial < 7; trial++) {
      operations(100, 10, { a: 5 })
      expect(shed()).toEqual(['a'])
      let windows = 0
      while (shed().length > 0) {
        operations(100, 10, { a: 5 })
        windows++
      }
      waits.push(windows)
    }
    expect(waits).toEqual([10, 20, 40, 80, 160, 160, 160])
  })

  test('one that came back because it fits begins with 10 again', () => {
    const { operations, shed } = bench({ a: {}, b: { criticality: 1 } })
    operations(100, 10, { a: 5 })
    for (let i = 0; i < 10; i++) operations(100, 10)
    expect(shed()).toEqual([])
    operations(100, 100, { a: 11 })
    for (let i = 0; i < 20; i++) operations(100, 100)
    expect(shed()).toEqual([])
    operations(100, 100, { b: 6, a: 5 })
    expect(shed()).toEqual(['a'])
    operations(100, 100, { b: 3 })
    expect(shed()).toEqual([])
    operations(100, 10, { a: 5 })
    for (let i = 0; i < 9; i++) operations(100, 10)
    expect(shed()).toEqual(['a'])
    operations(100, 10)
    expect(shed()).toEqual([])
  })

  test('one a window, the most critical first', () => {
    const { operations, shed } = bench({
      low: { criticality: -2 },
      mid: { criticality: -1 },
      high: {},
      guard: { kind: 'guard' },
    })
    operations(100, 100, { low: 4, mid: 4, high: 4, guard: 9 })
    const left = [shed()]
    for (let i = 0; i < 3; i++) {
      operations(100, 100)
      left.push(shed())
    }
    expect(left).toEqual([['low', 'mid', 'high'], ['low', 'mid'], ['low'], []])
  })

  test('one that was taken away is forgotten', () => {
    const { operations, shed, link, registry, told } = bench({ a: {} })
    operations(100, 10, { a: 5 })
    registry.unregister(link('a').hook)
    operations(100, 10)
    expect(shed()).toEqual([])
    expect(told).toHaveLength(1)
  })

  test('a group that has shed all its hooks still sees operations that pass other points', () => {
    const { operations, shed, registry } = bench(
      { a: {} },
      { overheadBudget: 0.1, points: { 'After*': { overheadBudget: 0.9 } } },
    )
    operations(100, 10, { a: 0.79 })
    operations(100, 10, { a: 5 })
    expect(shed()).toEqual(['a'])
    const after = registry.points.slot('AfterToolExecution')
    operations(1_000, 10, {}, after)
    expect(shed()).toEqual([])
  })
})

test('the time of operations is counted for each point, the short ones too', () => {
  const { budget, slot, operations, registry } = bench({ a: {} })
  expect(budget.operationMs(slot)).toBe(0)
  operations(2, 0.5)
  operations(1, 10)
  expect(budget.operationMs(slot)).toBe(11)
  expect(budget.operationMs(registry.points.slot('ToolError'))).toBe(0)
})
