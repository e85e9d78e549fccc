/** Which invoke is the effect of a transition. */
import type { AnyStateNode } from 'xstate'

/** The state whose invoke is the effect of a transition: its target, or what is entered with that. */
export function effectOf(targets: readonly AnyStateNode[]): AnyStateNode | undefined {
  for (const target of targets) {
    const effect = target.invoke.length > 0 ? target : effectOf(enteredWith(target))
    if (effect !== undefined) return effect
  }
  return undefined
}

function enteredWith(node: AnyStateNode): readonly AnyStateNode[] {
  if (node.type === 'parallel') return Object.values(node.states)
  return node.type === 'compound' ? node.initial.target : []
}
