/** Expressions of loops: what is written is read again, they mean what the book says, and no text does any harm. */
import fc from 'fast-check'
import * as machines from 'hookchart/machines'
import type { Expression, ExpressionScope } from 'hookchart/machines'
import { isHookchartError } from 'hookchart/hooks'
import { expect } from 'vitest'
import { bracketed, comparison, expression, meaning, operand, operator, scope } from './support/expressions.ts'
import { testLawOf } from './support/law.ts'
import type { Law, PlantedBug } from './support/law.ts'

type Machines = typeof machines

const EXPRESSION = 'machines/workflow/expression.ts'
const PARSER = 'machines/workflow/expression-parser.ts'
const TOKENS = 'machines/workflow/expression-tokens.ts'

function testLaw(name: string, law: Law<Machines>, bugs: readonly PlantedBug[], numRuns = 500): void {
  testLawOf<Machines>(machines, 'machines/index.ts', name, law, bugs, { numRuns })
}

testLaw(
  'what is formatted is parsed to the same',
  ({ formatExpression, parseExpression }) =>
    fc.property(expression, (given) => {
      expect(parseExpression(formatExpression(given))).toEqual(given)
      expect(parseExpression(bracketed(given))).toEqual(given)
    }),
  [
    {
      name: 'alternatives in a conjunction lose their brackets',
      file: EXPRESSION,
      from: 'inner(operand, TIGHTNESS.and + 1)',
      to: 'inner(operand, TIGHTNESS.or)',
    },
    {
      name: 'a comparison in a comparison loses its brackets',
      file: EXPRESSION,
      from: '[inner(expression.left, TIGHTNESS.not)',
      to: '[inner(expression.left, TIGHTNESS.compare)',
    },
    {
      name: 'a text is not escaped',
      file: EXPRESSION,
      from: 'return JSON.stringify(expression.value)',
      to: 'return `"${String(expression.value)}"`',
    },
    { name: 'an escape is read as what follows it', file: TOKENS, from: "['n', '\\n']", to: "['n', 'n']" },
    {
      name: 'an escaped code is read as a decimal',
      file: TOKENS,
      from: 'Number.parseInt(hex, 16)',
      to: 'Number.parseInt(hex, 10)',
    },
    {
      name: 'exponents are dropped',
      file: TOKENS,
      from: 'const value = Number(text) + 0',
      to: 'const value = Number.parseFloat(text.split(/e/i)[0]!) + 0',
    },
    { name: 'a path loses its first key', file: TOKENS, from: ".split('.').slice(1)", to: ".split('.').slice(2)" },
    {
      name: 'brackets are seen through',
      file: PARSER,
      from: 'const operands = [first]',
      to: 'const operands = first.type === type ? [...first.operands] : [first]',
    },
  ],
)

/** Alternatives of conjunctions of comparisons, each perhaps negated in front: no brackets anywhere. */
const flat = fc.array(
  fc.array(fc.record({ nots: fc.nat({ max: 2 }), left: operand, compare: fc.option(fc.tuple(operator, operand)) }), {
    minLength: 1,
    maxLength: 3,
  }),
  { minLength: 1, maxLength: 3 },
)

type Flat = typeof flat extends fc.Arbitrary<infer Value> ? Value : never

function textOf(given: Flat, format: (of: Expression) => string): string {
  return given
    .map((all) =>
      all
        .map(({ nots, left, compare }) => {
          const text = '!'.repeat(nots) + format(left)
          return compare === null ? text : `${text}${compare[0]}${format(compare[1])}`
        })
        .join('&&'),
    )
    .join('||')
}

/** `!` first, then the comparison, then `&&`, then `||`. */
function meaningOf(given: Flat, at: ExpressionScope): boolean {
  return given.some((all) =>
    all.every(({ nots, left, compare }) => {
      let value: Expression = left
      for (let i = 0; i < nots; i++) value = { type: 'not', operand: value }
      const [by, right] = compare ?? []
      const whole: Expression =
        by === undefined || right === undefined ? value : { type: 'compare', operator: by, left: value, right }
      return meaning(whole, at) === true
    }),
  )
}

testLaw(
  'without brackets ! goes before comparisons, && and ||, in this order',
  ({ formatExpression, parseExpression, evaluateExpression }) =>
    fc.property(flat, scope, (given, at) => {
      expect(evaluateExpression(parseExpression(textOf(given, formatExpression)), at)).toBe(meaningOf(given, at))
    }),
  [
    {
      name: '! takes the whole comparison',
      file: PARSER,
      from: 'operand: this.#operand(depth + 1)',
      to: 'operand: this.#compared(depth + 1)',
    },
    {
      name: '|| is tighter than &&',
      file: PARSER,
      from: "return this.#several('or', '||', () => this.#and(depth))",
      to: "return this.#several('and', '&&', () => this.#several('or', '||', () => this.#compared(depth)))",
    },
    { name: '< is read where <= stands', file: TOKENS, from: '/==|!=|<=|>=|', to: '/==|!=|>=|' },
  ],
)

testLaw(
  'an expression means what the book says',
  ({ evaluateExpression }) =>
    fc.property(fc.oneof({ weight: 3, arbitrary: expression }, comparison), scope, (given, at) => {
      expect(evaluateExpression(given, at)).toBe(meaning(given, at) === true)
    }),
  [
    {
      name: '== converts',
      file: EXPRESSION,
      from: "if (operator === '==') return equalJson(left, right)",
      to: "if (operator === '==') return left == right || equalJson(left, right)",
    },
    {
      name: '!= compares objects by identity',
      file: EXPRESSION,
      from: 'return !equalJson(left, right)',
      to: 'return left !== right',
    },
    {
      name: '< converts',
      file: EXPRESSION,
      from: 'if (!areNumbers && !areTexts) return false',
      to: 'if (left === null) return false',
    },
    { name: '<= is <', file: EXPRESSION, from: 'return left <= right', to: 'return left < right' },
    {
      name: '! takes what is empty for false',
      file: EXPRESSION,
      from: 'valueOf(expression.operand, scope) !== true',
      to: '!valueOf(expression.operand, scope)',
    },
    {
      name: 'what is inherited can be seen',
      file: EXPRESSION,
      from: '!Object.hasOwn(value as object, key)',
      to: '!(key in (value as object))',
    },
    {
      name: 'the length of a list is one of its values',
      file: EXPRESSION,
      from: 'Array.isArray(value) ? INDEX.test(key) :',
      to: 'Array.isArray(value) ? true :',
    },
    {
      name: 'what is not there is undefined',
      file: EXPRESSION,
      from: 'key)) return null',
      to: 'key)) return undefined',
    },
    {
      name: 'one operand is enough for &&',
      file: EXPRESSION,
      from: 'expression.operands.every(',
      to: 'expression.operands.some(',
    },
  ],
)

/** Text that is nearly an expression, and text that is anything. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        '(',
        ')',
        '!',
        '&&',
        '||',
        '==',
        '<',
        '<=',
        '=',
        '&',
        '$value',
        '$state',
        '$state.a',
        '$iteration',
        '.',
        '-',
        '1',
        '1e9',
        '1e999',
        '01',
        '"',
        "'",
        '\\',
        '\\n',
        '\\u00',
        'true',
        'null',
        'x',
        ' ',
        '\n',
        '😀',
      ),
      { maxLength: 30 },
    )
    .map((parts) => parts.join('')),
  fc
    .tuple(fc.constantFrom('(', '!', '((', '!(', '"', '1==', 'true&&', '$value.'), fc.nat({ max: 5_000 }))
    .map(([part, times]) => part.repeat(times)),
)

testLaw(
  'any text is parsed to what can be written, or refused with a position in it',
  ({ parseExpression, formatExpression }) =>
    fc.property(text, (given) => {
      let parsed: Expression
      try {
        parsed = parseExpression(given)
      } catch (error) {
        if (!isHookchartError(error, 'EXPRESSION_INVALID')) throw error
        const { position } = error.details
        expect(position).toBeGreaterThanOrEqual(0)
        expect(position).toBeLessThanOrEqual(given.length)
        return
      }
      expect(parseExpression(formatExpression(parsed))).toEqual(parsed)
    }),
  [
    {
      name: 'brackets nest without bound',
      file: PARSER,
      from: 'if (depth === MAX_DEPTH)',
      to: 'if (depth === Infinity)',
    },
    {
      name: 'a closing quote is not missed',
      file: TOKENS,
      from: "if (char === '') throw malformed(this.#source, i, '', `a closing ${quote}`)",
      to: "if (char === '') throw new RangeError('Out of range')",
    },
    {
      name: 'a number may be infinite',
      file: TOKENS,
      from: 'if (!Number.isFinite(value))',
      to: 'if (Number.isNaN(value))',
    },
    {
      name: 'the position is behind the end',
      file: TOKENS,
      from: "return { type: 'end', at, text: '' }",
      to: "return { type: 'end', at: at + 1, text: '' }",
    },
  ],
)
