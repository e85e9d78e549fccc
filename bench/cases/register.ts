/** Registering a hook and taking it away again. */
import { catalogue, createHooks } from 'hookchart/hooks'
import type { Hooks } from 'hookchart/hooks'
import { createHooks as createHookable } from 'hookable'
import { AsyncSeriesHook } from 'tapable'
import type { Batch, TimedRow } from '../row.ts'
import { asHandlers, dataOf, POINT, syncHooksOf } from '../workload.ts'
import type { Call } from '../workload.ts'

const GOAL_NS = 2_000

/** With hooks at other points. */
export function registerElsewhere(): TimedRow {
  const handler = asHandlers(syncHooksOf(1))[0]!
  const [plain] = syncHooksOf(1)
  const tapable = new AsyncSeriesHook<[Call]>(['call'])
  const hookable = createHookable<{ before: (call: Call) => void }>()
  const empty = registryWith(0, 0)
  return {
    title: 'Register a hook, hooks at other points',
    workload:
      'Register a hook and unregister it, in a registry with no hook, 100 and 1,000 hooks at other points; no options, or name and priority. tapable has no way to remove a tap: its list is cleared.',
    cases: [
      {
        name: 'no options',
        role: 'ours',
        batch: (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = empty.register(POINT, handler).unregister()
          return last
        },
      },
      { name: 'named', role: 'ours', batch: named(empty) },
      { name: 'named, 100 hooks elsewhere', role: 'ours', batch: named(registryWith(100, 0)) },
      { name: 'named, 1,000 hooks elsewhere', role: 'ours', batch: named(registryWith(1_000, 0)) },
      {
        name: 'tapable tap',
        role: 'peer',
        batch: (times) => {
          for (let i = 0; i < times; i++) {
            tapable.tap({ name: 'bench', stage: i & 7 }, plain!)
            tapable.taps.length = 0
          }
        },
      },
      {
        name: 'hookable hook + remove',
        role: 'peer',
        batch: (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = hookable.hook('before', plain!)()
          return last
        },
      },
    ],
    firing: [empty],
    questions: [
      { type: 'time', of: 'no options', atMost: GOAL_NS },
      { type: 'time', of: 'named', atMost: GOAL_NS },
      { type: 'time', of: 'named, 100 hooks elsewhere', atMost: GOAL_NS },
      { type: 'time', of: 'named, 1,000 hooks elsewhere', atMost: GOAL_NS },
      { type: 'ratio', of: 'named, 1,000 hooks elsewhere', to: 'named' },
      { type: 'ratio', of: 'named', to: 'tapable tap' },
      { type: 'ratio', of: 'named', to: 'hookable hook + remove' },
    ],
  }
}

/** With hooks at the same point. */
export function registerHere(): TimedRow {
  const ten = registryWith(0, 10)
  const hundred = registryWith(0, 100)
  return {
    title: 'Register a hook, hooks at the same point',
    workload:
      'Register a hook with name and priority and unregister it, at a point that has 10, 100 and 1,000 hooks. "And fire" also fires the point in between, which puts its hooks in order.',
    cases: [
      { name: '11th hook', role: 'ours', batch: named(ten) },
      { name: '101st hook', role: 'ours', batch: named(hundred) },
      { name: '1,001st hook', role: 'ours', batch: named(registryWith(0, 1_000)) },
      { name: '11th hook, and fire', role: 'ours', batch: namedAndFired(ten) },
      { name: '101st hook, and fire', role: 'ours', batch: namedAndFired(hundred) },
    ],
    firing: [ten, hundred],
    questions: [
      { type: 'time', of: '11th hook', atMost: GOAL_NS },
      { type: 'time', of: '101st hook', atMost: GOAL_NS },
      { type: 'time', of: '1,001st hook', atMost: GOAL_NS },
      { type: 'ratio', of: '1,001st hook', to: '11th hook' },
      { type: 'time', of: '11th hook, and fire' },
      { type: 'time', of: '101st hook, and fire' },
    ],
  }
}

function named(hooks: Hooks): Batch {
  const handler = asHandlers(syncHooksOf(1))[0]!
  return (times) => {
    let last: unknown
    for (let i = 0; i < times; i++) {
      last = hooks.register(POINT, handler, { name: 'bench', priority: i & 7 }).unregister()
    }
    return last
  }
}

function namedAndFired(hooks: Hooks): Batch {
  const handler = asHandlers(syncHooksOf(1))[0]!
  return (times) => {
    let last: unknown
    for (let i = 0; i < times; i++) {
      const handle = hooks.register(POINT, handler, { name: 'bench', priority: i & 7 })
      last = hooks.run(POINT, dataOf(i))
      handle.unregister()
    }
    return last
  }
}

/** A registry with so many hooks at other points and at the bench's. */
function registryWith(elsewhere: number, here: number): Hooks {
  const hooks = createHooks({ trace: 'off' })
  const others = Object.values(catalogue)
    .filter(({ id, decisions }) => id !== POINT && decisions.length > 0)
    .map(({ id }) => id)
  const handler = () => undefined
  for (let i = 0; i < elsewhere; i++)
    hooks.register(others[i % others.length]!, handler, { name: `other ${String(i)}` })
  for (let i = 0; i < here; i++) hooks.register(POINT, handler, { name: `here ${String(i)}`, priority: i % 10 })
  return hooks
}
