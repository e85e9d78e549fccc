/** An actor of XState as the host: its scope does all there is to do. */
import type { EventObject } from 'xstate'
import type { Host } from './host.ts'
import { cancelScheduled, schedule } from './xstate-internals.ts'
import type { RunningScope } from './xstate-internals.ts'

export class ActorHost implements Host {
  readonly scope: RunningScope
  /** Only actors that run get here. */
  readonly isRunning = true
  readonly effects = undefined

  constructor(scope: RunningScope) {
    this.scope = scope
  }

  act(effect: () => void): void {
    effect()
  }

  defer(effect: () => void): void {
    this.scope.defer(effect)
  }

  actionArgs(context: object, event: EventObject): object {
    const { self, system } = this.scope
    return { context, event, self, system }
  }

  assignArgs(context: object, event: EventObject, spawn: unknown): object {
    const { self, system } = this.scope
    return { context, event, spawn, self, system }
  }

  valueArgs(context: object, event: EventObject): object {
    return { context, event, self: this.scope.self }
  }

  schedule(event: EventObject, delayMs: number, id: string | undefined): void {
    schedule(this.scope.system, this.scope.self, this.scope.self, event, delayMs, id)
  }

  cancel(id: string): void {
    cancelScheduled(this.scope.system, this.scope.self, id)
  }

  emit(event: EventObject): void {
    this.scope.emit(event)
  }
}
