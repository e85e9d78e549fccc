/** Runs a first-match composite: children in order until one of them has something to say. */
import { wait } from '../../flow.ts'
import { newOutcome } from '../records.ts'
import type { PatternRunner } from '../verdict.ts'
import { meet, typeOf } from './precedence.ts'

export const runFirstMatch: PatternRunner = function* ({ children, scope, outcomes, runUnit }) {
  for (const [i, child] of children.entries()) {
    const met = yield* wait(meet(child, scope, outcomes, runUnit))
    const type = typeOf(met)
    if (type === 'continue' || type === 'skipped') continue
    for (const rest of children.slice(i + 1)) outcomes.push(newOutcome(rest, 0))
    scope.adopt(met.scope)
    return met.verdict
  }
  return undefined
}
