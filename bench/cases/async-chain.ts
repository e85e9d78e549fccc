/** Chains of async hooks, each behind its breaker and under its deadline. */
import { createHooks } from 'hookchart/hooks'
import type { Hooks } from 'hookchart/hooks'
import Emittery from 'emittery'
import { createHooks as createHookable } from 'hookable'
import { AsyncSeriesHook } from 'tapable'
import type { TimedRow } from '../row.ts'
import { asHandlers, asyncHooksOf, dataOf, POINT } from '../workload.ts'
import type { AsyncHook, Call } from '../workload.ts'

export function asyncChain(count: number): TimedRow {
  const handlers = asyncHooksOf(count)
  const untraced = withHooks(createHooks({ trace: 'off' }), handlers)
  const traced = withHooks(createHooks(), handlers)
  const tapable = new AsyncSeriesHook<[Call]>(['call'])
  const hookable = createHookable<{ before: (call: Call) => Promise<void> }>()
  const emittery = new Emittery<{ before: Call }>()
  for (const [i, handler] of handlers.entries()) {
    tapable.tapPromise(`hook ${String(i)}`, handler)
    hookable.hook('before', handler)
    emittery.on('before', handler)
  }
  const awaitEach = async (call: Call) => {
    for (const handler of handlers) await handler(call)
  }
  return {
    title: `Chain of ${String(count)} async hook${count === 1 ? '' : 's'}`,
    workload: `Fire a point with ${String(count)} async function${count === 1 ? '' : 's'} that read${count === 1 ? 's' : ''} the input and ha${count === 1 ? 's' : 've'} nothing to say, and await it; fresh data each time; every hook of ours behind a breaker and under a deadline of 5 s. "Traced" keeps a record of each firing, which nobody reads.`,
    cases: [
      {
        name: 'await each',
        role: 'limit',
        batch: async (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = await awaitEach({ data: dataOf(i) })
          return last
        },
      },
      {
        name: 'hooks.run, trace off',
        role: 'ours',
        batch: async (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = await untraced.run(POINT, dataOf(i))
          return last
        },
      },
      {
        name: 'hooks.run, traced',
        role: 'ours',
        batch: async (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = await traced.run(POINT, dataOf(i))
          return last
        },
      },
      {
        name: 'tapable promise',
        role: 'peer',
        batch: async (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = await tapable.promise({ data: dataOf(i) })
          return last
        },
      },
      {
        name: 'hookable callHook',
        role: 'peer',
        batch: async (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = await hookable.callHook('before', { data: dataOf(i) })
          return last
        },
      },
      {
        name: 'emittery emitSerial',
        role: 'peer',
        batch: async (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = await emittery.emitSerial('before', { data: dataOf(i) })
          return last
        },
      },
    ],
    firing: [untraced, traced],
    questions: [
      { type: 'ratio', of: 'hooks.run, trace off', to: 'await each', atMost: 1.4 },
      { type: 'ratio', of: 'hooks.run, trace off', to: 'tapable promise', atMost: 1.2 },
      { type: 'ratio', of: 'hooks.run, traced', to: 'await each' },
      { type: 'ratio', of: 'hooks.run, traced', to: 'tapable promise' },
      { type: 'ratio', of: 'hooks.run, traced', to: 'hookable callHook' },
      { type: 'ratio', of: 'hooks.run, traced', to: 'emittery emitSerial' },
    ],
  }
}

function withHooks(hooks: Hooks, handlers: readonly AsyncHook[]): Hooks {
  for (const handler of asHandlers(handlers)) hooks.register(POINT, handler)
  return hooks
}
