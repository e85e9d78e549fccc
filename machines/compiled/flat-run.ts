/**
 * A run without an actor. It keeps the order of an actor's life: the initial macrostep, then children start, then the
 * initial actions run, then events; what a macrostep defers runs when it is over.
 */
import type { AnyActorRef, AnyStateMachine, EventObject } from 'xstate'
import { HookchartError } from '../../src/errors.ts'
import { systemClock } from '../../src/ports/clock.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { Chart } from './create-chart.ts'
import { Effects } from './effect-child.ts'
import { handOver } from './hand-over.ts'
import type { Compiled } from './hand-over.ts'
import type { Host } from './host.ts'
import { Macrostep } from './macrostep.ts'
import { copyOf, toPosition, toSnapshot } from './position.ts'
import type { Position } from './position.ts'
import { initialPosition, restoredSnapshot } from './run-begin.ts'
import type { AnyRunOptions } from './run-options.ts'
import { RunTimers } from './run-timers.ts'
import type { ToActorOptions } from './run.ts'
import { unsupported } from './unsupported.ts'
import {
  ActorFace,
  cancelAllScheduled,
  cancelScheduled,
  createChildSystem,
  startChild,
  stopChildActor,
} from './xstate-internals.ts'
import type { AnyActorSystem, RunningScope, StockSnapshot } from './xstate-internals.ts'

type AnyActor = ReturnType<typeof handOver>

/** What an action is told; reading `system` makes one, so it waits to be read. */
class ActionArgs {
  readonly context: object
  readonly event: EventObject
  readonly self: FlatRun

  constructor(context: object, event: EventObject, self: FlatRun) {
    this.context = context
    this.event = event
    this.self = self
  }

  get system(): AnyActorSystem {
    return this.self.system
  }
}

class AssignArgs extends ActionArgs {
  readonly spawn: unknown

  constructor(context: object, event: EventObject, self: FlatRun, spawn: unknown) {
    super(context, event, self)
    this.spawn = spawn
  }
}

const NONE: AnyRunOptions = {}

export class FlatRun extends ActorFace implements Host, RunningScope {
  readonly #compiled: Compiled
  readonly #options: AnyRunOptions
  #position: Position
  #snapshot: StockSnapshot | undefined
  #isBusy = true
  isRunning = false
  #waiting: EventObject[] | undefined
  #deferred: (() => void)[] | undefined
  #timers: RunTimers | undefined
  #system: AnyActorSystem | undefined
  #actor: AnyActor | undefined
  readonly effects: Effects | undefined

  constructor(compiled: Compiled, options: AnyRunOptions = NONE) {
    super()
    this.#compiled = compiled
    this.#options = options
    const { effects, snapshot } = options
    this.effects =
      effects === undefined
        ? undefined
        : new Effects(effects, this.self, (effect) => {
            this.defer(effect)
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

  get #clock(): Clock {
    return this.#options.clock ?? systemClock
  }

  get id(): string {
    return this.#options.id ?? this.#chart.machine.id
  }

  get snapshot(): StockSnapshot {
    if (this.#actor !== undefined) return this.#actor.getSnapshot() as unknown as StockSnapshot
    return (this.#snapshot ??= toSnapshot(this.#chart, this.#position))
  }

  get value(): unknown {
    return this.#actor === undefined ? this.#position.configuration.value : this.snapshot.value
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
    return this.#chart.machine.getPersistedSnapshot(this.snapshot)
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
      ...{ clock: this.#clock, options: this.#options, pending: this.#timers?.clear() ?? [] },
    })
    return this.#actor
  }

  deliver(event: EventObject): void {
    if (this.#actor !== undefined) this.#actor.send(event as never)
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
      this.#deferred = deferred
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
    if (this.#system !== undefined) cancelAllScheduled(this.#system, this.self)
    const { onEnd } = this.#options
    if (onEnd !== undefined) {
      outside(() => {
        onEnd(this as never)
      })
    }
  }

  // What it is to its actions, its children and to XState's own actions.

  get self(): AnyActorRef {
    return this as unknown as AnyActorRef
  }

  get ref(): this {
    return this
  }

  get scope(): RunningScope {
    return this
  }

  get sessionId(): string {
    return this.id
  }

  /** The system of its children, made when it is first asked for. */
  get system(): AnyActorSystem {
    return (this.#system ??= createChildSystem(this.#clock, this.logger))
  }

  getSnapshot(): StockSnapshot {
    return this.snapshot
  }

  subscribe(): never {
    throw unsupported(this.#chart.machine.id, this.id, 'subscribing to a flat run; toActor makes an actor, which')
  }

  on(): never {
    throw unsupported(this.#chart.machine.id, this.id, 'listening to a flat run; onEmit does that, and so listening')
  }

  toJSON(): object {
    return { xstate$$type: 1, id: this.id }
  }

  get logger(): (...values: unknown[]) => void {
    const { log } = this.#options
    return (...values) => {
      log?.(...values)
    }
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

  stopChild(child: AnyActorRef): void {
    stopChildActor(child)
  }

  actionArgs(context: object, event: EventObject): object {
    return new ActionArgs(context, event, this)
  }

  assignArgs(context: object, event: EventObject, spawn: unknown): object {
    return new AssignArgs(context, event, this, spawn)
  }

  valueArgs(context: object, event: EventObject): object {
    return { context, event, self: this }
  }

  schedule(event: EventObject, delayMs: number, id: string | undefined): void {
    this.#timers ??= new RunTimers(this.#clock)
    this.#timers.set(event, delayMs, id, (due) => {
      this.deliver(due)
    })
  }

  cancel(id: string): void {
    this.#timers?.cancel(id)
    // An event that waits to be sent to a child waits there.
    if (this.#system !== undefined) cancelScheduled(this.#system, this.self, id)
  }

  emit(event: EventObject): void {
    const { onEmit } = this.#options
    if (onEmit === undefined) return
    outside(() => {
      onEmit(event as never)
    })
  }
}

/** What a listener throws is no failure of the machine: it goes to whoever handles uncaught errors. */
function outside(tell: () => void): void {
  try {
    tell()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
