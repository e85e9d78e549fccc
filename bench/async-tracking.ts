/**
 * Watches for code that turns on AsyncLocalStorage or async hooks. On Node 20 and 22 either makes every await of the
 * process slower, ours and the limit's as well; what does that needs a row, and so a process, of its own.
 */
import asyncHooks from 'node:async_hooks'
import { syncBuiltinESMExports } from 'node:module'

const uses = { count: 0 }

/** Must run before the libraries are loaded. */
export function watchAsyncTracking(): void {
  countCalls(asyncHooks, 'createHook')
  countCalls(asyncHooks.AsyncLocalStorage.prototype, 'run')
  countCalls(asyncHooks.AsyncLocalStorage.prototype, 'enterWith')
  syncBuiltinESMExports()
}

/** Refuses figures that were taken while something tracked async work. */
export function assertNoAsyncTracking(title: string): void {
  if (uses.count === 0) return
  throw new Error(
    `${title}: something here uses AsyncLocalStorage or async hooks, which slows every await. Give it a row of its own, with the limit in it.`,
  )
}

function countCalls<Key extends string>(owner: Readonly<Record<Key, unknown>>, method: Key): void {
  const original = owner[method] as (...values: unknown[]) => unknown
  Object.defineProperty(owner, method, {
    configurable: true,
    enumerable: true,
    writable: true,
    value(this: unknown, ...values: unknown[]) {
      uses.count++
      return original.apply(this, values)
    },
  })
}
