/** Which of several results that meet counts: Cancel > Suspend > Replace > Redirect > Fork > Retry > Modified > Cache > Continue > Skipped. */
import type { Scope } from '../scope.ts'
import type { Outcome } from '../records.ts'
import type { UnitRunner, Verdict } from '../verdict.ts'
import { andThen } from '../../flow.ts'
import type { Maybe } from '../../flow.ts'
import type { Unit } from '../../registry/unit.ts'

/** What a child of a parallel composite or a vote came to. */
export interface Met {
  readonly verdict: Verdict | undefined
  readonly scope: Scope
  /** It failed, was skipped or said so: it has no say. */
  readonly abstains: boolean
}

/** Runs a child on a copy of the data. */
export function meet(unit: Unit, scope: Scope, outcomes: Outcome[], runUnit: UnitRunner): Maybe<Met> {
  const copy = scope.fork()
  const place = outcomes.length
  return andThen(runUnit(unit, copy, outcomes), (verdict) => {
    const outcome = outcomes[place]
    return { verdict, scope: copy, abstains: outcome?.outcome !== 'ok' || outcome.type === 'skipped' }
  })
}

/** The types in their order of precedence, strongest first. */
const PRECEDENCE = [
  'fail',
  'cancel',
  'suspend',
  'replace',
  'redirect',
  'fork',
  'retry',
  'modified',
  'cache',
  'continue',
  'skipped',
] as const

/** A type of result in the order of precedence. */
export type ResultType = (typeof PRECEDENCE)[number]

/** The type of result that a child stands for. */
export function typeOf({ verdict, scope, abstains }: Met): ResultType {
  if (verdict !== undefined) return verdict.type
  if (scope.changes.length > 0) return 'modified'
  if (scope.cache !== undefined) return 'cache'
  return abstains ? 'skipped' : 'continue'
}

/** The strongest verdict, the first declared among equals. */
export function strongest(met: readonly Met[]): Verdict | undefined {
  const verdicts = met.flatMap(({ verdict }) => (verdict === undefined ? [] : [verdict]))
  return verdicts.reduce<Verdict | undefined>(
    (best, verdict) =>
      best === undefined || PRECEDENCE.indexOf(verdict.type) < PRECEDENCE.indexOf(best.type) ? verdict : best,
    undefined,
  )
}
