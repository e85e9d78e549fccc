/** A loop while it runs: its values, its tests, and what it keeps. */
import type { Flow } from '../../src/hooks/flow.ts'
import type { EffectCall as ChartCall } from '../../machines/compiled/run-options.ts'
import { toErrorData } from '../../src/errors.ts'
import { freezeJson } from '../../src/json.ts'
import type { GateInput, IterationInput } from '../../machines/workflow/effects.ts'
import type { LoopScope } from '../../machines/workflow/iteration.ts'
import type { LanesContext } from '../../machines/workflow/lane.ts'
import type { LoopWorkflow } from '../../machines/workflow/tree.ts'
import { loopHolds } from './conditions.ts'
import type { Tested } from './conditions.ts'
import { Lane } from './lane-run.ts'
import { LoopValues } from './loop-values.ts'
import { PatternRun } from './pattern-run.ts'
import type { Told } from './pattern-run.ts'
import type { PatternFields } from './pattern-fields.ts'
import { withKey } from './shared-state.ts'
import type { StepPlace } from './step-place.ts'

/** What a loop may do before it lets others have their turn; a turn costs some microseconds. */
const MOST_IN_TURN = 1_000
const LONGEST_TURN_MS = 20

/** See the head of this file. */
export class LoopRun extends PatternRun {
  protected readonly effects = {
    pull: () => this.#pull(),
    test: ({ input }: ChartCall) => this.#test(input as IterationInput),
    keep: ({ input }: ChartCall) => this.#keep((input as IterationInput).output),
    wait: ({ signal }: ChartCall) => this.#wait(signal),
    terminate: ({ input }: ChartCall) => this.#terminate((input as IterationInput).reason ?? 'exhausted'),
  }
  readonly #definition: LoopWorkflow
  readonly #values: LoopValues
  /** What `state.loop` was outside. */
  readonly #outer: unknown
  /** The one whose value was pulled last; counts from 0. */
  #iteration = -1
  #completed = 0
  #kept: unknown[] = []
  #hasTerminated = false
  /** Iterations since the event loop last turned, and when that was. */
  #inTurn = 0
  #turnedAt = 0

  constructor(fields: PatternFields) {
    super(fields)
    this.#definition = fields.parts.definition as LoopWorkflow
    this.#values = new LoopValues(this.#definition.iterator, this.#definition.name)
    this.#outer = fields.state['loop']
    this.#turnedAt = fields.work.kernel.time.now()
  }

  get #body(): Lane {
    return this.lane('body')
  }

  protected makeLane(name: string): Lane {
    const { state, results } = this.fields
    return new Lane(name, this.#definition.body, state, results)
  }

  protected override placeOf(): StepPlace {
    return { iteration: this.#iteration }
  }

  protected outputOf(_: LanesContext): unknown {
    const { aggregation } = this.#definition
    if (aggregation === 'none') return undefined
    return aggregation === 'last_only' ? this.#kept[0] : this.#kept
  }

  progress(): Readonly<Record<string, unknown>> {
    return { iterations: this.#ended, results: this.#kept }
  }

  protected override onEnd(why: string): void {
    this.#close(why)
    this.state = withKey(this.#body.state, 'loop', this.#outer)
  }

  /** Iterations that have come to their end, also those that failed and were passed over. */
  get #ended(): number {
    return Math.max(0, this.#iteration)
  }

  #testedAt(iteration: number, value: unknown): Tested & { readonly scope: LoopScope } {
    const lane = this.#body
    return { scope: { ...this.scopeOf(lane), iteration, value }, ended: lane.ended, onRead: this.onRead(lane) }
  }

  *#pull(): Flow<Told> {
    const iteration = ++this.#iteration
    if (this.#holdsUp()) yield this.#turn()
    const { iterator } = this.#definition
    const test = 'test' in iterator ? iterator.test : undefined
    const tested = this.#testedAt(iteration, undefined)
    const pulled = yield* this.#values.pull(iteration, tested.scope, function* () {
      return test === undefined || (yield* loopHolds(test, tested)) === (iterator.type === 'while')
    })
    if ('reason' in pulled) return { type: 'finished', note: { reason: pulled.reason } }
    this.#show(iteration, pulled.value)
    return { type: 'value', note: { iteration, value: pulled.value } }
  }

  /** Iterations that never wait keep timers and aborts from coming through; none may do so for long. */
  #holdsUp(): boolean {
    const { time } = this.fields.work.kernel
    return ++this.#inTurn > MOST_IN_TURN || (!time.exact && time.now() - this.#turnedAt > LONGEST_TURN_MS)
  }

  async #turn(): Promise<void> {
    const { time } = this.fields.work.kernel
    await time.turned()
    this.#inTurn = 0
    this.#turnedAt = time.now()
  }

  /** The body sees where the loop is. */
  #show(iteration: number, value: unknown): void {
    const lane = this.#body
    lane.state = withKey(lane.state, 'loop', freezeJson({ index: iteration, value, iteration }))
  }

  *#test({ iteration, value }: IterationInput): Flow<Told> {
    for (const { test, message } of this.#definition.breakConditions) {
      if (yield* loopHolds(test, this.#testedAt(iteration, value))) {
        return { type: 'holds', note: { reason: message } }
      }
    }
    return { type: 'fails' }
  }

  protected override *decide({ point, iteration, value, output }: GateInput & Partial<IterationInput>): Flow<Told> {
    const lane = this.#body
    const hasRun = point === 'LoopIterationComplete'
    const data = { value, iteration, ...(hasRun && { output }) }
    const passed = yield* this.pass(point, data, lane)
    if (passed === undefined) return { type: 'completed' }
    const { end } = passed
    if (end.type === 'continue') {
      if (hasRun) return { type: 'completed', note: { value: passed.data['output'] } }
      this.#show(iteration as number, passed.data['value'])
      return { type: 'completed', note: { value: passed.data['value'] } }
    }
    if (end.type === 'replace') return { type: 'completed', note: { value: end.value } }
    const { aborted } = this.fields.work.operation
    if (end.type === 'cancel' && !hasRun && end.code === 'HOOK_CANCELLED' && aborted === undefined) {
      return { type: 'finished', note: { reason: end.reason } }
    }
    const ended = this.ended(point, end, lane, hasRun)
    return lane.error === undefined ? ended : { ...ended, note: { error: toErrorData(lane.error) } }
  }

  #keep(output: unknown): Told {
    this.#completed++
    const { aggregation } = this.#definition
    if (aggregation === 'last_only') this.#kept = [output]
    else if (aggregation !== 'none') {
      // A list of JSON has no holes.
      this.#kept.push(output === undefined ? null : output)
      if (typeof aggregation === 'object' && this.#kept.length > aggregation.n) {
        if (aggregation.type === 'first_n') this.#kept.pop()
        else this.#kept.shift()
      }
    }
    return { type: 'kept', note: { completed: this.#completed } }
  }

  *#wait(signal: AbortSignal): Flow<Told> {
    const { clock } = this.fields.work.kernel.time
    yield new Promise<void>((resolve) => {
      const timer = clock.setTimeout(resolve, this.#definition.iterationDelayMs)
      signal.addEventListener(
        'abort',
        () => {
          clock.clearTimeout(timer)
          resolve()
        },
        { once: true },
      )
    })
    return { type: 'done' }
  }

  #terminate(reason: string): Told {
    this.#close(reason)
    return { type: 'done' }
  }

  /** The loop has ended, however it did. */
  #close(reason: string): void {
    if (this.#hasTerminated) return
    this.#hasTerminated = true
    this.#values.close()
    this.tell('LoopTermination', { reason, iterations: this.#ended }, this.#body.state)
  }
}
