/** One start of an effect: what the effect is called with, and how its start ends. */
import { HookchartError, toErrorData, toHookchartError } from '../../errors.ts'
import type { Aborts } from '../abort-signals.ts'
import { andThen, isPromise } from '../flow.ts'
import type { Maybe } from '../flow.ts'
import type { Kernel } from '../executor/kernel.ts'
import type { Operation } from '../executor/operation.ts'
import { EffectRecord, EffectSettledRecord, LateRecord, under } from '../executor/records.ts'
import type { OperationRecord } from '../executor/records.ts'
import type { TraceCause } from '../trace.ts'
import { OperationDeadline } from './operation-deadline.ts'

/** What an effect is called with besides its input. */
export interface EffectCall {
  /** Aborted at the operation's deadline and when the operation is aborted. */
  readonly signal: AbortSignal
  /** Which start of the effect this is: 1, 2, … */
  readonly attempt: number
  /** The same for every attempt of an operation. */
  readonly idempotencyKey: string
  readonly correlationId: string
  readonly metadata: Readonly<Record<string, unknown>>
}

/** A function behind gates. */
export type Effect<Input = never, Output = unknown> = (input: Input, call: EffectCall) => Output | PromiseLike<Output>

/** How one start of an effect ended. */
export type AttemptEnd =
  | { readonly type: 'completed'; readonly output: unknown }
  | { readonly type: 'failed'; readonly error: HookchartError }
  | { readonly type: 'timed_out'; readonly error: HookchartError }
  | { readonly type: 'aborted' }

export let callOf: (
  value: unknown,
) => { readonly operation: Operation; readonly cause: TraceCause | undefined } | undefined

/** What a call is aborted with, without its signal. */
export let abortsOf: (call: EffectCall) => Aborts

/** Whether nobody waits any more for what is done in this call: it was aborted, or is out of time. Asked without making its signal. */
export let wasGivenUp: (call: EffectCall) => boolean

/** See {@link EffectCall}. The signal is made when it is asked for: most effects do not. */
export class LazyEffectCall implements EffectCall {
  readonly attempt: number
  readonly idempotencyKey: string
  readonly correlationId: string
  readonly metadata: Readonly<Record<string, unknown>>
  readonly #operation: Operation
  readonly #record: EffectRecord | undefined
  #controller: AbortController | undefined
  #aborted: { readonly reason: unknown } | undefined
  #onAbort: Set<(reason: unknown) => void> | undefined

  constructor(operation: Operation, idempotencyKey: string, record: EffectRecord | undefined) {
    this.attempt = operation.attempts
    this.idempotencyKey = idempotencyKey
    this.correlationId = operation.run.correlationId
    this.metadata = operation.metadata
    this.#operation = operation
    this.#record = record
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted.reason)
    }
    return this.#controller.signal
  }

  abort(reason: unknown): void {
    this.#aborted = { reason }
    this.#controller?.abort(reason)
    const listeners = this.#onAbort
    this.#onAbort = undefined
    for (const listener of listeners ?? []) listener(reason)
  }

  static {
    abortsOf = (call) => ({
      onAbort(listener) {
        if (!(#onAbort in call)) throw new TypeError('This call was made by no operation.')
        if (call.#aborted !== undefined) {
          listener(call.#aborted.reason)
          return () => undefined
        }
        const listeners = (call.#onAbort ??= new Set())
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    })
    wasGivenUp = (call) => #aborted in call && call.#aborted !== undefined
    callOf = (value) => {
      if (typeof value !== 'object' || value === null || !(#operation in value)) return undefined
      return { operation: value.#operation, cause: value.#record && under(value.#record) }
    }
  }
}

/** What one start needs to know. */
export interface AttemptFields {
  readonly kernel: Kernel
  readonly operation: Operation
  readonly effect: Effect
  readonly input: unknown
  readonly idempotencyKey: string
  readonly record: OperationRecord | undefined
  /** What the operation's deadline leaves; Infinity without one. */
  readonly leftMs: number
  readonly timeoutMs: number
  /** What the effect is called with, where that knows more than any call. */
  readonly call: CallType | undefined
}

/** A class of calls. */
export type CallType = new (...args: ConstructorParameters<typeof LazyEffectCall>) => LazyEffectCall

/** Starts the effect once and waits for it, as long as the operation lasts and its deadline allows. */
export function attempt(fields: AttemptFields): Maybe<AttemptEnd> {
  const { kernel, operation, record } = fields
  if (record === undefined) return settle(fields, undefined)
  const at = kernel.time.coarse()
  return attemptRecorded(fields, new EffectRecord(record, operation.attempts, fields.idempotencyKey, at))
}

/** What is recorded of a start is durable before the effect is called. */
function attemptRecorded(fields: AttemptFields, record: EffectRecord): Maybe<AttemptEnd> {
  const { kernel, operation } = fields
  const { run } = operation
  const start = () =>
    andThen(settle(fields, record), (end) => {
      record.status = end.type
      record.durationMs = kernel.time.coarse() - record.at
      record.error = 'error' in end ? end.error : undefined
      run.record(new EffectSettledRecord(record))
      return end
    })
  run.record(record)
  return andThen(run.commit(operation.component), start)
}

function settle(fields: AttemptFields, record: EffectRecord | undefined): Maybe<AttemptEnd> {
  const { operation, effect, input, idempotencyKey } = fields
  if (operation.aborted !== undefined) return { type: 'aborted' }
  const call = new (fields.call ?? LazyEffectCall)(operation, idempotencyKey, record)
  let value: unknown
  try {
    value = effect(input as never, call)
  } catch (thrown) {
    return failed(thrown)
  }
  return isPromise(value) ? race(fields, call, record, value) : { type: 'completed', output: value }
}

function race(
  fields: AttemptFields,
  call: LazyEffectCall,
  record: EffectRecord | undefined,
  promise: PromiseLike<unknown>,
): Maybe<AttemptEnd> {
  const { kernel, operation, leftMs, timeoutMs } = fields
  if (operation.aborted !== undefined) {
    call.abort(operation.aborted.reason)
    watchLate(fields, record, promise)
    return { type: 'aborted' }
  }
  return new Promise((resolve) => {
    const end = (attemptEnd: AttemptEnd) => {
      deadline?.cancel()
      stopListening()
      if (attemptEnd.type === 'timed_out' || attemptEnd.type === 'aborted') watchLate(fields, record, promise)
      resolve(attemptEnd)
    }
    const stopListening = operation.onAbort((reason) => {
      call.abort(reason)
      end({ type: 'aborted' })
    })
    const deadline =
      leftMs === Infinity
        ? undefined
        : new OperationDeadline(
            kernel,
            operation,
            leftMs,
            () => {
              const error = timedOut(operation, timeoutMs)
              call.abort(error)
              end({ type: 'timed_out', error })
            },
            // The time runs since the effect was called, and it may have taken some before it first waited.
            (operation.dueAt as number) - leftMs,
          )
    Promise.resolve(promise).then(
      (output) => {
        end({ type: 'completed', output })
      },
      (thrown: unknown) => {
        end(failed(thrown))
      },
    )
  })
}

function failed(thrown: unknown): AttemptEnd {
  return { type: 'failed', error: toHookchartError(thrown) }
}

/** The error of an operation's own deadline. */
export function timedOut({ component, title }: Operation, timeoutMs: number): HookchartError {
  const limit = `${String(Math.ceil(timeoutMs))} ms`
  return new HookchartError('OPERATION_TIMED_OUT', `${title?.() ?? component.name} did not end within ${limit}.`, {
    retryable: true,
    details: { component: component.name, timeoutMs },
  })
}

/** An abandoned effect's result changes nothing; that it came is recorded. */
function watchLate(
  { kernel, operation }: AttemptFields,
  record: EffectRecord | undefined,
  promise: PromiseLike<unknown>,
): void {
  const late = (type: string) => {
    const line = {
      at: kernel.time.now(),
      point: null,
      component: operation.component.name,
      hook: null,
      kind: 'effect' as const,
      type,
      durationMs: 0,
    }
    operation.run.record(new LateRecord(record && under(record), operation.id, line))
  }
  Promise.resolve(promise).then(
    () => {
      late('completed')
    },
    (thrown: unknown) => {
      late(toErrorData(thrown).code)
    },
  )
}
