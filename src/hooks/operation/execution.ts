/**
 * One execution of a function behind gates, from its input to its ending:
 * before gate → effect → after gate, or error gate, attempt by attempt.
 */
import { toErrorData } from '../../errors.ts'
import type { ErrorData, HookchartError } from '../../errors.ts'
import { copyJson } from '../../json.ts'
import type { CacheNote } from '../decision.ts'
import type { Passed } from '../executor/fire.ts'
import { isPromise, wait } from '../flow.ts'
import type { Flow } from '../flow.ts'
import type { AttemptEnd } from './effect.ts'
import { aborted, changedError, failed, withEffect } from './ending.ts'
import type { EffectState, Ending } from './ending.ts'
import type { Body, BodyFields, Executable } from './executable.ts'
import { givesValue, Work } from './work.ts'

/** What the way to the effect came to. */
type Entry =
  | { readonly type: 'run'; readonly cache: Pick<CacheNote, 'key' | 'ttlMs'> | undefined }
  | { readonly type: 'value'; readonly value: unknown }
  | { readonly type: 'ending'; readonly ending: Ending }

/** See the head of this file. */
export class Execution implements Body {
  readonly #what: Executable
  readonly #work: Work

  constructor(fields: BodyFields, what: Executable) {
    this.#what = what
    this.#work = new Work(fields, what)
  }

  get input(): unknown {
    return this.#work.input
  }

  get effectMs(): number {
    return this.#work.effectMs
  }

  *run(): Flow<Ending> {
    const { operation } = this.#work
    if (operation.aborted !== undefined) return aborted(operation)
    const parsing = this.#work.parseInput()
    const problem = isPromise(parsing) ? ((yield parsing) as HookchartError | undefined) : parsing
    // Input that never parsed was never an input: the gates that guard its use are not passed.
    if (problem !== undefined) return failed(problem)
    const entry = yield* this.#enter()
    if (entry.type === 'ending') return entry.ending
    if (entry.type === 'value') return yield* this.#leave(entry.value, 'not_run')
    if (entry.cache === undefined) return yield* this.#attempts(() => undefined)
    return yield* this.#cached(entry.cache)
  }

  /** The before gate, pass by pass. `guardsOnly`: what its transforms put in the place of the effect was not good enough. */
  *#enter(guardsOnly = false): Flow<Entry> {
    const { before } = this.#what
    const work = this.#work
    if (before === undefined) return RUN_UNCACHED
    const { slot } = before
    for (let pass = 1; ; pass++) {
      const chain = work.chainAt(before)
      if (chain === null) return RUN_UNCACHED
      yield* work.show(chain)
      const passing = work.pass(before, undefined, undefined, guardsOnly && pass === 1)
      const passed = isPromise(passing) ? ((yield passing) as Passed | undefined) : passing
      if (passed === undefined) return RUN_UNCACHED
      const { end } = passed
      const taking = work.take(passed)
      const problem = isPromise(taking) ? ((yield taking) as HookchartError | undefined) : taking
      if (problem !== undefined) return { type: 'ending', ending: failed(problem) }
      if (end.type === 'continue') return { type: 'run', cache: work.cacheUnder(before, end.cache) }
      if (givesValue(end)) return { type: 'value', value: copyJson(end.value) }
      if (end.type !== 'retry') return { type: 'ending', ending: work.endAt(slot, end, undefined, work.input) }
      const ending = yield* work.passAgain(slot, end, pass)
      if (ending !== undefined) return { type: 'ending', ending }
    }
  }

  /** Serves the result from the cache, or waits for the flight that makes it, or leads one. */
  *#cached({ key, ttlMs }: Pick<CacheNote, 'key' | 'ttlMs'>): Flow<Ending> {
    const { kernel, patience, operation } = this.#work
    const { cache } = kernel
    for (;;) {
      const hit = cache.get(key)
      if (hit !== undefined) return yield* this.#leave(hit.value, 'not_run')
      const flight = cache.flight(key)
      if (flight === undefined) break
      const end = yield* patience.until(flight)
      if (end === 'aborted') return aborted(operation)
      if (end === 'timed_out') return this.#work.timedOut()
    }
    const land = cache.lead(key)
    try {
      return yield* this.#attempts((output) => {
        cache.store(key, output, ttlMs)
        land()
      })
    } finally {
      land()
    }
  }

  /** Starts the effect until it is enough. */
  *#attempts(onCompleted: (output: unknown) => void): Flow<Ending> {
    const { operation } = this.#work
    for (;;) {
      if (operation.aborted !== undefined) return aborted(operation)
      const attempting = this.#work.attempt()
      const end = isPromise(attempting) ? ((yield attempting) as AttemptEnd) : attempting
      if (end.type === 'aborted') return aborted(operation)
      if (end.type === 'completed') {
        onCompleted(end.output)
        const ending = yield* this.#leaveOrRetry(end.output, 'completed')
        if (ending !== undefined) return ending
        continue
      }
      const ending = yield* this.#recover(end)
      if (ending !== undefined) return ending
    }
  }

  /** The after gate when no other attempt can follow from it but those it asks for itself. */
  *#leave(value: unknown, effect: EffectState): Flow<Ending> {
    const ending = yield* this.#leaveOrRetry(value, effect)
    if (ending !== undefined) return ending
    // The guards have allowed a value in the place of the effect, not yet the effect.
    const entry = yield* this.#enter(true)
    if (entry.type === 'ending') return entry.ending
    return entry.type === 'value' ? yield* this.#leave(entry.value, effect) : yield* this.#attempts(() => undefined)
  }

  /** The after gate; undefined when it asks for another attempt. */
  *#leaveOrRetry(output: unknown, effect: EffectState): Flow<Ending | undefined> {
    const { after } = this.#what
    const work = this.#work
    work.lastError = undefined
    if (after === undefined) return { status: 'completed', output }
    let passed: Passed | undefined
    try {
      const passing = work.pass(after, 'output', output)
      passed = isPromise(passing) ? ((yield passing) as Passed | undefined) : passing
    } catch (error) {
      throw withEffect(error, effect)
    }
    if (passed === undefined) return { status: 'completed', output }
    const { end } = passed
    const kept = work.kept(passed.data['output'])
    if (end.type === 'continue') return { status: 'completed', output: kept }
    if (givesValue(end)) return { status: 'completed', output: copyJson(end.value) }
    if (end.type === 'retry') return yield* work.retry(after.slot, end)
    return work.endAt(after.slot, end, effect, kept)
  }

  /** The error gate; undefined when it asks for another attempt. */
  *#recover(end: Extract<AttemptEnd, { type: 'failed' | 'timed_out' }>): Flow<Ending | undefined> {
    const { error: gate } = this.#what
    const work = this.#work
    work.lastError = end.error
    if (gate === undefined) return { status: end.type, error: end.error }
    const passed = yield* wait(work.pass(gate, 'error', toErrorData(end.error)))
    if (passed === undefined) return { status: end.type, error: end.error }
    if (passed.end.type === 'continue') {
      return {
        status: end.type,
        error: passed.changed ? changedError(end.error, passed.data['error'] as ErrorData) : end.error,
      }
    }
    if (givesValue(passed.end)) return yield* this.#leaveOrRetry(copyJson(passed.end.value), 'failed')
    if (passed.end.type === 'retry') return yield* work.retry(gate.slot, passed.end)
    return work.endAt(gate.slot, passed.end, 'failed', work.input)
  }
}

const RUN_UNCACHED: Entry = { type: 'run', cache: undefined }
