/**
 * Changes of gate data: a shallow patch or a recipe becomes new data with Immer patches both ways.
 * The old data is never touched, and what a hook hands in is copied, so that nothing can change behind a guard.
 */
import { enablePatches, Immer, isDraft } from 'immer'
import type { Patch } from 'immer'
import { textOf } from '../errors.ts'
import { copyJson, equalJson, findJsonFlaw } from '../json.ts'
import type { ModifiedResult } from './result.ts'

enablePatches()
// Freezing would reach the caller's own objects, which the new data shares.
const immer = new Immer({ autoFreeze: false })

/** The data of a gate. */
export type GateData = Readonly<Record<string, unknown>>

/** An accepted change: the data after it, and the way there and back. */
export interface Change {
  readonly data: GateData
  readonly patches: readonly Patch[]
  readonly inversePatches: readonly Patch[]
}

/**
 * Works out what a `modified` result makes of the data; a text says why it cannot be accepted.
 * `writable` are the keys that may change, undefined for any.
 */
export function changeData(
  data: GateData,
  patch: ModifiedResult['patch'],
  writable: readonly string[] | undefined,
): Change | string {
  const change = typeof patch === 'function' ? byRecipe(data, patch as (draft: never) => unknown) : byPatch(data, patch)
  if (typeof change === 'string') return change
  for (const { path } of change.patches) {
    const key = String(path[0])
    if (path.includes('__proto__')) return 'sets a __proto__ key'
    if (writable !== undefined && !writable.includes(key)) {
      return `changes "${key}", but here ${writable.map((each) => `"${each}"`).join(', ') || 'nothing'} may be changed`
    }
  }
  return change
}

/** Sets one key of the data: the change that a fork makes. */
export function setKey(data: GateData, key: string, value: unknown): Change {
  return byPatch(data, { [key]: value }) as Change
}

/** Sets some keys of the data to JSON that has been checked. */
export function setKeys(data: GateData, keys: GateData): Change {
  return byPatch(data, keys) as Change
}

/** The data with patches applied; the given data stays as it is. */
export function applyPatches<Data>(data: Data, patches: readonly Patch[]): Data {
  return immer.applyPatches(data as object, [...patches]) as Data
}

function byPatch(data: GateData, patch: object): Change | string {
  const next: Record<string, unknown> = { ...data }
  const patches: Patch[] = []
  const inversePatches: Patch[] = []
  for (const [key, value] of Object.entries(patch) as [string, unknown][]) {
    if (key === '__proto__') return 'sets a __proto__ key'
    const flaw = findJsonFlaw(value, key)
    if (flaw !== undefined) return `is not JSON: "${flaw.path}" ${flaw.problem}`
    const had = Object.hasOwn(data, key)
    if (had && equalJson(data[key], value)) continue
    const copy = copyJson(value)
    next[key] = copy
    patches.push({ op: had ? 'replace' : 'add', path: [key], value: copy })
    inversePatches.push(had ? { op: 'replace', path: [key], value: data[key] } : { op: 'remove', path: [key] })
  }
  return { data: next, patches, inversePatches }
}

function byRecipe(data: GateData, recipe: (draft: never) => unknown): Change | string {
  let returned: unknown
  let produced: readonly [GateData, readonly Patch[], readonly Patch[]]
  try {
    produced = immer.produceWithPatches(data, (draft) => {
      returned = recipe(draft as never)
      // Short recipes give what an assignment or a method gives, often a part of the draft.
      if (isDraft(returned)) returned = undefined
    })
  } catch (error) {
    return `has a recipe that failed: ${textOf(error)}`
  }
  const [, found, inversePatches] = produced
  if (returned instanceof Promise) {
    returned.catch(() => undefined)
    return 'has an async recipe; await first and give a recipe that is not async'
  }
  if (found.length === 0) {
    return typeof returned === 'object' && returned !== null
      ? 'replaces all of data; change the draft instead of returning another value'
      : { data, patches: [], inversePatches: [] }
  }
  for (const { op, value, path } of found) {
    // Paths of symbols cannot be joined, and an element has a place that undefined would leave a hole in.
    if (path.some((part) => typeof (part as unknown) === 'symbol')) return 'is not JSON: it sets a symbol key'
    if (op !== 'remove' && value === undefined && typeof path.at(-1) === 'number')
      return `is not JSON: "${path.join('.')}" is undefined`
    const flaw = findJsonFlaw(value, path.join('.'))
    if (flaw !== undefined) return `is not JSON: "${flaw.path}" ${flaw.problem}`
  }
  const patches = found.map((each) => ('value' in each ? { ...each, value: copyJson(each.value as unknown) } : each))
  try {
    return { data: applyPatches(data, patches), patches, inversePatches }
  } catch (error) {
    // Immer makes no way through a key like "constructor".
    return `has a recipe whose change cannot be made: ${textOf(error)}`
  }
}
