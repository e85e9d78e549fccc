/** What a composite does without: children it did not come to, and changes that it did not take. */
import type { Unit } from '../../registry/unit.ts'
import type { Pass } from '../pass.ts'
import { newOutcome } from '../outcome.ts'
import type { Outcome } from '../outcome.ts'

/** Records children that the composite had ended before. */
export function leaveOut({ kernel }: Pass, units: readonly Unit[], outcomes: Outcome[], message?: string): void {
  for (const unit of units) outcomes.push(newOutcome(unit, kernel.time.coarse(), message))
}

/** Takes the changes of a child and of all below it out of the trace, whose patches make up the data; says where they went. */
export function discard(outcome: Outcome, why: string): void {
  if (outcome.change !== undefined) {
    outcome.change = undefined
    outcome.message = outcome.message === undefined ? why : `${outcome.message} (${why})`
  }
  for (const child of outcome.children ?? []) discard(child, why)
}
