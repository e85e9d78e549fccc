/** The time of composites: what their children took, what is left, and what is not reached any more. */
import { compose, defineHook, hook } from 'hookchart/hooks'
import type { CompositeChild, CreateHooksOptions, HookOptions } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { bench, hangs, TOOL } from '../support/kernel.ts'

type Takes = (ms: number, result?: unknown) => () => Promise<never>

/** Runs a tool behind one hook whose children take time, and answers whatever is asked after half a second. */
async function run(make: (takes: Takes) => CompositeChild, options: HookOptions = {}, more: CreateHooksOptions = {}) {
  const { hooks, clock } = bench(more)
  const takes: Takes = (ms, result) => () =>
    new Promise<never>((resolve) => clock.setTimeout(() => resolve(result as never), ms))
  hooks.register('BeforeToolExecution', make(takes) as never, { name: 'all', ...options })
  const running = Promise.resolve(hooks.wrap({ name: 'work', ...TOOL }, () => 'ran')(undefined))
  for (let i = 0; i < 5; i++) {
    await clock.advanceSteps(500)
    for (const { id } of hooks.approvals.pending()) hooks.approvals.resume(id).catch(() => {})
  }
  const result = await running
  return { hooks, result, entry: (name: string) => result.trace.find((each) => each.hook === name) }
}

const patterns: [string, (...children: never[]) => CompositeChild][] = [
  ['sequential', compose.sequential],
  ['first match', compose.firstMatch],
  ['voting', (...children) => compose.voting({ minVotes: 3 }, ...children)],
  ['parallel, one at once', (...children) => compose.parallel({ concurrency: 1 }, ...children)],
]

describe.each(patterns)('%s', (_, pattern) => {
  const three = (takes: Takes) => pattern(...([40, 50, 60].map((ms) => takes(ms)) as never[]))

  test('takes what its children take together', async () => {
    const { entry, hooks } = await run(three)
    expect(entry('all')).toMatchObject({ durationMs: 150, outcome: 'ok' })
    expect(hooks.stats().perHook).toMatchObject([{ hook: 'all', count: 1, maxMs: 150 }])
  })

  test('is slow for its breaker when they are together', async () => {
    const { hooks } = await run(three, { breaker: { slowCallMs: 100, slowCallThreshold: 1 } })
    expect(hooks.stats().breakers).toMatchObject([{ hook: 'all', state: 'open' }])
  })

  test('children that its time does not reach are not called', async () => {
    const { result, entry } = await run(three, { timeoutMs: 70 })
    expect(result.status).toBe('completed')
    expect(entry('all')?.durationMs).toBe(70)
    expect(result.trace.filter((each) => each.hook?.startsWith('all/')).map(({ outcome }) => outcome)).toEqual([
      'ok',
      'timed_out',
      'not_run',
    ])
  })

  test('guards that it does not reach refuse', async () => {
    const late = (takes: Takes) =>
      pattern(
        ...([takes(40), takes(30), defineHook({ name: 'late', kind: 'guard', handler: () => undefined })] as never[]),
      )
    const options: [HookOptions, CreateHooksOptions][] = [
      [{ timeoutMs: 70 }, {}],
      [{}, { executor: { gateTimeoutMs: 70 } }],
    ]
    for (const [own, executor] of options) {
      const { result } = await run(late, { kind: 'guard', ...own }, executor)
      expect(result).toMatchObject({ status: 'cancelled', error: { code: 'GUARD_TIMED_OUT' } })
    }
  })

  test('children that are not run have the time of the others', async () => {
    const { result } = await run(
      (takes) => pattern(...([takes(40, hook.cancel('no')), takes(1), takes(1)] as never[])),
      { kind: 'guard' },
    )
    expect(result.trace.filter((each) => each.outcome === 'not_run').every(({ at }) => at >= 40)).toBe(true)
  })
})

test('a transform that fails closed refuses when the gate has no time left for it', async () => {
  const { hooks, clock } = bench({ executor: { gateTimeoutMs: 100 } })
  const notReached = () => {
    throw new Error('not reached')
  }
  hooks.register('BeforeToolExecution', hangs)
  hooks.register('BeforeToolExecution', notReached, { name: 'late', onFailure: 'closed' })
  const running = Promise.resolve(hooks.wrap({ name: 'work', ...TOOL }, () => 'ran')(undefined))
  await clock.advanceSteps(200)
  expect(await running).toMatchObject({
    status: 'cancelled',
    error: { code: 'GUARD_TIMED_OUT', details: { hook: 'late' } },
  })
})

describe('parallel', () => {
  test('children that overlap count once', async () => {
    const { entry } = await run((takes) => compose.parallel([takes(40), takes(100), takes(60)]))
    expect(entry('all')?.durationMs).toBe(100)
    const two = await run((takes) => compose.parallel({ concurrency: 2 }, [takes(40), takes(100), takes(90)]))
    expect(two.entry('all')?.durationMs).toBe(130)
  })

  test('waiting for people is no work', async () => {
    const { entry, result } = await run(
      (takes) =>
        compose.parallel([
          compose.sequential([takes(10), () => hook.suspend({ question: '?' }), takes(20)]),
          compose.parallel([compose.sequential([takes(30), () => hook.suspend({ question: '?' }), takes(40)])]),
        ]),
      { timeoutMs: 100 },
    )
    expect(result.status).toBe('completed')
    expect(entry('all')?.durationMs).toBe(70)
    expect(entry('all/parallel#1')?.durationMs).toBe(70)
    expect(entry('all/sequential#0')?.durationMs).toBe(30)
  })
})
