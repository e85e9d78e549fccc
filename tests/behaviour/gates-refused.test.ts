/** Gates that cannot work: refused when the machine is made, or when it meets its hooks. */
import { gate, gates, hooked } from 'hookchart/machines'
import { createActor, createMachine, setup } from 'xstate'
import { describe, expect, test } from 'vitest'
import { after, before, gated } from '../support/gated.ts'
import { errorOf } from '../support/refusal.ts'

const asking = setup(gates).createMachine({
  initial: 'idle',
  states: { idle: { on: { ASK: 'gate' } }, gate: gate('SessionStart', { continue: 'idle' }) },
})

describe('bad input', () => {
  test.each<[string, () => unknown, string, string]>([
    ['an unknown point', () => gate('BeforeNope', { continue: 'a' }), 'UNKNOWN_POINT', 'BeforeNope'],
    [
      'a missing route',
      () => gate('BeforeToolExecution', { continue: 'a', modified: 'a', replace: 'a', redirect: 'a' }),
      'INVALID_OPTIONS',
      'no route for cancel',
    ],
    [
      'a route for no decision',
      () => gate(before, { continue: 'a', cancel: 'a', perhaps: 'a' } as never),
      'INVALID_OPTIONS',
      '"perhaps" is no decision',
    ],
    [
      'a point of another phase',
      () => hooked(createMachine({ on: { X: {} } }), { on: { X: { before: after } } }),
      'INVALID_OPTIONS',
      'phase "after"',
    ],
    [
      'an event that the machine does not take',
      () => hooked(createMachine({ id: 'm', on: { X: {} } }), { on: { Y: { before } } }),
      'INVALID_OPTIONS',
      'It takes X',
    ],
    [
      'no point',
      () => hooked(createMachine({ on: { X: {} } }), { on: { X: {} } }),
      'INVALID_OPTIONS',
      'expected a point',
    ],
    [
      'an unknown option',
      () => hooked(createMachine({ on: { X: {} } }), { on: { X: { befor: before } as never } }),
      'INVALID_OPTIONS',
      'befor',
    ],
    ...[undefined, null, 5].map((routes): [string, () => unknown, string, string] => [
      `routes that are ${String(routes)}`,
      () => gate(before, routes as never),
      'INVALID_OPTIONS',
      'before_x): routes: ',
    ]),
    ...[null, undefined, 5, ''].map((route): [string, () => unknown, string, string] => [
      `a route that is ${JSON.stringify(route)}`,
      () => gate(before, { continue: route } as never),
      'INVALID_OPTIONS',
      'routes: "continue": ',
    ]),
    [
      'nothing that is hooked',
      () => hooked(null as never, { on: {} }),
      'INVALID_OPTIONS',
      'hooked: the machine is null',
    ],
    [
      'a function that is hooked',
      () => hooked(function door() {} as never, { on: {} }),
      'INVALID_OPTIONS',
      'hooked: the machine is the function "door". Call it first',
    ],
  ])('%s is refused when the machine is made', (_, make, code, text) => {
    const error = errorOf(make)
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(text)])
  })

  /** The error with which an actor ends. */
  const failureOf = (machine: Parameters<typeof createActor>[0], event?: { type: string }): Promise<unknown> =>
    new Promise((resolve) => {
      const actor = createActor(machine)
      actor.subscribe({ error: resolve })
      actor.start()
      if (event !== undefined) actor.send(event)
    })

  test.each<[string, () => Promise<unknown>]>([
    ['hooked', () => failureOf(hooked(createMachine({ id: 'm', on: { X: {} } }), { on: { X: { before } } }))],
    ['with a gate from setup', () => failureOf(asking, { type: 'ASK' })],
    [
      'with a gate',
      () =>
        failureOf(
          createMachine({
            id: 'm',
            initial: 'g',
            states: { g: gate('SessionStart', { continue: 'a' }), a: {} },
          } as never),
        ),
    ],
  ])('a machine that is %s and has no hooks fails when it is started, or gets to its gate', async (_, start) => {
    expect(await start()).toMatchObject({ code: 'GATE_UNBOUND' })
  })

  test.each<[string, object, string, string]>([
    ['that nobody declared', { before: 'custom:nope' }, 'UNKNOWN_POINT', 'custom:nope'],
    ['of another phase', { before: 'custom:after_x' }, 'INVALID_OPTIONS', 'phase "after"'],
  ])('a custom point %s fails the machine when it meets its hooks', async (_, spec, code, text) => {
    const { hooks } = gated()
    const machine = hooked(createMachine({ id: 'm', on: { X: {} } }), { on: { X: spec } })
    expect(await failureOf(machine.provide(hooks.provide()))).toMatchObject({
      code,
      message: expect.stringContaining(text) as string,
    })
  })
})
