/** What an operation does in its order: passes its gates, starts its effect, waits, and knows what the operation came to. */
import { toErrorData, toHookchartError } from '../../src/errors.ts'
import type { ErrorData, HookchartError } from '../../src/errors.ts'
import { copyJson, findJsonFlaw, notJson } from '../../src/json.ts'
import type { CacheNote } from '../../src/hooks/decision.ts'
import type { Passed } from '../../src/hooks/executor/fire.ts'
import type { PassEnd } from '../../src/hooks/executor/stages.ts'
import { drive, wait } from '../../src/hooks/flow.ts'
import type { Flow, Maybe } from '../../src/hooks/flow.ts'
import { aborted, changedError, failed, withEffect } from '../../src/hooks/operation/ending.ts'
import type { EffectState, Ending } from '../../src/hooks/operation/ending.ts'
import type { Body, BodyFields, Executable } from '../../src/hooks/operation/executable.ts'
import type { Gate } from '../../src/hooks/operation/rules.ts'
import type { AttemptEnd } from '../../src/hooks/operation/effect.ts'
import { givesValue, Work } from '../../src/hooks/operation/work.ts'
import type {
  EffectOutcome,
  GateOutcome,
  LookupOutcome,
  OperationContext,
  WaitOutcome,
} from '../../machines/operation/operation-context.ts'
import type { OperationMoves, OperationOrder } from '../../machines/operation/operation-order.ts'

export type RetryEnd = Extract<PassEnd, { type: 'retry' }>

/** What is to be done again. `pass` is 0 where it is the effect. */
interface Again {
  readonly gate: Gate
  readonly end: RetryEnd
  readonly pass: number
}

/** An operation whose order is a chart. */
export interface Charted extends Executable {
  /** By their points; those in front of the effect too. */
  readonly gates: ReadonlyMap<string, Gate>
  readonly order: OperationOrder
}

const ENDED = { type: 'ended' } as const

/** See the head of this file. */
export class ChartedOperation implements Body, OperationMoves {
  protected readonly work: Work
  protected readonly what: Charted
  #ending: Ending | undefined
  #problem: HookchartError | undefined
  /** Why nothing may run, however often it is asked for. */
  #final: HookchartError | undefined
  #effect: EffectState = 'not_run'
  #again: Again | undefined
  #passes = 0
  /** Tries that failed, those that did not come to the effect too. */
  #failures = 0
  /** Hooks have put something in the place of the effect. */
  #isReplaced = false
  /** What they put there was not good enough. */
  #guardsOnly = false
  #cache: { readonly gate: Gate; readonly note: CacheNote } | undefined
  /** What it is when it has a result. */
  protected status: 'completed' | 'partial' = 'completed'
  #onCompleted: (output: unknown) => void = () => undefined
  #land: () => void = () => undefined

  constructor(fields: BodyFields, what: Charted, effect = what.effect) {
    this.what = what
    this.work = new Work(fields, what, effect)
  }

  get input(): unknown {
    return this.work.input
  }

  get effectMs(): number {
    return this.work.effectMs
  }

  *run(): Flow<Ending> {
    const { operation } = this.work
    if (operation.aborted !== undefined) {
      this.release()
      return aborted(operation)
    }
    this.#problem = this.#flaw('input', this.input) ?? (yield* wait(this.work.parseInput()))
    if (this.#problem !== undefined) this.failFinally(this.#problem)
    const problem = this.#problem && { problem: toErrorData(this.#problem) }
    try {
      yield* this.what.order(this, { input: this.input, ...problem })
      return this.#ending as Ending
    } finally {
      this.finish()
    }
  }

  gate(point: string): Maybe<GateOutcome> {
    return this.#settling(this.#gate(this.what.gates.get(point) as Gate))
  }

  lookUp(): Maybe<LookupOutcome> {
    return this.#settling(this.#lookUp())
  }

  effect(): Maybe<EffectOutcome> {
    return this.#settling(this.#attempt())
  }

  wait(): Maybe<WaitOutcome> {
    return this.#settling(this.#wait())
  }

  /** What is thrown on the way ends the operation. */
  #settling<T extends { readonly type: string }>(flow: Flow<T>): Maybe<T | typeof ENDED> {
    const fail = (error: unknown) => this.end(failed(toHookchartError(error)))
    try {
      const value = drive(flow)
      return value instanceof Promise ? value.catch(fail) : value
    } catch (error) {
      return fail(error)
    }
  }

  /** Whether its input has never fitted: then it does not fit the next time. */
  protected get isMisfit(): boolean {
    return this.#problem !== undefined
  }

  /** How it ends if nothing else happens. */
  protected get ending(): Ending | undefined {
    return this.#ending
  }

  protected end(ending: Ending): typeof ENDED {
    this.#ending = ending
    return ENDED
  }

  /** It has failed, unless the gate that is told of it says otherwise. */
  protected fail<Status extends 'failed' | 'timed_out' = 'failed'>(error: HookchartError, status = 'failed' as Status) {
    this.work.lastError = error
    this.#ending = { status, error }
    return { type: status, note: { error: toErrorData(error) } } as const
  }

  /** It has failed for a reason that is the same the next time. */
  protected failFinally(error: HookchartError) {
    this.#final = error
    return this.fail(error)
  }

  /** Waits for a slot; without a limit there is one. */
  queue(): Maybe<EffectOutcome | WaitOutcome> {
    return { type: 'done' }
  }

  /** It gives back what it held. */
  release(): void {
    // Most operations hold nothing.
  }

  /** It has ended, however that came: nothing stays behind. */
  protected finish(): void {
    this.#land()
  }

  *#gate(gate: Gate): Flow<GateOutcome> {
    switch (gate.slot.definition.phase) {
      case 'before':
        return yield* this.before(gate)
      case 'after':
        return yield* this.after(gate)
      default:
        return yield* this.failure(gate)
    }
  }

  /** A gate in front of the effect. */
  protected *before(gate: Gate): Flow<GateOutcome> {
    const { work } = this
    const chain = work.chainAt(gate)
    if (chain === null) return { type: 'continue' }
    yield* work.show(chain)
    const guardsOnly = this.#guardsOnly
    this.#guardsOnly = false
    this.#passes++
    const passed = yield* wait(work.pass(gate, undefined, undefined, guardsOnly))
    if (passed === undefined) return this.#onward(undefined)
    const { end } = passed
    const problem = yield* wait(work.take(passed))
    if (problem !== undefined) return this.end(failed(problem))
    const { input } = work
    if (end.type === 'continue') {
      if (end.cache !== undefined) this.#cache = { gate, note: end.cache }
      return this.#onward({ input })
    }
    if (givesValue(end)) return { type: 'value', note: { input, ...this.#replaced(gate, copyJson(end.value)) } }
    if (end.type !== 'retry') return this.end(work.endAt(gate.slot, end, undefined, input))
    this.#again = { gate, end, pass: this.#passes }
    return { type: 'again', note: { input } }
  }

  #onward(note: GateOutcome['note']): GateOutcome {
    this.#passes = 0
    return { type: this.#cache === undefined ? 'continue' : 'look_up', ...(note !== undefined && { note }) }
  }

  /** Something has the place of the result. */
  #value(output: unknown): unknown {
    this.work.lastError = undefined
    this.#ending = { status: this.status, output }
    return output
  }

  /** Something has the place of the effect. */
  #replaced({ slot }: Gate, value: unknown): Partial<OperationContext> {
    this.#isReplaced = true
    return { output: this.#value(value), replacedAt: slot.definition.id }
  }

  *#lookUp(): Flow<LookupOutcome> {
    const { kernel, patience, operation } = this.work
    const { cache } = kernel
    const { gate, note } = this.#cache as { readonly gate: Gate; readonly note: CacheNote }
    const under = this.work.cacheUnder(gate, note)
    if (under === undefined) return { type: 'missed' }
    const { key, ttlMs } = under
    for (;;) {
      const hit = cache.get(key)
      if (hit !== undefined) return { type: 'hit', note: this.#replaced(gate, hit.value) }
      const flight = cache.flight(key)
      if (flight === undefined) break
      const end = yield* patience.until(flight)
      if (end === 'aborted') return this.end(aborted(operation))
      if (end === 'timed_out') return this.end(this.work.timedOut())
    }
    const land = cache.lead(key)
    this.#land = land
    this.#onCompleted = (output) => {
      cache.store(key, output, ttlMs)
      land()
    }
    return { type: 'missed' }
  }

  *#attempt(): Flow<EffectOutcome> {
    const { operation } = this.work
    if (operation.aborted !== undefined) return this.end(aborted(operation))
    return yield* wait(this.attempted(yield* wait(this.work.attempt())))
  }

  /** What a start of the effect came to. */
  protected attempted(end: AttemptEnd): Maybe<EffectOutcome> {
    switch (end.type) {
      case 'aborted':
        return this.end(aborted(this.work.operation))
      case 'completed': {
        const flaw = this.#flaw('output', end.output)
        if (flaw !== undefined) return this.attempted({ type: 'failed', error: flaw })
        this.#onCompleted(end.output)
        this.#effect = 'completed'
        return { type: 'completed', note: { output: this.#value(end.output), effect: 'completed', replacedAt: null } }
      }
      case 'failed':
      case 'timed_out':
        this.#effect = 'failed'
        return { type: end.type, note: { ...this.fail(end.error, end.type).note, effect: 'failed', replacedAt: null } }
    }
  }

  /** What goes in and what comes out is JSON, whether hooks see it or not. */
  #flaw(what: 'input' | 'output', value: unknown): HookchartError | undefined {
    const flaw = findJsonFlaw(value)
    if (flaw === undefined) return undefined
    const { component, title } = this.work.operation
    return notJson(flaw, `The ${what} of ${title?.() ?? component.name}`)
  }

  /** A gate behind the effect, or behind what has taken its place. */
  protected *after(gate: Gate): Flow<GateOutcome> {
    const { work } = this
    const { output } = this.#ending as Extract<Ending, { readonly output: unknown }>
    let passed: Passed | undefined
    try {
      passed = yield* wait(work.pass(gate, 'output', output))
    } catch (error) {
      throw withEffect(error, this.#effect)
    }
    if (passed === undefined) return { type: 'continue' }
    const { end } = passed
    const kept = work.kept(passed.data['output'])
    if (end.type === 'continue') return { type: 'continue', note: { output: this.#value(kept) } }
    if (givesValue(end)) return { type: 'value', note: { output: this.#value(copyJson(end.value)) } }
    // Hooks behind a failure may put a value in its place; that is no leave to run.
    if (end.type === 'retry') return this.#final === undefined ? this.repeat(gate, end) : this.end(failed(this.#final))
    return this.end(work.endAt(gate.slot, end, this.#effect, kept))
  }

  /** The gate behind a failure. */
  protected *failure(gate: Gate): Flow<GateOutcome> {
    const { work } = this
    const { status, error } = this.#ending as Extract<Ending, { status: 'failed' | 'timed_out' }>
    this.#failures++
    const passed = yield* wait(work.pass(gate, 'error', toErrorData(error)))
    if (passed === undefined) return { type: 'continue' }
    const { end } = passed
    if (end.type === 'continue') {
      if (!passed.changed) return { type: 'continue' }
      const changed = changedError(error, passed.data['error'] as ErrorData)
      this.#ending = { status, error: changed }
      return { type: 'continue', note: { error: toErrorData(changed) } }
    }
    if (givesValue(end)) return { type: 'value', note: { output: this.#value(copyJson(end.value)) } }
    if (end.type !== 'retry') return this.end(work.endAt(gate.slot, end, 'failed', work.input))
    return this.#final === undefined ? this.repeat(gate, end) : ENDED
  }

  /** Runs the effect again, if it may. */
  protected repeat(gate: Gate, end: RetryEnd): GateOutcome {
    this.#again = { gate, end, pass: 0 }
    return { type: 'again' }
  }

  *#wait(): Flow<WaitOutcome> {
    const { gate, end, pass } = this.#again as Again
    const { work } = this
    const ending = yield* pass > 0
      ? work.passAgain(gate.slot, end, pass)
      : work.retry(gate.slot, end, Math.max(work.operation.attempts, this.#failures))
    if (ending !== undefined) return this.end(ending)
    // The guards there have allowed a value in the place of the effect, not yet the effect.
    this.#guardsOnly = pass === 0 && this.#isReplaced
    this.#isReplaced = false
    return { type: 'done' }
  }
}
