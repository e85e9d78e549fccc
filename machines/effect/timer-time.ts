/** What timers reckon: when they are due, how long to wait for it, and what is left when a wait is over. */
import { toMilliseconds } from '../../src/duration.ts'
import { HookchartError } from '../../src/errors.ts'
import { LONGEST_TIMER_MS } from '../../src/ports/clock.ts'

/** When a timer that begins now is due. */
export function dueAtOf(id: string, input: unknown, now: number): number {
  const given = (input as { readonly delayMs?: unknown } | null | undefined)?.delayMs
  const delayMs = toMilliseconds(given)
  if (delayMs !== undefined) return now + delayMs
  throw new HookchartError(
    'INVALID_INPUT',
    `timer "${id}": "delayMs" is ${String(given)}. Give milliseconds, a number ≥ 0, or text such as '250ms', '5s' or '2m'.`,
    { details: { timer: id } },
  )
}

/** How long to wait at once: the timers of the platform cannot wait any longer. */
export function waitOf(leftMs: number): number {
  return Math.min(Math.max(0, leftMs), LONGEST_TIMER_MS)
}

/**
 * What is left when a wait is over. A clock that calls back says that its time has passed, so what was left behind it counts;
 * but that may have passed as well meanwhile.
 */
export function leftAfter(waited: number, leftMs: number, lateMs: number): number {
  return Math.min(leftMs - waited, -lateMs)
}
