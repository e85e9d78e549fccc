/** Effects and deadlines: what is recorded of each start, and what becomes of an effect that nobody waits for any more. */
import { createMemoryJournal, HookchartError } from 'hookchart/hooks'
import type { EffectCall } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { bench, deferred, TOOL } from '../support/kernel.ts'

type Gate = ReturnType<typeof deferred<void>>

function journaled() {
  const journal = createMemoryJournal()
  return { journal, ...bench({ journal }) }
}

test('a failed start says how long it took and what it failed of, in the trace and in the journal', async () => {
  const { hooks, clock, journal } = journaled()
  await clock.advance(100)
  const { id, trace } = await hooks.wrap({ name: 'work' }, () => {
    void clock.advance(30)
    throw new HookchartError('E_NET', 'no route')
  })(undefined)
  expect(trace.find(({ kind }) => kind === 'effect')).toMatchObject({
    at: 100,
    durationMs: 30,
    outcome: 'failed',
    code: 'E_NET',
    message: 'no route',
  })
  expect(journal.read(id).find(({ type }) => type === 'effect_settled')).toMatchObject({
    at: 130,
    status: 'failed',
    error: { code: 'E_NET', message: 'no route' },
  })
})

describe('an effect that comes after the deadline of its operation', () => {
  test.each([
    ['completes', (gate: Gate) => gate.resolve(), 'completed'],
    ['fails', (gate: Gate) => gate.reject(new HookchartError('E_NET', 'm')), 'E_NET'],
    ['rejects with no error', (gate: Gate) => gate.reject('x'), 'EFFECT_FAILED'],
  ])('is in the trace under its start: it %s', async (_, end, type) => {
    const { hooks, clock } = bench()
    const [gate, goOn] = [deferred(), deferred()]
    hooks.register(TOOL.error, () => goOn.promise)
    const running = hooks.wrap({ name: 'work', ...TOOL }, () => gate.promise)(undefined, { timeoutMs: 10 })
    await clock.advance(10)
    await clock.advance(5)
    end(gate)
    await clock.settle()
    goOn.resolve()
    const { status, trace } = await running
    expect(status).toBe('timed_out')
    const late = trace.find(({ outcome }) => outcome === 'late')
    expect(late).toEqual({
      seq: 4,
      at: 15,
      point: null,
      component: 'work',
      hook: null,
      kind: 'effect',
      type,
      durationMs: 0,
      outcome: 'late',
      parent: trace.find(({ kind }) => kind === 'effect')?.seq,
    })
  })

  test('is in the journal when the run has ended by then', async () => {
    const { hooks, clock, journal } = journaled()
    const gate = deferred()
    const running = hooks.wrap({ name: 'work' }, () => gate.promise)(undefined, { timeoutMs: 10 })
    await clock.advance(10)
    const { id, trace } = await running
    gate.resolve()
    await clock.settle()
    expect(journal.read(id).at(-1)).toMatchObject({
      type: 'late',
      at: 10,
      operation: id,
      point: null,
      hook: null,
      kind: 'effect',
      result: 'completed',
    })
    expect(trace.map(({ outcome }) => outcome)).toEqual(['timed_out', 'timed_out'])
  })
})

test('so is one whose operation was aborted', async () => {
  const { hooks, clock, journal } = journaled()
  const gate = deferred()
  const controller = new AbortController()
  const running = hooks.wrap({ name: 'work' }, () => gate.promise)(undefined, { signal: controller.signal })
  controller.abort()
  const { id } = await running
  gate.reject(new Error('interrupted'))
  await clock.settle()
  expect(journal.read(id).at(-1)).toMatchObject({ type: 'late', kind: 'effect', result: 'EFFECT_FAILED' })
})

test('one that came in time is not late, and its signal is not aborted when its deadline would have come', async () => {
  const { hooks, clock, journal } = journaled()
  const gate = deferred()
  const calls: EffectCall[] = []
  const running = hooks.wrap({ name: 'work' }, (_: undefined, call) => {
    calls.push(call)
    return gate.promise
  })(undefined, { timeoutMs: 10 })
  await clock.advance(9)
  gate.resolve()
  const { id, status } = await running
  await clock.advance(100)
  expect(status).toBe('completed')
  expect(calls[0]?.signal.aborted).toBe(false)
  expect(journal.read(id).map(({ type }) => type)).toEqual(['operation', 'effect', 'effect_settled', 'settled'])
})
