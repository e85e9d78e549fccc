/** Whether the executor takes what a hook returned: by its kind, its point, and the schemas there. */
import { HookchartError } from '../../errors.ts'
import type { ErrorCode } from '../../errors.ts'
import { freezeJson } from '../../json.ts'
import { asOneChange, changeData, settleKeys } from '../change.ts'
import { checkResult } from '../check-result.ts'
import type { CheckedResult } from '../check-result.ts'
import { andThen } from '../flow.ts'
import type { Maybe } from '../flow.ts'
import type { Unit } from '../registry/unit.ts'
import type { Outcome } from './outcome.ts'
import type { Pass } from './pass.ts'
import type { Scope } from './scope.ts'

/** The result that a hook settled with; undefined when it has none, and what is wrong with it in the outcome. */
export function checkSettled(
  pass: Pass,
  unit: Unit,
  scope: Scope,
  outcome: Outcome,
  value: unknown,
): Maybe<CheckedResult | undefined> {
  if (unit.kind === 'observe') {
    outcome.outcome = 'ok'
    outcome.type = 'observe'
    return undefined
  }
  const result = checkResult(value)
  if (typeof result === 'string') {
    fail(pass, unit, outcome, 'HOOK_INVALID_RESULT', result)
    return
  }
  const refused = disallowed(pass, unit, result.type)
  if (refused !== undefined) {
    fail(pass, unit, outcome, 'HOOK_DECISION_NOT_ALLOWED', refused)
    return
  }
  outcome.type = result.type
  outcome.message = result.message ?? ('reason' in result ? result.reason : undefined)
  return andThen(problemOf(pass, scope, outcome, result), (problem) => {
    if (problem !== undefined) {
      fail(pass, unit, outcome, 'HOOK_INVALID_CHANGE', `returned ${result.type} that ${problem}`)
      outcome.invalidChange = result.type === 'modified'
      return
    }
    outcome.outcome = 'ok'
    return result
  })
}

const GUARD_DECISIONS = ['continue', 'cancel', 'suspend', 'retry']

function disallowed({ chain }: Pass, { kind, mayAbstain }: Unit, type: CheckedResult['type']): string | undefined {
  const { id, decisions } = chain.slot.definition
  if (kind === 'guard' && !GUARD_DECISIONS.includes(type) && !(type === 'skipped' && mayAbstain === true)) {
    return `returned ${type}, but a guard may only return ${GUARD_DECISIONS.join(', ')}`
  }
  if (type === 'continue' || type === 'skipped' || decisions.includes(type)) return undefined
  return `returned ${type}, but ${id} allows only ${['continue', 'skipped', ...decisions].join(', ')}`
}

/** What keeps a result from being accepted by its point and its schemas. Fills in the change of a `modified`. */
export function problemOf(
  { rules, chain, kernel }: Pass,
  scope: Scope,
  outcome: Outcome,
  result: CheckedResult,
): Maybe<string | undefined> {
  if (result.type === 'replace') return rules.checkValue?.(result.value)
  if (result.type !== 'modified') return undefined
  const change = changeData(scope.data, result.patch, chain.slot.definition.writable)
  if (typeof change === 'string') return change
  return andThen(rules.checkData?.(change.data), (problem) => {
    if (problem !== undefined) return `does not fit the schema: ${problem}`
    return andThen(rules.settled?.(change.data), (settled) => {
      // What a schema makes of a change is what everybody sees of it from now on.
      const taken = settled === undefined ? change : asOneChange([change, settleKeys(change.data, settled)])
      if (kernel.checked) freezeJson(taken.data)
      outcome.change = taken
      return undefined
    })
  })
}

/** Marks an outcome as failed. */
export function fail(
  pass: Pass,
  { name }: Unit,
  outcome: Outcome,
  code: ErrorCode,
  problem: string,
  cause?: unknown,
): undefined {
  const { point, operation } = pass
  outcome.outcome = 'failed'
  outcome.type = 'failed'
  outcome.error = new HookchartError(code, `Hook "${name}" at ${point} of ${operation.component.name} ${problem}.`, {
    details: { hook: name, point, component: operation.component.name },
    ...(cause !== undefined && { cause }),
  })
}
