/** The values of a loop, pulled one at a time. */
import { HookchartError, nameOf } from '../../src/errors.ts'
import { copyJson, findJsonFlaw, freezeJson, notJson } from '../../src/json.ts'
import { wait } from '../../src/hooks/flow.ts'
import type { Flow } from '../../src/hooks/flow.ts'
import type { StepScope } from '../../machines/call.ts'
import type { LoopIterator, Values } from '../../machines/workflow/iteration.ts'

/** The next value, or why there is none. */
export type Pulled = { readonly value: unknown } | { readonly reason: string }

/** See the head of this file. */
export class LoopValues {
  readonly #iterator: LoopIterator
  readonly #name: string
  #values: Iterator<unknown> | AsyncIterator<unknown> | undefined
  #isDone = false

  constructor(iterator: LoopIterator, name: string) {
    this.#iterator = iterator
    this.#name = name
  }

  /** Pulls the value of an iteration. `goesOn` tests the condition of a `while` or `until`. */
  *pull(iteration: number, scope: StepScope, goesOn: () => Flow<boolean>): Flow<Pulled> {
    const iterator = this.#iterator
    switch (iterator.type) {
      case 'range': {
        const value = iterator.start + iteration * iterator.step
        const isIn = iterator.step > 0 ? value < iterator.end : value > iterator.end
        return isIn ? { value } : EXHAUSTED
      }
      case 'while':
      case 'until':
        if (iteration >= iterator.maxIterations) return { reason: 'max_iterations' }
        return (yield* goesOn()) ? { value: undefined } : { reason: 'condition' }
      case 'collection':
        return yield* this.#next(iterator.collection, scope)
    }
  }

  *#next(collection: Extract<LoopIterator, { type: 'collection' }>['collection'], scope: StepScope): Flow<Pulled> {
    if (this.#values === undefined) {
      const given = typeof collection === 'function' ? yield* wait(collection(scope as never)) : collection
      this.#values = iteratorOf(given, this.#name)
    }
    const next = yield* this.#pulled(this.#values)
    if (next.done === true) {
      this.#isDone = true
      return EXHAUSTED
    }
    const flaw = findJsonFlaw(next.value)
    if (flaw !== undefined) throw notJson(flaw, `A value of the loop ${this.#name}`)
    return { value: freezeJson(copyJson(next.value)) }
  }

  *#pulled(values: Iterator<unknown> | AsyncIterator<unknown>): Flow<IteratorResult<unknown>> {
    try {
      return (yield* wait(values.next())) as IteratorResult<unknown>
    } catch (error) {
      // What has thrown has ended, as in `for … of`.
      this.#isDone = true
      throw error
    }
  }

  /** Nothing more is pulled: whoever makes the values is told. Nobody waits for what it does then. */
  close(): void {
    if (this.#values === undefined || this.#isDone) return
    this.#isDone = true
    try {
      void Promise.resolve(this.#values.return?.()).catch(() => undefined)
    } catch {
      // The loop has its outcome already; what its values do behind it is theirs.
    }
  }
}

const EXHAUSTED: Pulled = { reason: 'exhausted' }

function iteratorOf(given: Values, name: string): Iterator<unknown> | AsyncIterator<unknown> {
  if (typeof given === 'object' && (given as unknown) !== null) {
    if (Symbol.asyncIterator in given) return given[Symbol.asyncIterator]()
    if (Symbol.iterator in given) return given[Symbol.iterator]()
  }
  throw new HookchartError(
    'INVALID_OUTPUT',
    `The collection of the loop ${name} is ${nameOf(given)}. Give something that can be gone over, such as a list.`,
    { details: { component: name } },
  )
}
