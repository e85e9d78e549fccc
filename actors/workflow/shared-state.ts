/** The state that the steps of a workflow share: drafts of it, and what one draft changed. All of it frozen JSON. */
import { createDraft, finishDraft, isDraft } from 'immer'
import { HookchartError, nameOf } from '../../src/errors.ts'
import { copyJson, equalJson, findJsonFlaw, freezeJson } from '../../src/json.ts'

/** Shared state. */
export type StateData = Readonly<Record<string, unknown>>

/** A key that a step wants to change. Without a value it is taken away. */
export interface StateChange {
  readonly key: string
  readonly value: unknown
  readonly previous: unknown
}

export const NO_STATE: StateData = Object.freeze({})

/** A draft for a step: what is set in it is seen by nobody else. */
export function draftOf(state: StateData): Record<string, unknown> {
  return createDraft(state) as Record<string, unknown>
}

/** What a step has changed in its draft, key by key. Throws DATA_NOT_JSON. The draft is of no use afterwards. */
export function changesOf(base: StateData, draft: Record<string, unknown>, step: string): StateChange[] {
  // Immer would freeze what the step still has in its hands.
  const next = isDraft(draft) ? (finishDraft(draft) as StateData) : base
  return changesBetween(base, next, step)
}

/** What differs between two states, key by key. */
export function changesBetween(base: StateData, next: StateData, step: string): StateChange[] {
  const changes: StateChange[] = []
  for (const key of new Set([...Object.keys(base), ...Object.keys(next)])) {
    const [previous, given] = [base[key], next[key]]
    if (previous === given) continue
    const flaw = findJsonFlaw(given, key)
    if (flaw !== undefined) {
      const message = `The state that step ${nameOf(step)} set is not JSON: "${flaw.path}" ${flaw.problem}. Set plain data.`
      throw new HookchartError('DATA_NOT_JSON', message, { details: { step, path: flaw.path } })
    }
    if (!equalJson(previous, given)) changes.push({ key, value: freezeJson(copyJson(given)), previous })
  }
  return changes
}

/** The state with one key changed. */
export function withKey(state: StateData, key: string, value: unknown): StateData {
  const next: Record<string, unknown> = { ...state, [key]: value }
  if (value === undefined) Reflect.deleteProperty(next, key)
  return Object.freeze(next)
}

/** Takes what hooks changed between two states over into a third. */
export function carryOver(before: StateData, after: StateData, into: StateData): StateData {
  if (before === after) return into
  let state = into
  for (const key of Object.keys(after)) if (after[key] !== before[key]) state = withKey(state, key, after[key])
  return state
}
