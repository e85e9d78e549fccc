/** The options of a hook: of each, two values that come to two outcomes. */
import type { HookOptions } from 'hookchart/hooks'
import { expect, test } from 'vitest'
import { bench, hook, TOOL } from '../support/kernel.ts'
import type { Bench } from '../support/kernel.ts'
import { outcomesOf } from '../support/outcomes.ts'

const POINT = 'BeforeToolExecution'

/** A tool behind one hook with these options, which doubles the input. */
function hooked(options: HookOptions, handler: (all: Bench) => unknown = () => hook.modified({ input: 2 })) {
  const all = bench()
  let calls = 0
  const handle = all.hooks.register(
    POINT,
    () => {
      calls++
      return handler(all) as undefined
    },
    options,
  )
  const load = all.hooks.wrap({ name: 'load', ...TOOL }, (input: number) => input)
  return { ...all, handle, load, calls: () => calls }
}

const failing = () => {
  throw new Error('broken')
}

const output = async (options: HookOptions) => (await hooked(options).load(1)).output

/** The order in which a hook with these options and one called `other` run. */
async function orderWith(options: HookOptions) {
  const { hooks, seen } = bench()
  hooks.register(POINT, seen.handler('other'), { name: 'other' })
  hooks.register(POINT, seen.handler('this'), options)
  await hooks.wrap({ name: 'load', ...TOOL }, () => 1)(undefined)
  return seen.order.join()
}

/** What a list shows of a hook with these options. */
const listed = (options: HookOptions) => hooked(options).hooks.list()[0]!

test('name: what traces call it', async () => {
  const inTrace = async (name: string) =>
    (await hooked({ name }).load(1)).trace.find(({ kind }) => kind === 'transform')?.hook
  expect(await outcomesOf(inTrace, 'a', 'b')).toEqual(['a', 'b'])
})

test('kind: a transform changes the input, an observer does not, a guard refuses when it tries', async () => {
  const outcome = async (kind: HookOptions['kind']) => {
    const { status, output: made } = await hooked({ kind: kind! }).load(1)
    return [status, made]
  }
  expect(await outcomesOf(outcome, 'transform', 'observe', 'guard')).toEqual([
    ['completed', 2],
    ['completed', 1],
    ['cancelled', undefined],
  ])
})

test('priority: high runs first, low last', async () => {
  const order = async (priority: HookOptions['priority']) => orderWith({ priority: priority! })
  expect(await outcomesOf(order, 'high', 'low', -1, 1)).toEqual([
    'this,other',
    'other,this',
    'this,other',
    'other,this',
  ])
})

test('before: it runs before those that it names', async () => {
  expect(await outcomesOf((before: string[]) => orderWith({ before }), ['other'], [])).toEqual([
    'this,other',
    'other,this',
  ])
})

test('after: it runs after those that it names', async () => {
  const order = (after: string[]) => orderWith({ after, priority: -1 })
  expect(await outcomesOf(order, ['other'], [])).toEqual(['other,this', 'this,other'])
})

test('when: it is called only where this holds', async () => {
  expect(await outcomesOf((holds: boolean) => output({ when: () => holds }), true, false)).toEqual([2, 1])
})

test('match: it is called only for components that fit', async () => {
  const outcome = (match: HookOptions['match']) => output({ match: match! })
  expect(await outcomesOf(outcome, { component: 'load', type: 'tool' }, { component: 'save' })).toEqual([2, 1])
})

test('match.component: a glob over the name', async () => {
  expect(await outcomesOf((component: string) => output({ match: { component } }), 'lo*', 'sa*')).toEqual([2, 1])
})

test('match.type: the type', async () => {
  expect(await outcomesOf((type: string) => output({ match: { type } }), 'tool', 'agent')).toEqual([2, 1])
})

test('timeoutMs: an async call that takes longer is given up', async () => {
  const outcome = async (timeoutMs: number) => {
    const { load, clock } = hooked({ timeoutMs }, (all) =>
      new Promise<void>((resolve) => all.clock.setTimeout(resolve, 15)).then(() => hook.modified({ input: 2 })),
    )
    const running = load(1)
    await clock.advanceSteps(20)
    return (await running).output
  }
  expect(await outcomesOf(outcome, 10, 20)).toEqual([1, 2])
})

test('onFailure: open goes on without the hook, closed refuses', async () => {
  const status = async (onFailure: 'open' | 'closed') => (await hooked({ onFailure }, failing).load(1)).status
  expect(await outcomesOf(status, 'open', 'closed')).toEqual(['completed', 'cancelled'])
})

test('breaker: by its settings a hook that fails is not called any more', async () => {
  const calls = async (breaker: HookOptions['breaker']) => {
    const { load, calls: counted } = hooked({ breaker: breaker! }, failing)
    for (let i = 0; i < 4; i++) await load(1)
    return counted()
  }
  expect(await outcomesOf(calls, 'default', { failureThreshold: 1 }, false)).toEqual([3, 1, 4])
})

test('writes: explain tells of hooks that say they change the same', async () => {
  const overlaps = (writes: string[]) => {
    const { hooks } = hooked({ name: 'this', writes })
    hooks.register(POINT, () => undefined, { name: 'other', writes: ['input.a'] })
    return hooks.explain(POINT).overlaps.map(({ path }) => path)
  }
  expect(await outcomesOf(overlaps, ['input.a'], ['input.b'])).toEqual([['input.a'], []])
})

test('criticality: over the budget the lower is left out first', async () => {
  const shed = async (criticality: number) => {
    const { hooks, clock } = bench({ executor: { breaker: false, overheadBudget: 0.1 } })
    hooks.register(POINT, () => void clock.advance(8), { name: 'this', criticality })
    hooks.register(POINT, () => void clock.advance(8), { name: 'other' })
    const work = hooks.wrap({ name: 'work', ...TOOL }, () => void clock.advance(100))
    for (let i = 0; i < 100; i++) await work(undefined)
    return hooks.stats().overhead.flatMap((each) => each.shed.map(({ hook: name }) => name))
  }
  expect(await outcomesOf(shed, -1, 1)).toEqual([['this'], ['other']])
})

test('tags: what lists can be filtered by', async () => {
  const found = (tags: string[]) => hooked({ tags }).hooks.list({ tag: 'audit' }).length
  expect(await outcomesOf(found, ['audit'], ['other'])).toEqual([1, 0])
})

test('version: what lists show', async () => {
  expect(await outcomesOf((version: string) => listed({ version }).version, '1.0.0', '2.0.0')).toEqual([
    '1.0.0',
    '2.0.0',
  ])
})

test('description: what lists show', async () => {
  expect(await outcomesOf((description: string) => listed({ description }).description, 'a', 'b')).toEqual(['a', 'b'])
})

test('language: what lists can be filtered by and figures are counted by', async () => {
  const outcome = (language: 'native' | 'lua') => {
    const { hooks } = hooked({ language })
    return [hooks.list({ language: 'lua' }).length, hooks.stats().byLanguage]
  }
  expect(await outcomesOf(outcome, 'native', 'lua')).toEqual([
    [0, { native: 1 }],
    [1, { lua: 1 }],
  ])
})

test('once: it is called once, or each time', async () => {
  const calls = async (once: boolean) => {
    const { load, calls: counted } = hooked({ once })
    for (let i = 0; i < 3; i++) await load(1)
    return counted()
  }
  expect(await outcomesOf(calls, true, false)).toEqual([1, 3])
})

test('signal: it is gone when this is aborted', async () => {
  const outcome = async (aborts: boolean) => {
    const controller = new AbortController()
    const { load } = hooked({ signal: controller.signal })
    if (aborts) controller.abort()
    return (await load(1)).output
  }
  expect(await outcomesOf(outcome, true, false)).toEqual([1, 2])
})
