/** Whether a handler that waits for room waits, in the end, for itself. */
import type { Deliverer, Delivery } from './delivery.ts'

/** What takes events out of a full subscription: its handlers. */
export interface Drained extends Deliverer {
  readonly concurrency: number
  readonly running: ReadonlySet<Delivery>
}

/**
 * Whether room for one more can come only when `waiting` has gone on. Handlers that wait for nothing count as going on:
 * those that never settle have a deadline.
 */
export function wouldDeadlock(target: Drained, waiting: Delivery): boolean {
  return !canProgress(target, waiting, new Set())
}

function canProgress(subscription: Drained, waiting: Delivery, seen: Set<Drained>): boolean {
  // A circle: none of them goes on by itself.
  if (seen.has(subscription)) return false
  const { running, concurrency } = subscription
  // One that has not returned yet holds its place as well.
  const isNew = waiting.deliverer === subscription && !running.has(waiting)
  if (running.size + (isNew ? 1 : 0) < concurrency) return true
  const path = new Set(seen).add(subscription)
  return [...running].some(
    (delivery) =>
      delivery !== waiting && (delivery.waitsFor ?? []).every((each) => canProgress(each as Drained, waiting, path)),
  )
}
