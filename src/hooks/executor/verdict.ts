/** What a hook's result means for its stage, and how composites come to theirs. */
import type { HookchartError } from '../../errors.ts'
import type { Flow, Maybe } from '../flow.ts'
import type { Unit } from '../registry/unit.ts'
import type { CheckedResult } from '../check-result.ts'
import type { ForkOperation } from '../result.ts'
import type { Pass } from './pass.ts'
import type { Outcome } from './outcome.ts'
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
  /** Waited for where the scope allows it: by the hook itself, else by a composite around it. */
  | {
      readonly type: 'suspend'
      readonly hook: string
      /** Undefined: it was answered before the guards were asked again. */
      readonly ask: Extract<CheckedResult, { type: 'suspend' }> | undefined
      readonly asker: Outcome
      /** What is due once it is answered. */
      readonly next?: Verdict | undefined
      readonly message?: string | undefined
    }
  | {
      readonly type: 'fork'
      readonly hook: string
      readonly operations: readonly ForkOperation[]
      readonly asker: Outcome
      readonly next?: Verdict | undefined
      readonly message?: string | undefined
    }
  /** An answer changed what guards decide on: all are asked again but the one that was answered. */
  | {
      readonly type: 'restart'
      readonly hook: string
      readonly exempt: Unit | undefined
      /** What is to come out instead, when that was the answer. */
      readonly replacement: Verdict | undefined
      readonly message?: undefined
    }

/** What must be waited for before it is known what the hook wants. */
export type Pending = Extract<Verdict, { type: 'suspend' | 'fork' }>

/** Whether a verdict must be waited for. */
export function isPending(verdict: Verdict | undefined): verdict is Pending {
  return verdict?.type === 'suspend' || verdict?.type === 'fork'
}

/** Folds the result of a hook into the scope, or gives what it wants beyond that. */
export function accept(scope: Scope, outcome: Outcome, result: CheckedResult): Verdict | undefined {
  const { name: hook } = outcome.unit
  const { message } = result
  if (result.state !== undefined) scope.setState(result.state)
  switch (result.type) {
    case 'continue':
    case 'skipped':
      return undefined
    case 'modified':
      if (outcome.change !== undefined) scope.accept(outcome.change)
      return undefined
    case 'cache':
      scope.cache ??= { key: result.key, ttlMs: result.ttlMs, hook }
      return undefined
    case 'cancel':
      return { type: 'cancel', hook, code: 'HOOK_CANCELLED', reason: result.reason, message }
    case 'replace':
      return { type: 'replace', hook, value: result.value, message }
    case 'redirect':
      return { type: 'redirect', hook, target: result.target, message }
    case 'retry':
      return { type: 'retry', hook, delayMs: result.delayMs, maxAttempts: result.maxAttempts, message }
    case 'fork':
      return { type: 'fork', hook, operations: result.operations, asker: outcome, message }
    case 'suspend':
      return { type: 'suspend', hook, ask: result, asker: outcome, message }
  }
}

/** Runs one unit in a scope; its outcome goes into the list. */
export type UnitRunner = (unit: Unit, scope: Scope, outcomes: Outcome[]) => Maybe<Verdict | undefined>

/** How a composite runs its children. */
export type PatternRunner = (call: {
  /** Of the composite itself. */
  readonly outcome: Outcome
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
