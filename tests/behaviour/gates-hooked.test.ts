/** Gates on the transitions of a user's machine: what hooks do to its events, and what they cannot break. */
import { createMemoryJournal, hook } from 'hookchart/hooks'
import { createActor } from 'xstate'
import type { AnyActorRef } from 'xstate'
import { describe, expect, test } from 'vitest'
import { before, turns, valueOf } from '../support/gated.ts'
import { contextOf, job } from '../support/job.ts'
import type { JobEvent } from '../support/job.ts'
import { deferred } from '../support/kernel.ts'

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
      expect(valueOf(actor)).toBe('running')
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
    expect(valueOf(actor)).toBe('running')
    expect(seen).toEqual([[{ input: { amount: 3 } }, 'job', { event: 'EXECUTE' }]])
  })

  test('what hooks change is what guards, actions and the effect see', async () => {
    const { hooks, start } = job()
    hooks.register(before, () => hook.modified({ input: { amount: 5 } }))
    const actor = start()
    actor.send({ type: 'EXECUTE', amount: 3 })
    await turns(1)
    expect(contextOf(actor)).toMatchObject({ amount: 5, result: 10 })
    hooks.register(before, () => hook.modified({ input: { amount: -5 } }), { priority: 'low' })
    const second = start()
    second.send({ type: 'EXECUTE', amount: 3 })
    expect(valueOf(second)).toBe('ready')
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
    expect(valueOf(actor)).toBe('away')
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
    expect(valueOf(actor)).toBe('ready')
    handle.unregister()
    hooks.register(before, () => {
      throw new Error('down')
    })
    actor.send({ type: 'EXECUTE', amount: 3 })
    expect(valueOf(actor)).toBe('running')
  })

  test('the source state is not left while hooks decide: nothing of it is entered or left', async () => {
    const { hooks, start, log } = job()
    const { promise, resolve } = deferred()
    hooks.register(before, () => promise)
    const actor = start()
    actor.send({ type: 'EXECUTE', amount: 3 })
    await turns(1)
    expect([valueOf(actor), log]).toEqual(['ready', ['enter ready']])
    resolve()
    await turns(1)
    expect(log).toEqual(['enter ready', 'exit ready'])
    expect(valueOf(actor)).toBe('done')
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
    await turns(1)
    expect([valueOf(actor), aborted]).toEqual(['ready', true])
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
    expect(valueOf(actor)).toBe('ready')
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
    expect(valueOf(actor)).toBe('ready')
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
    expect(valueOf(actor)).toBe('away')
    target = 'NOPE'
    const second = start()
    second.send({ type: 'EXECUTE', amount: 3 })
    expect(valueOf(second)).toBe('away')
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
    expect([asked, valueOf(actor)]).toEqual([9, 'away'])
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
    expect([passes, valueOf(actor)]).toEqual([[1, 2], 'ready'])
    await clock.advance(100)
    await turns(1)
    expect([passes, valueOf(actor)]).toEqual([[1, 2, 3], 'done'])
    hooks.register(before, () => hook.retry({ delayMs: 0, maxAttempts: 2 }), { name: 'always', priority: 'low' })
    const second = start()
    second.send({ type: 'EXECUTE', amount: 3 })
    await turns(1)
    expect(valueOf(second)).toBe('away')
  })

  test.each(['replace', 'cache'] as const)('%s has no meaning for a transition, and refuses the event', (type) => {
    const { hooks, start } = job({ on: { EXECUTE: { before, refused: 'LEAVE' } } })
    hooks.register(before, () => (type === 'replace' ? hook.replace(1) : hook.cache({ key: 'k', ttlMs: 10 })))
    const actor = start()
    actor.send({ type: 'EXECUTE', amount: 3 })
    expect(valueOf(actor)).toBe('away')
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
    await turns(1)
    expect([asked, valueOf(restored), contextOf(restored)]).toEqual([2, 'done', { amount: 3, result: 6 }])
  })
})
