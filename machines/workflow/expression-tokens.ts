/** The words of an expression: where each begins and what it is. One pass over the text, no step back. */
import { malformed } from './expression-error.ts'
import type { ExpressionVariable } from './expression.ts'

/** A word of an expression. `text` is as it stands there. */
export type Token = { readonly at: number; readonly text: string } & (
  | { readonly type: 'literal'; readonly value: number | string | boolean | null }
  | { readonly type: 'variable'; readonly name: ExpressionVariable; readonly path: readonly string[] }
  | { readonly type: 'symbol' }
  | { readonly type: 'end' }
)

const SPACE = /\s*/y
const SYMBOL = /==|!=|<=|>=|&&|\|\||[<>!()]/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORD = /[\p{L}\p{N}_$.-]+/uy
const VARIABLE = /^\$(iteration|value|state)((?:\.[\p{L}\p{N}_-]+)*)$/u
const WORDS: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
])
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['b', '\b'],
  ['f', '\f'],
  ['/', '/'],
  ['\\', '\\'],
  ['"', '"'],
  ["'", "'"],
])
const HEX = /[\da-fA-F]{4}/y

/** What may stand where an operand is due. */
export const OPERAND = 'a value, a variable, ! or ('

/** Reads the words of a text one by one. */
export class Tokens {
  readonly #source: string
  #at = 0
  #token: Token

  constructor(source: string) {
    this.#source = source
    this.#token = this.#read()
  }

  /** The word that comes next. */
  get next(): Token {
    return this.#token
  }

  /** Goes on to the word behind the next one. */
  advance(): void {
    this.#token = this.#read()
  }

  #read(): Token {
    this.#match(SPACE)
    const at = this.#at
    if (at === this.#source.length) return { type: 'end', at, text: '' }
    const first = this.#source.charAt(at)
    if (first === '"' || first === "'") return this.#readText(at, first)
    const symbol = this.#match(SYMBOL)
    if (symbol !== undefined) return { type: 'symbol', at, text: symbol }
    const number = this.#match(NUMBER)
    if (number !== undefined) return this.#checkNumber(at, number)
    const word = this.#match(WORD)
    if (word !== undefined) return this.#readWord(at, word)
    const strange = String.fromCodePoint(this.#source.codePointAt(at) ?? 0)
    throw malformed(this.#source, at, strange, `${OPERAND}, or an operator`)
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#source)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }

  #checkNumber(at: number, text: string): Token {
    // JSON knows no -0.
    const value = Number(text) + 0
    if (!Number.isFinite(value)) throw malformed(this.#source, at, text, 'a number that is finite')
    const rest = this.#match(WORD)
    if (rest !== undefined) throw malformed(this.#source, at, text + rest, 'a number as JSON writes it')
    return { type: 'literal', at, text, value }
  }

  #readWord(at: number, text: string): Token {
    const value = WORDS.get(text)
    if (value !== undefined) return { type: 'literal', at, text, value }
    const [, name, path = ''] = VARIABLE.exec(text) ?? []
    const keys = path.split('.').slice(1)
    if (name === undefined) {
      throw malformed(this.#source, at, text, 'true, false, null, $iteration, $value, $value.path or $state.key')
    }
    if (name === 'iteration' && keys.length > 0) throw malformed(this.#source, at, text, '$iteration without a path')
    if (name === 'state' && keys.length === 0) throw malformed(this.#source, at, text, '$state with a key: $state.key')
    return { type: 'variable', at, text, name: name as ExpressionVariable, path: Object.freeze(keys) }
  }

  #readText(at: number, quote: string): Token {
    let value = ''
    let from = at + 1
    for (let i = from; ; i++) {
      const char = this.#source.charAt(i)
      if (char === '') throw malformed(this.#source, i, '', `a closing ${quote}`)
      if (char !== quote && char !== '\\') continue
      value += this.#source.slice(from, i)
      if (char === quote) {
        this.#at = i + 1
        return { type: 'literal', at, text: this.#source.slice(at, this.#at), value }
      }
      const [meant, length] = this.#readEscape(i)
      value += meant
      i += length - 1
      from = i + 1
    }
  }

  /** What an escape stands for, and how long it is. */
  #readEscape(at: number): [meant: string, length: number] {
    const kind = this.#source.charAt(at + 1)
    const meant = ESCAPES.get(kind)
    if (meant !== undefined) return [meant, 2]
    HEX.lastIndex = at + 2
    const hex = kind === 'u' ? HEX.exec(this.#source)?.[0] : undefined
    if (hex !== undefined) return [String.fromCharCode(Number.parseInt(hex, 16)), 6]
    throw malformed(this.#source, at, `\\${kind}`, "an escape as JSON has them, or \\'")
  }
}
