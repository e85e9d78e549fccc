/** One attempt of a chain: its chart, run; what the chart invokes is done here. */
import { HookchartError, toErrorData, toHookchartError } from '../../src/errors.ts'
import type { ErrorData } from '../../src/errors.ts'
import { whenAborted } from '../../src/hooks/abort-signals.ts'
import type { Kernel } from '../../src/hooks/executor/kernel.ts'
import { andThen } from '../../src/hooks/flow.ts'
import type { Maybe } from '../../src/hooks/flow.ts'
import type { EffectCall } from '../../src/hooks/operation/effect.ts'
import { execute } from '../../src/hooks/operation/start.ts'
import type { RunResult } from '../../src/hooks/run-result.ts'
import type { CompiledLogic } from '../../machines/compiled/compile.ts'
import type { Run } from '../../machines/compiled/run.ts'
import type { EffectCall as RunCall } from '../../machines/compiled/run-options.ts'
import type { ChainEvent, ChainOutcome, ChainOutput } from '../../machines/chain/chain-context.ts'
import { hasOutput as hasCompleted } from '../../machines/chain/chain-context.ts'
import type { chainMachine } from '../../machines/chain/chain-machine.ts'
import { failsChain } from '../../machines/chain/component.ts'
import type { ChainComponent, FallbackCall } from '../../machines/chain/component.ts'
import type { ChainDefinition } from '../../machines/chain/define-chain.ts'
import type { Callers } from '../../machines/call.ts'
import { runCompensation, undoAll } from '../operation/compensation.ts'
import type { Undoable, Undone } from '../operation/compensation.ts'
import { errorOf, hasOutput } from '../operation/run-end.ts'
import type { Host } from '../system/host.ts'
import { Slots } from '../tool/slots.ts'
import type { ChainTurn, ComponentStarter } from './chain-component.ts'
import type { ChainPause } from './chain-pause.ts'

type ChainMachine = ReturnType<typeof chainMachine>

/** A chain as it is run, prepared once for all its runs. */
export interface PreparedChain {
  readonly host: Host
  readonly definition: ChainDefinition
  readonly logic: CompiledLogic<ChainMachine>
  readonly components: ReadonlyMap<string, PreparedComponent>
}

/** A component, and what starts it, what stands in for it and what undoes it. */
export interface PreparedComponent {
  readonly component: ChainComponent
  readonly run: ComponentStarter
  readonly fallback: ComponentStarter
  readonly compensate: ComponentStarter
}

/** See the head of this file. */
export class ChainAttempt implements ChainTurn {
  readonly slots: Slots
  /** Settles when all components have settled and what is to be undone was. */
  readonly over: Promise<ChainOutput>
  readonly #chain: PreparedChain
  readonly #kernel: Kernel
  readonly #input: unknown
  readonly #call: EffectCall
  readonly #pause: ChainPause
  /** Ends the components that run when nothing more is to start. */
  readonly #rest = new AbortController()
  readonly #inputs = new Map<string, unknown>()
  /** Components whose effects were started, in that order. */
  readonly #undoable = new Map<string, Undoable>()
  readonly #outputs = new Map<string, unknown>()
  readonly #errors = new Map<string, ErrorData>()
  #run: Run<ChainMachine> | undefined
  /** One has failed the chain, which its chart learns of when it has started all that may start. */
  #isFailing = false

  constructor(chain: PreparedChain, input: unknown, call: EffectCall, pause: ChainPause) {
    this.#chain = chain
    this.#kernel = chain.host.kernel
    this.#input = input
    this.#call = call
    this.#pause = pause
    this.slots = new Slots(chain.definition.maxConcurrency)
    this.over = this.#start()
  }

  going(): Promise<void> {
    return this.#pause.going()
  }

  /** Tells the chart that it is paused, or no longer. */
  tell(type: 'PAUSE' | 'RESUME'): void {
    this.#run?.send({ type })
  }

  /** The outputs of those that have completed; throws what failed the chain. */
  async output(): Promise<Readonly<Record<string, unknown>>> {
    const { components, status, failed } = await this.over
    if (status === 'stopped') throw this.#failure(failed)
    const completed = Object.entries(components).filter(([, state]) => hasCompleted(state))
    return Object.fromEntries(completed.map(([id, { output }]) => [id, output]))
  }

  /**
   * What the chart has undone; or, where hooks have refused what had completed, what is undone now. That takes a component
   * with the policy `compensate`, as every undoing does.
   */
  async undo(): Promise<Undone> {
    const { status, undone, notUndone } = await this.over
    const { components } = this.#chain.definition
    if (status === 'stopped' || components.every(({ onError }) => onError !== 'compensate'))
      return { undone, notUndone }
    const started = [...this.#undoable.keys()].filter((id) => this.#prepared(id).component.compensate !== undefined)
    return await undoAll(
      started,
      (id) => id,
      (id) => this.#undo(id),
    )
  }

  async #start(): Promise<ChainOutput> {
    const { logic, definition } = this.#chain
    const { signal } = this.#call
    const idOf = ({ input }: RunCall) => (input as { readonly id: string }).id
    let stopListening = () => undefined as void
    const ended = await new Promise<Run<ChainMachine>>((resolve) => {
      const effects = {
        component: (told: RunCall) => this.#component(idOf(told), told),
        fallback: (told: RunCall) => this.#fallback(idOf(told)),
        compensate: (told: RunCall) => this.#compensate(idOf(told)),
        stopRest: () => {
          const why: unknown = signal.aborted
            ? signal.reason
            : new Error(`another component of ${definition.name} failed`)
          this.#rest.abort(why)
        },
      }
      this.#run = logic.run({ input: { paused: this.#pause.isPaused }, effects, onEnd: resolve })
      stopListening = whenAborted(signal, () => this.#run?.send({ type: 'STOP' }))
    })
    stopListening()
    if (ended.status !== 'done') throw toHookchartError(ended.error)
    return ended.output as ChainOutput
  }

  #component(id: string, told: RunCall): Maybe<ChainOutcome> {
    const { component, run } = this.#prepared(id)
    if (this.#isFailing) return this.#failed(id, toErrorData(notBegun(id, this.#chain.definition.name)), false)
    let input: unknown
    try {
      input = this.#inputOf(component)
    } catch (error) {
      return this.#failed(id, toErrorData(error), false)
    }
    this.#inputs.set(id, input)
    // Whether it went on without some of its steps, and whether anything was run.
    let last: RunResult | undefined
    const effect = async (given: unknown, call: EffectCall) => {
      this.#undoable.set(id, { input: given })
      const started: ChainEvent = { type: 'STARTED', id }
      told.sendBack(started)
      const caller = this.#callers(call)[`${component.type}s`]
      last = await caller.execute(component.component as never, given, { signal: call.signal })
      const ended = hasOutput(last) ? { output: last.output } : { error: errorOf(last) }
      this.#undoable.set(id, { input: given, ...ended })
      if (hasOutput(last)) return last.output
      throw last.error ?? toHookchartError(new Error(`${id} is ${last.status}`))
    }
    const { timeoutMs } = component
    const { signal } = this.#rest
    const result = execute(this.#kernel, run(effect, this), input, { parent: this.#call, signal, timeoutMs })
    return andThen(result, (ended) => {
      const ran = this.#undoable.has(id) && last?.attempts !== 0
      // Its own gates did not let it run.
      if (!ran) this.#undoable.delete(id)
      if (!hasOutput(ended)) return this.#failed(id, errorOf(ended), ran)
      const isPartial = ended.status === 'partial' || (last?.status === 'partial' && ended.attempts > 0)
      return this.#completed(id, ended.output, ran, isPartial)
    })
  }

  async #fallback(id: string): Promise<ChainOutcome> {
    const { component, fallback } = this.#prepared(id)
    const { onError, timeoutMs } = component
    const given = (onError as { readonly fallback: unknown }).fallback
    const error = this.#errors.get(id)
    const effect = (input: unknown, call: EffectCall) =>
      typeof given === 'function'
        ? (given as (call: FallbackCall) => unknown)(
            this.#called(call, { input, error, results: this.#results() }) as unknown as FallbackCall,
          )
        : given
    const options = { parent: this.#call, signal: this.#rest.signal, timeoutMs }
    const result = await execute(this.#kernel, fallback(effect, this), this.#inputs.get(id), options)
    if (!hasOutput(result)) return this.#failed(id, errorOf(result), true, true)
    return this.#completed(id, result.output, true)
  }

  async #compensate(id: string): Promise<ChainOutcome> {
    const result = await this.#undo(id)
    if (!hasOutput(result)) return { type: 'failed', error: errorOf(result), ran: true }
    return { type: 'completed', output: result.output, ran: true }
  }

  async #undo(id: string): Promise<RunResult> {
    const { component, compensate } = this.#prepared(id)
    return await runCompensation(this.#chain.host, {
      call: this.#call,
      undoable: this.#undoable.get(id) as Undoable,
      compensate: component.compensate as NonNullable<ChainComponent['compensate']>,
      startable: (effect) => compensate(effect, this),
      timeoutMs: component.timeoutMs,
    })
  }

  #inputOf({ input }: ChainComponent): unknown {
    if (input === undefined) return this.#input
    const { metadata, correlationId } = this.#call
    return input({ input: this.#input, results: this.#results(), metadata, correlationId } as never)
  }

  #completed(id: string, output: unknown, ran: boolean, isPartial = false): ChainOutcome {
    this.#outputs.set(id, output)
    return { type: isPartial ? 'partial' : 'completed', output, ran }
  }

  #failed(id: string, error: ErrorData, ran: boolean, isFallback = false): ChainOutcome {
    this.#errors.set(id, error)
    this.#isFailing ||= failsChain(this.#prepared(id).component, isFallback)
    return { type: 'failed', error, ran }
  }

  /** What the functions of a component are called with. */
  #called(call: EffectCall, more: object): EffectCall & Callers {
    return Object.assign(call, more, this.#callers(call), { emit: this.#chain.host.emitterFor(call) })
  }

  #callers(call: EffectCall): Callers {
    return this.#chain.host.callersFor(call)
  }

  #results(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(this.#outputs)
  }

  #prepared(id: string): PreparedComponent {
    return this.#chain.components.get(id) as PreparedComponent
  }

  #failure(id: string | undefined): HookchartError {
    const { name } = this.#chain.definition
    // What was stopped from outside has an end of its own already.
    const { code, message, retryable } = this.#errors.get(id ?? '') ?? toErrorData(this.#call.signal.reason)
    const what = id === undefined ? 'was stopped' : `failed at "${id}"`
    return new HookchartError(code, `${name} ${what}: ${message}`, {
      retryable,
      details: { component: name, ...(id !== undefined && { failed: id }) },
    })
  }
}

function notBegun(id: string, chain: string): HookchartError {
  const message = `${id} was not begun: another component of ${chain} failed.`
  return new HookchartError('RUN_ABORTED', message, { details: { component: chain, id } })
}
