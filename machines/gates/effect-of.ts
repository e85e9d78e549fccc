/** Which invoke is the effect of a transition. */
import type { AnyStateNode } from 'xstate'
import { timer } from '../effect/timer-logic.ts'

/** Whether an invoke of a state, by its place, does something; a timer only waits. */
export function isEffect({ invoke, machine }: AnyStateNode, index: number): boolean {
  const definition = invoke[index]
  return definition !== undefined && machine.implementations.actors[definition.src as string] !== timer
}

/** The state whose invoke is the effect of a transition: its target, or what is entered with that. */
export function effectOf(targets: readonly AnyStateNode[]): AnyStateNode | undefined {
  for (const target of targets) {
    const effect = target.invoke.some((_, i) => isEffect(target, i)) ? target : effectOf(enteredWith(target))
    if (effect !== undefined) return effect
  }
  return undefined
}

function enteredWith(node: AnyStateNode): readonly AnyStateNode[] {
  if (node.type === 'parallel') return Object.values(node.states)
  return node.type === 'compound' ? node.initial.target : []
}
