/** The options of the executor, for all points and for some: of each, two values that come to two outcomes. */
import type { PointOptions } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { bench, hook, TOOL } from '../support/kernel.ts'
import type { Bench } from '../support/kernel.ts'
import { outcomesOf } from '../support/outcomes.ts'

const POINT = 'BeforeToolExecution'

type Outcome = (all: Bench) => unknown

/** How often a tool behind a hook that sends it to itself is begun. */
const rounds = (again: (name: string) => (ctx: never) => unknown): Outcome =>
  async function count({ hooks }) {
    let calls = 0
    hooks.register(POINT, ((ctx: never) => {
      calls++
      return again('self')(ctx)
    }) as () => undefined)
    const targets: Record<string, (input: never) => unknown> = {}
    const self = hooks.wrap({ name: 'self', ...TOOL, targets }, () => 1)
    targets['self'] = self
    await self(undefined)
    return calls
  }

/** Whether a tool behind hooks that take so long each is refused. */
const waiting = (count: number, ms: number, kind: 'guard' | 'transform'): Outcome =>
  async function status({ hooks, clock }) {
    for (let i = 0; i < count; i++) {
      hooks.register(POINT, () => new Promise<void>((resolve) => clock.setTimeout(resolve, ms)), { kind })
    }
    const running = hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
    await clock.advanceSteps(count * ms)
    return (await running).status
  }

/** The values of each option, what is done, and what it comes to. */
const outcomes: {
  readonly [Name in keyof PointOptions]-?: readonly [
    values: readonly [PointOptions[Name], PointOptions[Name]],
    outcome: Outcome,
    expected: readonly [unknown, unknown],
  ]
} = {
  timeoutMs: [[100, '201ms'], waiting(1, 200, 'guard'), ['cancelled', 'completed']],
  gateTimeoutMs: [['500ms', 700], waiting(3, 200, 'guard'), ['cancelled', 'completed']],
  breaker: [
    [{ failureThreshold: 1 }, false],
    async ({ hooks, seen }) => {
      const failing = seen.handler('failing', () => {
        throw new Error('broken')
      })
      hooks.register(POINT, failing)
      const work = hooks.wrap({ name: 'work', ...TOOL }, () => 1)
      for (let i = 0; i < 4; i++) await work(undefined)
      return seen.calls.length
    },
    [1, 4],
  ],
  overheadBudget: [
    [0.1, false],
    async ({ hooks, clock }) => {
      hooks.register(POINT, () => void clock.advance(20), { name: 'costly', breaker: false })
      const work = hooks.wrap({ name: 'work', ...TOOL }, () => void clock.advance(100))
      for (let i = 0; i < 100; i++) await work(undefined)
      return hooks.explain(POINT).hooks.map(({ shed }) => shed)
    },
    [[true], [false]],
  ],
  maxDepth: [
    [2, 5],
    rounds((name) => (ctx: { run: { tool: (tool: string) => unknown } }) => void ctx.run.tool(name)),
    [3, 6],
  ],
  maxRedirects: [[2, 5], rounds((name) => () => hook.redirect(name)), [3, 6]],
}

describe.each(Object.entries(outcomes))('%s', (name, [values, outcome, expected]) => {
  test('for all points', async () => {
    const come = (value: unknown) => outcome(bench({ executor: { [name]: value } }))
    expect(await outcomesOf(come, ...values)).toEqual(expected)
  })

  test('for some points', async () => {
    const come = (value: unknown) => outcome(bench({ executor: { points: { [POINT]: { [name]: value } } } }))
    expect(await outcomesOf(come, ...values)).toEqual(expected)
  })
})

test('points: what is said of other points does not hold', async () => {
  const [, outcome] = outcomes.maxRedirects
  const come = (point: string) => outcome(bench({ executor: { points: { [point]: { maxRedirects: 2 } } } }))
  expect(await outcomesOf(come, 'Before*', 'After*')).toEqual([3, 9])
})
