/** Gates after the transitions of a user's machine: what hooks do to what came of them. */
import { hook } from 'hookchart/hooks'
import { timer } from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import { fromPromise, setup } from 'xstate'
import { after, before, gated, turns, valueOf } from '../support/gated.ts'
import { contextOf, job } from '../support/job.ts'

describe('after a transition', () => {
  test('the end of the invoke passes the gate, with what led there', async () => {
    const { hooks, start } = job()
    const seen: unknown[] = []
    hooks.register(after, ({ data }) => void seen.push(data))
    const actor = start()
    actor.send({ type: 'EXECUTE', amount: 3 })
    await turns(1)
    expect([seen, valueOf(actor)]).toEqual([[{ input: { amount: 3 }, output: 6 }], 'done'])
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
    await turns(1)
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
    await turns(1)
    expect(contextOf(actor)['result']).toBe(result)
  })

  test('a cancel makes the invoke a failure', async () => {
    const { hooks, start } = job()
    hooks.register(after, () => hook.cancel('secret inside'), { name: 'leak', kind: 'guard' })
    const actor = start()
    actor.send({ type: 'EXECUTE', amount: 3 })
    await turns(1)
    expect(valueOf(actor)).toBe('broken')
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
    for (let i = 0; i < 4; i++) await turns(1)
    expect([runs, valueOf(actor), contextOf(actor)['result']]).toEqual([3, 'done', 3])
    hooks.register(after, () => hook.retry({ delayMs: 0, maxAttempts: 2 }), { name: 'more', priority: 'low' })
    runs = 10
    const second = start()
    second.send({ type: 'EXECUTE', amount: 3 })
    for (let i = 0; i < 4; i++) await turns(1)
    expect([runs, valueOf(second), contextOf(second)['problem']]).toEqual([
      12,
      'broken',
      expect.objectContaining({ code: 'ATTEMPTS_EXHAUSTED' }),
    ])
  })

  describe('a timer is no effect', () => {
    const limit = { id: 'limit', src: 'timer', input: { delayMs: 10 }, onDone: 'late' } as const
    const sources = {
      timer,
      work: fromPromise(() => Promise.resolve('done')),
      hung: fromPromise(() => new Promise<string>(() => undefined)),
    }
    const begin = (...also: { readonly src: 'work' | 'hung'; readonly onDone: 'done' }[]) => {
      const { hooks, clock, start } = gated()
      const seen: unknown[] = []
      hooks.register(after, ({ data }) => void seen.push(data))
      const machine = setup({ actors: sources }).createMachine({
        id: 'waiting',
        initial: 'ready',
        states: { ready: { on: { X: 'waiting' } }, waiting: { invoke: [limit, ...also] }, done: {}, late: {} },
      })
      return { actor: start(machine, { X: { after } }, { clock }), clock, seen }
    }

    test('alone in the target: the gate is passed when that is entered, and not when it ends', async () => {
      const { actor, clock, seen } = begin()
      actor.send({ type: 'X' })
      expect(seen).toEqual([{ input: {} }])
      await clock.advance(10)
      expect([valueOf(actor), seen.length]).toEqual(['late', 1])
    })

    test('beside an effect: the end of that passes the gate', async () => {
      const { actor, seen } = begin({ src: 'work', onDone: 'done' })
      actor.send({ type: 'X' })
      expect(seen).toEqual([])
      await turns(1)
      expect([valueOf(actor), seen]).toEqual(['done', [{ input: {}, output: 'done' }]])
    })

    test('when it ends first nothing has passed the gate', async () => {
      const { actor, clock, seen } = begin({ src: 'hung', onDone: 'done' })
      actor.send({ type: 'X' })
      await clock.advance(10)
      expect([valueOf(actor), seen]).toEqual(['late', []])
    })
  })

  test('without an invoke the gate is passed when the target was entered', () => {
    const { hooks, start } = job({ on: { LEAVE: { after } } })
    const seen: unknown[] = []
    const actor = start()
    hooks.register(after, ({ data }) => void seen.push([data, valueOf(actor)]))
    actor.send({ type: 'LEAVE' })
    expect(seen).toEqual([[{ input: {} }, 'away']])
  })
})
