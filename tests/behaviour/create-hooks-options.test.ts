/** The options of `createHooks`, of its memory journal, and of firing, listing and defining points: two values, two outcomes. */
import { createHooks, createMemoryJournal, definePoint, hook } from 'hookchart/hooks'
import type { CreateHooksOptions, FireOptions, HookContext, HookFilter } from 'hookchart/hooks'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { bench, TOOL } from '../support/kernel.ts'
import { outcomesOf } from '../support/outcomes.ts'
import { errorOf } from '../support/refusal.ts'

const POINT = 'BeforeToolExecution'

/** The result of a tool behind hooks with these options. */
async function result(options: CreateHooksOptions) {
  const { hooks } = bench(options)
  hooks.register(POINT, () => undefined, { name: 'quiet' })
  hooks.register(POINT, () => hook.modified({ input: 2 }), { name: 'change' })
  return hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
}

describe('createHooks', () => {
  test('clock: the time in traces', async () => {
    const at = async (startAt: number) => (await result({ clock: createTestClock(startAt) })).trace[0]!.at
    expect(await outcomesOf(at, 0, 5_000)).toEqual([0, 5_000])
  })

  test('ids: the ids of operations', async () => {
    const id = async (prefix: string) => (await result({ ids: createTestIds(prefix) })).id
    expect(await outcomesOf(id, 'a', 'b')).toEqual(['a-1', 'b-1'])
  })

  test('journal: where runs are recorded', async () => {
    const [first, second] = [createMemoryJournal(), createMemoryJournal()]
    const runs = async (journal: typeof first) => {
      await result({ journal })
      return [first.runs().length, second.runs().length]
    }
    expect(await outcomesOf(runs, first, second)).toEqual([
      [1, 0],
      [1, 1],
    ])
  })

  test('trace: how much is told', async () => {
    const told = async (trace: 'full' | 'decisions' | 'off') =>
      (await result({ trace })).trace.flatMap((entry) => entry.hook ?? [])
    expect(await outcomesOf(told, 'full', 'decisions', 'off')).toEqual([['quiet', 'change'], ['change'], []])
  })

  test('maxTraceEntries: what is over is cut and counted', async () => {
    const last = async (maxTraceEntries: number) => (await result({ maxTraceEntries })).trace.at(-1)!.kind
    expect(await outcomesOf(last, 2, 20)).toEqual(['cut', 'effect'])
  })

  test('executor: how hooks are run', async () => {
    const timeout = (timeoutMs: number) => {
      const { hooks } = bench({ executor: { timeoutMs } })
      hooks.register(POINT, () => undefined)
      return hooks.explain(POINT).hooks[0]!.timeoutMs
    }
    expect(await outcomesOf(timeout, 10, 20)).toEqual([10, 20])
  })

  test('points: those of your own that are there from the start', async () => {
    const own = definePoint('mine', { phase: 'before' })
    const known = (points: (typeof own)[]) => {
      const { hooks } = bench({ points })
      return points.length === 0 ? errorOf(() => hooks.explain('custom:mine')).code : hooks.explain('custom:mine').point
    }
    expect(await outcomesOf(known, [own], [])).toEqual(['custom:mine', 'UNKNOWN_POINT'])
  })
})

test('maxFinishedRuns: how many ended runs a memory journal keeps', async () => {
  const kept = async (maxFinishedRuns: number) => {
    const journal = createMemoryJournal({ maxFinishedRuns })
    const work = createHooks({ journal, clock: createTestClock() }).wrap({ name: 'work' }, () => 1)
    for (let i = 0; i < 5; i++) await work(undefined)
    return journal.runs().length
  }
  expect(await outcomesOf(kept, 2, 4)).toEqual([2, 4])
})

describe('hooks.run', () => {
  /** What a hook that is registered for one component sees of a firing. */
  async function seen(options: FireOptions) {
    const { hooks } = bench()
    let ctx: HookContext | undefined
    hooks.register('SystemStartup', (given) => void (ctx = given), { match: { component: '*' } })
    await hooks.run('SystemStartup', {} as never, options)
    return ctx!
  }

  test('component: what it fires for', async () => {
    const name = async (named: string) => (await seen({ component: { type: 'tool', name: named } })).component.name
    expect(await outcomesOf(name, 'a', 'b')).toEqual(['a', 'b'])
  })

  test('signal: an abort ends it', async () => {
    const decision = async (aborts: boolean) => {
      const { hooks, clock } = bench()
      hooks.register(POINT, () => new Promise<void>((resolve) => clock.setTimeout(resolve, 10)))
      const controller = new AbortController()
      const running = hooks.run<string>(POINT, { input: 1 }, { signal: controller.signal })
      if (aborts) controller.abort()
      await clock.advanceSteps(10)
      return (await running).type
    }
    expect(await outcomesOf(decision, true, false)).toEqual(['cancel', 'continue'])
  })

  test('correlationId: what hooks and journal know it by', async () => {
    const id = async (correlationId: string) => (await seen({ correlationId })).correlationId
    expect(await outcomesOf(id, 'order-1', 'order-2')).toEqual(['order-1', 'order-2'])
  })

  test('metadata: handed to hooks', async () => {
    const metadata = async (userId: string) => (await seen({ metadata: { userId } })).metadata
    expect(await outcomesOf(metadata, 'ann', 'bob')).toEqual([{ userId: 'ann' }, { userId: 'bob' }])
  })
})

describe('hooks.list', () => {
  const { hooks } = bench()
  hooks.register(POINT, () => undefined, { name: 'a', priority: 'high', tags: ['x'], language: 'lua' })
  hooks.register('ToolError', () => undefined, { name: 'b', tags: ['y'] })
  const names = (filter: HookFilter) => hooks.list(filter).map(({ name }) => name)

  test.each<[string, readonly [HookFilter, HookFilter]]>([
    ['point', [{ point: POINT }, { point: 'ToolError' }]],
    ['priority', [{ priority: 'high' }, { priority: 0 }]],
    ['tag', [{ tag: 'x' }, { tag: 'y' }]],
    ['language', [{ language: 'lua' }, { language: 'native' }]],
  ])('%s: which hooks are listed', async (_, filters) => {
    expect(await outcomesOf(names, ...filters)).toEqual([['a'], ['b']])
  })
})

describe('definePoint', () => {
  test('phase: what hooks may do there', async () => {
    const decisions = (phase: 'before' | 'notify') => definePoint('mine', { phase }).decisions.length
    expect(await outcomesOf(decisions, 'before', 'notify')).toEqual([8, 0])
    const stops = async (phase: 'before' | 'notify') => {
      const point = definePoint('mine', { phase })
      const { hooks } = bench({ points: [point] })
      hooks.register('custom:mine', () => hook.cancel('no'))
      return (await hooks.run<string>('custom:mine', {})).type
    }
    expect(await outcomesOf(stops, 'before', 'notify')).toEqual(['cancel', 'continue'])
  })

  test('schema: which data it takes', async () => {
    const outcome = async (schema: z.ZodType) => {
      const { hooks, seen } = bench({ points: [definePoint('mine', { phase: 'before', schema })] })
      hooks.register('custom:mine', seen.handler('called'))
      try {
        await hooks.run<string>('custom:mine', { to: 'ann' })
      } catch (error) {
        return (error as { code?: string }).code
      }
      return seen.order.join()
    }
    const schemas = [z.object({ to: z.string() }), z.object({ to: z.number() })] as const
    expect(await outcomesOf(outcome, ...schemas)).toEqual(['called', 'POINT_DATA_INVALID'])
  })

  test('decisions: which of the phase hooks may take', async () => {
    const type = async (decisions: ('cancel' | 'modified')[]) => {
      const { hooks } = bench({ points: [definePoint('mine', { phase: 'before', decisions })] })
      hooks.register('custom:mine', () => hook.cancel('no'))
      return (await hooks.run<string>('custom:mine', {})).type
    }
    expect(await outcomesOf(type, ['cancel'], ['modified'])).toEqual(['cancel', 'continue'])
  })

  test('doc: what it says of itself', async () => {
    expect(await outcomesOf((doc: string) => definePoint('mine', { phase: 'before', doc }).doc, 'a', 'b')).toEqual([
      'a',
      'b',
    ])
  })
})
