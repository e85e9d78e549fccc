/** Gates after the transitions of a user's machine: what hooks do to what came of them. */
import { hook } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { after, before, turns, valueOf } from '../support/gated.ts'
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

  test('without an invoke the gate is passed when the target was entered', () => {
    const { hooks, start } = job({ on: { LEAVE: { after } } })
    const seen: unknown[] = []
    const actor = start()
    hooks.register(after, ({ data }) => void seen.push([data, valueOf(actor)]))
    actor.send({ type: 'LEAVE' })
    expect(seen).toEqual([[{ input: {} }, 'away']])
  })
})
