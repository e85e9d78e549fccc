/** A point at which nobody has registered a hook. */
import { createHooks } from 'hookchart/hooks'
import { createHooks as createHookable } from 'hookable'
import { AsyncSeriesHook } from 'tapable'
import type { TimedRow } from '../row.ts'
import { dataOf, POINT } from '../workload.ts'
import type { Call } from '../workload.ts'

export function noHook(): TimedRow {
  const hooks = createHooks()
  const tapable = new AsyncSeriesHook<[Call]>(['call'])
  const hookable = createHookable<{ before: (call: Call) => void }>()
  const data = dataOf(0)
  const call = { data }
  const done = () => undefined
  return {
    title: 'Point with no hook',
    workload: 'Fire a point at which no hook is registered, with data that is there already.',
    cases: [
      {
        name: 'empty loop',
        role: 'limit',
        batch: (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = data
          return last
        },
      },
      {
        name: 'hooks.run',
        role: 'ours',
        batch: (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = hooks.run(POINT, data)
          return last
        },
      },
      {
        name: 'tapable callAsync',
        role: 'peer',
        batch: (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = tapable.callAsync(call, done)
          return last
        },
      },
      {
        name: 'tapable promise',
        role: 'peer',
        batch: async (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = await tapable.promise(call)
          return last
        },
      },
      {
        name: 'hookable callHook, awaited',
        role: 'peer',
        batch: async (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = await hookable.callHook('before', call)
          return last
        },
      },
    ],
    firing: [hooks],
    questions: [
      { type: 'difference', of: 'hooks.run', minus: 'empty loop', parts: 1, what: 'a firing', atMost: 10 },
      { type: 'ratio', of: 'hooks.run', to: 'tapable promise' },
      { type: 'ratio', of: 'hooks.run', to: 'hookable callHook, awaited' },
      { type: 'ratio', of: 'hooks.run', to: 'tapable callAsync' },
    ],
  }
}

/** The same as gates round a function: what two empty gates add to a wrapped function that has none. */
export function noHookGates(): TimedRow {
  const hooks = createHooks({ trace: 'off' })
  const effect = (input: number) => input + 1
  const bare = hooks.wrap({ name: 'bare' }, effect)
  const gated = hooks.wrap({ name: 'gated', before: POINT, after: 'AfterToolExecution', error: 'ToolError' }, effect)
  return {
    title: 'Gates with no hook round a function',
    workload:
      'Call a wrapped function, trace off, that passes two gates without hooks, against one that has no gates at all.',
    roundsFactor: 2,
    cases: [
      {
        name: 'direct call',
        role: 'limit',
        batch: (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = effect(i & 7)
          return last
        },
      },
      {
        name: 'wrapped, no gates',
        role: 'ours',
        batch: (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = bare(i & 7)
          return last
        },
      },
      {
        name: 'wrapped, empty gates',
        role: 'ours',
        batch: (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = gated(i & 7)
          return last
        },
      },
    ],
    firing: [hooks],
    questions: [
      {
        type: 'difference',
        of: 'wrapped, empty gates',
        minus: 'wrapped, no gates',
        parts: 2,
        what: 'an empty gate',
        atMost: 10,
      },
      { type: 'ratio', of: 'wrapped, empty gates', to: 'wrapped, no gates' },
    ],
  }
}
