/** Which of several results that meet counts: Cancel > Suspend > Replace > Redirect > Fork > Retry > Modified > Cache > Continue > Skipped. */
import type { Scope } from '../scope.ts'
import type { Outcome } from '../outcome.ts'
import { isPending } from '../verdict.ts'
import type { UnitRunner, Verdict } from '../verdict.ts'
import { andThen } from '../../flow.ts'
import type { Maybe } from '../../flow.ts'
import type { Unit } from '../../registry/unit.ts'

/** What a child of a parallel composite or a vote came to. */
export interface Met {
  readonly verdict: Verdict | undefined
  readonly scope: Scope
  readonly outcome: Outcome | undefined
  /** It failed, was skipped or said so: it has no say. */
  readonly abstains: boolean
}

/** Runs a child on a copy of the data. */
export function meet(
  unit: Unit,
  scope: Scope,
  outcomes: Outcome[],
  runUnit: UnitRunner,
  copy = scope.fork(),
): Maybe<Met> {
  const place = outcomes.length
  return andThen(runUnit(unit, copy, outcomes), (verdict) => {
    const outcome = outcomes[place]
    return { verdict, scope: copy, outcome, abstains: outcome?.outcome !== 'ok' || outcome.type === 'skipped' }
  })
}

/** The types in their order of precedence, strongest first. */
const PRECEDENCE = [
  'fail',
  'cancel',
  'restart',
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
  if (scope.modified) return 'modified'
  if (scope.cache !== undefined) return 'cache'
  return abstains ? 'skipped' : 'continue'
}

/**
 * The strongest verdict, the first declared among equals. One that is waited for comes with what is due behind it: all
 * who ask must be asked before anything goes on.
 */
export function strongest(met: readonly Met[]): Verdict | undefined {
  const rank = ({ type }: Verdict) => PRECEDENCE.indexOf(type)
  const verdicts = met.flatMap(({ verdict }) => listed(verdict)).sort((a, b) => rank(a) - rank(b))
  const [first, second] = verdicts
  // Several answers came at once: none of those who asked knows of the others'.
  if (first?.type === 'restart' && second?.type === 'restart') return { ...first, exempt: undefined }
  return verdicts.reduceRight<Verdict | undefined>(
    (next, verdict) => (isPending(verdict) ? { ...verdict, next } : verdict),
    undefined,
  )
}

/** A verdict and those due behind it. */
function listed(verdict: Verdict | undefined): Verdict[] {
  if (verdict === undefined) return []
  return isPending(verdict) ? [verdict, ...listed(verdict.next)] : [verdict]
}
