/** What a hook's result means for its stage, and how composites come to theirs. */
import type { HookchartError } from '../../errors.ts'
import type { Flow, Maybe } from '../flow.ts'
import type { Unit } from '../registry/unit.ts'
import type { CheckedResult, ForkOperation } from '../result.ts'
import type { Pass } from './pass.ts'
import type { Outcome } from './records.ts'
import type { Scope } from './scope.ts'

/** What ends a stage, or, where results meet, what a hook wants. */
export type Verdict =
  | {
      readonly type: 'cancel'
      readonly hook: string | undefined
      readonly code: string
      readonly reason: string
      readonly cause?: unknown
      readonly message?: string | undefined
    }
  | { readonly type: 'replace'; readonly hook: string; readonly value: unknown; readonly message?: string | undefined }
  | { readonly type: 'redirect'; readonly hook: string; readonly target: string; readonly message?: string | undefined }
  | {
      readonly type: 'retry'
      readonly hook: string
      readonly delayMs: number
      readonly maxAttempts: number
      readonly message?: string | undefined
    }
  /** The operation fails. */
  | {
      readonly type: 'fail'
      readonly hook: string
      readonly error: HookchartError
      readonly message?: string | undefined
    }
  /** Only where results meet: elsewhere it is waited for. */
  | {
      readonly type: 'suspend'
      readonly hook: string
      readonly ask: Extract<CheckedResult, { type: 'suspend' }>
      readonly message?: string | undefined
    }
  | {
      readonly type: 'fork'
      readonly hook: string
      readonly operations: readonly ForkOperation[]
      readonly message?: string | undefined
    }

/** Runs one unit in a scope; its outcome goes into the list. */
export type UnitRunner = (unit: Unit, scope: Scope, outcomes: Outcome[]) => Maybe<Verdict | undefined>

/** How a composite runs its children. */
export type PatternRunner = (call: {
  /** The composite itself. */
  readonly unit: Unit
  readonly children: readonly Unit[]
  readonly scope: Scope
  readonly outcomes: Outcome[]
  readonly runUnit: UnitRunner
  readonly pass: Pass
}) => Flow<Verdict | PatternFailure | undefined>

/** A composite that cannot merge what its children did. */
export interface PatternFailure {
  readonly type: 'conflict'
  readonly problem: string
}
