/** The state that the steps of a workflow share: drafts of it, and what one draft changed. All of it frozen JSON. */
import { createDraft, current, isDraft } from 'immer'
import { HookchartError, nameOf } from '../../src/errors.ts'
import { copyJson, equalJson, findJsonFlaw, freezeJson, isPlainObject } from '../../src/json.ts'

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
  return createDraft(state)
}

/** What a step has changed in its draft, key by key. Throws DATA_NOT_JSON. What is set in the draft afterwards changes nothing. */
export function changesOf(base: StateData, draft: Record<string, unknown>, step: string): StateChange[] {
  // Not finished, which would revoke it: a step that goes on with it must not throw for that.
  return changesBetween(base, current(draft), step)
}

/** What a step gives may be parts of its draft: those as they are now. */
export function withoutDrafts(value: unknown, depth = 0): unknown {
  if (isDraft(value)) return current(value as object)
  if (depth === DEEPEST) return value
  if (Array.isArray(value)) return value.some(mayHold) ? value.map((each) => withoutDrafts(each, depth + 1)) : value
  if (!isPlainObject(value) || !Object.values(value).some(mayHold)) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutDrafts(each, depth + 1)]))
}

const DEEPEST = 256
const mayHold = (value: unknown) => typeof value === 'object' && value !== null

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
