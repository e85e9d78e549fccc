/** A machine, or other logic of XState, below a supervisor: an actor for each start. */
import { createActor } from 'xstate'
import type { AnyActorLogic, AnyActorRef, AnyStateMachine, Subscription } from 'xstate'
import { toHookchartError } from '../../src/errors.ts'
import type { Child, ChildParts } from './child.ts'

/** See the head of this file. */
export class MachineChild implements Child {
  readonly type = 'machine'
  readonly path: string
  actor: AnyActorRef
  readonly #parts: ChildParts
  readonly #logic: AnyActorLogic
  readonly #input: unknown
  #isFresh = true
  #watching: Subscription | undefined

  constructor(parts: ChildParts, logic: AnyActorLogic, input: unknown) {
    this.path = parts.path
    this.#parts = parts
    this.#logic = 'provide' in logic ? gated(logic as AnyStateMachine, parts) : logic
    this.#input = input
    this.actor = this.#make()
  }

  get state(): unknown {
    const { status, value } = this.actor.getSnapshot() as { readonly status: string; readonly value?: unknown }
    return status === 'active' ? (value ?? status) : status
  }

  start(): Promise<void> {
    if (!this.#isFresh) this.actor = this.#make()
    this.#isFresh = false
    const { actor } = this
    const { onExit } = this.#parts
    // One that ends at once does so while it is being started, and has ended all the same.
    this.#watching = actor.subscribe({
      complete: () => {
        onExit({ kind: 'normal' })
      },
      error: (error) => {
        onExit({ kind: 'abnormal', error: toHookchartError(error) })
      },
    })
    actor.start()
    return Promise.resolve()
  }

  stop(): Promise<void> {
    this.#watching?.unsubscribe()
    // Nobody is told of it any more, but it is no failure that nobody sees.
    this.actor.subscribe({ error: () => undefined })
    this.actor.stop()
    return Promise.resolve()
  }

  settle(): void {
    // Nobody waits for an actor.
  }

  #make(): AnyActorRef {
    const { clock } = this.#parts.system.host.kernel.time
    return createActor(this.#logic, { id: this.path, input: this.#input, clock })
  }
}

function gated(machine: AnyStateMachine, { system }: ChildParts): AnyStateMachine {
  return machine.provide(system.hooks.provide() as never)
}
