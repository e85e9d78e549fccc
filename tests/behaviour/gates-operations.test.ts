/** An operation of a machine with gates: what it carries from one gate to the next, how it ends, and that it does end. */
import { hook } from 'hookchart/hooks'
import type { Journal } from 'hookchart/hooks'
import { gate, gates, hooked } from 'hookchart/machines'
import { createActor, createMachine, forwardTo, setup } from 'xstate'
import { describe, expect, test } from 'vitest'
import { after, before, eventOf, gated, refusalsOf, snapshotOf, turns, valueOf, worker } from '../support/gated.ts'
import { deferred } from '../support/kernel.ts'

/** A machine that keeps the events it takes, and lets only those through whose n is positive. */
function taking() {
  const taken: unknown[] = []
  const rule = { open: false }
  const machine = createMachine({
    id: 'm',
    on: {
      X: {
        guard: (args) => rule.open || (eventOf(args).n ?? 1) > 0,
        actions: (args) => void taken.push(structuredClone(eventOf(args))),
      },
    },
  })
  return { machine, taken, rule }
}

describe('what comes through a gate', () => {
  test('is what the guards have seen, whatever the sender does to its event while they decide', async () => {
    const { hooks, start } = gated()
    const { promise, resolve } = deferred()
    hooks.register(before, () => promise as Promise<undefined>, { kind: 'guard' })
    const { machine, taken } = taking()
    const event = { type: 'X', n: 1, deep: { n: 1 } }
    start(machine, { X: { before } }).send(event)
    event.n = event.deep.n = 2
    resolve()
    await turns()
    expect(taken).toEqual([{ type: 'X', n: 1, deep: { n: 1 } }])
  })

  test('is what the guards have seen, at a gate that is a state', async () => {
    const { hooks } = gated()
    const { promise, resolve } = deferred()
    hooks.register(before, () => promise as Promise<undefined>, { kind: 'guard' })
    const seen: unknown[] = []
    const keep = (args: object) => void seen.push((args as { event: { output: { data: unknown } } }).event.output.data)
    const routes = { continue: { actions: keep }, modified: {}, replace: {}, cancel: {}, redirect: {} }
    const machine = setup(gates).createMachine({
      initial: 'ready',
      states: { ready: { on: { X: 'gate' } }, gate: gate(before, routes) },
    })
    const event = { type: 'X', deep: { n: 1 } }
    createActor(machine.provide(hooks.provide())).start().send(event)
    event.deep.n = 2
    resolve()
    await turns()
    expect(seen).toEqual([{ input: { deep: { n: 1 } } }])
  })

  test('is the machine’s own, to change', () => {
    const { hooks, start } = gated()
    hooks.register(before, () => hook.modified({ input: { list: [1] } }))
    const frozen: boolean[] = []
    const machine = createMachine({
      on: { X: { actions: (args) => void frozen.push(Object.isFrozen(eventOf(args)['list'])) } },
    })
    start(machine, { X: { before } }).send({ type: 'X' })
    expect(frozen).toEqual([false])
  })

  test('stays an event: a change of its payload to anything but an object is the hook’s failure', () => {
    const { hooks, start } = gated()
    hooks.register(before, () => hook.modified({ input: 5 }))
    const { machine, taken } = taking()
    start(machine, { X: { before } }).send({ type: 'X', n: 1 })
    expect(taken).toEqual([{ type: 'X', n: 1 }])
  })

  test('and is taken by no transition then, is over: the same object passes the gate again', () => {
    const { hooks, start, openRuns } = gated()
    let asked = 0
    hooks.register(before, () => {
      asked++
      return hook.modified({ input: { n: -1 } })
    })
    const { machine, rule } = taking()
    const events: object[] = []
    const inspect = ({ type, event }: { type: string; event?: { type: string } }) => {
      if (type === '@xstate.event' && event?.type === 'X') events.push(event)
    }
    const actor = start(machine, { X: { before, after } }, { inspect })
    actor.send({ type: 'X', n: 1 })
    rule.open = true
    expect(openRuns()).toEqual([])
    actor.send(events.at(-1))
    expect(asked).toBe(2)
  })

  test('is asked for by every machine that gets it, also when one forwards it to another', () => {
    const { hooks, start } = gated()
    const names: string[] = []
    hooks.register(before, ({ component }) => void names.push(component.name))
    const states = { ready: { on: { X: 'done' } }, done: {} }
    const child = hooked(createMachine({ id: 'child', initial: 'ready', states }), { on: { X: { before } } })
    const parent = createMachine({
      id: 'parent',
      invoke: { src: child.provide(hooks.provide()), id: 'child' },
      on: { X: { actions: forwardTo('child') } },
    })
    const actor = start(parent, { X: { before } })
    actor.send({ type: 'X' })
    const inner = snapshotOf(actor).children['child']
    expect([names, inner && valueOf(inner)]).toEqual([['parent', 'child'], 'done'])
  })
})

describe('from gate to gate', () => {
  test('before and after are one operation also without an invoke', () => {
    const { hooks, start, openRuns } = gated()
    const same: boolean[] = []
    hooks.registerPair({
      before: [before, ({ locals, operation }) => void (locals['id'] = operation.id)],
      after: [after, ({ locals, operation }) => void same.push(locals['id'] === operation.id)],
    })
    start(createMachine({ on: { X: {} } }), { X: { before, after } }).send({ type: 'X' })
    expect([same, openRuns()]).toEqual([[true], []])
  })

  test('an operation whose event was let through and not taken is not mistaken for the next', async () => {
    const { hooks, start } = gated()
    const seen: unknown[] = []
    hooks.registerPair({
      before: [
        before,
        ({ locals }) => {
          locals['mark'] = 1
          return hook.modified({ input: { n: -1 } })
        },
      ],
      after: [after, ({ locals }) => void seen.push(locals['mark'])],
    })
    const work = worker()
    const machine = createMachine({
      ...work.config,
      states: {
        ...work.config.states,
        ready: {
          on: { X: { guard: (args: object) => (eventOf(args as never).n ?? 0) > 0, target: 'running' }, Y: 'running' },
        },
      },
    } as never).provide({ actors: work.implementations.actors as never })
    const actor = start(machine, { X: { before, after }, Y: { after } })
    actor.send({ type: 'X', n: 1 })
    actor.send({ type: 'Y' })
    await turns()
    expect([valueOf(actor), seen]).toEqual(['done', [undefined]])
  })

  test('hooks after an invoke see the event that led to it, not an earlier one', async () => {
    const { hooks, start } = gated()
    const inputs: unknown[] = []
    hooks.register(
      after,
      ({ data, metadata }) => void inputs.push((data as { input: unknown }).input, metadata['event']),
    )
    const actor = start(worker(), { X: { after } })
    for (const type of ['X', 'Y']) {
      actor.send({ type, n: 1 })
      await turns()
      actor.send({ type: 'BACK' })
    }
    expect(inputs).toEqual([{ n: 1 }, 'X', undefined, 'xstate.done.actor.0.worker.running'])
  })

  test('every transition closes its run, whichever is taken', async () => {
    const { hooks, start, openRuns } = gated()
    hooks.register(before, () => undefined)
    hooks.register(after, () => undefined)
    const actor = start(worker(), { X: { before, after }, BACK: { before, after } })
    for (let i = 0; i < 3; i++) {
      actor.send({ type: 'X' })
      if (i === 1) actor.send({ type: 'LEAVE' })
      await turns()
      actor.send({ type: 'BACK' })
    }
    expect(openRuns()).toEqual([])
  })
})

describe('a journal that fails', () => {
  const failing = (commit: () => void | Promise<void>): Journal => ({
    open: () => ({ append: () => undefined, commit, close: () => undefined }),
    append: () => undefined,
    read: () => [],
    runs: () => [],
  })

  test.each<[string, () => void | Promise<void>]>([
    [
      'at once',
      () => {
        throw new Error('disk full')
      },
    ],
    ['later', () => Promise.reject(new Error('disk full'))],
  ])('%s refuses the event, and the machine lives', async (_, commit) => {
    const { hooks, start } = gated({ journal: failing(commit) })
    hooks.register(before, () => undefined)
    const actor = start(worker(), { X: { before } })
    const codes = refusalsOf(actor)
    actor.send({ type: 'X' })
    await turns()
    expect([snapshotOf(actor).status, valueOf(actor), codes]).toEqual(['active', 'ready', ['JOURNAL_FAILED']])
  })
})
