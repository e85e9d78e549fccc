/** Parts of a machine as they are written in its config, and how XState reads them. */
import { and } from 'xstate'
import type { AnyStateNode } from 'xstate'
import type { GateMeta } from '../../src/hooks/gates/gate-meta.ts'
import { GATE_NAMES } from '../../src/hooks/gates/names.ts'

/** A part of a machine as it is written. */
export type Written = Readonly<Record<string, unknown>>

/** A transition as it is written, in full. */
export interface WrittenTransition {
  readonly target?: unknown
  readonly guard?: unknown
  readonly actions?: unknown
  readonly meta?: unknown
}

/** The types of event that are written in a state and in those inside it. */
export function typesIn(node: AnyStateNode): Set<string> {
  const own = Object.keys((node.config as { readonly on?: object }).on ?? {})
  return new Set([...own, ...Object.values(node.states).flatMap((child) => [...typesIn(child)])])
}

/** What a gate asks, and then what is written. */
export function both(guard: object, own: unknown): unknown {
  return own === undefined ? guard : and([guard, own] as never)
}

/** As XState reads them: nothing at all is a transition that forbids those of the states around. */
export function transitionsOf(written: unknown): readonly WrittenTransition[] {
  return written === undefined ? [{}] : listOf(written).map(transitionOf)
}

/** For events that do not come from a gate. */
export function forFresh(transition: WrittenTransition): WrittenTransition {
  return { ...transition, guard: both({ type: GATE_NAMES.fresh }, transition.guard) }
}

/** Says what a transition has to do with gates. */
export function withGate(transition: WrittenTransition, gate: GateMeta): WrittenTransition {
  return { ...transition, meta: { ...(transition.meta as object | undefined), gate } }
}

export function isWildcard(type: string): boolean {
  return type.endsWith('*')
}

function transitionOf(written: unknown): WrittenTransition {
  return typeof written === 'string' ? { target: written } : (written ?? {})
}

/** Nothing, one or a list, as it may be written. */
export function listOf(written: unknown): readonly unknown[] {
  if (written === undefined) return []
  return Array.isArray(written) ? written : [written]
}
