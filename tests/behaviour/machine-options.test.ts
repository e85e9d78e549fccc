/** The options of compiled runs, of gates in machines, of breakers and of shedding: of each, two values that come to two outcomes. */
import { createHooks, definePoint, hook } from 'hookchart/hooks'
import type { HookContext } from 'hookchart/hooks'
import { compile, createBreaker, createShedding, gate, hooked } from 'hookchart/machines'
import type { GateOptions, HookedEvent, RunOptions } from 'hookchart/machines'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import { assign, createActor, createMachine, emit, fromPromise, log, setup } from 'xstate'
import { outcomesOf } from '../support/outcomes.ts'
import { errorOf } from '../support/refusal.ts'

describe('compile(machine).run', () => {
  const machine = setup({
    types: { context: {} as { amount: number; made: unknown }, input: {} as { amount: number } },
    actors: { work: fromPromise<number>(async () => 0) },
  }).createMachine({
    id: 'job',
    context: ({ input }) => ({ amount: input.amount, made: undefined }),
    initial: 'waiting',
    states: {
      waiting: {
        entry: [emit({ type: 'begun' }), log('began')],
        after: { 100: 'working' },
      },
      working: {
        invoke: { src: 'work', onDone: { target: 'done', actions: assign({ made: ({ event }) => event.output }) } },
      },
      done: { type: 'final' },
    },
  })

  type Options = RunOptions<typeof machine>

  const begin = (options: Partial<Options> = {}) => {
    const clock = createTestClock()
    const run = compile(machine).run({
      input: { amount: 1 },
      clock,
      effects: { work: () => 7 },
      ...options,
    })
    return { clock, run }
  }

  test('input: what the context is made from', async () => {
    const amount = (given: number) => begin({ input: { amount: given } }).run.context.amount
    expect(await outcomesOf(amount, 1, 2)).toEqual([1, 2])
  })

  test('snapshot: where it goes on', async () => {
    const value = (amount: number) => {
      const snapshot = begin({ input: { amount } }).run.getPersistedSnapshot()
      return compile(machine).run({ snapshot, clock: createTestClock() }).context.amount
    }
    expect(await outcomesOf(value, 3, 4)).toEqual([3, 4])
  })

  test('id: the name of the run', async () => {
    expect(await outcomesOf((id: string) => begin({ id }).run.id, 'a', 'b')).toEqual(['a', 'b'])
  })

  test('clock: whose time counts for delays', async () => {
    const value = async (isIts: boolean) => {
      const [clock, other] = [createTestClock(), createTestClock()]
      const { run } = begin({ clock: isIts ? clock : other })
      await clock.advanceSteps(100)
      return run.value
    }
    expect(await outcomesOf(value, true, false)).toEqual(['done', 'waiting'])
  })

  test('effects: what is done for a source', async () => {
    const made = async (work: () => unknown) => {
      const { run, clock } = begin({ effects: { work } })
      await clock.advanceSteps(100)
      return run.context.made
    }
    expect(
      await outcomesOf(
        made,
        () => 7,
        () => 8,
      ),
    ).toEqual([7, 8])
  })

  test.each(['onEmit', 'onEnd', 'log'] as const)('%s: who is told', async (option) => {
    const told: string[] = []
    const outcome = async (name: string) => {
      const { clock } = begin({ [option]: () => told.push(name) })
      await clock.advanceSteps(100)
      return told.at(-1)
    }
    expect(await outcomesOf(outcome, 'a', 'b')).toEqual(['a', 'b'])
    expect(told).toEqual(['a', 'b'])
  })
})

const before = definePoint('before_x', { phase: 'before' })
const after = definePoint('after_x', { phase: 'after' })

function hooksOf() {
  return createHooks({ clock: createTestClock(), ids: createTestIds(), points: [before, after] })
}

describe('hooked', () => {
  const machine = createMachine({
    id: 'lamp',
    initial: 'off',
    states: { off: { on: { FLIP: 'on', PUSH: 'on' } }, on: {}, broken: {} },
    on: { REFUSED: '.broken' },
  })

  /** Where FLIP leads behind hooks that refuse before and count after. */
  function flip({ on }: { readonly on: Readonly<Record<string, HookedEvent>> }) {
    const hooks = hooksOf()
    let counted = 0
    hooks.register(before, () => hook.cancel('no'))
    hooks.register(after, () => void counted++)
    const actor = createActor(hooked(machine, { on }).provide(hooks.provide())).start()
    actor.send({ type: 'FLIP' })
    return [actor.getSnapshot().value, counted]
  }

  test('on: which events pass gates', async () => {
    expect(await outcomesOf(flip, { on: { FLIP: { before } } }, { on: { PUSH: { before } } })).toEqual([
      ['off', 0],
      ['on', 0],
    ])
  })

  test('on.*.before: the point before the transition', async () => {
    expect(
      await outcomesOf(flip, { on: { FLIP: { before } } }, { on: { FLIP: { before: 'BeforeStateWrite' } } }),
    ).toEqual([
      ['off', 0],
      ['on', 0],
    ])
  })

  test('on.*.after: the point behind it', async () => {
    expect(await outcomesOf(flip, { on: { FLIP: { after } } }, { on: { FLIP: { after: 'AfterStateWrite' } } })).toEqual(
      [
        ['on', 1],
        ['on', 0],
      ],
    )
  })

  test('on.*.refused: the event that says so', async () => {
    expect(
      await outcomesOf(flip, { on: { FLIP: { before, refused: 'REFUSED' } } }, { on: { FLIP: { before } } }),
    ).toEqual([
      ['broken', 0],
      ['off', 0],
    ])
  })
})

describe('gate', () => {
  /** What a hook sees in a gate with these options, and the id of the child that it is. */
  function seenIn(options: GateOptions) {
    const hooks = hooksOf()
    const seen: HookContext[] = []
    hooks.register(before, (ctx) => {
      seen.push(ctx)
      return hook.suspend({ question: '?' })
    })
    const routes = {
      continue: 'open',
      cancel: 'open',
      modified: 'open',
      replace: 'open',
      redirect: 'open',
      cache: 'open',
    }
    const machine = createMachine({
      id: 'door',
      initial: 'asking',
      states: { asking: gate(before, routes, options), open: {} },
    })
    const actor = createActor(machine.provide(hooks.provide())).start()
    return { ctx: seen[0]!, children: Object.keys(actor.getSnapshot().children) }
  }

  test('data: what hooks see', async () => {
    const data = (input: number) => seenIn({ data: () => ({ input }) }).ctx.data
    expect(await outcomesOf(data, 1, 2)).toEqual([{ input: 1 }, { input: 2 }])
  })

  test('component: what hooks know it by', async () => {
    const name = (component: string) => seenIn({ component }).ctx.component.name
    expect(await outcomesOf(name, 'a', 'b')).toEqual(['a', 'b'])
  })

  test.each([{ name: 'a' }, { id: '' }, { data: {} }])('%j is refused', (options) => {
    expect(errorOf(() => seenIn(options as GateOptions))).toMatchObject({ code: 'INVALID_OPTIONS' })
  })

  test('id: which child of the machine it is', async () => {
    const children = (id: string) => seenIn({ id }).children
    expect(await outcomesOf(children, 'a', 'b')).toEqual([['a'], ['b']])
  })
})

test('clock of createBreaker: whose time counts', async () => {
  const state = async (isIts: boolean) => {
    const [clock, other] = [createTestClock(), createTestClock()]
    const breaker = createBreaker({ openMs: 100, clock: isIts ? clock : other })
    breaker.trip()
    await clock.advance(100)
    return breaker.state
  }
  expect(await outcomesOf(state, true, false)).toEqual(['halfOpen', 'open'])
})

describe('shedding.add', () => {
  /** What is left out of two pieces of work when it is too much. */
  const shed = (options: { criticality?: number; isKept?: boolean }) => {
    const shedding = createShedding({ budget: 0.1, windowOperations: 1 })
    shedding.add('this', options)
    shedding.add('other')
    shedding.count(100, { this: 8, other: 8 })
    return shedding.stats().shed
  }

  test('criticality: the lower is left out first', async () => {
    expect(await outcomesOf((criticality: number) => shed({ criticality }), -1, 1)).toEqual([['this'], ['other']])
  })

  test('isKept: whether it may be left out', async () => {
    expect(await outcomesOf((isKept: boolean) => shed({ isKept, criticality: -1 }), true, false)).toEqual([
      ['other'],
      ['this'],
    ])
  })
})
