/**
 * One execution of a function behind gates, from its input to its ending:
 * before gate → effect → after gate, or error gate, attempt by attempt.
 */
import { toErrorData } from '../../errors.ts'
import type { ErrorData, HookchartError } from '../../errors.ts'
import { copyJson } from '../../json.ts'
import type { CacheNote } from '../decision.ts'
import { findTarget } from '../executor/children.ts'
import { hasGuards } from '../executor/fire.ts'
import type { Passed } from '../executor/fire.ts'
import type { Kernel } from '../executor/kernel.ts'
import type { Operation } from '../executor/operation.ts'
import type { PassEnd } from '../executor/stages.ts'
import { andThen, isPromise, wait } from '../flow.ts'
import type { Flow, Maybe } from '../flow.ts'
import { parseBySchema, shownBySchema } from '../points/schema.ts'
import type { Slot } from '../registry/slot.ts'
import { attempt, timedOut } from './effect.ts'
import type { AttemptEnd } from './effect.ts'
import { aborted, cancelled, changedError, doesNotFit, exhausted, failed, redirectLimit, withEffect } from './ending.ts'
import type { EffectState, Ending } from './ending.ts'
import type { Body, BodyFields, Executable } from './executable.ts'
import { passGate } from './gate.ts'
import { Patience } from './patience.ts'
import type { Gate } from './rules.ts'

/** Attempts in a run that are repeated: the first and its retries, of all operations together, for nested retries multiply. */
export const MAX_ATTEMPTS_TOTAL = 100

/** What the way to the effect came to. */
type Entry =
  | { readonly type: 'run'; readonly cache: Pick<CacheNote, 'key' | 'ttlMs'> | undefined }
  | { readonly type: 'value'; readonly value: unknown }
  | { readonly type: 'ending'; readonly ending: Ending }

/** See the head of this file. */
export class Execution implements Body {
  /** What the operation took itself. */
  effectMs = 0
  readonly #kernel: Kernel
  readonly #operation: Operation
  readonly #what: Executable
  readonly #patience: Patience
  readonly #idempotencyKey: string
  /** As hooks see it: with the changes they made, and what its schema made of it. */
  #input: unknown
  /** What the effect gets, unless guards vouch for it. */
  #parsed: unknown
  /** Guards have allowed this very input: whatever an attempt does to its own, the next one gets it unchanged. */
  #guarded = false
  #attemptLimit = Infinity
  #passLimit = Infinity
  #lastError: HookchartError | undefined

  constructor({ kernel, operation, input, timeoutMs, idempotencyKey }: BodyFields, what: Executable) {
    this.#kernel = kernel
    this.#operation = operation
    this.#what = what
    this.#patience = new Patience(kernel, operation, timeoutMs)
    this.#idempotencyKey = idempotencyKey
    this.#input = input
  }

  /** The input with all changes that were accepted. */
  get input(): unknown {
    return this.#input
  }

  *run(): Flow<Ending> {
    if (this.#operation.aborted !== undefined) return aborted(this.#operation)
    const parsing = this.#parseInput()
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
    const { before, component, input: schema } = this.#what
    if (before === undefined) return RUN_UNCACHED
    const { slot } = before
    for (let pass = 1; ; pass++) {
      const chain = slot.chainFor(component)
      if (chain === null) return RUN_UNCACHED
      this.#guarded = hasGuards(chain)
      if (schema !== undefined) this.#input = yield* shownBySchema(schema, this.#input, this.#parsed)
      const passing = this.#pass(before, undefined, undefined, guardsOnly && pass === 1)
      const passed = isPromise(passing) ? ((yield passing) as Passed | undefined) : passing
      if (passed === undefined) return RUN_UNCACHED
      const { end } = passed
      const taking = this.#take(passed)
      const problem = isPromise(taking) ? ((yield taking) as HookchartError | undefined) : taking
      if (problem !== undefined) return { type: 'ending', ending: failed(problem) }
      if (end.type === 'continue') {
        const key = end.cache && this.#kernel.cache.keyOf(slot.definition.id, component, end.cache, this.#input)
        return { type: 'run', cache: end.cache && key !== undefined ? { key, ttlMs: end.cache.ttlMs } : undefined }
      }
      if (givesValue(end)) return { type: 'value', value: copyJson(end.value) }
      if (end.type !== 'retry') return { type: 'ending', ending: this.#end(slot, end, undefined, this.#input) }
      this.#passLimit = Math.min(this.#passLimit, end.maxAttempts)
      const ending = yield* this.#again(slot, end, this.#passLimit, pass)
      if (ending !== undefined) return { type: 'ending', ending }
    }
  }

  /** Takes over the input as the gate leaves it; what guards have seen is what the effect gets. */
  #take({ data, changed }: Passed): Maybe<HookchartError | undefined> {
    this.#input = this.#kernel.checked ? copyJson(data['input']) : data['input']
    return changed || this.#what.input === undefined ? this.#parseInput() : undefined
  }

  #parseInput(given = this.#input): Maybe<HookchartError | undefined> {
    const { input: schema, component } = this.#what
    if (schema === undefined) {
      this.#parsed = given
      return undefined
    }
    return andThen(parseBySchema(schema, given), (parsed) => {
      if ('problem' in parsed) return doesNotFit('INVALID_INPUT', 'input', component, parsed)
      this.#parsed = parsed.value
      return undefined
    })
  }

  /** Serves the result from the cache, or waits for the flight that makes it, or leads one. */
  *#cached({ key, ttlMs }: Pick<CacheNote, 'key' | 'ttlMs'>): Flow<Ending> {
    const { cache } = this.#kernel
    for (;;) {
      const hit = cache.get(key)
      if (hit !== undefined) return yield* this.#leave(hit.value, 'not_run')
      const flight = cache.flight(key)
      if (flight === undefined) break
      const end = yield* this.#patience.until(flight)
      if (end === 'aborted') return aborted(this.#operation)
      if (end === 'timed_out') return this.#timedOut()
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
    for (;;) {
      if (this.#operation.aborted !== undefined) return aborted(this.#operation)
      const attempting = this.#attempt()
      const end = isPromise(attempting) ? ((yield attempting) as AttemptEnd) : attempting
      if (end.type === 'aborted') return aborted(this.#operation)
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

  #attempt(): Maybe<AttemptEnd> {
    if (!this.#guarded) return this.#start()
    return andThen(this.#parseInput(copyJson(this.#input)), (error) =>
      error === undefined ? this.#start() : { type: 'failed', error },
    )
  }

  #start(): Maybe<AttemptEnd> {
    const { time } = this.#kernel
    this.#operation.attempts++
    const startedAt = time.now()
    return andThen(
      this.#patience.spend(() => this.#startEffect()),
      (end) => {
        this.effectMs += time.now() - startedAt
        return end.type === 'completed' ? this.#parseOutput(end) : end
      },
    )
  }

  #startEffect(): Maybe<AttemptEnd> {
    const operation = this.#operation
    const { leftMs, timeoutMs } = this.#patience
    return attempt({
      kernel: this.#kernel,
      operation,
      effect: this.#what.effect,
      input: this.#parsed,
      idempotencyKey: this.#idempotencyKey,
      record: operation.record,
      leftMs,
      timeoutMs,
    })
  }

  #parseOutput(end: Extract<AttemptEnd, { type: 'completed' }>): Maybe<AttemptEnd> {
    const { component, output: schema } = this.#what
    if (schema === undefined) return end
    return andThen(parseBySchema(schema, end.output), (parsed) =>
      'problem' in parsed
        ? { type: 'failed', error: doesNotFit('INVALID_OUTPUT', 'output', component, parsed) }
        : { type: 'completed', output: parsed.value },
    )
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
    this.#lastError = undefined
    if (after === undefined) return { status: 'completed', output }
    let passed: Passed | undefined
    try {
      const passing = this.#pass(after, 'output', output)
      passed = isPromise(passing) ? ((yield passing) as Passed | undefined) : passing
    } catch (error) {
      throw withEffect(error, effect)
    }
    if (passed === undefined) return { status: 'completed', output }
    const { end } = passed
    const kept = this.#kernel.checked ? copyJson(passed.data['output']) : passed.data['output']
    if (end.type === 'continue') return { status: 'completed', output: kept }
    if (givesValue(end)) return { status: 'completed', output: copyJson(end.value) }
    if (end.type === 'retry') return yield* this.#retry(after.slot, end)
    return this.#end(after.slot, end, effect, kept)
  }

  /** The error gate; undefined when it asks for another attempt. */
  *#recover(end: Extract<AttemptEnd, { type: 'failed' | 'timed_out' }>): Flow<Ending | undefined> {
    const { error: gate } = this.#what
    this.#lastError = end.error
    if (gate === undefined) return { status: end.type, error: end.error }
    const passed = yield* wait(this.#pass(gate, 'error', toErrorData(end.error)))
    if (passed === undefined) return { status: end.type, error: end.error }
    if (passed.end.type === 'continue') {
      return {
        status: end.type,
        error: passed.changed ? changedError(end.error, passed.data['error'] as ErrorData) : end.error,
      }
    }
    if (givesValue(passed.end)) return yield* this.#leaveOrRetry(copyJson(passed.end.value), 'failed')
    if (passed.end.type === 'retry') return yield* this.#retry(gate.slot, passed.end)
    return this.#end(gate.slot, passed.end, 'failed', this.#input)
  }

  *#retry(slot: Slot, end: Extract<PassEnd, { type: 'retry' }>): Flow<Ending | undefined> {
    this.#attemptLimit = Math.min(this.#attemptLimit, end.maxAttempts)
    return yield* this.#again(slot, end, this.#attemptLimit, this.#operation.attempts)
  }

  /** Waits before another attempt or pass; gives an ending when there is none left. */
  *#again(
    slot: Slot,
    end: Extract<PassEnd, { type: 'retry' }>,
    limit: number,
    count: number,
  ): Flow<Ending | undefined> {
    const { run } = this.#operation
    if (count >= limit) return exhausted(this.#operation, slot, end, limit, count, this.#lastError)
    if (run.retries + 1 >= MAX_ATTEMPTS_TOTAL)
      return exhausted(this.#operation, slot, end, MAX_ATTEMPTS_TOTAL, MAX_ATTEMPTS_TOTAL, this.#lastError)
    run.retries++
    if (this.#patience.leftMs <= 0) return this.#timedOut()
    const slept = yield* this.#patience.sleep(end.delayMs)
    if (slept === 'aborted') return aborted(this.#operation)
    return slept === 'timed_out' ? this.#timedOut() : undefined
  }

  /** What ends the operation at a gate. */
  #end(
    slot: Slot,
    end: Extract<PassEnd, { type: 'cancel' | 'redirect' | 'fail' }>,
    effect: EffectState | undefined,
    input: unknown,
  ): Ending {
    const operation = this.#operation
    if (end.type === 'fail') return failed(end.error)
    if (end.type === 'cancel') return cancelled(operation, slot, end, effect, this.#lastError)
    const { maxRedirects } = slot.settings
    if (operation.redirects >= maxRedirects) return redirectLimit(operation, slot, end.hook, maxRedirects)
    const target = findTarget(operation, undefined, end.target, end.hook, slot.definition.id)
    return { status: 'redirected', target, input }
  }

  /** Passes a gate; undefined when it has no hooks, or none of them had anything to say. */
  #pass(
    gate: Gate,
    key: 'output' | 'error' | undefined,
    value: unknown,
    guardsOnly = false,
  ): Maybe<Passed | undefined> {
    const chain = gate.slot.chainFor(this.#what.component)
    if (chain === null) return undefined
    const { data: own } = this.#what
    const input = this.#input
    // What is copied comes last: on Node 20 adding to a copy costs a microsecond.
    const data =
      key === undefined
        ? { input, ...own }
        : key === 'output'
          ? { input, output: value, ...own }
          : { input, error: value, ...own }
    return passGate(this.#kernel, this.#operation, chain, data, gate.rules, guardsOnly)
  }

  #timedOut(): Ending {
    return { status: 'timed_out', error: timedOut(this.#operation, this.#patience.timeoutMs) }
  }
}

/** Whether something stands in the place of the result. */
function givesValue(end: PassEnd): end is Extract<PassEnd, { type: 'replace' | 'cached' }> {
  return end.type === 'replace' || end.type === 'cached'
}

const RUN_UNCACHED: Entry = { type: 'run', cache: undefined }
