/** A guarded call while its breaker is closed. */
import { circuitBreaker, ConsecutiveBreaker, handleAll } from 'cockatiel'
import { createHooks } from 'hookchart/hooks'
import type { Hooks } from 'hookchart/hooks'
import CircuitBreaker from 'opossum'
import type { TimedRow } from '../row.ts'
import { asHandlers, asyncHooksOf, dataOf, POINT } from '../workload.ts'
import type { AsyncHook } from '../workload.ts'

export function breaker(): TimedRow {
  const [work] = asyncHooksOf(1) as [AsyncHook]
  const guarded = hooksWith(work, 'default')
  const bare = hooksWith(work, false)
  const policy = circuitBreaker(handleAll, { halfOpenAfter: 15_000, breaker: new ConsecutiveBreaker(3) })
  const opossum = new CircuitBreaker(work, { timeout: false, resetTimeout: 15_000 })
  return {
    title: 'Guarded call, breaker closed',
    workload:
      'Call an async function behind a closed breaker and await it. Ours is a hook: its figure holds a whole pass of the gate with context and deadline, trace off. opossum runs without its timeout.',
    cases: [
      {
        name: 'await the function',
        role: 'limit',
        batch: async (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = await work({ data: dataOf(i) })
          return last
        },
      },
      {
        name: 'hook behind a breaker',
        role: 'ours',
        batch: async (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = await guarded.run(POINT, dataOf(i))
          return last
        },
      },
      {
        name: 'hook without a breaker',
        role: 'ours',
        batch: async (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = await bare.run(POINT, dataOf(i))
          return last
        },
      },
      {
        name: 'cockatiel',
        role: 'peer',
        batch: async (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) {
            const call = { data: dataOf(i) }
            last = await policy.execute(() => work(call))
          }
          return last
        },
      },
      {
        name: 'opossum',
        role: 'peer',
        batch: async (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = await opossum.fire({ data: dataOf(i) })
          return last
        },
      },
    ],
    firing: [guarded, bare],
    questions: [
      { type: 'ratio', of: 'hook behind a breaker', to: 'await the function', atMost: 1.8 },
      { type: 'ratio', of: 'hook behind a breaker', to: 'cockatiel', atMost: 0.5 },
      { type: 'ratio', of: 'hook behind a breaker', to: 'opossum' },
      { type: 'ratio', of: 'hook behind a breaker', to: 'hook without a breaker' },
      {
        type: 'difference',
        of: 'hook behind a breaker',
        minus: 'hook without a breaker',
        parts: 1,
        what: 'the breaker alone',
      },
    ],
  }
}

function hooksWith(work: AsyncHook, setting: 'default' | false): Hooks {
  const hooks = createHooks({ trace: 'off' })
  hooks.register(POINT, asHandlers([work])[0]!, { breaker: setting })
  return hooks
}
