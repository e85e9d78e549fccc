/**
 * One pass of a gate: transforms propose, guards dispose, observers watch. Gives the one decision of the pass.
 * The law behind it: no effect starts before every enabled guard has allowed the data that it will get.
 */
import { HookchartError } from '../../errors.ts'
import type { Proposal } from '../context.ts'
import type { CacheNote } from '../decision.ts'
import { isPromise } from '../flow.ts'
import type { Flow } from '../flow.ts'
import type { Link } from '../registry/link.ts'
import { findTarget } from './children.ts'
import { runObservers } from './observers.ts'
import type { Begun, Pass, PassStart } from './pass.ts'
import { newOutcome, quietOutcome } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { runUnit } from './run-unit.ts'
import type { Verdict } from './verdict.ts'

/** What a pass hands to its operation. The data behind the gate is in the pass's scope. */
export type PassEnd =
  | Exclude<Verdict, { type: 'suspend' | 'fork' | 'restart' }>
  | { readonly type: 'continue'; readonly cache: CacheNote | undefined }
  | { readonly type: 'cached'; readonly hook: string; readonly key: string; readonly value: unknown }

/** Each change that an answer brings asks the guards anew; people who keep changing their minds must not loop for ever. */
const MAX_GUARD_ROUNDS = 100

/** Runs the hooks of a pass. */
export function* decide(pass: Pass, start: PassStart): Flow<PassEnd> {
  const { chain, scope, outcomes } = pass
  for (const link of chain.links.slice(0, start.index))
    outcomes.push(start.guardsOnly === true ? notRun(pass, link, HAS_PROPOSED) : continued(pass, link))
  const wanted = start.index < chain.guardsFrom ? yield* runTransforms(pass, start) : undefined
  const end = yield* decideOn(pass, wanted, start)
  scope.proposal = proposalOf(pass, end)
  const from = Math.max(start.index, chain.observersFrom)
  runObservers(pass, from, start.index === from ? start.begun : undefined)
  return end
}

function* runTransforms(pass: Pass, { index, begun }: PassStart): Flow<Verdict | undefined> {
  const { chain, scope, outcomes } = pass
  let verdict: Verdict | undefined
  for (let i = index; i < chain.guardsFrom; i++) {
    const link = chain.links[i] as Link
    if (verdict !== undefined) outcomes.push(notRun(pass, link))
    else if (scope.leftMs <= 0) {
      outcomes.push(notRun(pass, link, TIME_IS_UP))
      const reason = `"${link.name}" was not reached before the time of the gate was up`
      if (link.failsClosed) verdict = { type: 'cancel', hook: link.name, code: 'GUARD_TIMED_OUT', reason }
    } else {
      const ran = runUnit(pass, link, scope, outcomes, i === index ? begun : undefined)
      verdict = isPromise(ran) ? ((yield ran) as Verdict | undefined) : ran
    }
  }
  return verdict
}

/** Asks the guards about what the transforms want, again for each change that an answer brings. */
function* decideOn(pass: Pass, transformed: Verdict | undefined, start: PassStart): Flow<PassEnd> {
  const { chain } = pass
  let wanted = transformed
  let from = Math.max(start.index, chain.guardsFrom)
  let begun = start.index >= chain.guardsFrom ? start.begun : undefined
  for (let round = 1; ; round++) {
    const end = endFor(pass, wanted)
    if (end.type === 'cancel' || end.type === 'retry' || end.type === 'fail') {
      for (const link of guardsOf(pass, from)) pass.outcomes.push(notRun(pass, link))
      return end
    }
    pass.scope.proposal = proposalOf(pass, end)
    const { refusal, retry, restart } = yield* runGuards(pass, from, begun)
    if (refusal !== undefined) return refusal
    if (restart === undefined) return retry ?? end
    if (round === MAX_GUARD_ROUNDS) return tooManyRounds(pass, restart.hook)
    wanted = restart.replacement ?? wanted
    pass.exempt = restart.exempt
    from = chain.guardsFrom
    begun = undefined
  }
}

/** What a round of guards came to. */
interface GuardRound {
  readonly refusal: Extract<PassEnd, { type: 'cancel' | 'fail' }> | undefined
  readonly retry: Extract<PassEnd, { type: 'retry' }> | undefined
  /** An answer changed what the guards decide on: they must be asked again. */
  readonly restart: Extract<Verdict, { type: 'restart' }> | undefined
}

function* runGuards(pass: Pass, from: number, begun: Begun | undefined): Flow<GuardRound> {
  const { scope, outcomes } = pass
  let refusal: GuardRound['refusal']
  let retry: GuardRound['retry']
  for (const [i, link] of guardsOf(pass, from).entries()) {
    if (scope.leftMs <= 0 && link !== pass.exempt) {
      outcomes.push(notRun(pass, link, TIME_IS_UP))
      refusal ??= {
        type: 'cancel',
        hook: link.name,
        code: 'GUARD_TIMED_OUT',
        reason: `guard "${link.name}" was not reached before the time of the gate was up`,
      }
      continue
    }
    const ran = runUnit(pass, link, scope, outcomes, i === 0 ? begun : undefined)
    const verdict = isPromise(ran) ? ((yield ran) as Verdict | undefined) : ran
    if (verdict?.type === 'cancel' || verdict?.type === 'fail') {
      refusal ??= verdict
      pass.refused = true
      if (pass.operation.aborted !== undefined) break
    } else if (verdict?.type === 'restart') {
      return { refusal, retry, restart: verdict }
    } else if (verdict?.type === 'retry') {
      retry ??= verdict
    }
  }
  return { refusal, retry, restart: undefined }
}

/** What happens if the guards allow it. */
function endFor(pass: Pass, wanted: Verdict | undefined): PassEnd {
  const { scope, rules, operation, point } = pass
  if (wanted === undefined) {
    const hit = scope.cache && rules.lookUp?.(scope.cache, scope.data)
    return hit === undefined || scope.cache === undefined
      ? { type: 'continue', cache: scope.cache }
      : { type: 'cached', hook: scope.cache.hook, key: scope.cache.key, value: hit.value }
  }
  if (wanted.type !== 'redirect' || rules.followsRedirects !== true) return wanted as PassEnd
  try {
    findTarget(operation, undefined, wanted.target, wanted.hook, point)
    return wanted
  } catch (error) {
    return { type: 'fail', hook: wanted.hook, error: error as HookchartError }
  }
}

function proposalOf({ chain }: Pass, end: PassEnd): Proposal {
  switch (end.type) {
    case 'continue':
      return chain.slot.definition.phase === 'before' ? RUN : CONTINUE
    case 'cached':
      return { type: 'cache', key: end.key, value: end.value }
    case 'replace':
      return { type: 'replace', value: end.value }
    case 'redirect':
      return { type: 'redirect', target: end.target }
    case 'retry':
      return { type: 'retry', delayMs: end.delayMs, maxAttempts: end.maxAttempts }
    case 'cancel':
      return { type: 'cancel', code: end.code, reason: end.reason, hook: end.hook }
    case 'fail':
      return { type: 'cancel', code: end.error.code, reason: end.error.message, hook: end.hook }
  }
}

/** What guards of most passes are told. */
export const RUN: Proposal = Object.freeze({ type: 'run' })
export const CONTINUE: Proposal = Object.freeze({ type: 'continue' })

const HAS_PROPOSED = 'has proposed in an earlier pass; only guards are asked'
const TIME_IS_UP = 'the time of the gate was up'

function guardsOf({ chain }: Pass, from: number): readonly Link[] {
  return chain.links.slice(from, chain.observersFrom)
}

function notRun({ kernel }: Pass, link: Link, message?: string): Outcome {
  return newOutcome(link, kernel.time.coarse(), message)
}

/** A hook that the fast path has called already, and that had nothing to say. */
function continued({ record }: Pass, link: Link): Outcome {
  link.meter.count++
  return quietOutcome(link, record?.at ?? 0)
}

function tooManyRounds({ point, operation }: Pass, hook: string): PassEnd {
  const error = new HookchartError(
    'ATTEMPTS_EXHAUSTED',
    `The guards at ${point} of ${operation.component.name} were asked ${String(MAX_GUARD_ROUNDS)} times because answers kept changing what they decide on.`,
    { details: { point, hook, limit: MAX_GUARD_ROUNDS } },
  )
  return { type: 'fail', hook, error }
}
