/** What is not hooked in a machine with gates is as it was, and what comes too late does nothing. */
import { hook } from 'hookchart/hooks'
import { hooked } from 'hookchart/machines'
import { createMachine, fromPromise, setup } from 'xstate'
import type { AnyActorRef } from 'xstate'
import { describe, expect, test } from 'vitest'
import { after, before, eventOf, gated, snapshotOf, turns, valueOf, worker } from '../support/gated.ts'
import { errorOf } from '../support/refusal.ts'

describe('what is not hooked', () => {
  test('a wildcard of another region sees an event once, not again when its gate lets it through', () => {
    const { hooks, start } = gated()
    hooks.register(before, () => undefined)
    const seen: string[] = []
    const machine = createMachine({
      id: 'm',
      type: 'parallel',
      states: {
        a: { initial: 'ready', states: { ready: { on: { X: 'done' } }, done: {} } },
        b: { on: { '*': { actions: (args) => void seen.push(eventOf(args).type) } } },
      },
    })
    const actor = start(machine, { X: { before } })
    actor.send({ type: 'X' })
    expect([valueOf(actor), seen]).toEqual([{ a: 'done', b: {} }, ['X']])
  })

  test.each([false, true])(
    'a transition that forbids those of the states around still does, with a hook: %s',
    (has) => {
      const { hooks, start } = gated()
      if (has) hooks.register(before, () => undefined)
      const machine = createMachine({
        id: 'm',
        initial: 'a',
        on: { X: '.b' },
        states: { a: { on: { X: undefined } }, b: {} },
      })
      const actor = start(machine, { X: { before } })
      actor.send({ type: 'X' })
      expect(valueOf(actor)).toBe('a')
    },
  )

  test('the invokes of the root keep their ids', () => {
    const machine = createMachine({ id: 'm', on: { X: {} }, invoke: { src: fromPromise(() => Promise.resolve()) } })
    expect(Object.keys(snapshotOf(gated().start(machine, { X: { before } })).children)).toContain('0.m')
  })

  test('a machine and its states may have dots in their ids', async () => {
    const { hooks, start } = gated()
    const outputs: unknown[] = []
    hooks.register(after, ({ data }) => {
      outputs.push((data as { output: unknown }).output)
      return outputs.length < 2 ? hook.retry({ delayMs: 0, maxAttempts: 2 }) : undefined
    })
    const machine = setup({ actors: { work: fromPromise(() => Promise.resolve(1)) } }).createMachine({
      id: 'my.machine',
      initial: 'ready',
      states: {
        ready: { on: { X: 'running' } },
        running: { id: 'an.effect', invoke: { src: 'work', onDone: 'done' } },
        done: {},
      },
    })
    const actor = start(machine, { X: { after } })
    actor.send({ type: 'X' })
    await turns()
    expect([valueOf(actor), outputs]).toEqual(['done', [1, 1]])
  })

  test('without a hook after a transition nothing is begun there', () => {
    const { journal, start } = gated()
    start(createMachine({ id: 'm', on: { X: {} } }), { X: { after } }).send({ type: 'X' })
    expect(journal.runs()).toEqual([])
  })

  test('a machine is hooked in one call', () => {
    const once = hooked(createMachine({ id: 'm', on: { X: {}, Y: {} } }), { on: { X: { before } } })
    const error = errorOf(() => hooked(once, { on: { Y: { before } } }))
    expect([error.code, error.message]).toEqual(['INVALID_OPTIONS', expect.stringContaining('hooked already')])
  })
})

describe('what comes too late', () => {
  test.each([
    ['the end of an invoke', () => undefined],
    ['a retry', () => hook.retry({ delayMs: 0, maxAttempts: 9 })],
    ['a failure', () => hook.cancel('no')],
  ])('%s neither fails the machine that has left the state nor reaches its wildcards', async (_, decide) => {
    const { hooks, start } = gated()
    const actors: AnyActorRef[] = []
    const seen: string[] = []
    hooks.register(after, () => {
      actors[0]?.send({ type: 'LEAVE' })
      return decide()
    })
    const machine = createMachine({
      id: 'm',
      initial: 'ready',
      states: {
        ready: { on: { X: 'running', '*': { actions: (args) => void seen.push(eventOf(args).type) } } },
        running: {
          on: { LEAVE: 'ready' },
          invoke: { src: fromPromise(() => Promise.resolve(1)), onDone: 'done', onError: 'broken' },
        },
        done: {},
        broken: {},
      },
    })
    const actor = start(machine, { X: { after } })
    actors.push(actor)
    actor.send({ type: 'X' })
    await turns()
    expect([snapshotOf(actor).status, valueOf(actor), seen]).toEqual(['active', 'ready', []])
  })

  test('a wildcard of the machine still takes a failure that hooks made of the end of an invoke', async () => {
    const { hooks, start } = gated()
    hooks.register(after, () => hook.cancel('no'))
    const machine = createMachine({
      id: 'm',
      initial: 'ready',
      states: {
        ready: { on: { X: 'running' } },
        running: { on: { '*': 'broken' }, invoke: { src: fromPromise(() => Promise.resolve(1)), onDone: 'ready' } },
        broken: {},
      },
    })
    const actor = start(machine, { X: { after } })
    actor.send({ type: 'X' })
    await turns()
    expect(valueOf(actor)).toBe('broken')
  })

  test('a stay that ended while a retry was on its way does not count for the next', async () => {
    const { hooks, start, openRuns } = gated()
    const actors: AnyActorRef[] = []
    const attempts: number[] = []
    hooks.register(after, ({ operation }) => {
      attempts.push(operation.attempt)
      if (attempts.length > 1) return undefined
      actors[0]?.send({ type: 'LEAVE' })
      return hook.retry({ delayMs: 0, maxAttempts: 9 })
    })
    const actor = start(worker(), { X: { after } })
    actors.push(actor)
    actor.send({ type: 'X' })
    await turns()
    actor.send({ type: 'X' })
    await turns()
    expect([valueOf(actor), attempts, openRuns()]).toEqual(['done', [1, 1], []])
  })
})
