/** Options of every execute. */
import * as z from 'zod'
import { positiveDurationSchema } from '../../duration.ts'
import type { Duration } from '../../duration.ts'
import { findJsonFlaw } from '../../json.ts'
import { parseOptions } from '../../options.ts'
import type { HookContext } from '../context.ts'
import type { EffectCall } from './effect.ts'

/** Options of one execution. */
export interface ExecuteOptions {
  /** One for all operations of a run; default a new one. */
  readonly correlationId?: string
  /** The hook or effect that this operation is started from: it is a child of theirs. */
  readonly parent?: Pick<HookContext, 'correlationId'> | EffectCall
  readonly signal?: AbortSignal
  /** The operation's own deadline; it stands still while gates decide. Default none. */
  readonly timeoutMs?: Duration
  /** Handed to hooks and effects: userId, sessionId, …; JSON. */
  readonly metadata?: Readonly<Record<string, unknown>>
  /** Default the id of the operation. */
  readonly idempotencyKey?: string
  /** `wait` (default): the promise stays pending. `return`: it resolves at once with status `suspended`. */
  readonly onSuspend?: 'wait' | 'return'
}

/** Options as an execution works with them. */
export interface ParsedExecuteOptions {
  readonly correlationId?: string | undefined
  readonly parent?: unknown
  readonly signal?: AbortSignal | undefined
  readonly timeoutMs?: number | undefined
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  readonly idempotencyKey?: string | undefined
  readonly onSuspend?: 'wait' | 'return' | undefined
}

const text = z.string().min(1, 'expected text that is not empty').max(200, 'expected at most 200 characters')

const schema = z.strictObject({
  correlationId: text.optional(),
  parent: z
    .custom<object>(
      (value) => typeof value === 'object' && value !== null && 'correlationId' in value,
      'expected the ctx of a hook or the call of an effect',
    )
    .optional(),
  signal: z.instanceof(AbortSignal, { error: 'expected an AbortSignal' }).optional(),
  timeoutMs: positiveDurationSchema.optional(),
  metadata: z
    .record(z.string(), z.unknown())
    .refine((value) => findJsonFlaw(value) === undefined, 'expected JSON')
    .optional(),
  idempotencyKey: text.optional(),
  onSuspend: z.enum(['wait', 'return']).optional(),
})

const NONE: ParsedExecuteOptions = Object.freeze({})

/** Checks the options of an execution. */
export function parseExecuteOptions(options: ExecuteOptions | undefined, name: string): ParsedExecuteOptions {
  return options === undefined ? NONE : parseOptions(schema, options, `Executing ${name}`)
}
