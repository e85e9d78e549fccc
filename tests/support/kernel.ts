/** What many tests begin with: hooks on a test clock, a wrapped tool with all three gates. */
import { createHooks, hook } from 'hookchart/hooks'
import type { CreateHooksOptions, Hooks } from 'hookchart/hooks'
import { createTestClock, createTestIds, recorder } from 'hookchart/testing'
import type { Recorder, TestClock } from 'hookchart/testing'

export interface Bench {
  readonly hooks: Hooks
  readonly clock: TestClock
  readonly seen: Recorder
}

/** Hooks with injected clock and ids, and a recorder. */
export function bench(options: CreateHooksOptions = {}): Bench {
  const clock = createTestClock()
  return { clock, seen: recorder(), hooks: createHooks({ clock, ids: createTestIds(), ...options }) }
}

/** A promise with its handles. */
export function deferred<T = void>() {
  let resolve: (value: T) => void = () => {}
  let reject: (reason: unknown) => void = () => {}
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

/** A hook that never settles. */
export const hangs = () => new Promise<void>(() => {})

/** Gates of a tool for `wrap`. */
export const TOOL = { before: 'BeforeToolExecution', after: 'AfterToolExecution', error: 'ToolError' } as const

export { hook }
