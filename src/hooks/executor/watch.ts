/** Looking on while operations run. Nothing waits for who looks, and nothing is made for it while nobody does. */
import type { HookchartError } from '../../errors.ts'
import type { Operation } from './operation.ts'

/** How a pass of a gate ended, for who looks on. */
export interface WatchedPass {
  readonly point: string
  readonly pass: number
  /** continue, modified, replace, cancel, redirect, retry, cached, or fail where the pass itself failed. */
  readonly decision: string
  /** Who decided. */
  readonly hook: string | undefined
  readonly durationMs: number
}

/** What a system is told of its operations. Must not throw. */
export interface Watch {
  /** Whether anybody looks on: only then is anything but `begun` and `settled` told. */
  readonly isOn: boolean
  /** Told always: a run begins, and with it the load on the process. */
  begun(): void
  started(operation: Operation): void
  passed(operation: Operation, pass: WatchedPass): void
  effectStarted(operation: Operation): void
  effectSettled(operation: Operation, status: string, durationMs: number): void
  /** Told always: limits that were hit are the system's business. */
  settled(operation: Operation, status: string, durationMs: number, error: HookchartError | undefined): void
}
