/**
 * Refuses figures of hooks that were left out. On a machine that is busy a hook can look slow, its breaker opens, and
 * what would be timed then is another path.
 */
import type { Hooks } from 'hookchart/hooks'

/** The exit code of a process whose figures are no good and that may be started again. */
export const DISTURBED = 75

/** Gives the first hook that was skipped, failed or was late, if there is one. */
export function findHookThatDidNotRun(all: readonly Hooks[]): string | undefined {
  for (const hooks of all) {
    for (const { hook, point, skipped, errors, timeouts } of hooks.stats().perHook) {
      if (skipped + errors + timeouts > 0) return `${hook} at ${point} was skipped ${String(skipped)} times`
    }
  }
  return undefined
}
