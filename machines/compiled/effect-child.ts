/** What a run does by itself for an invoked source: a function in the place of an actor. */
import type { AnyActorRef, EventObject } from 'xstate'
import type { EffectSnapshot } from '../effect/effect-logic.ts'
import { RunChild } from './run-child.ts'
import type { Standing } from './run-child.ts'
import type { EffectCall, RunEffect } from './run-options.ts'

/** Looks like the actor that `fromPromise` would have made, in its snapshot as in its events. */
export class EffectChild extends RunChild implements EffectCall {
  readonly #effect: RunEffect
  #controller: AbortController | undefined
  #onStop: Set<() => void> | undefined

  constructor(
    id: string,
    src: string,
    effect: RunEffect,
    parent: AnyActorRef,
    count: number,
    standing: Standing,
    syncSnapshot: boolean,
  ) {
    super(id, src, parent, count, standing, syncSnapshot)
    this.#effect = effect
  }

  get input(): unknown {
    return this.standing.input
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.isStopped) this.#controller.abort()
    return this.#controller.signal
  }

  get isStopped(): boolean {
    return this.standing.status === 'stopped'
  }

  onStop(listener: () => void): () => void {
    if (this.isStopped) {
      listener()
      return () => undefined
    }
    const listeners = (this.#onStop ??= new Set())
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  protected begin(): void {
    let result: unknown
    try {
      result = this.#effect(this)
    } catch (error) {
      this.fail(error)
      return
    }
    Promise.resolve(result).then(
      (output) => {
        this.succeed(output)
      },
      (error: unknown) => {
        this.fail(error)
      },
    )
    this.show()
  }

  sendBack(event: EventObject): void {
    if (!this.isStopped) this.tell(event)
  }

  protected release(): void {
    this.#controller?.abort()
    const listeners = this.#onStop
    this.#onStop = undefined
    for (const listener of listeners ?? []) listener()
  }

  getSnapshot(): EffectSnapshot {
    return { ...this.standing, name: this.src, effectId: this.effectId } as EffectSnapshot
  }
}
