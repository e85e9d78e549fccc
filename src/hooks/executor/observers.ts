/** Observers: they see the final outcome of a pass. Synchronous ones run in its turn; nobody waits for the others. */
import { isPromise } from '../flow.ts'
import type { Link } from '../registry/link.ts'
import { causeOf, leaveRunning } from './hook-context.ts'
import type { Begun, Pass } from './pass.ts'
import type { Outcome } from './outcome.ts'
import { Scope } from './scope.ts'
import { runUnit } from './run-unit.ts'

/** Observers take no part in the time of the gate. */
const UNLIMITED_MS = 1e12

/** Runs the observers of a pass from a place on; the first of them may have been called already. */
export function runObservers(pass: Pass, from: number, begun: Begun | undefined): void {
  const observers = pass.chain.links.slice(from)
  if (observers.length === 0) return
  const scope = new Scope(pass.scope.ctx, pass.scope.data, UNLIMITED_MS, false)
  for (const [i, link] of observers.entries()) observe(pass, link, scope, i === 0 ? begun : undefined)
}

function observe(pass: Pass, link: Link, scope: Scope, begun: Begun | undefined): void {
  const { kernel, outcomes, operation } = pass
  const own: Outcome[] = []
  const end = runUnit(pass, link, scope, own, begun)
  const outcome = own[0] as Outcome
  if (!isPromise(end)) {
    outcomes.push(outcome)
    pass.observersMs += outcome.durationMs
    return
  }
  leaveRunning(scope.ctx)
  // Once the run has ended its trace is in somebody's hands and must not change.
  const shown: Outcome = { ...outcome, outcome: 'pending', type: 'observe' }
  outcomes.push(shown)
  const cause = causeOf(scope.ctx)
  const done = Promise.resolve(end).then(() => {
    kernel.observing.delete(done)
    if (!operation.run.ended) Object.assign(shown, outcome)
    else if (outcome.error !== undefined) pass.recordLate(link, outcome.error.code, cause)
  })
  kernel.observing.add(done)
}
