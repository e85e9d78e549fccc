/** Runs a first-match composite: children in order until one of them has something to say. */
import { wait } from '../../flow.ts'
import type { PatternRunner } from '../verdict.ts'
import { leaveOut } from './left-out.ts'
import { meet, typeOf } from './precedence.ts'

export const runFirstMatch: PatternRunner = function* ({ children, scope, outcomes, runUnit, pass }) {
  for (const [i, child] of children.entries()) {
    const met = yield* wait(meet(child, scope, outcomes, runUnit))
    scope.leftMs = met.scope.leftMs
    const type = typeOf(met)
    if (type === 'continue' || type === 'skipped') continue
    leaveOut(pass, children.slice(i + 1), outcomes)
    scope.adopt(met.scope)
    return met.verdict
  }
  return undefined
}
