/** Runs a composite: its children by its pattern, in the time that it has for all of them. */
import type { Flow } from '../../flow.ts'
import type { Pattern } from '../../compose/pattern.ts'
import type { Unit } from '../../registry/unit.ts'
import { fail } from '../settled-result.ts'
import type { Pass } from '../pass.ts'
import type { Outcome } from '../outcome.ts'
import type { Scope } from '../scope.ts'
import type { PatternRunner, UnitRunner, Verdict } from '../verdict.ts'
import { runFirstMatch } from './first-match.ts'
import { discard } from './left-out.ts'
import { parallel } from './parallel.ts'
import { runSequential } from './sequential.ts'
import { voting } from './voting.ts'

/** The children of a composite may take together what the composite may. */
export function* runComposite(
  pass: Pass,
  unit: Unit,
  scope: Scope,
  outcome: Outcome,
  runUnit: UnitRunner,
): Flow<Verdict | undefined> {
  const { children, pattern } = unit.composite as NonNullable<Unit['composite']>
  const { leftMs, modified, cache } = scope
  const ownMs = Math.min(leftMs, unit.timeoutMs)
  scope.leftMs = ownMs
  scope.modified = false
  const outcomes: Outcome[] = []
  outcome.children = outcomes
  const verdict = yield* runnerOf(pattern)({ outcome, children, scope, outcomes, runUnit, pass })
  scope.leftMs = leftMs - (ownMs - scope.leftMs)
  if (verdict?.type === 'conflict') {
    scope.modified = modified
    fail(pass, unit, outcome, 'HOOK_CONFLICT', verdict.problem)
    for (const child of outcomes) discard(child, `discarded: ${unit.name} failed`)
    return undefined
  }
  outcome.outcome = 'ok'
  outcome.type = unit.kind === 'observe' ? 'observe' : resultType(verdict, scope, cache)
  outcome.message = verdict?.message
  scope.modified ||= modified
  return verdict
}

/** The type of result that a composite stands for, as far as it is not that of its verdict by what it did to its scope. */
function resultType(verdict: Verdict | undefined, scope: Scope, cacheBefore: Scope['cache']): string {
  // That guards are asked again is the business of the pass; what was returned is the question.
  if (verdict !== undefined) return verdict.type === 'restart' ? 'suspend' : verdict.type
  if (scope.modified) return 'modified'
  return scope.cache === cacheBefore ? 'continue' : 'cache'
}

function runnerOf(pattern: Pattern): PatternRunner {
  switch (pattern.type) {
    case 'sequential':
      return runSequential
    case 'parallel':
      return parallel(pattern)
    case 'first_match':
      return runFirstMatch
    case 'voting':
      return voting(pattern)
  }
}
