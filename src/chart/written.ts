/** What of a chart somebody wrote, as against what XState and gates add to run it: only that is drawn. */
import type { AnyTransitionDefinition } from 'xstate'
import { gateMetaOf } from '../hooks/gates/gate-meta.ts'
import { GATE_NAMES } from '../hooks/gates/names.ts'

const ofGates: readonly unknown[] = Object.values(GATE_NAMES)

/** A delay sends an event of its own, and a gate is told what is taken and left. */
export function isWrittenAction(action: unknown): boolean {
  const { event, sendId, type, to } = action as {
    readonly event?: { readonly type?: string }
    readonly sendId?: string
    readonly type?: unknown
    readonly to?: unknown
  }
  if (ofGates.includes(type) || to === GATE_NAMES.gates) return false
  return !(event?.type ?? sendId ?? '').startsWith('xstate.after.')
}

/** A gate hands events over and takes them back by transitions of its own. */
export function isWrittenTransition({ meta }: AnyTransitionDefinition): boolean {
  return gateMetaOf(meta).point === undefined
}

/** All gates of the transitions of a machine are one actor at its root. */
export function isWrittenInvoke({ src }: { readonly src: unknown }): boolean {
  return src !== GATE_NAMES.gates
}

/** A guard without what a gate asks before it. Where no gate was put on the transition, the way past one is written. */
export function writtenGuard({ guard, meta }: Pick<AnyTransitionDefinition, 'guard' | 'meta'>): unknown {
  const { guards } = (guard ?? {}) as { readonly guards?: readonly unknown[] }
  const [first = guard, own] = guards ?? []
  const { type } = (first ?? {}) as { readonly type?: unknown }
  if (!ofGates.includes(type)) return guard
  return type === GATE_NAMES.unhooked && gateMetaOf(meta).passes === undefined ? guard : own
}

/** The decision of a gate that a transition is for. */
export function decisionOf(guard: unknown): string | undefined {
  const { guards } = (guard ?? {}) as { readonly guards?: readonly unknown[] }
  const first = guards?.[0] ?? guard
  const { type, params } = (first ?? {}) as { readonly type?: unknown; readonly params?: { readonly type: string } }
  return type === GATE_NAMES.decided ? params?.type : undefined
}
