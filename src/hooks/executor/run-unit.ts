/** From what a hook returned to what it means: folded into the stage, waited for, or a verdict that ends the stage. */
import type { HookchartError } from '../../errors.ts'
import { andThen, drive } from '../flow.ts'
import type { Maybe } from '../flow.ts'
import type { Unit } from '../registry/unit.ts'
import { follow } from './follow.ts'
import { callHook, guarded, isLink } from './invoke.ts'
import type { Begun, Pass } from './pass.ts'
import { runComposite } from './patterns/run-composite.ts'
import { newOutcome } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import type { Scope } from './scope.ts'
import { accept, isPending } from './verdict.ts'
import type { UnitRunner, Verdict } from './verdict.ts'

/** Whoever aborts an operation has decided. */
const ABORTED: Verdict = { type: 'cancel', hook: undefined, code: 'RUN_ABORTED', reason: 'the operation was aborted' }

/** Runs a unit: calls it or its children, folds what can be folded, waits where the scope allows it. */
export function runUnit(
  pass: Pass,
  unit: Unit,
  scope: Scope,
  outcomes: Outcome[],
  begun?: Begun,
): Maybe<Verdict | undefined> {
  const outcome = newOutcome(unit, pass.kernel.time.coarse())
  outcomes.push(outcome)
  if (begun === undefined) {
    // Observers are told of the abort like of any other ending.
    if (pass.operation.aborted !== undefined && unit.kind !== 'observe') return ABORTED
    if (unit === pass.exempt) return hasDecided(scope, outcome)
    if (scope.leftMs <= 0 && !isLink(unit)) return notReached(outcome)
  }
  const work =
    unit.composite === undefined
      ? () => runLeaf(pass, unit, scope, outcome, begun)
      : () => drive(runComposite(pass, unit, scope, outcome, runnerFor(pass)))
  return andThen(guarded(pass, unit, scope, outcome, begun, work), (verdict) => {
    if (pass.operation.aborted !== undefined) return ABORTED
    if (outcome.error !== undefined) return verdictOfFailure(pass, unit, outcome, outcome.error)
    if (!scope.waits || !isPending(verdict)) return verdict
    // It may have been aborted while it waited.
    return andThen(drive(follow(pass, scope, outcome, verdict)), (next) =>
      pass.operation.aborted === undefined ? next : ABORTED,
    )
  })
}

/** Runs the children of composites. */
function runnerFor(pass: Pass): UnitRunner {
  return (child, scope, outcomes) => runUnit(pass, child, scope, outcomes)
}

function runLeaf(
  pass: Pass,
  unit: Unit,
  scope: Scope,
  outcome: Outcome,
  begun: Begun | undefined,
): Maybe<Verdict | undefined> {
  return andThen(callHook(pass, unit, scope, outcome, begun), (result) => result && accept(scope, outcome, result))
}

/** It asked, and its answer is what the others are asked about now: that stands for what it would return. */
function hasDecided(scope: Scope, outcome: Outcome): Verdict | undefined {
  outcome.outcome = 'skipped'
  outcome.type = 'skipped'
  outcome.message = 'has decided: the answer it waited for brought the change'
  return scope.waits ? undefined : { type: 'suspend', hook: outcome.unit.name, ask: undefined, asker: outcome }
}

/** A child for which its composite, or the gate, had no time left. */
function notReached(outcome: Outcome): Verdict | undefined {
  const { name: hook, failsClosed } = outcome.unit
  outcome.message = 'the time of the composite was up'
  const reason = `"${hook}" was not reached before the time was up`
  return failsClosed ? { type: 'cancel', hook, code: 'GUARD_TIMED_OUT', reason } : undefined
}

/** A failure is skipped, refuses, or fails the operation: by the hook, and by what failed. */
function verdictOfFailure(
  pass: Pass,
  unit: Unit,
  { outcome, invalidChange }: Outcome,
  error: HookchartError,
): Verdict | undefined {
  const { name: hook, failsClosed } = unit
  if (pass.rules.invalidChangeFails === true && invalidChange) return { type: 'fail', hook, error }
  if (!failsClosed) return undefined
  const code =
    outcome === 'timed_out' ? 'GUARD_TIMED_OUT' : outcome === 'unavailable' ? 'GUARD_UNAVAILABLE' : 'GUARD_FAILED'
  return { type: 'cancel', hook, code, reason: error.message, cause: error }
}
