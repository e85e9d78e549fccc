/** Threads and processes as a port: where functions run that must not share ours. The Node implementation is in `node/isolation.ts`. */
import type { ErrorData } from '../errors.ts'

/** What is run: the text of a function, and what it is called with besides `signal` and `emit`. */
export interface IsolatedCall {
  /** As `toString()` gives it. It sees globals and what it is called with; nothing of where it was written. */
  readonly source: string
  /** Copied by structured clone, as is the output. */
  readonly input: unknown
  readonly attempt: number
  readonly idempotencyKey: string
  readonly correlationId: string
  readonly metadata: Readonly<Record<string, unknown>>
}

/** What one run may use. */
export interface IsolationLimits {
  /** The heap of its thread or process: its old generation, held by V8. Buffers lie outside of any heap and are not counted. */
  readonly maxMemoryBytes?: number | undefined
  /**
   * A process: user and system time of all its threads. A thread has no such figure everywhere: there it is the time that
   * its event loop is active, so that a call that blocks counts, and waiting for a promise does not.
   */
  readonly maxCpuMs?: number | undefined
}

/** How a run has ended; its thread or process has gone by then. */
export type IsolatedEnd =
  | { readonly type: 'completed'; readonly output: unknown }
  | { readonly type: 'failed'; readonly error: ErrorData }
  | {
      readonly type: 'over_limit'
      readonly resource: 'memory' | 'cpu'
      readonly limit: number
      readonly used: number
    }
  /** Something cannot be copied by structured clone. */
  | { readonly type: 'not_sent'; readonly what: 'input' | 'output'; readonly problem: string }
  /** It went without an answer; `how` is an exit code or the name of a signal. */
  | { readonly type: 'exited'; readonly how: string }

/** A run that has begun. */
export interface IsolatedRun {
  /** Never rejects. */
  readonly ended: Promise<IsolatedEnd>
  /** Aborts the signal in there, and a moment later ends what has not ended by itself. */
  abort(reason: unknown): void
}

/** Runs functions in threads and processes of their own, one each. */
export interface Isolation {
  start(
    where: 'worker' | 'process',
    call: IsolatedCall,
    limits: IsolationLimits,
    onEmit: (type: string, data: unknown) => void | Promise<void>,
  ): IsolatedRun
  /** Aborts all that run and waits until they have gone. */
  stop(): Promise<void>
}
