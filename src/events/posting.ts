/** An event on its way to its subscriptions: one for all of them. */
import type { UniversalEvent } from './universal-event.ts'

/** What subscriptions keep of an event. */
export interface Posting {
  readonly event: UniversalEvent
  /** When it was published, with the fraction that the event leaves out. */
  readonly at: number
  readonly priority: number
  /** Infinity for one that lives for ever. */
  readonly expiresAt: number
}

/** Whether it may no longer be handed to anybody: it expires when its time to live has passed, not after. */
export function isExpired({ expiresAt }: Posting, now: number): boolean {
  return now >= expiresAt
}
