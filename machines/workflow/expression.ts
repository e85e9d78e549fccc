/**
 * Expressions of loops as data, and what they mean: `$iteration >= 5 || $value.status == "done"`. The grammar is in
 * `expression-parser.ts`. Nothing is ever run as code.
 */
import { equalJson, isPlainObject } from '../../src/json.ts'

/** What compares two values. */
export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>='

/** What an expression may ask for. `$value` may be followed by a path, `$state` must be. */
export type ExpressionVariable = 'iteration' | 'value' | 'state'

/** An expression: what `parseExpression` gives. Immutable JSON. */
export type Expression =
  | { readonly type: 'literal'; readonly value: number | string | boolean | null }
  | { readonly type: 'variable'; readonly name: ExpressionVariable; readonly path: readonly string[] }
  | { readonly type: 'not'; readonly operand: Expression }
  /** Two operands or more. */
  | { readonly type: 'and' | 'or'; readonly operands: readonly Expression[] }
  | {
      readonly type: 'compare'
      readonly operator: ComparisonOperator
      readonly left: Expression
      readonly right: Expression
    }

/** What the variables of an expression stand for. */
export interface ExpressionScope {
  /** `$iteration`: counts from 0. */
  readonly iteration: number
  /** `$value`: the value of the iteration. */
  readonly value?: unknown
  /** `$state`. Default empty. */
  readonly state?: Readonly<Record<string, unknown>>
}

/**
 * Whether an expression holds.
 *
 * `==` and `!=` compare JSON, through and through, and never convert: `1 == "1"` does not hold. `<`, `<=`, `>` and `>=`
 * compare two numbers, or two strings by their UTF-16 code units; of anything else none of them holds. `!`, `&&` and `||` take
 * true for true and everything else for false, and so does the expression as a whole. What is not there is null; paths see
 * own keys of objects and indices of arrays only. Never throws.
 *
 * @example
 * ```ts
 * import { evaluateExpression, parseExpression } from 'hookchart/machines'
 * const enough = parseExpression('$iteration >= 5 || $value.status == "done"')
 * console.assert(evaluateExpression(enough, { iteration: 0, value: { status: 'done' } }))
 * console.assert(!evaluateExpression(enough, { iteration: 4, value: { status: 'open' } }))
 * ```
 */
export function evaluateExpression(expression: Expression, scope: ExpressionScope): boolean {
  return valueOf(expression, scope) === true
}

function valueOf(expression: Expression, scope: ExpressionScope): unknown {
  switch (expression.type) {
    case 'literal':
      return expression.value
    case 'variable':
      return read(scope[expression.name], expression.path)
    case 'not':
      return valueOf(expression.operand, scope) !== true
    case 'and':
      return expression.operands.every((operand) => valueOf(operand, scope) === true)
    case 'or':
      return expression.operands.some((operand) => valueOf(operand, scope) === true)
    case 'compare':
      return compare(expression.operator, valueOf(expression.left, scope), valueOf(expression.right, scope))
  }
}

function read(value: unknown, path: readonly string[]): unknown {
  for (const key of path) {
    const holds = Array.isArray(value) ? INDEX.test(key) : isPlainObject(value)
    if (!holds || !Object.hasOwn(value as object, key)) return null
    value = (value as Record<string, unknown>)[key]
  }
  return value ?? null
}

const INDEX = /^(?:0|[1-9]\d*)$/

function compare(operator: ComparisonOperator, left: unknown, right: unknown): boolean {
  if (operator === '==') return equalJson(left, right)
  if (operator === '!=') return !equalJson(left, right)
  const areNumbers = typeof left === 'number' && typeof right === 'number'
  const areTexts = typeof left === 'string' && typeof right === 'string'
  if (!areNumbers && !areTexts) return false
  switch (operator) {
    case '<':
      return left < right
    case '<=':
      return left <= right
    case '>':
      return left > right
    case '>=':
      return left >= right
  }
}

/** How tightly an expression holds together; more is tighter. */
const TIGHTNESS = { or: 1, and: 2, compare: 3, not: 4, literal: 5, variable: 5 } as const

/**
 * An expression as text, with no more brackets than it needs. `parseExpression` gives an equal one back.
 *
 * @example
 * ```ts
 * import { formatExpression, parseExpression } from 'hookchart/machines'
 * console.assert(formatExpression(parseExpression('(($iteration)>=5)&&!(true)')) === '$iteration >= 5 && !true')
 * ```
 */
export function formatExpression(expression: Expression): string {
  switch (expression.type) {
    case 'literal':
      return JSON.stringify(expression.value)
    case 'variable':
      return [`$${expression.name}`, ...expression.path].join('.')
    case 'not':
      return `!${inner(expression.operand, TIGHTNESS.not)}`
    case 'and':
      return expression.operands.map((operand) => inner(operand, TIGHTNESS.and + 1)).join(' && ')
    case 'or':
      return expression.operands.map((operand) => inner(operand, TIGHTNESS.or + 1)).join(' || ')
    case 'compare': {
      const [left, right] = [inner(expression.left, TIGHTNESS.not), inner(expression.right, TIGHTNESS.not)]
      return `${left} ${expression.operator} ${right}`
    }
  }
}

/** An operand, in brackets where it would fall apart without. */
function inner(operand: Expression, tightness: number): string {
  const text = formatExpression(operand)
  return TIGHTNESS[operand.type] < tightness ? `(${text})` : text
}
