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

/** An outcome before anything has happened. */
export function newOutcome(unit: Unit, at: number): Outcome {
  return {
    unit,
    at,
    durationMs: 0,
    outcome: 'not_run',
    type: 'not_run',
    message: undefined,
    error: undefined,
    invalidChange: false,
    change: undefined,
    children: undefined,
  }
}
