/** The deadline of an async hook. */
import { timeout, TimeoutStrategy } from 'cockatiel'
import { createHooks } from 'hookchart/hooks'
import { keep } from '../keep.ts'
import type { TimedRow } from '../row.ts'
import { asHandlers, asyncHooksOf, dataOf, POINT } from '../workload.ts'
import type { Call } from '../workload.ts'

const TIMEOUT_MS = 5_000

export function deadline(): TimedRow {
  const [hook] = asyncHooksOf(1) as [ReturnType<typeof asyncHooksOf>[number]]
  const hooks = createHooks({ trace: 'off' })
  hooks.register(POINT, asHandlers([hook])[0]!, { timeoutMs: TIMEOUT_MS })
  const listening = createHooks({ trace: 'off' })
  listening.register(
    POINT,
    (ctx) => {
      keep(ctx.signal)
      return hook(ctx as Call)
    },
    { timeoutMs: TIMEOUT_MS },
  )
  const policy = timeout(TIMEOUT_MS, TimeoutStrategy.Cooperative)
  return {
    title: 'Deadline on an async hook',
    workload:
      'Fire a point with one async hook under a deadline of 5 s that it keeps, trace off, against the same function under a deadline of its own. "Reads the signal" asks for the AbortSignal, the others never do.',
    cases: [
      {
        name: 'await it, no deadline',
        role: 'limit',
        batch: async (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = await hook({ data: dataOf(i) })
          return last
        },
      },
      {
        name: 'hooks.run',
        role: 'ours',
        batch: async (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = await hooks.run(POINT, dataOf(i))
          return last
        },
      },
      {
        name: 'hooks.run, reads the signal',
        role: 'ours',
        batch: async (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = await listening.run(POINT, dataOf(i))
          return last
        },
      },
      {
        name: 'setTimeout + AbortController',
        role: 'peer',
        batch: async (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = await underTimer(hook, { data: dataOf(i) })
          return last
        },
      },
      {
        name: 'setTimeout + AbortController, reads the signal',
        role: 'peer',
        batch: async (times) => {
          const reading = (call: Call, controller: AbortController) => {
            keep(controller.signal)
            return hook(call)
          }
          let last: unknown
          for (let i = 0; i < times; i++) last = await underTimer(reading, { data: dataOf(i) })
          return last
        },
      },
      {
        name: 'cockatiel timeout',
        role: 'peer',
        batch: async (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) {
            const call = { data: dataOf(i) }
            last = await policy.execute(() => hook(call))
          }
          return last
        },
      },
    ],
    firing: [hooks, listening],
    questions: [
      { type: 'ratio', of: 'hooks.run', to: 'setTimeout + AbortController', atMost: 0.7 },
      {
        type: 'ratio',
        of: 'hooks.run, reads the signal',
        to: 'setTimeout + AbortController, reads the signal',
      },
      { type: 'ratio', of: 'hooks.run', to: 'cockatiel timeout' },
      { type: 'ratio', of: 'hooks.run', to: 'await it, no deadline' },
    ],
  }
}

/** A deadline as it is written by hand: a timer and a controller a call. */
async function underTimer(work: (call: Call, controller: AbortController) => Promise<void>, call: Call): Promise<void> {
  const controller = new AbortController()
  const timer = setTimeout(() => {
    controller.abort()
  }, TIMEOUT_MS)
  try {
    await work(call, controller)
  } finally {
    clearTimeout(timer)
  }
}
