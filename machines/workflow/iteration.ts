/** What a loop goes over, when it ends early and what it keeps: as options, and as definitions hold them. */
import * as z from 'zod'
import { HookchartError, isHookchartError, nameOf } from '../../src/errors.ts'
import { copyJson, findJsonFlaw, freezeJson } from '../../src/json.ts'
import { parseOptions } from '../../src/options.ts'
import type { StepScope } from '../call.ts'
import type { Eventually } from '../schema.ts'
import { textOrObject } from '../text-or-object.ts'
import { parseCondition } from './condition.ts'
import type { Condition } from './condition.ts'
import { parseExpression } from './expression-parser.ts'
import type { Expression } from './expression.ts'

/** What the conditions of a loop are called with, before the body of an iteration. */
export interface LoopScope<Value = unknown, Input = unknown> extends StepScope<Input> {
  /** The value of the iteration; undefined in loops with `while` and `until`. */
  readonly value: Value
  /** Counts from 0. */
  readonly iteration: number
}

/** A condition of a loop: an expression such as `'$iteration >= 5'`, data, or a function. */
export type LoopConditionOption<Scope = LoopScope> = string | Condition<Scope>

/** When a loop ends early; the message becomes its reason. */
export type BreakOption<Scope = LoopScope> =
  LoopConditionOption<Scope> | { readonly test: LoopConditionOption<Scope>; readonly message: string }

/** Values, one after another: they are pulled when they are needed, so they need not end. */
export type Values<Value = unknown> = Iterable<Value> | AsyncIterable<Value>

/** What a loop goes over, as it is written. */
export type LoopIteratorOptions<Input = unknown> =
  /** Numbers from `start` (default 0) as long as they are before `end`; `step` (default 1) may be negative, not 0. */
  | { readonly range: { readonly start?: number; readonly end: number; readonly step?: number } }
  /** A list, anything else that can be gone over more than once, or a function that gives it for each run. */
  | { readonly collection: Values | ((scope: StepScope<Input>) => Eventually<Values>) }
  /** As long as it holds, at most `maxIterations` (default 10,000) times. */
  | { readonly while: LoopConditionOption<LoopScope<undefined, Input>>; readonly maxIterations?: number }
  /** Until it holds, at most `maxIterations` (default 10,000) times. Tested before each body, as `while` is. */
  | { readonly until: LoopConditionOption<LoopScope<undefined, Input>>; readonly maxIterations?: number }

/** The type of the values of a loop. */
export type ValueOf<Iterator> = Iterator extends { readonly range: unknown }
  ? number
  : Iterator extends { readonly collection: infer Collection }
    ? ElementOf<Collection extends (scope: never) => infer Made ? Awaited<Made> : Collection>
    : undefined

type ElementOf<Collection> =
  Collection extends Iterable<infer Element>
    ? Element
    : Collection extends AsyncIterable<infer Element>
      ? Element
      : unknown

/** A parsed condition of a loop. */
export type LoopCondition =
  | { readonly type: 'expression'; readonly text: string; readonly expression: Expression }
  | { readonly type: 'condition'; readonly condition: Condition<never> }

/** When a loop ends early. */
export interface LoopBreak {
  readonly test: LoopCondition
  /** Default says which condition it was. */
  readonly message: string
}

/** What a loop goes over. */
export type LoopIterator =
  | { readonly type: 'range'; readonly start: number; readonly end: number; readonly step: number }
  | { readonly type: 'collection'; readonly collection: Values | ((scope: StepScope<never>) => Eventually<Values>) }
  | { readonly type: 'while' | 'until'; readonly test: LoopCondition; readonly maxIterations: number }

/** What a loop keeps of the outputs of its iterations: all, the last, the first or last n, or nothing. */
export type LoopAggregation =
  'collect_all' | 'last_only' | 'none' | { readonly type: 'first_n' | 'last_n'; readonly n: number }

/** The option `aggregation`. */
export const aggregationSchema = textOrObject(
  z.enum(['collect_all', 'last_only', 'none'], {
    error: "expected 'collect_all', 'last_only', 'none', { type: 'first_n', n } or { type: 'last_n', n }",
  }),
  z.strictObject({ type: z.enum(['first_n', 'last_n']), n: z.int().positive() }).transform((of) => Object.freeze(of)),
)

/** Whether numbers as large as these are near enough to each other for such steps. */
function canBeMade(start: number, end: number, step: number): boolean {
  const largest = Math.max(Math.abs(start), Math.abs(end), 1)
  const apart = Number.EPSILON * 2 ** Math.floor(Math.log2(largest))
  return Math.abs(end - start) / step <= Number.MAX_SAFE_INTEGER && step >= apart
}

const rangeSchema = z
  .strictObject({
    start: z.number().optional(),
    end: z.number(),
    step: z.number().optional(),
  })
  .transform(({ start = 0, end, step = 1 }) => ({ start, end, step }))
  .refine(({ step }) => step !== 0, { path: ['step'], error: 'expected another step than 0, which would never end' })
  .refine(({ start, end, step }) => step === 0 || canBeMade(start, end, Math.abs(step)), {
    path: ['step'],
    error: 'expected a step that numbers of this size can make',
  })

/** A bound of ours against loops that never end; what reaches it was not meant to. */
const MAX_ITERATIONS = 10_000

const maxIterations = z.int().positive().optional()
const iteratorSchema = z.strictObject({
  range: rangeSchema.optional(),
  collection: z.unknown().optional(),
  while: z.unknown().optional(),
  until: z.unknown().optional(),
  maxIterations,
})

const KINDS = ['range', 'collection', 'while', 'until'] as const

/** Checks what a loop goes over. */
export function parseIterator(given: unknown, where: string): LoopIterator {
  const place = `${where}: "iterator"`
  const parsed = parseOptions(iteratorSchema, given, place)
  const [kind, ...others] = KINDS.filter((each) => parsed[each] !== undefined)
  if (kind === undefined || others.length > 0) {
    throw refusal(
      place,
      `names ${[kind, ...others].filter(Boolean).join(' and ') || 'none of them'}`,
      `Give one of ${KINDS.join(', ')}.`,
    )
  }
  if (parsed.maxIterations !== undefined && (kind === 'range' || kind === 'collection')) {
    throw refusal(
      place,
      `maxIterations does not go with ${kind}`,
      'Leave it out, or end the loop with breakConditions.',
    )
  }
  if (parsed.range !== undefined) return Object.freeze({ type: 'range', ...parsed.range })
  if (kind === 'collection') {
    return Object.freeze({ type: 'collection', collection: parseCollection(parsed.collection, place) })
  }
  const test = parseLoopCondition(parsed[kind], `${place}, ${kind}`)
  return Object.freeze({ type: kind as 'while' | 'until', test, maxIterations: parsed.maxIterations ?? MAX_ITERATIONS })
}

/** A list is copied and must be JSON; anything else is taken as it is and must be such that it can be gone over again. */
function parseCollection(given: unknown, where: string): Extract<LoopIterator, { type: 'collection' }>['collection'] {
  if (typeof given === 'function') return given as (scope: StepScope<never>) => Values
  if (Array.isArray(given)) {
    const flaw = findJsonFlaw(given)
    if (flaw !== undefined)
      throw refusal(where, `collection.${flaw.path} ${flaw.problem}`, 'Values of a loop are JSON.')
    return freezeJson(copyJson(given as unknown[]))
  }
  const isIterable =
    typeof given === 'object' && given !== null && (Symbol.iterator in given || Symbol.asyncIterator in given)
  if (!isIterable) {
    throw refusal(
      where,
      `collection is ${nameOf(given)}`,
      'Give a list, another iterable, or a function that gives one.',
    )
  }
  if ('next' in given) {
    throw refusal(
      where,
      'collection is an iterator, which the first run would use up',
      'Give a function that makes it: { collection: () => lines() }.',
    )
  }
  return given as Values
}

/** Checks a condition of a loop: an expression, data or a function. */
export function parseLoopCondition(given: unknown, where: string): LoopCondition {
  if (typeof given !== 'string') return Object.freeze({ type: 'condition', condition: parseCondition(given, where) })
  try {
    return Object.freeze({ type: 'expression', text: given, expression: parseExpression(given) })
  } catch (error) {
    if (!isHookchartError(error, 'EXPRESSION_INVALID')) throw error
    throw new HookchartError(error.code, `${where}: ${error.message}`, { details: { where, ...error.details } })
  }
}

const breakSchema = z.strictObject({
  test: z.unknown().optional(),
  message: z.string().min(1, 'expected a message that is not empty').max(1_000),
})

/** Checks one of the break conditions. */
export function parseBreak(given: unknown, where: string): LoopBreak {
  const hasMessage = typeof given === 'object' && given !== null && ('test' in given || 'message' in given)
  if (hasMessage) {
    const { test, message } = parseOptions(breakSchema, given, where)
    return Object.freeze({ test: parseLoopCondition(test, where), message })
  }
  const test = parseLoopCondition(given, where)
  return Object.freeze({ test, message: `Break condition met: ${labelOf(test)}` })
}

function labelOf(test: LoopCondition): string {
  if (test.type === 'expression') return test.text
  const { condition } = test
  return typeof condition === 'function' ? condition.name || 'a function' : condition.type
}

function refusal(where: string, problem: string, advice: string): HookchartError<'INVALID_OPTIONS'> {
  return new HookchartError('INVALID_OPTIONS', `${where}: ${problem}. ${advice}`, {
    details: { where, flaws: [{ path: 'iterator', problem }] },
  })
}
