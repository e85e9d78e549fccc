/** What a thread and a process have in common, as places where a function runs. */
import type { IsolatedEnd } from '../isolation.ts'

/** A thread or process that has been started. */
export interface Place {
  /** Throws what cannot be copied. */
  send(message: object): void
  kill(): void
}

/** What a place tells. */
export interface PlaceEvents {
  onMessage(message: object): void
  /** It has ended before it answered, or must. */
  onEnd(end: IsolatedEnd): void
  /** It is no longer there. */
  onGone(how: string): void
}

const MIB = 1_024 * 1_024

/** V8 counts the heap in whole mebibytes. */
export function toMebibytes(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / MIB))
}

/** How often a limit of processor time is looked at: a tenth of it, but neither all the time nor hardly ever. */
export function samplingMs(maxCpuMs: number): number {
  return Math.min(50, Math.max(5, maxCpuMs / 10))
}
