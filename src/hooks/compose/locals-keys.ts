/** What `ctx.locals` of a composite's children hangs on. */
import type { CompositeChild } from '../hook.ts'

/** By hook and child; of a child that stands in a composite several times one for each place. */
const keys = new WeakMap<object, Map<CompositeChild, object[]>>()

/**
 * Gives the children of one composite their keys. Wherever the hook stands, and in both parts of a pair, the same child
 * gets the same one; a child that is used twice in a composite is two.
 */
export function localsKeysOf(hook: object): (child: CompositeChild) => object {
  const ofHook = keys.get(hook) ?? new Map<CompositeChild, object[]>()
  keys.set(hook, ofHook)
  const uses = new Map<CompositeChild, number>()
  return (child) => {
    const use = uses.get(child) ?? 0
    uses.set(child, use + 1)
    const ofChild = ofHook.get(child) ?? []
    ofHook.set(child, ofChild)
    return (ofChild[use] ??= {})
  }
}
