/** Conditions as data, or as functions. What is refused here is refused when the workflow is defined. */
import * as z from 'zod'
import { HookchartError, nameOf } from '../../src/errors.ts'
import { copyJson, findJsonFlaw, freezeJson, isPlainObject } from '../../src/json.ts'
import { parseOptions } from '../../src/options.ts'
import { nameSchema } from '../../src/hooks/points/point.ts'
import type { StepScope } from '../call.ts'
import type { Eventually } from '../schema.ts'

/** A condition as data. Outputs and state are JSON and compared through and through, without conversion. */
export type ConditionData =
  | { readonly type: 'always' }
  | { readonly type: 'never' }
  /** The state holds this value under the key. */
  | { readonly type: 'shared_data_equals'; readonly key: string; readonly expected: unknown }
  /** The state has the key. */
  | { readonly type: 'shared_data_exists'; readonly key: string }
  /** The step completed with this output. */
  | { readonly type: 'step_result_equals'; readonly step: string; readonly expected: unknown }
  /** The step completed. False for a step that has not run. */
  | { readonly type: 'step_succeeded'; readonly step: string }
  /** The step failed. False for a step that has not run. */
  | { readonly type: 'step_failed'; readonly step: string }

/** A function as a condition. What it throws fails the workflow. */
export type ConditionFunction<Scope = StepScope> = (scope: Scope) => Eventually<boolean>

/** A condition: data, a function, or several of them together. */
export type Condition<Scope = StepScope> =
  | ConditionData
  | ConditionFunction<Scope>
  /** All of them; none at all hold. */
  | { readonly type: 'and'; readonly conditions: readonly Condition<Scope>[] }
  /** At least one of them; of none none holds. */
  | { readonly type: 'or'; readonly conditions: readonly Condition<Scope>[] }
  | { readonly type: 'not'; readonly condition: Condition<Scope> }

/** Deeper conditions are refused: they are a cycle in the making. */
const MAX_DEPTH = 50

const json = z
  .unknown()
  .superRefine((value, ctx) => {
    const flaw = findJsonFlaw(value)
    if (flaw === undefined && value !== undefined) return
    const where = flaw === undefined || flaw.path === '' ? 'it' : `"${flaw.path}"`
    ctx.addIssue({ code: 'custom', message: `expected JSON, but ${where} ${flaw?.problem ?? 'is undefined'}` })
  })
  .transform((value) => freezeJson(copyJson(value)))

const key = nameSchema
const step = nameSchema
const unread = z.unknown().optional()

/** The conditions there are, each with its own keys. Those inside others are parsed one by one, for their depth. */
const schemas = {
  always: z.strictObject({ type: z.literal('always') }),
  never: z.strictObject({ type: z.literal('never') }),
  shared_data_equals: z.strictObject({ type: z.literal('shared_data_equals'), key, expected: json }),
  shared_data_exists: z.strictObject({ type: z.literal('shared_data_exists'), key }),
  step_result_equals: z.strictObject({ type: z.literal('step_result_equals'), step, expected: json }),
  step_succeeded: z.strictObject({ type: z.literal('step_succeeded'), step }),
  step_failed: z.strictObject({ type: z.literal('step_failed'), step }),
  and: z.strictObject({ type: z.literal('and'), conditions: z.array(unread) }),
  or: z.strictObject({ type: z.literal('or'), conditions: z.array(unread) }),
  not: z.strictObject({ type: z.literal('not'), condition: unread }),
}

/** Checks a condition and gives a frozen copy of what is data in it. `where` names the place for the error. */
export function parseCondition(given: unknown, where: string, depth = 0): Condition<never> {
  if (typeof given === 'function') return given as ConditionFunction<never>
  if (depth === MAX_DEPTH) {
    throw refusal(
      where,
      `conditions are nested deeper than ${String(MAX_DEPTH)}, or contain themselves`,
      'Flatten them.',
    )
  }
  if (!isPlainObject(given)) {
    throw refusal(where, `the condition is ${nameOf(given)}`, "Give a function, or data such as { type: 'always' }.")
  }
  const type = given['type']
  if (typeof type !== 'string' || !Object.hasOwn(schemas, type)) {
    const known = Object.keys(schemas).join(', ')
    throw refusal(where, `no condition has the type ${nameOf(type)}`, `Types are ${known}; or give a function.`)
  }
  const parsed = parseOptions(schemas[type as keyof typeof schemas], given, where)
  if (parsed.type === 'not') {
    return Object.freeze({ type: 'not', condition: parseCondition(parsed.condition, `${where}, not`, depth + 1) })
  }
  if (parsed.type === 'and' || parsed.type === 'or') {
    const conditions = parsed.conditions.map((each, i) =>
      parseCondition(each, `${where}, ${parsed.type} ${String(i)}`, depth + 1),
    )
    return Object.freeze({ type: parsed.type, conditions: Object.freeze(conditions) })
  }
  return Object.freeze(parsed as ConditionData)
}

function refusal(where: string, problem: string, advice: string): HookchartError<'INVALID_OPTIONS'> {
  return new HookchartError('INVALID_OPTIONS', `${where}: ${problem}. ${advice}`, {
    details: { where, flaws: [{ path: 'condition', problem }] },
  })
}
