/** Runs a sequential composite: one child after another, each seeing what those before it changed, until one decides. */
import { wait } from '../../flow.ts'
import type { PatternRunner, Verdict } from '../verdict.ts'
import { leaveOut } from './left-out.ts'

/** It is a stage of its own: wherever it stands, its children wait where they ask, and it goes on behind them. */
export const runSequential: PatternRunner = function* ({ children, scope, outcomes, runUnit, pass }) {
  const { waits } = scope
  scope.waits = true
  let verdict: Verdict | undefined
  for (const [i, child] of children.entries()) {
    verdict = yield* wait(runUnit(child, scope, outcomes))
    if (verdict === undefined) continue
    leaveOut(pass, children.slice(i + 1), outcomes)
    break
  }
  scope.waits = waits
  return verdict
}
