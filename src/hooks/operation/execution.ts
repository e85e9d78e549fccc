/**
 * One execution of a function behind gates, from its input to its ending:
 * before gate → effect → after gate, or error gate, attempt by attempt.
 */
import { HookchartError, toErrorData } from '../../errors.ts'
import type { ErrorData } from '../../errors.ts'
import { copyJson } from '../../json.ts'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { GateData } from '../change.ts'
import type { ComponentInfo } from '../context.ts'
import type { CacheNote } from '../decision.ts'
import { findTarget } from '../executor/children.ts'
import { hasGuards } from '../executor/fire.ts'
import type { Passed } from '../executor/fire.ts'
import type { Kernel } from '../executor/kernel.ts'
import type { Operation, Targets } from '../executor/operation.ts'
import type { PassEnd } from '../executor/stages.ts'
import { wait } from '../flow.ts'
import type { Flow } from '../flow.ts'
import { parseBySchema, shownBySchema } from '../points/schema.ts'
import type { Slot } from '../registry/slot.ts'
import { attempt, timedOut } from './effect.ts'
import type { AttemptEnd, Effect } from './effect.ts'
import { aborted, cancelled, exhausted, failed, redirectLimit } from './ending.ts'
import type { EffectState, Ending } from './ending.ts'
import { passGate } from './gate.ts'
import type { HookTime } from './gate.ts'
import { Patience } from './patience.ts'
import { gateRules } from './rules.ts'

/** What is executed. */
export interface Executable {
  readonly component: ComponentInfo
  readonly before: Slot | undefined
  readonly after: Slot | undefined
  readonly error: Slot | undefined
  readonly effect: Effect
  readonly targets: Targets
  readonly input: StandardSchemaV1 | undefined
  readonly output: StandardSchemaV1 | undefined
  /** What gate data holds besides input, output and error. */
  readonly data: GateData
}

/** Attempts in a run that are repeated: the first and its retries, of all operations together, for nested retries multiply. */
const MAX_ATTEMPTS_TOTAL = 100

/** What the way to the effect came to. */
type Entry =
  | { readonly type: 'run'; readonly cache: Pick<CacheNote, 'key' | 'ttlMs'> | undefined }
  | { readonly type: 'value'; readonly value: unknown }
  | { readonly type: 'ending'; readonly ending: Ending }

/** See the head of this file. */
export class Execution {
  /** What the operation took itself. */
  effectMs = 0
  readonly hookTime: HookTime = new Map()
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

  constructor(
    kernel: Kernel,
    operation: Operation,
    what: Executable,
    input: unknown,
    timeoutMs: number,
    idempotencyKey: string,
  ) {
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
    const problem = yield* this.#parseInput()
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
    for (let pass = 1; ; pass++) {
      const chain = before?.chainFor(component)
      if (before === undefined || chain === undefined || chain === null) return { type: 'run', cache: undefined }
      this.#guarded = hasGuards(chain)
      if (schema !== undefined) this.#input = yield* shownBySchema(schema, this.#input, this.#parsed)
      const passed = yield* this.#pass(before, {}, guardsOnly && pass === 1)
      if (passed === undefined) return { type: 'run', cache: undefined }
      const { end } = passed
      const problem = yield* this.#take(passed)
      if (problem !== undefined) return { type: 'ending', ending: failed(problem) }
      if (end.type === 'continue') {
        const key = end.cache && this.#kernel.cache.keyOf(before.definition.id, component, end.cache, this.#input)
        return { type: 'run', cache: end.cache && key !== undefined ? { key, ttlMs: end.cache.ttlMs } : undefined }
      }
      if (end.type === 'cached' || end.type === 'replace') return { type: 'value', value: copyJson(end.value) }
      if (end.type !== 'retry') return { type: 'ending', ending: this.#end(before, end, 'not_run', this.#input) }
      this.#passLimit = Math.min(this.#passLimit, end.maxAttempts)
      const ending = yield* this.#again(before, end, this.#passLimit, pass)
      if (ending !== undefined) return { type: 'ending', ending }
    }
  }

  /** Takes over the input as the gate leaves it; what guards have seen is what the effect gets. */
  *#take({ data, changed }: Passed): Flow<HookchartError | undefined> {
    this.#input = this.#kernel.checked ? copyJson(data['input']) : data['input']
    return changed || this.#what.input === undefined ? yield* this.#parseInput() : undefined
  }

  *#parseInput(given = this.#input): Flow<HookchartError | undefined> {
    const { input: schema, component } = this.#what
    if (schema === undefined) {
      this.#parsed = given
      return undefined
    }
    const parsed = yield* wait(parseBySchema(schema, given))
    if ('problem' in parsed) {
      return new HookchartError(
        'INVALID_INPUT',
        `The input of ${component.name} does not fit its schema: ${parsed.problem}.`,
        {
          details: { component: component.name, issues: parsed.issues },
        },
      )
    }
    this.#parsed = parsed.value
    return undefined
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
      const end = yield* this.#attempt()
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

  *#attempt(): Flow<AttemptEnd> {
    const { effect, component, output: schema } = this.#what
    const operation = this.#operation
    const patience = this.#patience
    if (this.#guarded) {
      const problem = yield* this.#parseInput(copyJson(this.#input))
      if (problem !== undefined) return { type: 'failed', error: problem }
    }
    operation.attempts++
    const startedAt = this.#kernel.time.now()
    const end = yield* patience.spend(
      attempt({
        kernel: this.#kernel,
        operation,
        effect,
        input: this.#parsed,
        idempotencyKey: this.#idempotencyKey,
        record: operation.record,
        leftMs: patience.leftMs,
        timeoutMs: patience.timeoutMs,
      }),
    )
    this.effectMs += this.#kernel.time.now() - startedAt
    if (end.type !== 'completed' || schema === undefined) return end
    const parsed = yield* wait(parseBySchema(schema, end.output))
    if (!('problem' in parsed)) return { type: 'completed', output: parsed.value }
    const error = new HookchartError(
      'INVALID_OUTPUT',
      `The output of ${component.name} does not fit its schema: ${parsed.problem}.`,
      {
        details: { component: component.name, issues: parsed.issues },
      },
    )
    return { type: 'failed', error }
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
    let passed: Passed | undefined
    try {
      passed = yield* this.#pass(after, { output })
    } catch (error) {
      throw withEffect(error, effect)
    }
    if (passed === undefined || after === undefined) return { status: 'completed', output }
    const { end } = passed
    const kept = this.#kernel.checked ? copyJson(passed.data['output']) : passed.data['output']
    if (end.type === 'continue') return { status: 'completed', output: kept }
    if (end.type === 'replace' || end.type === 'cached') return { status: 'completed', output: copyJson(end.value) }
    if (end.type === 'retry') return yield* this.#retry(after, end)
    return this.#end(after, end, effect, kept)
  }

  /** The error gate; undefined when it asks for another attempt. */
  *#recover(end: Extract<AttemptEnd, { type: 'failed' | 'timed_out' }>): Flow<Ending | undefined> {
    const { error: slot } = this.#what
    this.#lastError = end.error
    const passed = yield* this.#pass(slot, { error: toErrorData(end.error) })
    if (passed === undefined || slot === undefined) return { status: end.type, error: end.error }
    if (passed.end.type === 'continue') {
      return {
        status: end.type,
        error: passed.changed ? changedError(end.error, passed.data['error'] as ErrorData) : end.error,
      }
    }
    if (passed.end.type === 'replace' || passed.end.type === 'cached')
      return yield* this.#leaveOrRetry(copyJson(passed.end.value), 'failed')
    if (passed.end.type === 'retry') return yield* this.#retry(slot, passed.end)
    return this.#end(slot, passed.end, 'failed', this.#input)
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
    effect: EffectState,
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

  /** Passes a gate; undefined when there is none, or none of its hooks had anything to say. */
  *#pass(slot: Slot | undefined, data: GateData, guardsOnly = false): Flow<Passed | undefined> {
    const chain = slot?.chainFor(this.#what.component)
    if (chain === undefined || chain === null) return undefined
    const rules = gateRules(this.#kernel, this.#what, chain.slot)
    return yield* passGate(
      this.#kernel,
      this.#operation,
      chain,
      { ...this.#what.data, input: this.#input, ...data },
      rules,
      this.hookTime,
      guardsOnly,
    )
  }

  #timedOut(): Ending {
    return { status: 'timed_out', error: timedOut(this.#operation, this.#patience.timeoutMs) }
  }
}

/** The error as hooks changed it. */
function changedError(original: HookchartError, { code, name, message, retryable }: ErrorData): HookchartError {
  return new HookchartError(code, message, { name, retryable, details: original.details, cause: original })
}

/** Says in an error of a gate behind an effect that the effect has run. */
function withEffect(error: unknown, effect: EffectState): unknown {
  if (!(error instanceof HookchartError) || effect === 'not_run') return error
  return new HookchartError(error.code, error.message, { details: { ...error.details, effect }, cause: error.cause })
}
