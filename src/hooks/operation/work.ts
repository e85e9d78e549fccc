/**
 * What every operation does, whatever leads it from step to step: it parses its input, passes gates, starts its effect
 * and ends. It knows the input as hooks see it and as the effect gets it. The order of these is not here.
 */
import type { HookchartError } from '../../errors.ts'
import { copyJson } from '../../json.ts'
import type { GateData } from '../change.ts'
import type { CacheNote } from '../decision.ts'
import { findTarget } from '../executor/children.ts'
import { hasGuards } from '../executor/fire.ts'
import type { Passed } from '../executor/fire.ts'
import type { Kernel } from '../executor/kernel.ts'
import type { Operation } from '../executor/operation.ts'
import type { PassEnd } from '../executor/stages.ts'
import { andThen } from '../flow.ts'
import type { Flow, Maybe } from '../flow.ts'
import { parseBySchema, shownBySchema } from '../points/schema.ts'
import type { Chain, Slot } from '../registry/slot.ts'
import { attempt, timedOut } from './effect.ts'
import type { AttemptEnd, Effect } from './effect.ts'
import { aborted, cancelled, doesNotFit, exhausted, failed, redirectLimit } from './ending.ts'
import type { EffectState, Ending } from './ending.ts'
import type { BodyFields, Executable } from './executable.ts'
import { passGate } from './gate.ts'
import { Patience } from './patience.ts'
import type { Gate } from './rules.ts'

/** Attempts in a run that are repeated: the first and its retries, of all operations together, for nested retries multiply. */
export const MAX_ATTEMPTS_TOTAL = 100

type RetryEnd = Extract<PassEnd, { type: 'retry' }>

/** See the head of this file. */
export class Work {
  readonly kernel: Kernel
  readonly operation: Operation
  readonly patience: Patience
  /** What the operation took itself. */
  effectMs = 0
  /** As hooks see it: with the changes they made, and what its schema made of it. */
  input: unknown
  /** Why the last attempt failed, unless something has taken the place of its result. */
  lastError: HookchartError | undefined
  readonly #what: Executable
  readonly #effect: Effect
  readonly #idempotencyKey: string
  /** What the effect gets, unless guards vouch for it. */
  #parsed: unknown
  /** Guards have allowed this very input: whatever an attempt does to its own, the next one gets it unchanged. */
  #guarded = false
  #attemptLimit = Infinity
  #passLimit = Infinity

  constructor(
    { kernel, operation, input, timeoutMs, idempotencyKey }: BodyFields,
    what: Executable,
    effect = what.effect,
  ) {
    this.kernel = kernel
    this.operation = operation
    this.#what = what
    this.#effect = effect
    this.patience = new Patience(kernel, operation, timeoutMs)
    this.#idempotencyKey = idempotencyKey
    this.input = input
  }

  /** Parses the input for the effect; gives what is wrong with it. */
  parseInput(given = this.input): Maybe<HookchartError | undefined> {
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

  /** What runs at a gate; null when nothing does. */
  chainAt({ slot }: Gate): Chain | null {
    return slot.chainFor(this.#what.component)
  }

  /** Before a gate that guards the effect: hooks see what the schema made of the input. */
  *show(chain: Chain): Flow<void> {
    const { input: schema } = this.#what
    this.#guarded ||= hasGuards(chain)
    if (schema !== undefined) this.input = yield* shownBySchema(schema, this.input, this.#parsed)
  }

  /** Takes over the input as a gate leaves it; what guards have seen is what the effect gets. */
  take({ data, changed }: Passed): Maybe<HookchartError | undefined> {
    this.input = this.kernel.checked ? copyJson(data['input']) : data['input']
    return changed || this.#what.input === undefined ? this.parseInput() : undefined
  }

  /** Takes over something else as a gate leaves it. */
  kept(value: unknown): unknown {
    return this.kernel.checked ? copyJson(value) : value
  }

  /** Passes a gate; undefined when it has no hooks, or none of them had anything to say. */
  pass(gate: Gate, key: 'output' | 'error' | undefined, value: unknown, guardsOnly = false): Maybe<Passed | undefined> {
    const { data: own } = this.#what
    const { input } = this
    // What is copied comes last: on Node 20 adding to a copy costs a microsecond.
    const data =
      key === undefined
        ? { input, ...own }
        : key === 'output'
          ? { input, output: value, ...own }
          : { input, error: value, ...own }
    return this.passWith(gate, data, guardsOnly)
  }

  /** Passes a gate that shows just this. */
  passWith(gate: Gate, data: GateData, guardsOnly = false): Maybe<Passed | undefined> {
    const chain = this.chainAt(gate)
    return chain === null ? undefined : passGate(this.kernel, this.operation, chain, data, gate.rules, guardsOnly)
  }

  /** Under what the result of the effect is kept; undefined when it cannot be. */
  cacheUnder({ slot }: Gate, note: CacheNote | undefined): Pick<CacheNote, 'key' | 'ttlMs'> | undefined {
    if (note === undefined) return undefined
    const key = this.kernel.cache.keyOf(slot.definition.id, this.#what.component, note, this.input)
    return key === undefined ? undefined : { key, ttlMs: note.ttlMs }
  }

  /** Starts the effect once. */
  attempt(): Maybe<AttemptEnd> {
    if (!this.#guarded) return this.#start()
    return andThen(this.parseInput(copyJson(this.input)), (error) =>
      error === undefined ? this.#start() : { type: 'failed', error },
    )
  }

  #start(): Maybe<AttemptEnd> {
    const { time } = this.kernel
    const { patience } = this
    if (patience.leftMs <= 0) return this.#outOfTime()
    this.operation.attempts++
    const startedAt = time.now()
    const { watch } = this.kernel
    if (watch?.isOn === true) watch.effectStarted(this.operation)
    return andThen(
      patience.spend(() => this.#startEffect()),
      (end) => {
        const tookMs = time.now() - startedAt
        this.effectMs += tookMs
        if (watch?.isOn === true) watch.effectSettled(this.operation, end.type, tookMs)
        // Code that never waits keeps the deadline from being told; it has passed all the same.
        const { overdueMs } = patience
        if ((overdueMs > 0 && end.type === 'completed') || (overdueMs >= 0 && end.type === 'failed'))
          return this.#outOfTime()
        return end.type === 'completed' ? this.#parseOutput(end) : end
      },
    )
  }

  #outOfTime(): Extract<AttemptEnd, { type: 'timed_out' }> {
    return { type: 'timed_out', error: timedOut(this.operation, this.patience.timeoutMs) }
  }

  #startEffect(): Maybe<AttemptEnd> {
    const { kernel, operation, patience } = this
    const { leftMs, timeoutMs } = patience
    return attempt({
      kernel,
      operation,
      effect: this.#effect,
      input: this.#parsed,
      idempotencyKey: this.#idempotencyKey,
      record: operation.record,
      leftMs,
      timeoutMs,
      call: this.#what.call,
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

  /** The before gate is to be passed again, `pass` times so far; waits, and gives an ending when it may not. */
  passAgain(slot: Slot, end: RetryEnd, pass: number): Flow<Ending | undefined> {
    this.#passLimit = Math.min(this.#passLimit, end.maxAttempts)
    return this.#again(slot, end, this.#passLimit, pass)
  }

  /** The effect is to run again, tried so often so far; waits, and gives an ending when it may not. */
  retry(slot: Slot, end: RetryEnd, tries = this.operation.attempts): Flow<Ending | undefined> {
    this.#attemptLimit = Math.min(this.#attemptLimit, end.maxAttempts)
    return this.#again(slot, end, this.#attemptLimit, tries)
  }

  /** It may be tried so often in all, whoever asks for it. */
  limitAttempts(maxAttempts: number): void {
    this.#attemptLimit = Math.min(this.#attemptLimit, maxAttempts)
  }

  *#again(slot: Slot, end: RetryEnd, limit: number, count: number): Flow<Ending | undefined> {
    const { run } = this.operation
    if (count >= limit) return exhausted(this.operation, slot, end, limit, count, this.lastError)
    if (run.retries + 1 >= MAX_ATTEMPTS_TOTAL)
      return exhausted(this.operation, slot, end, MAX_ATTEMPTS_TOTAL, MAX_ATTEMPTS_TOTAL, this.lastError)
    run.retries++
    if (this.patience.leftMs <= 0 && !this.patience.renew()) return this.timedOut()
    const slept = yield* this.patience.sleep(end.delayMs)
    if (slept === 'aborted') return aborted(this.operation)
    return slept === 'timed_out' ? this.timedOut() : undefined
  }

  /** What ends the operation at a gate. */
  endAt(
    slot: Slot,
    end: Extract<PassEnd, { type: 'cancel' | 'redirect' | 'fail' }>,
    effect: EffectState | undefined,
    input: unknown,
  ): Ending {
    const { operation } = this
    if (end.type === 'fail') return failed(end.error)
    if (end.type === 'cancel') return cancelled(operation, slot, end, effect, this.lastError)
    const { maxRedirects } = slot.settings
    if (operation.redirects >= maxRedirects) return redirectLimit(operation, slot, end.hook, maxRedirects)
    const target = findTarget(operation, undefined, end.target, end.hook, slot.definition.id)
    return { status: 'redirected', target, input }
  }

  timedOut(): Ending {
    return { status: 'timed_out', error: this.#outOfTime().error }
  }
}

/** Whether something stands in the place of the result. */
export function givesValue(end: PassEnd): end is Extract<PassEnd, { type: 'replace' | 'cached' }> {
  return end.type === 'replace' || end.type === 'cached'
}
