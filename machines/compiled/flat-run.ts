/**
 * A run without an actor. It keeps the order of an actor's life: the initial macrostep, then children start, then the
 * initial actions run, then events; what a macrostep defers runs when it is over.
 */
import type { AnyStateMachine, EventObject } from 'xstate'
import { HookchartError } from '../../src/errors.ts'
import type { Chart } from './create-chart.ts'
import { Effects } from './effects.ts'
import { handOver } from './hand-over.ts'
import type { Compiled } from './hand-over.ts'
import type { Host } from './host.ts'
import { Macrostep } from './macrostep.ts'
import { copyOf, ownValue, toPosition, toSnapshot } from './position.ts'
import type { Position } from './position.ts'
import { initialPosition, restoredSnapshot } from './run-begin.ts'
import { RunFace } from './run-face.ts'
import type { AnyRunOptions } from './run-options.ts'
import { RunTimers } from './run-timers.ts'
import type { ToActorOptions } from './run.ts'
import { cancelAllScheduled, cancelScheduled, startChild } from './xstate-internals.ts'
import type { RunningScope, StockSnapshot } from './xstate-internals.ts'

type AnyActor = ReturnType<typeof handOver>

const NONE: AnyRunOptions = {}
const NO_EFFECTS = {}

export class FlatRun extends RunFace implements Host, RunningScope {
  readonly #compiled: Compiled
  #position: Position
  #snapshot: StockSnapshot | undefined
  #isBusy = true
  isRunning = false
  #waiting: EventObject[] | undefined
  #deferred: (() => void)[] | undefined
  #timers: RunTimers | undefined
  #actor: AnyActor | undefined
  readonly effects: Effects | undefined

  constructor(compiled: Compiled, options: AnyRunOptions = NONE) {
    super(compiled.chart.machine, options)
    this.#compiled = compiled
    const { effects, snapshot } = options
    const { timers } = compiled.chart
    this.effects =
      effects === undefined && timers.size === 0
        ? undefined
        : new Effects(effects ?? NO_EFFECTS, timers, this.clock, this.self, (effect) => {
            // As XState does it: of a run that begins behind what its initial actions do.
            this.act(() => {
              this.defer(effect)
            })
          })
    this.#position =
      snapshot === undefined
        ? initialPosition(this.#chart, this, options.input)
        : toPosition(this.#chart, restoredSnapshot(this.#chart, this, snapshot, this.effects))
    this.#start()
  }

  get #chart(): Chart {
    return this.#compiled.chart
  }

  get snapshot(): StockSnapshot {
    if (this.#actor !== undefined) return this.#actor.getSnapshot() as unknown as StockSnapshot
    return (this.#snapshot ??= toSnapshot(this.#chart, this.#position))
  }

  get value(): unknown {
    return this.#actor === undefined ? ownValue(this.#position.configuration.value) : this.snapshot.value
  }

  get context(): object {
    return this.#actor === undefined ? this.#position.context : this.snapshot.context
  }

  get status(): Position['status'] {
    return this.#actor === undefined ? this.#position.status : this.snapshot.status
  }

  get output(): unknown {
    return this.#actor === undefined ? this.#position.output : this.snapshot.output
  }

  get error(): unknown {
    return this.#actor === undefined ? this.#position.error : this.snapshot.error
  }

  getPersistedSnapshot(): unknown {
    if (this.#actor !== undefined) return this.#actor.getPersistedSnapshot()
    const persisted = this.#chart.machine.getPersistedSnapshot(this.snapshot)
    const counts = this.effects?.counts
    return counts === undefined || counts.size === 0
      ? persisted
      : { ...(persisted as object), effects: Object.fromEntries(counts) }
  }

  send(event: EventObject): void {
    if (typeof (event as EventObject | undefined)?.type === 'string') this.deliver(event)
    else {
      throw new HookchartError(
        'INVALID_INPUT',
        `run "${this.id}": what was sent is no event. Send an object with a type, such as { type: 'go' }.`,
        { details: { run: this.id } },
      )
    }
  }

  stop(): void {
    if (this.#actor === undefined) this.deliver({ type: 'xstate.stop' })
    else this.#actor.stop()
  }

  [Symbol.dispose](): void {
    this.stop()
  }

  toActor(options: ToActorOptions<AnyStateMachine> = {}): AnyActor {
    if (this.#actor !== undefined) return this.#actor
    if (this.#isBusy) {
      throw new HookchartError(
        'INVALID_INPUT',
        `run "${this.id}": it is taking an event, and cannot become an actor before that is over. Call toActor afterwards.`,
        { details: { run: this.id } },
      )
    }
    this.#actor = handOver(this.#compiled, this, this.#position, {
      ...options,
      ...{ clock: this.clock, options: this.options, pending: this.#timers?.clear() ?? [] },
      counts: this.effects?.counts,
    })
    return this.#actor
  }

  deliver(event: EventObject): void {
    if (this.#actor !== undefined) this.#actor.send(event)
    else if (this.#position.status === 'active') {
      if (this.#isBusy) (this.#waiting ??= []).push(event)
      else {
        this.#isBusy = true
        this.#process(event)
        this.#drain()
      }
    }
  }

  #start(): void {
    this.isRunning = true
    // What the initial actions of a failed beginning would have done is not done.
    if (this.#position.status === 'error') this.#deferred = undefined
    if (this.#position.status === 'active') {
      for (const child of Object.values(this.#position.children)) {
        if (child !== undefined && (child.getSnapshot() as { status: string }).status === 'active') startChild(child)
      }
    }
    this.#update()
    this.#drain()
  }

  #drain(): void {
    const waiting = this.#waiting
    if (waiting !== undefined) {
      for (let event = waiting.shift(); event !== undefined; event = waiting.shift()) {
        if (this.#position.status === 'active') this.#process(event)
      }
    }
    this.#isBusy = false
  }

  #process(event: EventObject): void {
    const at = copyOf(this.#position)
    const macrostep = new Macrostep(this.#chart, this, at)
    try {
      if (event.type === 'xstate.stop') macrostep.stop(event)
      else macrostep.take(event)
    } catch (error) {
      this.#deferred = undefined
      this.#fail(error)
      this.#end()
      return
    }
    if (at.changes > 0) {
      this.#position = at
      this.#snapshot = undefined
    }
    this.#update()
  }

  /** What the macrostep left to do; then the end, when it was the last. */
  #update(): void {
    const deferred = this.#deferred
    if (deferred !== undefined) {
      for (let effect = deferred.shift(); effect !== undefined; effect = deferred.shift()) {
        try {
          effect()
        } catch (error) {
          deferred.length = 0
          this.#fail(error)
        }
      }
    }
    if (this.#position.status !== 'active') this.#end()
  }

  #fail(error: unknown): void {
    const at = copyOf(this.#position)
    at.status = 'error'
    at.error = error
    this.#position = at
    this.#snapshot = undefined
  }

  #end(): void {
    this.#timers?.clear()
    this.effects?.end()
    if (this.children !== undefined) cancelAllScheduled(this.children, this.self)
    const { onEnd } = this.options
    if (onEnd !== undefined) {
      this.tellOutside(() => {
        onEnd(this as never)
      })
    }
  }

  get scope(): RunningScope {
    return this
  }

  act(effect: () => void): void {
    if (this.isRunning) effect()
    else this.defer(effect)
  }

  defer(effect: () => void): void {
    ;(this.#deferred ??= []).push(effect)
  }

  actionExecutor(action: { readonly exec?: (() => void) | undefined }): void {
    const { exec } = action
    if (exec !== undefined) this.act(exec)
  }

  schedule(event: EventObject, delayMs: number, id: string | undefined): void {
    this.#timers ??= new RunTimers(this.clock)
    this.#timers.set(event, delayMs, id, (due) => {
      this.deliver(due)
    })
  }

  cancel(id: string): void {
    this.#timers?.cancel(id)
    // An event that waits to be sent to a child waits there.
    if (this.children !== undefined) cancelScheduled(this.children, this.self, id)
  }
}
