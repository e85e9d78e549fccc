/** Gates as states of a machine: one route for each decision, and nothing else leads out. */
import { createHooks, createMemoryJournal, definePoint, hook } from 'hookchart/hooks'
import type { HookHandler, Journal } from 'hookchart/hooks'
import { gate, gates } from 'hookchart/machines'
import type { GateOptions } from 'hookchart/machines'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { assign, createActor, fromPromise, setup } from 'xstate'
import type { AnyActorRef } from 'xstate'
import { describe, expect, test } from 'vitest'
import { deferred } from '../support/kernel.ts'

const before = definePoint('before_x', { phase: 'before' })
const after = definePoint('after_x', { phase: 'after' })
const turn = () => new Promise<void>((resolve) => void setImmediate(resolve))
const state = (actor: AnyActorRef) => (actor.getSnapshot() as { value: unknown }).value

const keep = assign({ output: ({ event }) => (event as unknown as { output: unknown }).output })

const all = { continue: 'went', modified: 'changed', replace: 'replaced', cancel: 'refused', redirect: 'elsewhere' }

/** A machine that asks at a gate, and keeps what it was told. */
function asking(options: { journal?: Journal; routes?: object } = {}) {
  const routes = Object.fromEntries(
    Object.entries(options.routes ?? all).map(([type, target]) => [type, { target: target as string, actions: keep }]),
  )
  const machine = setup(gates).createMachine({
    id: 'asker',
    context: { output: undefined },
    initial: 'idle',
    states: {
      idle: { on: { ASK: 'gate' } },
      gate: { ...gate(before, routes as never), on: { LEAVE: 'idle' } },
      went: {},
      changed: {},
      replaced: {},
      refused: {},
      elsewhere: {},
    },
  })
  const clock = createTestClock()
  const { journal } = options
  const hooks = createHooks({ clock, ids: createTestIds(), points: [before, after], ...(journal && { journal }) })
  const start = (given: object = {}) => createActor(machine.provide(hooks.provide()), given).start()
  const ask = (given: object = {}) => {
    const actor = start()
    actor.send({ type: 'ASK', ...given })
    return actor
  }
  return { machine, hooks, clock, start, ask }
}

const outputOf = (actor: AnyActorRef) => (actor.getSnapshot() as { context: { output: unknown } }).context.output

describe('a gate that is a state', () => {
  test('without a hook it lets through in the same turn', () => {
    expect(state(asking().ask())).toBe('went')
  })

  test.each<[string, HookHandler, string, object]>([
    ['nothing', () => undefined, 'went', { type: 'continue', data: { input: { a: 1 } } }],
    ['modified', () => hook.modified({ input: { a: 2 } }), 'changed', { type: 'modified', data: { input: { a: 2 } } }],
    ['replace', () => hook.replace(7), 'replaced', { type: 'replace', value: 7 }],
    ['cancel', () => hook.cancel('no'), 'refused', { type: 'cancel', code: 'HOOK_CANCELLED', reason: 'no' }],
    ['redirect', () => hook.redirect('there'), 'elsewhere', { type: 'redirect', target: 'there' }],
  ])('%s leads where its route says, with what was decided', (_, handler, value, output) => {
    const { hooks, ask } = asking()
    hooks.register(before, handler)
    const actor = ask({ a: 1 })
    expect(state(actor)).toBe(value)
    expect(outputOf(actor)).toMatchObject({ ...output, event: { type: 'ASK', a: 1 } })
  })

  test('a suspended hook keeps the machine in the gate until it is answered', async () => {
    const { hooks, ask } = asking()
    hooks.register(before, () => hook.suspend({ question: 'may I?' }))
    const actor = ask({ a: 1 })
    await turn()
    expect(state(actor)).toBe('gate')
    const [{ id }] = hooks.approvals.pending() as unknown as [{ id: string }]
    void hooks.approvals.resume(id, hook.modified({ input: { a: 3 } }))
    await turn()
    expect([state(actor), outputOf(actor)]).toMatchObject(['changed', { data: { input: { a: 3 } } }])
  })

  test('a retry before something passes the gate again', async () => {
    const { hooks, ask, clock } = asking()
    hooks.register(before, ({ operation }) =>
      operation.gatePass === 1 ? hook.retry({ delayMs: 10, maxAttempts: 2 }) : undefined,
    )
    const actor = ask()
    expect(state(actor)).toBe('gate')
    await clock.advance(10)
    await turn()
    expect(state(actor)).toBe('went')
  })

  test('leaving aborts the hooks; what they come to does nothing to the next pass', async () => {
    const { hooks, ask } = asking()
    const first = deferred<unknown>()
    const second = deferred<unknown>()
    const signals: AbortSignal[] = []
    hooks.register(before, async ({ signal }) => {
      signals.push(signal)
      return (await (signals.length === 1 ? first : second).promise) as undefined
    })
    const actor = ask()
    actor.send({ type: 'LEAVE' })
    actor.send({ type: 'ASK' })
    await turn()
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
    first.resolve(hook.cancel('late'))
    await turn()
    expect(state(actor)).toBe('gate')
    second.resolve(undefined)
    await turn()
    expect(state(actor)).toBe('went')
  })

  test('a decision on its way when the gate was left does not open the next pass', () => {
    const journal = createMemoryJournal()
    const { hooks, start } = asking({ journal })
    const actor = start()
    let passes = 0
    hooks.register(before, () => {
      if (++passes > 1) return hook.cancel('no')
      actor.send({ type: 'LEAVE' })
      actor.send({ type: 'ASK' })
      return undefined
    })
    actor.send({ type: 'ASK' })
    expect([passes, state(actor)]).toEqual([2, 'refused'])
    const records = journal.runs().flatMap(({ run }) => journal.read(run))
    expect(records.some(({ result }) => result === 'ignored_decision')).toBe(true)
  })

  test('nobody can forge a decision', () => {
    const journal = createMemoryJournal()
    const { hooks, ask } = asking({ journal })
    hooks.register(before, () => new Promise<undefined>(() => undefined))
    const actor = ask()
    const [[id, child]] = Object.entries(actor.getSnapshot().children) as unknown as [[string, AnyActorRef]]
    actor.send({ type: `xstate.done.actor.${id}`, output: { type: 'continue', data: {}, event: {} } })
    child.send({ type: 'hookchart.decided', decision: { type: 'continue' } })
    expect(state(actor)).toBe('gate')
    const records = journal.runs().flatMap(({ run }) => journal.read(run))
    expect(records.filter(({ result }) => result === 'ignored_decision')).toHaveLength(1)
  })

  test('a machine that is restored in a gate passes it again', async () => {
    const { hooks, ask, start } = asking()
    let asked = 0
    hooks.register(before, () => (++asked === 1 ? new Promise<undefined>(() => undefined) : undefined))
    const actor = ask({ a: 1 })
    const snapshot = JSON.parse(JSON.stringify(actor.getPersistedSnapshot())) as never
    actor.stop()
    const restored = start({ snapshot })
    await turn()
    expect([asked, state(restored)]).toEqual([2, 'went'])
    expect(outputOf(restored)).toMatchObject({ data: { input: { a: 1 } } })
  })

  describe('in parallel regions', () => {
    const point = definePoint('before_z', { phase: 'before', decisions: ['cancel'] })
    const one = gate(point, { continue: 'open', cancel: 'shut' })
    const hung = () => new Promise<undefined>(() => undefined)
    const soon = (decision?: ReturnType<typeof hook.cancel>) => () => Promise.resolve(decision)

    /** Three regions at gates of one point, and what the calls of its hook do; and another actor that is not started. */
    const started = (answers: readonly HookHandler[], options: readonly GateOptions[] = []) => {
      const region = (i: number) => ({
        initial: 'gate',
        states: {
          // The same object, or one of its own.
          gate: options.length === 0 ? one : gate(point, { continue: 'open', cancel: 'shut' }, options[i]),
          open: {},
          shut: {},
        },
      })
      const machine = setup(gates).createMachine({
        id: 'three',
        type: 'parallel',
        states: { a: region(0), b: region(1), c: region(2) },
      })
      const hooks = createHooks({ points: [point] })
      let calls = 0
      hooks.register(point, (ctx) => (answers[calls++] as HookHandler)(ctx) as undefined)
      const provided = machine.provide(hooks.provide())
      return [createActor(provided).start(), createActor(provided)] as const
    }

    test.each<[string, HookHandler[], object, object]>([
      ['only the first decides', [soon(), hung, hung], ['gate', 'gate', 'gate'], ['open', 'gate', 'gate']],
      ['only the last decides', [hung, hung, soon()], ['gate', 'gate', 'gate'], ['gate', 'gate', 'open']],
      [
        'at once and later',
        [() => undefined, soon(hook.cancel('no')), hung],
        ['open', 'gate', 'gate'],
        ['open', 'shut', 'gate'],
      ],
      [
        'cancel and continue at once',
        [() => hook.cancel('no'), () => undefined, hung],
        ['shut', 'open', 'gate'],
        ['shut', 'open', 'gate'],
      ],
      [
        'cancel and continue later',
        [soon(hook.cancel('no')), soon(), hung],
        ['gate', 'gate', 'gate'],
        ['shut', 'open', 'gate'],
      ],
    ])('each takes only its own decision: %s', async (_, answers, before, after) => {
      for (const options of [[], [{}, {}, {}], [{}, {}, { id: 'own' }]]) {
        const [actor] = started(answers, options)
        expect(Object.values(state(actor) as object)).toEqual(before)
        await turn()
        expect(Object.values(state(actor) as object)).toEqual(after)
      }
    })

    test('a decision that is sent to another gate, or once more, is ignored', async () => {
      const [actor, again] = started([soon(hook.cancel('no')), hung, hung, hung, hung, hung])
      const seen: object[] = []
      actor.system.inspect((inspected) => {
        if (inspected.type === '@xstate.event' && 'output' in inspected.event) seen.push(inspected.event)
      })
      await turn()
      const [done] = seen as [{ type: string; output: object }]
      again.start().send(done)
      for (const id of Object.keys(actor.getSnapshot().children))
        actor.send({ ...done, type: `xstate.done.actor.${id}` })
      expect([state(actor), state(again)]).toEqual([
        { a: 'shut', b: 'gate', c: 'gate' },
        { a: 'gate', b: 'gate', c: 'gate' },
      ])
    })
  })

  test('after an invoke hooks see its output; a retry has a route of its own', async () => {
    let runs = 0
    const machine = setup({
      ...gates,
      actors: { ...gates.actors, work: fromPromise(() => Promise.resolve(++runs)) },
    }).createMachine({
      id: 'worker',
      initial: 'working',
      context: { output: undefined },
      states: {
        working: { invoke: { src: 'work', onDone: 'after' } },
        after: gate(after, {
          continue: { target: 'done', actions: keep },
          modified: 'done',
          replace: 'done',
          cancel: 'done',
          redirect: 'done',
          retry: 'working',
        }),
        done: {},
      },
    })
    const hooks = createHooks({ points: [after] })
    hooks.register(after, ({ data }) =>
      (data as { output: number }).output < 3 ? hook.retry({ delayMs: 0, maxAttempts: 5 }) : undefined,
    )
    const actor = createActor(machine.provide(hooks.provide())).start()
    for (let i = 0; i < 5; i++) await turn()
    expect([state(actor), outputOf(actor)]).toMatchObject(['done', { type: 'continue', data: { output: 3 } }])
  })
})
