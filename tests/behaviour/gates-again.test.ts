/** What is done again at the gates of a machine: retries, redirects, and what a restored machine asks anew; all of it ends. */
import { hook } from 'hookchart/hooks'
import { createMachine } from 'xstate'
import { describe, expect, test } from 'vitest'
import { after, before, gated, persisted, refusalsOf, snapshotOf, turns, valueOf, worker } from '../support/gated.ts'

describe('again', () => {
  test('a retry after an invoke waits for its delay, and is another attempt', async () => {
    const { hooks, start, clock } = gated()
    const attempts: number[] = []
    hooks.register(after, ({ operation }) => {
      attempts.push(operation.attempt)
      return attempts.length < 3 ? hook.retry({ delayMs: 100, maxAttempts: 3 }) : undefined
    })
    const actor = start(worker(), { X: { before, after } })
    actor.send({ type: 'X' })
    await turns()
    expect([attempts, valueOf(actor)]).toEqual([[1], 'running'])
    for (let i = 0; i < 2; i++) {
      await clock.advance(100)
      await turns()
    }
    expect([attempts, valueOf(actor)]).toEqual([[1, 2, 3], 'done'])
  })

  test('leaving while a retry waits for its delay ends it', async () => {
    const { hooks, start, clock, openRuns } = gated()
    let runs = 0
    hooks.register(after, () => hook.retry({ delayMs: 100, maxAttempts: 3 }))
    const actor = start(
      worker(() => ++runs),
      { X: { before, after } },
    )
    actor.send({ type: 'X' })
    await turns()
    actor.send({ type: 'LEAVE' })
    await clock.advance(1_000)
    await turns()
    expect([valueOf(actor), runs, openRuns()]).toEqual(['ready', 1, []])
  })

  test('no hook repeats anything more than a hundred times, before or after', async () => {
    for (const point of [before, after]) {
      const { hooks, start } = gated()
      let asked = 0
      hooks.register(point, () => {
        if (++asked > 500) throw new Error('endless')
        return hook.retry({ delayMs: 0, maxAttempts: 1_000_000 })
      })
      const actor = start(worker(), { X: { before, after } })
      actor.send({ type: 'X' })
      await turns(400)
      expect(asked).toBe(100)
    }
  })

  test('redirects end also when each event passes a gate before it leads to the next', () => {
    const { hooks, start } = gated()
    let asked = 0
    hooks.register(before, () => undefined)
    hooks.register(after, () => (++asked > 500 ? undefined : hook.redirect('X')))
    start(createMachine({ on: { X: {} } }), { X: { before, after } }).send({ type: 'X' })
    expect(asked).toBe(9)
  })

  test('a wildcard is no event to redirect to', () => {
    const { hooks, start } = gated()
    hooks.register(before, () => hook.redirect('*'))
    const actor = start(createMachine({ on: { X: {}, '*': {} } }), { X: { before } })
    const codes = refusalsOf(actor)
    actor.send({ type: 'X' })
    expect([snapshotOf(actor).status, codes]).toEqual(['active', ['UNKNOWN_TARGET']])
  })

  test.each([
    ['before', before, false],
    ['after', after, false],
    ['before, while a retry waited', before, true],
    ['after, while a retry waited', after, true],
  ])('a restored machine passes the gate again: %s', async (_, point, retries) => {
    const { hooks, start, clock } = gated()
    const seen: unknown[] = []
    hooks.register(point, ({ data }) => {
      seen.push(data)
      if (seen.length > 1) return undefined
      return retries ? hook.retry({ delayMs: 100, maxAttempts: 5 }) : new Promise<undefined>(() => undefined)
    })
    const on = { X: { before, after } }
    const actor = start(worker(), on)
    actor.send({ type: 'X', n: 1 })
    await turns()
    const snapshot = persisted(actor)
    actor.stop()
    await clock.advance(1_000)
    const restored = start(worker(), on, { snapshot })
    await turns()
    expect([valueOf(restored), seen[1]]).toEqual(['done', seen[0]])
  })
})
