/** Random expressions of loops, random scopes, and what an expression means, worked out the slow way. */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import type { ComparisonOperator, Expression, ExpressionScope } from 'hookchart/machines'

/** Few values, so that they are often equal. */
const plain = fc.constantFrom<number | string | boolean | null>(0, 1, 2, -1, '', 'a', 'b', '1', true, false, null)
const any = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
  fc.string({ unit: 'binary' }),
)
const literal = fc.oneof({ weight: 3, arbitrary: plain }, any).map((value): Expression => ({ type: 'literal', value }))

const key = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', '0', '1', 'length', 'toString', '__proto__') },
  fc.stringMatching(/^[\p{L}\p{N}_-]{1,5}$/u),
)
const variable = fc.oneof(
  fc.constant<Expression>({ type: 'variable', name: 'iteration', path: [] }),
  fc.array(key, { maxLength: 3 }).map((path): Expression => ({ type: 'variable', name: 'value', path })),
  fc.array(key, { minLength: 1, maxLength: 3 }).map((path): Expression => ({ type: 'variable', name: 'state', path })),
)

export const operator = fc.constantFrom<ComparisonOperator>('==', '!=', '<', '<=', '>', '>=')

const short = fc
  .tuple(fc.constantFrom('value' as const, 'state' as const), fc.constantFrom('a', 'length'))
  .map(([name, each]): Expression => ({ type: 'variable', name, path: [each] }))
const whole = fc.constant<Expression>({ type: 'variable', name: 'value', path: [] })

/** A comparison that often holds: of what is there with small numbers, or of two things that are there. */
export const comparison: fc.Arbitrary<Expression> = fc.record({
  type: fc.constant('compare' as const),
  operator: fc.constantFrom<ComparisonOperator>('==', '!='),
  left: fc.oneof(short, whole),
  right: fc.oneof(
    short,
    fc.constantFrom(0, 1, 2).map((value): Expression => ({ type: 'literal', value })),
  ),
})

/** A literal or a variable. */
export const operand = fc.oneof(literal, variable)

/** Any expression, a few levels deep. */
export const expression: fc.Arbitrary<Expression> = fc.letrec<{ any: Expression }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    operand,
    tie('any').map((inside): Expression => ({ type: 'not', operand: inside })),
    fc.record({
      type: fc.constantFrom('and' as const, 'or' as const),
      operands: fc.array(tie('any'), { minLength: 2, maxLength: 4 }),
    }),
    fc.record({ type: fc.constant('compare' as const), operator, left: tie('any'), right: tie('any') }),
  ),
})).any

const json: fc.Arbitrary<unknown> = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    plain,
    fc.constantFrom([], {}, [0], { a: 1 }).map((each: unknown) => structuredClone(each)),
    fc.array(tie('any'), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('a', 'b', '0', 'length'), tie('any'), { maxKeys: 3 }),
  ),
})).any

const random: fc.Arbitrary<ExpressionScope> = fc.record({
  iteration: fc.nat({ max: 3 }),
  value: json,
  state: fc.dictionary(fc.constantFrom('a', 'b', '0'), json, { maxKeys: 3 }),
})

/** What the variables stand for; sometimes two of them for equal values that are not the same. */
export const scope: fc.Arbitrary<ExpressionScope> = fc.oneof(
  { weight: 3, arbitrary: random },
  json.map((a) => ({ iteration: 0, value: { a }, state: { a: structuredClone(a) } })),
)

/** What an expression comes to, by the book and without a thought for speed. */
export function meaning(of: Expression, given: ExpressionScope): unknown {
  switch (of.type) {
    case 'literal':
      return of.value
    case 'variable':
      return of.path.reduce<unknown>((value, each) => {
        if (typeof value !== 'object' || value === null) return null
        const found = Object.entries(value).find(([name]) => name === each)
        return found === undefined ? null : found[1]
      }, given[of.name])
    case 'not':
      return meaning(of.operand, given) === true ? false : true
    case 'and':
      return of.operands.filter((each) => meaning(each, given) !== true).length === 0
    case 'or':
      return of.operands.filter((each) => meaning(each, given) === true).length > 0
    case 'compare':
      return compared(of.operator, meaning(of.left, given), meaning(of.right, given))
  }
}

function compared(by: ComparisonOperator, left: unknown, right: unknown): boolean {
  if (by === '==') return isSameJson(left, right)
  if (by === '!=') return !isSameJson(left, right)
  if (typeof left !== typeof right || !['number', 'string'].includes(typeof left)) return false
  const [a, b] = [left, right] as [number, number]
  return { '<': a < b, '<=': a <= b, '>': a > b, '>=': a >= b }[by]
}

/** An expression as text with brackets round every part. */
export function bracketed(of: Expression): string {
  switch (of.type) {
    case 'literal':
      return `(${JSON.stringify(of.value)})`
    case 'variable':
      return `($${[of.name, ...of.path].join('.')})`
    case 'not':
      return `(!${bracketed(of.operand)})`
    case 'and':
    case 'or':
      return `(${of.operands.map(bracketed).join(of.type === 'and' ? '&&' : '||')})`
    case 'compare':
      return `(${bracketed(of.left)}${of.operator}${bracketed(of.right)})`
  }
}

/** JSON knows no prototypes: what has none is a plain object. */
function isSameJson(left: unknown, right: unknown): boolean {
  return isDeepStrictEqual(structuredClone(left), structuredClone(right))
}
