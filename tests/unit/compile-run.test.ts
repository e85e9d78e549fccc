/** Flat runs: what they do beyond the law of property-tests/compile-equivalence. */
import { compile } from 'hookchart/machines'
import type { Run } from 'hookchart/machines'
import { createTestClock } from 'hookchart/testing'
import { describe, expect, test, vi } from 'vitest'
import { assign, createActor, createMachine, emit, fromCallback, log, sendTo, setup } from 'xstate'
import { errorOf } from '../support/refusal.ts'
import { door } from './compile-samples.ts'

const compiled = compile(door)

describe('a run', () => {
  test('has begun when it is given', () => {
    const entered = vi.fn()
    const run = compile(createMachine({ entry: entered })).run()
    expect(entered).toHaveBeenCalledOnce()
    expect([run.id, run.status, run.value]).toEqual(['(machine)', 'active', {}])
  })

  test('makes its context from the input', () => {
    expect(compiled.run({ input: { opened: 3 } }).context).toEqual({ opened: 3 })
  })

  test('is as its snapshot', () => {
    const run = compiled.run({ input: {}, id: 'front' })
    run.send({ type: 'PUSH' })
    run.send({ type: 'BREAK' })
    const { value, context, status, output, error } = run.snapshot
    expect({ value, context, status, output, error }).toEqual({
      ...{ value: 'broken', context: { opened: 1 }, status: 'done', output: { opened: 1 }, error: undefined },
    })
    expect([run.value, run.context, run.status, run.output, run.error]).toEqual([value, context, status, output, error])
    expect(run.id).toBe('front')
  })

  test('tells once that it has ended, and takes no more events', () => {
    const onEnd = vi.fn()
    const run = compiled.run({ input: {}, onEnd })
    run.send({ type: 'PUSH' })
    run.send({ type: 'BREAK' })
    run.send({ type: 'PUSH' })
    run.stop()
    expect(onEnd.mock.calls).toEqual([[run]])
    expect(run.value).toBe('broken')
  })

  test('may have ended when it is given', () => {
    const onEnd = vi.fn()
    const machine = createMachine({ initial: 'a', states: { a: { type: 'final' } }, output: 7 })
    expect(compile(machine).run({ onEnd }).output).toBe(7)
    expect(onEnd).toHaveBeenCalledOnce()
  })

  test('keeps delays by its clock, until it is stopped', async () => {
    const clock = createTestClock()
    const [run, stopped] = [compiled.run({ input: {}, clock }), compiled.run({ input: {}, clock })]
    for (const each of [run, stopped]) each.send({ type: 'PUSH' })
    await clock.advance(99)
    stopped.stop()
    expect([run.value, clock.timers]).toEqual(['open', 1])
    await clock.advance(1)
    expect([run.value, stopped.value, stopped.status]).toEqual(['closed', 'open', 'stopped'])
  })

  test('is stopped by using', () => {
    let kept: Run<typeof door>
    {
      using run = compiled.run({ input: {} })
      kept = run
    }
    expect(kept.status).toBe('stopped')
  })

  test('keeps an event that an action sends for later', () => {
    const order: string[] = []
    const machine = createMachine({
      initial: 'a',
      states: {
        a: { on: { GO: { target: 'b', actions: () => [run.send({ type: 'BACK' }), order.push('sent')] } } },
        b: { entry: () => order.push('b'), on: { BACK: { target: 'a', actions: () => order.push('back') } } },
      },
    })
    const run = compile(machine).run()
    run.send({ type: 'GO' })
    expect([order, run.value]).toEqual([['sent', 'b', 'back'], 'a'])
  })

  test('tells actions who runs them', () => {
    const seen = vi.fn()
    const machine = createMachine({
      on: {
        GO: {
          actions: ({ self, system }) => {
            seen(self.id, self.getSnapshot().status, typeof system.get, JSON.stringify(self))
          },
        },
      },
    })
    compile(machine).run({ id: 'me' }).send({ type: 'GO' })
    expect(seen).toHaveBeenCalledWith('me', 'active', 'function', '{"xstate$$type":1,"id":"me"}')
  })

  test('refuses that an action watches it', () => {
    const errors: unknown[] = []
    const machine = createMachine({
      on: {
        GO: {
          actions: ({ self }) => {
            for (const watch of [() => self.subscribe(() => undefined), () => self.on('*', () => undefined)])
              errors.push(errorOf(watch).code)
          },
        },
      },
    })
    compile(machine).run().send({ type: 'GO' })
    expect(errors).toEqual(['COMPILE_UNSUPPORTED', 'COMPILE_UNSUPPORTED'])
  })
})

describe('what goes wrong', () => {
  const failing = createMachine({
    initial: 'a',
    context: { n: 0 },
    states: {
      a: {
        on: {
          GO: {
            target: 'b',
            actions: [
              assign({ n: 1 }),
              () => {
                throw new Error('no way')
              },
            ],
          },
        },
      },
      b: {},
    },
  })

  test('in an action ends the run, as it was before the event', () => {
    const onEnd = vi.fn()
    const run = compile(failing).run({ onEnd })
    run.send({ type: 'GO' })
    expect([run.status, run.error, run.value, run.context]).toEqual(['error', new Error('no way'), 'a', { n: 0 }])
    expect(onEnd).toHaveBeenCalledOnce()
  })

  test('in an initial action ends the run', () => {
    const run = compile(
      createMachine({
        entry: () => {
          throw new Error('not today')
        },
      }),
    ).run()
    expect([run.status, String(run.error)]).toEqual(['error', 'Error: not today'])
  })

  test('in the initial macrostep ends the run before any action', () => {
    const entered = vi.fn()
    const machine = createMachine({
      initial: 'a',
      states: {
        a: {
          entry: [
            entered,
            assign(() => {
              throw new Error('no first state')
            }),
          ],
        },
      },
    })
    const run = compile(machine).run()
    expect([run.status, String(run.error)]).toEqual(['error', 'Error: no first state'])
    expect(entered).not.toHaveBeenCalled()
  })

  test('in the making of the context ends the run', () => {
    const run = compile(
      createMachine({
        context: () => {
          throw new Error('no context')
        },
      }),
    ).run()
    expect([run.status, String(run.error), run.context]).toEqual(['error', 'Error: no context', {}])
  })

  test('in a listener is not the run’s own', async () => {
    const uncaught = vi.spyOn(globalThis, 'queueMicrotask').mockReturnValue(undefined)
    const boom = () => {
      throw new Error('listener')
    }
    const machine = createMachine({ on: { GO: { actions: emit({ type: 'gone' }) } } })
    const run = compile(machine).run({ onEmit: boom, onEnd: boom })
    run.send({ type: 'GO' })
    expect(run.status).toBe('active')
    run.stop()
    expect(uncaught).toHaveBeenCalledTimes(2)
    for (const [rethrow] of uncaught.mock.calls) expect(rethrow).toThrow('listener')
    uncaught.mockRestore()
  })
})

describe('children', () => {
  const actors = {
    echo: fromCallback(({ sendBack, receive }) => {
      receive((event) => {
        sendBack({ type: 'HEARD', what: event.type })
      })
    }),
  }
  const machine = setup({
    types: { context: {} as { heard: unknown } },
    actors,
  }).createMachine({
    context: { heard: undefined },
    invoke: { id: 'echo', src: 'echo' },
    on: {
      CALL: { actions: sendTo('echo', { type: 'hello' }) },
      LATER: { actions: sendTo('echo', { type: 'late' }, { delay: 10 }) },
      HEARD: { actions: assign({ heard: ({ event }) => (event as { what?: string }).what }) },
      LOG: { actions: [log('written'), log('written', 'with a label')] },
    },
  })

  test('are actors of XState', () => {
    const run = compile(machine).run()
    run.send({ type: 'CALL' })
    expect(run.context.heard).toBe('hello')
    expect(run.snapshot.children['echo']?.getSnapshot().status).toBe('active')
  })

  test('are sent what is delayed by the clock of the run', async () => {
    const clock = createTestClock()
    const run = compile(machine).run({ clock })
    run.send({ type: 'LATER' })
    expect(run.context.heard).toBeUndefined()
    await clock.advance(10)
    expect(run.context.heard).toBe('late')
    run.send({ type: 'LATER' })
    run.stop()
    expect(clock.timers).toBe(0)
  })

  test('log goes where the run says, else nowhere', () => {
    const written = vi.fn()
    compile(machine).run({ log: written }).send({ type: 'LOG' })
    compile(machine).run().send({ type: 'LOG' })
    expect(written.mock.calls).toEqual([['written'], ['with a label', 'written']])
  })
})

describe('an actor from a run', () => {
  test('goes on where the run is, and the run shows the actor', () => {
    const run = compiled.run({ input: {} })
    run.send({ type: 'PUSH' })
    const actor = run.toActor()
    const seen = vi.fn()
    actor.subscribe(({ value }) => {
      seen(value)
    })
    actor.send({ type: 'PUSH' })
    run.send({ type: 'PUSH' })
    expect(seen.mock.calls).toEqual([['closed'], ['open']])
    expect([run.value, run.context, run.status, run.output, run.error]).toEqual([
      ...['open', { opened: 2 }, 'active', undefined, undefined],
    ])
    expect(run.toActor()).toBe(actor)
    run.stop()
    expect(actor.getSnapshot().status).toBe('stopped')
  })

  test('takes over timers with what is left of them, and children', async () => {
    const clock = createTestClock()
    const machine = setup({
      actors: { echo: fromCallback(({ sendBack, receive }) => receive(() => sendBack({ type: 'BACK' }))) },
    }).createMachine({
      initial: 'a',
      invoke: { id: 'echo', src: 'echo' },
      states: {
        a: { after: { 100: 'b' } },
        b: { on: { CALL: { actions: sendTo('echo', { type: 'x' }) }, BACK: 'c' } },
        c: {},
      },
    })
    const run = compile(machine).run({ clock })
    await clock.advance(60)
    const actor = run.toActor()
    await clock.advance(39)
    expect(actor.getSnapshot().value).toBe('a')
    await clock.advance(1)
    expect(actor.getSnapshot().value).toBe('b')
    actor.send({ type: 'CALL' })
    expect([actor.getSnapshot().value, run.value, clock.timers]).toEqual(['c', 'c', 0])
    actor.stop()
  })

  test('can be inspected from its beginning', () => {
    const types: string[] = []
    const actor = compiled.run({ input: {} }).toActor({ inspect: ({ type }) => types.push(type) })
    actor.send({ type: 'PUSH' })
    expect(types.slice(0, 2)).toEqual(['@xstate.actor', '@xstate.event'])
    expect(types).toContain('@xstate.microstep')
  })

  test('keeps the listeners of the run', () => {
    const [onEmit, onEnd] = [vi.fn(), vi.fn()]
    const machine = createMachine({
      initial: 'a',
      states: { a: { on: { GO: { actions: emit({ type: 'gone' }) }, END: 'b' } }, b: { type: 'final' } },
    })
    const run = compile(machine).run({ onEmit, onEnd })
    const actor = run.toActor()
    actor.send({ type: 'GO' })
    actor.send({ type: 'END' })
    expect(onEmit.mock.calls).toEqual([[{ type: 'gone' }]])
    expect(onEnd.mock.calls).toEqual([[run]])
  })

  test('of a run that has ended shows the end, which is not told again', () => {
    const onEnd = vi.fn()
    const fails = () => {
      throw new Error('no way')
    }
    const run = compile(createMachine({ entry: fails })).run({ onEnd })
    expect(onEnd).toHaveBeenCalledOnce()
    expect(run.toActor().getSnapshot().status).toBe('error')
    expect(onEnd).toHaveBeenCalledOnce()
  })

  test('cannot be made by an action', () => {
    let refused: unknown
    const machine = createMachine({
      on: {
        GO: {
          actions: () => {
            refused = errorOf(() => run.toActor()).code
          },
        },
      },
    })
    const run = compile(machine).run()
    run.send({ type: 'GO' })
    expect(refused).toBe('INVALID_INPUT')
  })
})

test('what a run persists an actor of the machine restores, and the other way round', () => {
  const run = compiled.run({ input: {} })
  run.send({ type: 'PUSH' })
  const persisted = JSON.parse(JSON.stringify(run.getPersistedSnapshot())) as ReturnType<
    typeof run.getPersistedSnapshot
  >
  const actor = createActor(door, { snapshot: persisted, input: {} }).start()
  expect(actor.getPersistedSnapshot()).toEqual(run.getPersistedSnapshot())
  actor.send({ type: 'PUSH' })
  const again = compiled.run({ snapshot: actor.getPersistedSnapshot() })
  expect([again.value, again.context]).toEqual(['closed', { opened: 1 }])
})
