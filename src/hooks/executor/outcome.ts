/** What one hook did in one pass. */
import type { HookchartError } from '../../errors.ts'
import type { Change } from '../change.ts'
import type { Unit } from '../registry/unit.ts'
import type { TraceOutcome } from '../trace.ts'

/** What one hook did in one pass; filled in as it goes. */
export interface Outcome {
  readonly unit: Unit
  at: number
  durationMs: number
  outcome: TraceOutcome
  /** The type of its result. */
  type: string
  message: string | undefined
  error: HookchartError | undefined
  /** It failed because it returned a change that cannot be accepted. */
  invalidChange: boolean
  change: Change | undefined
  /** Of the children of a composite, in declaration order. */
  children: Outcome[] | undefined
}

/** An outcome before anything has happened; the message says why nothing will. */
export function newOutcome(unit: Unit, at: number, message?: string): Outcome {
  return {
    unit,
    at,
    durationMs: 0,
    outcome: 'not_run',
    type: 'not_run',
    message,
    error: undefined,
    invalidChange: false,
    change: undefined,
    children: undefined,
  }
}

/** Of a hook that had nothing to say. */
export function quietOutcome(unit: Unit, at: number, durationMs = 0): Outcome {
  const outcome = newOutcome(unit, at)
  outcome.outcome = 'ok'
  outcome.type = unit.kind === 'observe' ? 'observe' : 'continue'
  outcome.durationMs = durationMs
  return outcome
}
