/**
 * The names of effects that charts start: never of chance, so that a run that is replayed gives the same ones, and what was
 * started once can be told from what was not, however often a state is entered again.
 */

/** An actor, as far as its place among others goes. */
export interface PlacedActor {
  readonly id: string
  readonly _parent?: PlacedActor | undefined
}

/** How many effects each child id of an actor has been so far. */
export type EffectCounts = Map<string, number>

const counts = new WeakMap<PlacedActor, EffectCounts>()

/** What an actor has counted. */
export function effectCountsOf(actor: PlacedActor): EffectCounts {
  let own = counts.get(actor)
  if (own === undefined) counts.set(actor, (own = new Map<string, number>()))
  return own
}

/** Counts the next start of a child: 1, 2, … */
export function countEffect(own: EffectCounts, id: string): number {
  const count = (own.get(id) ?? 0) + 1
  own.set(id, count)
  return count
}

/** `run/actor/child#2`: the second time that the actor of that path in the run has started that child. */
export function effectIdOf(parent: PlacedActor | undefined, id: string, count: number): string {
  return `${pathOf(parent)}${id}#${String(count)}`
}

/** The id of a child that is made now. */
export function nextEffectId({ _parent, id }: PlacedActor): string {
  return effectIdOf(_parent, id, _parent === undefined ? 1 : countEffect(effectCountsOf(_parent), id))
}

/** A child goes on that was counted before: those after it are counted from there. */
export function resumeCount(own: EffectCounts, id: string, effectId: unknown): void {
  if (typeof effectId !== 'string') return
  const count = Number(effectId.slice(effectId.lastIndexOf('#') + 1))
  if (Number.isInteger(count) && count > (own.get(id) ?? 0)) own.set(id, count)
}

/** The same for an actor that knows its parent. */
export function resumeEffectId({ _parent, id }: PlacedActor, effectId: unknown): void {
  if (_parent !== undefined) resumeCount(effectCountsOf(_parent), id, effectId)
}

function pathOf(actor: PlacedActor | undefined): string {
  return actor === undefined ? '' : `${pathOf(actor._parent)}${actor.id}/`
}
