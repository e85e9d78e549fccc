/** Calls one hook with everything that protects the call: conditions, breaker, deadline and abort. */
import { HookchartError, textOf } from '../../errors.ts'
import { andThen, isPromise } from '../flow.ts'
import type { Maybe } from '../flow.ts'
import type { Link } from '../registry/link.ts'
import type { Unit } from '../registry/unit.ts'
import { checkResult } from '../check-result.ts'
import type { CheckedResult } from '../check-result.ts'
import { abortHook, causeOf, enterHook, leaveRunning } from './hook-context.ts'
import type { PassContext } from './hook-context.ts'
import type { Begun, Pass } from './pass.ts'
import type { Outcome } from './outcome.ts'
import type { Scope } from './scope.ts'
import { checkSettled, fail } from './settled-result.ts'

/** How a hook's promise ended, or what came first. */
type Settlement =
  | { readonly type: 'value'; readonly value: unknown }
  | { readonly type: 'thrown'; readonly thrown: unknown }
  | { readonly type: 'timed_out'; readonly withinMs: number }
  | { readonly type: 'aborted' }

/**
 * Does the work of a unit behind its conditions and its breaker, and measures it; gives undefined when it may not be done.
 * The work subtracts from `scope.leftMs` what time hooks took in it: waiting for people is no work of a hook.
 */
export function guarded<T>(
  pass: Pass,
  unit: Unit,
  scope: Scope,
  outcome: Outcome,
  begun: Begun | undefined,
  work: () => Maybe<T>,
): Maybe<T | undefined> {
  if (begun === undefined && !isWanted(pass, unit, scope, outcome)) return undefined
  const permit = begun === undefined ? admit(pass, unit, outcome) : (begun.permit ?? unit.breaker?.permit())
  if (permit === false) return undefined
  if (isLink(unit) && unit.hook.options.once && !claim(pass, unit, outcome)) return undefined
  const leftMs = scope.leftMs
  return andThen(work(), (result) => {
    outcome.durationMs = leftMs - scope.leftMs
    report(unit, permit, outcome)
    if (isLink(unit)) measure(unit, outcome)
    return result
  })
}

/**
 * Calls a hook and fills in its outcome; gives its checked result, undefined when it has none.
 * A `modified` result comes with `outcome.change`, checked and not yet accepted.
 */
export function callHook(
  pass: Pass,
  unit: Unit,
  scope: Scope,
  outcome: Outcome,
  begun: Begun | undefined,
): Maybe<CheckedResult | undefined> {
  const { time } = pass.kernel
  const startedAt = begun?.since ?? time.now()
  outcome.at = startedAt
  // What a fast path began has its context already, and maybe its signal.
  const ctx = begun === undefined ? enterHook(scope.ctx, unit) : scope.ctx
  scope.ctx = ctx
  return andThen(settle(pass, unit, scope, ctx, begun ?? call(unit, ctx)), (settlement) => {
    scope.leftMs -= time.now() - startedAt
    return resultOf(pass, unit, scope, outcome, settlement)
  })
}

/** Whether the conditions of a hook hold. */
function isWanted(pass: Pass, unit: Unit, scope: Scope, outcome: Outcome): boolean {
  if (isLink(unit) && unit.hook.removed && unit.hook.options.once) return skip(unit, outcome, 'was called once already')
  if (unit.matches?.(pass.operation.component) === false) return skip(unit, outcome, 'is not for this component')
  if (unit.when === undefined) return true
  try {
    const holds: unknown = unit.when(scope.ctx)
    if (isPromise(holds)) {
      Promise.resolve(holds).catch(() => undefined)
      throw new TypeError('"when" gave a promise; it must answer at once')
    }
    return Boolean(holds) || skip(unit, outcome, 'its condition does not hold')
  } catch (error) {
    fail(pass, unit, outcome, 'HOOK_FAILED', `has a condition that failed: ${textOf(error)}`, error)
    unit.breaker?.failure(0)
    return false
  }
}

function skip(unit: Unit, outcome: Outcome, message: string): false {
  outcome.outcome = 'skipped'
  outcome.type = 'skipped'
  outcome.message = message
  if (isLink(unit)) unit.meter.skipped++
  return false
}

/** Asks the breaker; gives the permit, or false when the call is refused. */
function admit(pass: Pass, unit: Unit, outcome: Outcome): number | undefined | false {
  const { breaker } = unit
  if (breaker === undefined) return undefined
  if (breaker.tryAcquire()) return breaker.permit()
  fail(pass, unit, outcome, 'HOOK_UNAVAILABLE', `was not called: its circuit breaker is ${breaker.state}`)
  outcome.outcome = 'unavailable'
  if (isLink(unit)) unit.meter.skipped++
  return false
}

/** Takes a hook that runs once out of the registry with its call; false when another pass was first. */
function claim(pass: Pass, link: Link, outcome: Outcome): boolean {
  if (pass.kernel.registry.unregister(link.hook)) return true
  link.breaker?.release()
  return skip(link, outcome, 'was called once already')
}

function call(unit: Unit, ctx: PassContext): Begun {
  try {
    return { value: (unit.handler as (ctx: PassContext) => unknown)(ctx) }
  } catch (thrown) {
    return { thrown }
  }
}

/** Waits for a hook for as long as its deadline and its operation allow. */
function settle(pass: Pass, unit: Unit, scope: Scope, ctx: PassContext, begun: Begun): Maybe<Settlement> {
  if ('thrown' in begun) return { type: 'thrown', thrown: begun.thrown }
  const { operation } = pass
  const withinMs = Math.max(0, Math.min(unit.timeoutMs, scope.leftMs, operation.hookLimitMs))
  if ('abandoned' in begun) {
    const why: Settlement = operation.aborted === undefined ? { type: 'timed_out', withinMs } : { type: 'aborted' }
    return abandon(pass, unit, ctx, begun.abandoned, why)
  }
  const { value } = begun
  if (!isPromise(value)) return { type: 'value', value }
  // The hook may have aborted its own operation before it gave its promise.
  if (operation.aborted !== undefined) return abandon(pass, unit, ctx, value, { type: 'aborted' })
  return new Promise((resolve) => {
    const { deadlines } = pass.kernel
    const end = (settlement: Settlement) => {
      deadlines.disarm(deadline)
      deadlines.release()
      stopListening()
      resolve(settlement)
    }
    const deadline = deadlines.arm(withinMs, () => {
      end(abandon(pass, unit, ctx, value, { type: 'timed_out', withinMs }))
    })
    deadlines.hold()
    const stopListening = operation.onAbort(() => {
      end(abandon(pass, unit, ctx, value, { type: 'aborted' }))
    })
    Promise.resolve(value).then(
      (settled) => {
        end({ type: 'value', value: settled })
      },
      (thrown: unknown) => {
        end({ type: 'thrown', thrown })
      },
    )
  })
}

/** Leaves a hook running. Its late result changes nothing; that it came is recorded. */
function abandon(pass: Pass, unit: Unit, ctx: PassContext, promise: PromiseLike<unknown>, why: Settlement): Settlement {
  leaveRunning(ctx)
  if (why.type === 'timed_out') abortHook(ctx, timedOut(pass, unit, why.withinMs))
  const cause = causeOf(ctx)
  Promise.resolve(promise).then(
    (value) => {
      const result = checkResult(value)
      pass.recordLate(unit, typeof result === 'string' ? 'invalid' : result.type, cause)
    },
    () => {
      pass.recordLate(unit, 'failed', cause)
    },
  )
  return why
}

/** The result of a hook that has settled; whatever is wrong with it is in the outcome. */
function resultOf(
  pass: Pass,
  unit: Unit,
  scope: Scope,
  outcome: Outcome,
  settlement: Settlement,
): Maybe<CheckedResult | undefined> {
  switch (settlement.type) {
    case 'aborted':
      outcome.outcome = 'aborted'
      outcome.type = 'aborted'
      return undefined
    case 'timed_out':
      outcome.error = timedOut(pass, unit, settlement.withinMs)
      outcome.outcome = 'timed_out'
      outcome.type = 'failed'
      return undefined
    case 'thrown': {
      fail(pass, unit, outcome, 'HOOK_FAILED', `failed: ${textOf(settlement.thrown)}`, settlement.thrown)
      return
    }
    case 'value':
      return checkSettled(pass, unit, scope, outcome, settlement.value)
  }
}

function report({ breaker }: Unit, permit: number | undefined, { outcome, error, durationMs }: Outcome): void {
  if (breaker === undefined) return
  if (outcome === 'aborted') breaker.release(permit)
  else if (error !== undefined) breaker.failure(durationMs, permit)
  else breaker.success(durationMs, permit)
}

function measure({ meter }: Link, { outcome, durationMs, at }: Outcome): void {
  meter.count++
  if (outcome === 'timed_out') meter.timeouts++
  else if (outcome === 'failed') meter.errors++
  meter.record(durationMs, at)
}

function timedOut({ point, operation }: Pass, { name, timeoutMs }: Unit, withinMs: number): HookchartError {
  const why =
    withinMs < timeoutMs
      ? 'give its gate (gateTimeoutMs) or its operation more time: that was all they had left'
      : 'raise timeoutMs'
  return new HookchartError(
    'HOOK_TIMED_OUT',
    `Hook "${name}" at ${point} of ${operation.component.name} did not settle within ${String(withinMs)} ms. Obey ctx.signal, or ${why}.`,
    { details: { hook: name, point, component: operation.component.name, timeoutMs: withinMs } },
  )
}

/** Whether a unit is a registered hook rather than a composite's child. */
export function isLink(unit: Unit): unit is Link {
  return 'hook' in unit
}
