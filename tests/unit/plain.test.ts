/** The fast paths: hooks that have nothing to say run in a bare loop; as soon as one says something, the pass takes over. */
import { createMemoryJournal, hook } from 'hookchart/hooks'
import { describe, expect, test, vi } from 'vitest'
import { hangs } from '../support/kernel.ts'
import { nothing } from './kernel-samples.ts'
import { bench, guard, inProduction, later, lines, observer, sleeps } from './plain-samples.ts'
import type { Handler } from './plain-samples.ts'

inProduction()

describe('hooks that have nothing to say', () => {
  test('are called in order, at once', () => {
    const { order, tool, counts } = bench({ o: [nothing, observer], g: [nothing, guard], t: nothing })
    expect(tool(1)).toMatchObject({ status: 'completed', output: 1, attempts: 1 })
    expect(order).toEqual(['t', 'g', 'o'])
    expect(counts()).toEqual({ t: 1, g: 1, o: 1 })
  })

  test('see the caller’s own data, where no guard vouches for it', () => {
    const seen: unknown[] = []
    const { tool } = bench({ t: (ctx) => void seen.push(ctx.data.input), o: [nothing, observer] })
    const input = { deep: [1] }
    expect((tool(input) as { output: unknown }).output).toBe(input)
    expect(seen[0]).toBe(input)
  })

  test('have their lines in the trace all the same', async () => {
    const { tool } = bench({ t: nothing, g: [nothing, guard], o: [nothing, observer] })
    const { trace } = await tool(1)
    expect(lines(trace)).toEqual(['t ok continue', 'g ok continue', 'o ok observe'])
  })

  test('what an observer returns means nothing', async () => {
    const { tool, order } = bench({ o: [() => hook.cancel('no'), observer], p: [nothing, observer] })
    expect(await tool(1)).toMatchObject({ status: 'completed' })
    expect(order).toEqual(['o', 'p'])
  })

  test('an async observer is not waited for', async () => {
    const { tool, hooks, order } = bench({ o: [sleeps(50), observer], p: [nothing, observer] })
    expect(tool(1)).toMatchObject({ status: 'completed' })
    expect([order, hooks.stats().observing]).toEqual([['o', 'p'], 1])
    await vi.advanceTimersByTimeAsync(50)
    expect(hooks.stats().observing).toBe(0)
  })

  test('that are asynchronous are waited for, one after another', async () => {
    const { tool, order } = bench({ a: sleeps(10), b: later, c: nothing, d: [sleeps(10), guard] })
    const running = tool(1)
    expect(running).toBeInstanceOf(Promise)
    expect(order).toEqual(['a'])
    await vi.advanceTimersByTimeAsync(10)
    expect(order).toEqual(['a', 'b', 'c', 'd'])
    await vi.advanceTimersByTimeAsync(10)
    expect(await running).toMatchObject({ status: 'completed', output: 1 })
  })

  test('a thenable is waited for too', async () => {
    const { tool } = bench({ a: () => ({ then: (resolve: () => void) => void setTimeout(resolve, 5) }) })
    const running = tool(1)
    await vi.advanceTimersByTimeAsync(5)
    expect(await running).toMatchObject({ status: 'completed' })
  })
})

describe('firing a point outside any operation', () => {
  test('is a record of its own in the journal', async () => {
    const journal = createMemoryJournal()
    const { fire, order } = bench({ a: nothing, b: later }, { journal })
    expect(await fire()).toEqual({ type: 'continue' })
    expect(order).toEqual(['a', 'b'])
    expect(journal.runs()).toMatchObject([{ run: 'id-1', finished: true, records: 1 }])
    expect(journal.read('id-1')).toMatchObject([
      { type: 'gate', decision: 'continue', hooks: [{ hook: 'a' }, { hook: 'b' }] },
    ])
  })

  test('a hook that asked for its operation does not make a second record', () => {
    const journal = createMemoryJournal()
    const { fire } = bench({ a: (ctx) => void (ctx.locals['x'] = 1) }, { journal })
    void fire()
    expect(journal.runs()).toMatchObject([{ finished: true, records: 1 }])
  })

  test.each(['decisions', 'off'] as const)('with trace %s quiet firings are not kept', (trace) => {
    const journal = createMemoryJournal()
    void bench({ a: nothing }, { journal, trace }).fire()
    expect(journal.runs()).toEqual([])
  })

  test('gives the decision of the hook that has something to say', async () => {
    expect(bench({ a: nothing, b: () => hook.cancel('no') }).fire()).toMatchObject({ type: 'cancel', hook: 'b' })
    expect(await bench({ a: later, b: () => hook.replace(7) }).fire()).toMatchObject({ type: 'replace', value: 7 })
  })

  test('stop() ends one that waits', async () => {
    const { fire, hooks } = bench({ a: hangs })
    const running = fire()
    await hooks.stop()
    expect(await running).toMatchObject({ type: 'cancel', code: 'RUN_ABORTED' })
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('as soon as one has something to say', () => {
  test.each<[string, Handler, object]>([
    ['a change', () => hook.modified({ input: 2 }), { status: 'completed', output: 2 }],
    ['a later change', async () => hook.modified({ input: 2 }), { status: 'completed', output: 2 }],
    ['a replacement', () => hook.replace('r'), { status: 'completed', output: 'r', attempts: 0 }],
    ['a redirect', () => hook.redirect('other'), { status: 'completed', output: 'other' }],
    ['a refusal', () => hook.cancel('no'), { status: 'cancelled', error: { code: 'HOOK_CANCELLED' } }],
    ['a later refusal', async () => hook.cancel('no'), { status: 'cancelled', error: { code: 'HOOK_CANCELLED' } }],
  ])('%s counts, and the hooks behind it are told', async (_, handler, expected) => {
    const proposals: unknown[] = []
    const { tool, order } = bench({
      before: nothing,
      says: handler,
      watch: [(ctx) => void proposals.push(ctx.proposal?.type), observer],
    })
    expect(await tool(1)).toMatchObject(expected)
    expect(order).toEqual(['before', 'says', 'watch'])
    expect(proposals).toHaveLength(1)
  })

  test('each hook is called once, and counted once', async () => {
    const { tool, counts } = bench({ a: nothing, b: later, c: () => hook.modified({ input: 2 }), d: [nothing, guard] })
    await tool(1)
    await tool(1)
    expect(counts()).toEqual({ a: 2, b: 2, c: 2, d: 2 })
  })

  test('guards see the change', async () => {
    const seen: unknown[] = []
    const { tool } = bench({
      a: () => hook.modified({ input: 2 }),
      g: [(ctx) => void seen.push(ctx.data.input), guard],
    })
    await tool(1)
    expect(seen).toEqual([2])
  })

  test.each<[string, Handler, string]>([
    [
      'throws',
      () => {
        throw new Error('x')
      },
      'HOOK_FAILED',
    ],
    ['rejects', () => Promise.reject(new Error('x')), 'HOOK_FAILED'],
    ['returns what is no result', () => 7, 'HOOK_INVALID_RESULT'],
    ['gives later what is no result', async () => 7, 'HOOK_INVALID_RESULT'],
  ])('one that %s is recorded and skipped; a guard refuses', async (_, handler, code) => {
    const open = await bench({ a: handler, b: nothing }).tool(1)
    expect(open).toMatchObject({ status: 'completed', output: 1 })
    expect(open.trace.find((entry) => entry.hook === 'a')).toMatchObject({ outcome: 'failed', code })
    expect(await bench({ a: [handler, guard] }).tool(1)).toMatchObject({
      status: 'cancelled',
      error: { code: 'GUARD_FAILED' },
    })
  })

  test('an observer that throws changes nothing', async () => {
    const throws = () => {
      throw new Error('x')
    }
    const { tool, order } = bench({ o: [throws, observer], p: [nothing, observer] })
    expect(await tool(1)).toMatchObject({ status: 'completed' })
    expect(order).toEqual(['o', 'p'])
  })
})
