/** Chains of synchronous hooks, each behind its breaker. */
import { createHooks } from 'hookchart/hooks'
import type { Hooks } from 'hookchart/hooks'
import { createHooks as createHookable } from 'hookable'
import { AsyncSeriesHook } from 'tapable'
import type { TimedRow } from '../row.ts'
import { asHandlers, dataOf, POINT, syncHooksOf, writtenOut } from '../workload.ts'
import type { Call, SyncHook } from '../workload.ts'

export function syncChain(count: number): TimedRow {
  const handlers = syncHooksOf(count)
  const untraced = withHooks(createHooks({ trace: 'off' }), handlers)
  const traced = withHooks(createHooks(), handlers)
  const tapable = new AsyncSeriesHook<[Call]>(['call'])
  const hookable = createHookable<{ before: (call: Call) => void }>()
  for (const [i, handler] of handlers.entries()) {
    tapable.tap(`hook ${String(i)}`, handler)
    hookable.hook('before', handler)
  }
  const known = writtenOut[count]!
  const done = () => undefined
  return {
    title: `Chain of ${String(count)} sync hook${count === 1 ? '' : 's'}`,
    workload: `Fire a point with ${String(count)} sync hook${count === 1 ? '' : 's'} that read the input and have nothing to say; fresh data each time; every hook of ours behind a breaker. "Traced" keeps a record of each firing, which nobody reads.`,
    cases: [
      {
        name: 'direct calls, in a loop',
        role: 'limit',
        batch: (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) {
            const call = { data: dataOf(i) }
            for (const handler of handlers) handler(call)
            last = call
          }
          return last
        },
      },
      {
        name: 'direct calls, written out',
        role: 'peer',
        batch: (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) {
            const call = { data: dataOf(i) }
            known(call)
            last = call
          }
          return last
        },
      },
      {
        name: 'hooks.run, trace off',
        role: 'ours',
        batch: (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = untraced.run(POINT, dataOf(i))
          return last
        },
      },
      {
        name: 'hooks.run, traced',
        role: 'ours',
        batch: (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = traced.run(POINT, dataOf(i))
          return last
        },
      },
      {
        name: 'tapable callAsync',
        role: 'peer',
        batch: (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) {
            const call = { data: dataOf(i) }
            tapable.callAsync(call, done)
            last = call
          }
          return last
        },
      },
      {
        name: 'tapable promise',
        role: 'peer',
        batch: async (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) {
            const call = { data: dataOf(i) }
            await tapable.promise(call)
            last = call
          }
          return last
        },
      },
      {
        name: 'hookable callHook, awaited',
        role: 'peer',
        batch: async (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) {
            const call = { data: dataOf(i) }
            await hookable.callHook('before', call)
            last = call
          }
          return last
        },
      },
    ],
    firing: [untraced, traced],
    questions: [
      { type: 'ratio', of: 'hooks.run, trace off', to: 'direct calls, in a loop', atMost: 2 },
      { type: 'ratio', of: 'hooks.run, traced', to: 'tapable promise', atMost: 1 },
      { type: 'ratio', of: 'hooks.run, traced', to: 'direct calls, in a loop' },
      { type: 'ratio', of: 'hooks.run, traced', to: 'tapable callAsync' },
      { type: 'ratio', of: 'hooks.run, traced', to: 'hookable callHook, awaited' },
    ],
  }
}

function withHooks(hooks: Hooks, handlers: readonly SyncHook[]): Hooks {
  for (const handler of asHandlers(handlers)) hooks.register(POINT, handler)
  return hooks
}
