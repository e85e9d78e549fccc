/** What a flat run is to others: `self` and scope to actions, a parent to children, something that may emit to its owner. */
import type { AnyActorRef, EventObject } from 'xstate'
import { systemClock } from '../../src/ports/clock.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { AnyRunOptions } from './run-options.ts'
import { unsupported } from './unsupported.ts'
import { ActorFace, createChildSystem, stopChildActor } from './xstate-internals.ts'
import type { AnyActorSystem, StockMachine, StockSnapshot } from './xstate-internals.ts'

/** What an action is told; reading `system` makes one, so it waits to be read. */
class ActionArgs {
  readonly context: object
  readonly event: EventObject
  readonly self: RunFace

  constructor(context: object, event: EventObject, self: RunFace) {
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

  constructor(context: object, event: EventObject, self: RunFace, spawn: unknown) {
    super(context, event, self)
    this.spawn = spawn
  }
}

export abstract class RunFace extends ActorFace {
  protected readonly options: AnyRunOptions
  protected readonly machine: StockMachine
  /** The system of its children, if there was need of one. */
  protected children: AnyActorSystem | undefined

  constructor(machine: StockMachine, options: AnyRunOptions) {
    super()
    this.machine = machine
    this.options = options
  }

  abstract get snapshot(): StockSnapshot

  get id(): string {
    return this.options.id ?? this.machine.id
  }

  get sessionId(): string {
    return this.id
  }

  get self(): AnyActorRef {
    return this as unknown as AnyActorRef
  }

  get ref(): this {
    return this
  }

  /** As of an actor: what is invoked may ask for the machine. */
  get logic(): StockMachine {
    return this.machine
  }

  get system(): AnyActorSystem {
    return (this.children ??= createChildSystem(this.clock, this.logger))
  }

  get logger(): (...values: unknown[]) => void {
    const { log } = this.options
    return (...values) => {
      log?.(...values)
    }
  }

  getSnapshot(): StockSnapshot {
    return this.snapshot
  }

  subscribe(): never {
    throw unsupported(this.machine.id, this.id, 'subscribing to a flat run; toActor makes an actor, which')
  }

  on(): never {
    throw unsupported(this.machine.id, this.id, 'listening to a flat run; onEmit does that, and so listening')
  }

  toJSON(): object {
    return { xstate$$type: 1, id: this.id }
  }

  stopChild(child: AnyActorRef): void {
    stopChildActor(child)
  }

  emit(event: EventObject): void {
    const { onEmit } = this.options
    if (onEmit === undefined) return
    this.tellOutside(() => {
      onEmit(event)
    })
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

  protected get clock(): Clock {
    return this.options.clock ?? systemClock
  }

  /** What a listener throws is no failure of the machine: it goes to whoever handles uncaught errors. */
  protected tellOutside(tell: () => void): void {
    try {
      tell()
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
  }
}
