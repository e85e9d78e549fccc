/**
 * The grammar of expressions, from loose to tight; spaces mean nothing. One function a line, the text is read once.
 *
 *   or       = and { '||' and }
 *   and      = compared { '&&' compared }
 *   compared = operand [ ('==' | '!=' | '<' | '<=' | '>' | '>=') operand ]
 *   operand  = '!' operand | '(' or ')' | literal | variable
 *
 * A comparison of a comparison needs brackets: `1 < 2 < 3` would mean something else than it seems to.
 */
import { HookchartError, nameOf } from '../../src/errors.ts'
import { malformed } from './expression-error.ts'
import { OPERAND, Tokens } from './expression-tokens.ts'
import type { ComparisonOperator, Expression } from './expression.ts'

/** Brackets and negations inside each other; more is refused, so that no text can exhaust the stack. */
const MAX_DEPTH = 100

const COMPARISONS: ReadonlySet<string> = new Set<ComparisonOperator>(['==', '!=', '<', '<=', '>', '>='])

/**
 * Parses an expression of a loop: `==`, `!=`, `<`, `<=`, `>`, `>=`, `&&`, `||`, `!`, brackets, numbers, strings in either kind of
 * quotes, `true`, `false`, `null`, `$iteration`, `$value`, `$value.path` and `$state.key`.
 *
 * `!` holds tightest, then comparisons, `&&`, `||`. The keys of paths are letters, digits, `_` and `-`. It takes time in proportion
 * to the text; brackets and negations nest at most 100 deep. For what it means see {@link evaluateExpression}.
 *
 * @throws EXPRESSION_INVALID, with the position, counted from 0, and what was expected there; INVALID_OPTIONS for what is no text
 * @example
 * ```ts
 * import { isHookchartError } from 'hookchart'
 * import { parseExpression } from 'hookchart/machines'
 * console.assert(parseExpression('$iteration >= 5').type === 'compare')
 * try {
 *   parseExpression('$iteration >= ')
 * } catch (error) {
 *   console.assert(isHookchartError(error, 'EXPRESSION_INVALID') && error.details.position === 14)
 * }
 * ```
 */
export function parseExpression(text: string): Expression {
  const given: unknown = text
  if (typeof given !== 'string') {
    throw new HookchartError(
      'INVALID_OPTIONS',
      `parseExpression: the expression is ${nameOf(given)}. Give a text such as '$iteration >= 5'.`,
      { details: { where: 'parseExpression', flaws: [{ path: '', problem: 'expected a text' }] } },
    )
  }
  return new Parser(given).parse()
}

class Parser {
  readonly #source: string
  readonly #tokens: Tokens

  constructor(source: string) {
    this.#source = source
    this.#tokens = new Tokens(source)
  }

  parse(): Expression {
    const expression = this.#or(0)
    if (this.#tokens.next.type === 'end') return expression
    throw this.#unexpected('an operator or the end')
  }

  #or(depth: number): Expression {
    return this.#several('or', '||', () => this.#and(depth))
  }

  #and(depth: number): Expression {
    return this.#several('and', '&&', () => this.#compared(depth))
  }

  #several(type: 'and' | 'or', symbol: string, operand: () => Expression): Expression {
    const first = operand()
    if (!this.#isNext(symbol)) return first
    const operands = [first]
    while (this.#take(symbol)) operands.push(operand())
    return Object.freeze({ type, operands: Object.freeze(operands) })
  }

  #compared(depth: number): Expression {
    const left = this.#operand(depth)
    const operator = this.#comparison()
    if (operator === undefined) return left
    this.#tokens.advance()
    const right = this.#operand(depth)
    if (this.#comparison() !== undefined) {
      throw this.#unexpected('&&, ||, or brackets round one of the two comparisons')
    }
    return Object.freeze({ type: 'compare', operator, left, right })
  }

  #operand(depth: number): Expression {
    const token = this.#tokens.next
    if (token.type === 'literal') {
      this.#tokens.advance()
      return Object.freeze({ type: 'literal', value: token.value })
    }
    if (token.type === 'variable') {
      this.#tokens.advance()
      return Object.freeze({ type: 'variable', name: token.name, path: token.path })
    }
    if (!this.#isNext('!') && !this.#isNext('(')) throw this.#unexpected(OPERAND)
    if (depth === MAX_DEPTH) throw this.#unexpected(`at most ${String(MAX_DEPTH)} brackets and ! inside each other`)
    if (this.#take('!')) return Object.freeze({ type: 'not', operand: this.#operand(depth + 1) })
    this.#take('(')
    const inside = this.#or(depth + 1)
    if (!this.#take(')')) throw this.#unexpected('an operator or )')
    return inside
  }

  /** The operator that is next, if it compares. */
  #comparison(): ComparisonOperator | undefined {
    const { type, text } = this.#tokens.next
    return type === 'symbol' && COMPARISONS.has(text) ? (text as ComparisonOperator) : undefined
  }

  #isNext(symbol: string): boolean {
    const { type, text } = this.#tokens.next
    return type === 'symbol' && text === symbol
  }

  /** Whether a symbol is next; goes on behind it if it is. */
  #take(symbol: string): boolean {
    if (!this.#isNext(symbol)) return false
    this.#tokens.advance()
    return true
  }

  #unexpected(expected: string): HookchartError {
    const { at, text } = this.#tokens.next
    return malformed(this.#source, at, text, expected)
  }
}
