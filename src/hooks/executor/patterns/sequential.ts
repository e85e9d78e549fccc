/** Runs a sequential composite: one child after another, each seeing what those before it changed, until one decides. */
import { wait } from '../../flow.ts'
import { newOutcome } from '../records.ts'
import type { PatternRunner } from '../verdict.ts'

export const runSequential: PatternRunner = function* ({ children, scope, outcomes, runUnit }) {
  let verdict
  for (const child of children) {
    if (verdict === undefined) verdict = yield* wait(runUnit(child, scope, outcomes))
    else outcomes.push(newOutcome(child, 0))
  }
  return verdict
}
