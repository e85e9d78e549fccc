/** Gates on the transitions of a user's machine: what hooks do to its events, and what they cannot break. */
import { createHooks, createMemoryJournal, definePoint, hook } from 'hookchart/hooks'
import type { CreateHooksOptions } from 'hookchart/hooks'
import { hooked } from 'hookchart/machines'
import type { HookedSpec } from 'hookchart/machines'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { assign, createActor, fromPromise, setup } from 'xstate'
import type { AnyActorRef } from 'xstate'
import { describe, expect, test } from 'vitest'
import { deferred } from '../support/kernel.ts'

const before = definePoint('before_x', { phase: 'before' })
const after = definePoint('after_x', { phase: 'after' })

type JobEvent =
  { type: 'EXECUTE'; amount: number } | { type: 'LEAVE' } | { type: 'BACK' } | { type: 'OTHER'; amount: number }

/** A machine whose EXECUTE leads to an invoke, and which tells what it does. */
function job(spec: HookedSpec = { on: { EXECUTE: { before, after } } }, options: CreateHooksOptions = {}) {
  const log: string[] = []
  const work = { run: (amount: number): unknown => amount * 2 }
  const machine = setup({
    types: { events: {} as JobEvent, context: {} as { amount: number; result: unknown; problem: unknown } },
    actors: { work: fromPromise(async ({ input }: { input: number }) => work.run(input)) },
    actions: {
      say: (_, params: { text: string }) => {
        log.push(params.text)
      },
    },
    guards: { isPositive: ({ event }) => 'amount' in event && event.amount > 0 },
  }).createMachine({
    id: 'job',
    context: { amount: 0, result: undefined, problem: undefined },
    initial: 'ready',
    states: {
      ready: {
        entry: { type: 'say', params: { text: 'enter ready' } },
        exit: { type: 'say', params: { text: 'exit ready' } },
        on: {
          EXECUTE: {
            guard: 'isPositive',
            target: 'running',
            actions: assign({ amount: ({ event }) => event.amount }),
          },
          LEAVE: 'away',
        },
      },
      running: {
        invoke: {
          src: 'work',
          input: ({ context }) => context.amount,
          onDone: { target: 'done', actions: assign({ result: ({ event }) => event.output }) },
          onError: { target: 'broken', actions: assign({ problem: ({ event }) => event.error }) },
        },
      },
      away: { on: { BACK: 'ready' } },
      done: {},
      broken: {},
    },
    on: { OTHER: '.away' },
  })
  const clock = createTestClock()
  const hooks = createHooks({ clock, ids: createTestIds(), points: [before, after], ...options })
  const chart = hooked(machine, spec)
  const start = (given: object = {}) => createActor(chart.provide(hooks.provide()), given).start()
  return { hooks, clock, log, work, machine, chart, start }
}

const state = (actor: AnyActorRef) => (actor.getSnapshot() as { value: unknown }).value
const contextOf = (actor: AnyActorRef) => (actor.getSnapshot() as { context: Record<string, unknown> }).context
/** Lets everything that is due settle. */
const turn = () => new Promise<void>((resolve) => void setImmediate(resolve))

describe('before a transition', () => {
  test('without a hook it is taken as it is written, in the same turn and with the same steps', () => {
    const { start, machine, log } = job()
    const seen: string[][] = []
    const steps = (actorOf: (inspect: (event: { type: string }) => void) => AnyActorRef) => {
      const own: string[] = []
      const actor = actorOf((event) => {
        if (event.type === '@xstate.microstep')
          own.push(
            JSON.stringify(
              (event as { _transitions?: { target?: { id: string }[] }[] })._transitions?.map(({ target }) =>
                target?.map(({ id }) => id),
              ),
            ),
          )
      })
      own.length = 0
      actor.send({ type: 'EXECUTE', amount: 3 })
      expect(state(actor)).toBe('running')
      seen.push(own)
    }
    steps((inspect) => createActor(machine, { inspect }).start())
    steps((inspect) => start({ inspect }))
    expect(seen[1]).toEqual(seen[0])
    expect(log).toEqual(['enter ready', 'exit ready', 'enter ready', 'exit ready'])
  })

  test('synchronous hooks decide before the outermost send returns', () => {
    const { hooks, start } = job()
    const seen: unknown[] = []
    hooks.register(before, ({ data, component, metadata }) => void seen.push([data, component.name, metadata]))
    const actor = start()
    actor.send({ type: 'EXECUTE', amount: 3 })
    expect(state(actor)).toBe('running')
    expect(seen).toEqual([[{ input: { amount: 3 } }, 'job', { event: 'EXECUTE' }]])
  })

  test('what hooks change is what guards, actions and the effect see', async () => {
    const { hooks, start } = job()
    hooks.register(before, () => hook.modified({ input: { amount: 5 } }))
    const actor = start()
    actor.send({ type: 'EXECUTE', amount: 3 })
    await turn()
    expect(contextOf(actor)).toMatchObject({ amount: 5, result: 10 })
    hooks.register(before, () => hook.modified({ input: { amount: -5 } }), { priority: 'low' })
    const second = start()
    second.send({ type: 'EXECUTE', amount: 3 })
    expect(state(second)).toBe('ready')
  })

  test('an event that no guard of the machine lets through passes no gate', () => {
    const { hooks, start } = job()
    let asked = 0
    hooks.register(before, () => void asked++)
    start().send({ type: 'EXECUTE', amount: -1 })
    expect(asked).toBe(0)
  })

  test('a refused event leaves the machine where it is, and says why', () => {
    const { hooks, start } = job({ on: { EXECUTE: { before, refused: 'OTHER' } } })
    hooks.register(before, () => hook.cancel('too much'), { name: 'limit', kind: 'guard' })
    const actor = start()
    const refused: unknown[] = []
    actor
      .getSnapshot()
      .children['hookchart.gates']?.on('refused' as never, (event: unknown) => void refused.push(event))
    actor.send({ type: 'EXECUTE', amount: 3 })
    expect(refused).toEqual([
      expect.objectContaining({
        event: { type: 'EXECUTE', amount: 3 },
        point: 'custom:before_x',
        code: 'HOOK_CANCELLED',
        reason: 'too much',
        hook: 'limit',
      }),
    ])
    expect(state(actor)).toBe('away')
  })

  test('a failing guard refuses; a failing transform does not', () => {
    const { hooks, start } = job()
    const handle = hooks.register(
      before,
      () => {
        throw new Error('down')
      },
      { kind: 'guard' },
    )
    const actor = start()
    actor.send({ type: 'EXECUTE', amount: 3 })
    expect(state(actor)).toBe('ready')
    handle.unregister()
    hooks.register(before, () => {
      throw new Error('down')
    })
    actor.send({ type: 'EXECUTE', amount: 3 })
    expect(state(actor)).toBe('running')
  })

  test('the source state is not left while hooks decide: nothing of it is entered or left', async () => {
    const { hooks, start, log } = job()
    const { promise, resolve } = deferred()
    hooks.register(before, () => promise)
    const actor = start()
    actor.send({ type: 'EXECUTE', amount: 3 })
    await turn()
    expect([state(actor), log]).toEqual(['ready', ['enter ready']])
    resolve()
    await turn()
    expect(log).toEqual(['enter ready', 'exit ready'])
    expect(state(actor)).toBe('done')
  })

  test('leaving the source aborts the hooks; what they decide later does nothing', async () => {
    const { hooks, start } = job()
    const { promise, resolve } = deferred()
    let aborted: boolean | undefined
    hooks.register(before, async ({ signal }) => {
      await promise
      aborted = signal.aborted
    })
    const actor = start()
    actor.send({ type: 'EXECUTE', amount: 3 })
    actor.send({ type: 'LEAVE' })
    actor.send({ type: 'BACK' })
    resolve()
    await turn()
    expect([state(actor), aborted]).toEqual(['ready', true])
  })

  test('a decision that was overtaken is ignored and recorded', () => {
    const journal = createMemoryJournal()
    const { hooks, start } = job({ on: { EXECUTE: { before } } }, { journal })
    const actor = start()
    hooks.register(before, () => {
      // Both are taken before the decision arrives: the ready that it was meant for was left.
      actor.send({ type: 'LEAVE' })
      actor.send({ type: 'BACK' })
    })
    actor.send({ type: 'EXECUTE', amount: 3 })
    expect(state(actor)).toBe('ready')
    const records = journal.runs().flatMap(({ run }) => journal.read(run))
    expect(records.filter(({ type }) => type === 'late')).toEqual([
      expect.objectContaining({ point: 'custom:before_x', component: 'job', result: 'ignored_decision' }),
    ])
  })

  test('nobody can forge a decision', () => {
    const { hooks, start } = job()
    hooks.register(before, () => hook.cancel('no'), { kind: 'guard' })
    const actor = start()
    const child = actor.getSnapshot().children['hookchart.gates'] as unknown as AnyActorRef
    child.send({ type: 'hookchart.decided', pass: 1, decision: { type: 'continue' } })
    actor.send({ type: 'EXECUTE', amount: 3, pass: 1, gate: 'job.ready EXECUTE' } as never)
    child.send({ type: 'hookchart.pass', gate: 'job.ready EXECUTE', event: { type: 'EXECUTE', amount: 3 } })
    child.send({ type: 'hookchart.pass', gate: 'nope', event: { type: 'EXECUTE', amount: 3 } })
    child.send({ type: 'hookchart.taken', gate: 'nope', event: { type: 'EXECUTE', amount: 3 } })
    expect(state(actor)).toBe('ready')
  })

  test('an event that was let through once passes the gate again when somebody sends the same object', () => {
    const { hooks, start, work } = job()
    let asked = 0
    const kept: JobEvent[] = []
    hooks.register(before, () => void asked++)
    const actor = start({
      inspect: (event: { type: string; event?: unknown }) => {
        if (event.type === '@xstate.event' && (event.event as JobEvent).type === 'EXECUTE')
          kept.push(event.event as JobEvent)
      },
    })
    work.run = () => 1
    actor.send({ type: 'EXECUTE', amount: 3 })
    const admitted = kept.at(-1) as JobEvent
    const second = start()
    second.send(admitted)
    expect(asked).toBe(2)
  })

  test('a redirect puts another event in its place, which must be one that the machine takes', () => {
    const { hooks, start } = job({ on: { EXECUTE: { before, refused: 'LEAVE' } } })
    let target = 'OTHER'
    hooks.register(before, () => hook.redirect(target))
    const actor = start()
    actor.send({ type: 'EXECUTE', amount: 3 })
    expect(state(actor)).toBe('away')
    target = 'NOPE'
    const second = start()
    second.send({ type: 'EXECUTE', amount: 3 })
    expect(state(second)).toBe('away')
  })

  test('redirects end: two events that lead to each other are refused after the most that are allowed', () => {
    const { hooks, start } = job({ on: { EXECUTE: { before, refused: 'LEAVE' } } })
    let asked = 0
    hooks.register(before, () => {
      asked++
      return hook.redirect('EXECUTE')
    })
    const actor = start()
    actor.send({ type: 'EXECUTE', amount: 3 })
    expect([asked, state(actor)]).toEqual([9, 'away'])
  })

  test('a retry passes the gate again after its delay, as often as it may', async () => {
    const { hooks, start, clock } = job({ on: { EXECUTE: { before, refused: 'LEAVE' } } })
    const passes: number[] = []
    hooks.register(before, ({ operation }) => {
      passes.push(operation.gatePass)
      return passes.length < 3 ? hook.retry({ delayMs: 100, maxAttempts: 3 }) : undefined
    })
    const actor = start()
    actor.send({ type: 'EXECUTE', amount: 3 })
    await clock.advance(100)
    expect([passes, state(actor)]).toEqual([[1, 2], 'ready'])
    await clock.advance(100)
    await turn()
    expect([passes, state(actor)]).toEqual([[1, 2, 3], 'done'])
    hooks.register(before, () => hook.retry({ delayMs: 0, maxAttempts: 2 }), { name: 'always', priority: 'low' })
    const second = start()
    second.send({ type: 'EXECUTE', amount: 3 })
    await turn()
    expect(state(second)).toBe('away')
  })

  test.each(['replace', 'cache'] as const)('%s has no meaning for a transition, and refuses the event', (type) => {
    const { hooks, start } = job({ on: { EXECUTE: { before, refused: 'LEAVE' } } })
    hooks.register(before, () => (type === 'replace' ? hook.replace(1) : hook.cache({ key: 'k', ttlMs: 10 })))
    const actor = start()
    actor.send({ type: 'EXECUTE', amount: 3 })
    expect(state(actor)).toBe('away')
  })

  test('a restored machine asks the hooks again that had not decided', async () => {
    const { hooks, start } = job()
    let asked = 0
    hooks.register(before, () => {
      asked++
      return asked === 1 ? new Promise<undefined>(() => undefined) : undefined
    })
    const actor = start()
    actor.send({ type: 'EXECUTE', amount: 3 })
    const persisted = JSON.parse(JSON.stringify(actor.getPersistedSnapshot())) as never
    actor.stop()
    const restored = start({ snapshot: persisted })
    await turn()
    expect([asked, state(restored), contextOf(restored)]).toEqual([2, 'done', { amount: 3, result: 6 }])
  })
})

describe('after a transition', () => {
  test('the end of the invoke passes the gate, with what led there', async () => {
    const { hooks, start } = job()
    const seen: unknown[] = []
    hooks.register(after, ({ data }) => void seen.push(data))
    const actor = start()
    actor.send({ type: 'EXECUTE', amount: 3 })
    await turn()
    expect([seen, state(actor)]).toEqual([[{ input: { amount: 3 }, output: 6 }], 'done'])
  })

  test('before and after share the locals of a hook', async () => {
    const { hooks, start } = job()
    const seen: unknown[] = []
    hooks.registerPair({
      before: [before, ({ locals }) => void (locals['since'] = 1)],
      after: [after, ({ locals, operation }) => void seen.push([locals['since'], operation.id])],
    })
    const actor = start()
    actor.send({ type: 'EXECUTE', amount: 3 })
    await turn()
    expect(seen).toEqual([[1, expect.any(String)]])
  })

  test.each([
    ['modified', () => hook.modified({ output: 7 }), 7],
    ['replace', () => hook.replace(8), 8],
  ] as const)('%s is the output', async (_, decide, result) => {
    const { hooks, start } = job()
    hooks.register(after, decide)
    const actor = start()
    actor.send({ type: 'EXECUTE', amount: 3 })
    await turn()
    expect(contextOf(actor)['result']).toBe(result)
  })

  test('a cancel makes the invoke a failure', async () => {
    const { hooks, start } = job()
    hooks.register(after, () => hook.cancel('secret inside'), { name: 'leak', kind: 'guard' })
    const actor = start()
    actor.send({ type: 'EXECUTE', amount: 3 })
    await turn()
    expect(state(actor)).toBe('broken')
    expect(contextOf(actor)).toMatchObject({
      result: undefined,
      problem: { code: 'HOOK_CANCELLED', details: { reason: 'secret inside', hook: 'leak' } },
    })
  })

  test('a retry starts the invoke again, as often as it may', async () => {
    const { hooks, start, work } = job()
    let runs = 0
    work.run = () => ++runs
    hooks.register(after, ({ data }) =>
      (data as { output: number }).output < 3 ? hook.retry({ delayMs: 0, maxAttempts: 5 }) : undefined,
    )
    const actor = start()
    actor.send({ type: 'EXECUTE', amount: 3 })
    for (let i = 0; i < 4; i++) await turn()
    expect([runs, state(actor), contextOf(actor)['result']]).toEqual([3, 'done', 3])
    hooks.register(after, () => hook.retry({ delayMs: 0, maxAttempts: 2 }), { name: 'more', priority: 'low' })
    runs = 10
    const second = start()
    second.send({ type: 'EXECUTE', amount: 3 })
    for (let i = 0; i < 4; i++) await turn()
    expect([runs, state(second), contextOf(second)['problem']]).toEqual([
      12,
      'broken',
      expect.objectContaining({ code: 'ATTEMPTS_EXHAUSTED' }),
    ])
  })

  test('without an invoke the gate is passed when the target was entered', () => {
    const { hooks, start } = job({ on: { LEAVE: { after } } })
    const seen: unknown[] = []
    const actor = start()
    hooks.register(after, ({ data }) => void seen.push([data, state(actor)]))
    actor.send({ type: 'LEAVE' })
    expect(seen).toEqual([[{ input: {} }, 'away']])
  })
})
