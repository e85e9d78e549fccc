/** An operation that undoes what its effect has started when it does not complete: that of a chain, and that of a workflow. */
import { andThen, wait } from '../../src/hooks/flow.ts'
import type { Flow, Maybe } from '../../src/hooks/flow.ts'
import type { AttemptEnd } from '../../src/hooks/operation/effect.ts'
import type { Ending } from '../../src/hooks/operation/ending.ts'
import type { Gate } from '../../src/hooks/operation/rules.ts'
import type { EffectOutcome, GateOutcome } from '../../machines/operation/operation-context.ts'
import { ChartedOperation } from './charted-operation.ts'
import { withUndone } from './compensation.ts'
import type { Undone } from './compensation.ts'

/** See the head of this file. */
export abstract class CompensatingOperation extends ChartedOperation {
  /** What is undone of the last attempt; nothing is undone twice. */
  #undoing: Maybe<Undone> | undefined

  /** Undoes what the last attempt has started, once nothing of it runs any more. */
  protected abstract undo(): Maybe<Undone>

  /** What an attempt comes to. If it has not completed, what it started is undone by now. */
  protected judged(end: AttemptEnd): Maybe<EffectOutcome> {
    return super.attempted(end)
  }

  protected override attempted(end: AttemptEnd): Maybe<EffectOutcome> {
    this.#undoing = undefined
    // Before hooks are told of the failure: they may recover from it, or ask for another attempt.
    return end.type === 'completed' ? this.judged(end) : andThen(this.#undo(), () => this.judged(end))
  }

  protected override *after(gate: Gate): Flow<GateOutcome> {
    const outcome = yield* super.after(gate)
    // What was not good enough is undone before it is done again.
    if (outcome.type === 'again') yield* wait(this.#undo())
    return outcome
  }

  override *run(): Flow<Ending> {
    const ending = yield* super.run()
    if (!('error' in ending)) return ending
    // What hooks refuse after it has completed is undone here.
    return { ...ending, error: withUndone(ending.error, yield* wait(this.#undo())) }
  }

  #undo(): Maybe<Undone> {
    return (this.#undoing ??= this.undo())
  }
}
