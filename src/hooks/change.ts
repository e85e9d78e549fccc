/**
 * Changes of gate data: a shallow patch or a recipe becomes new data with Immer patches both ways.
 * The old data is never touched, and what a hook hands in is copied, so that nothing can change behind a guard.
 */
import { enablePatches, Immer, isDraft } from 'immer'
import type { Patch } from 'immer'
import { textOf } from '../errors.ts'
import { copyJson, equalJson, findJsonFlaw, isPlainObject } from '../json.ts'
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

/** What a schema makes of some keys of the data. It changes as little as can be: other hooks may have changed what lies beside it. */
export function settleKeys(data: GateData, keys: GateData): Change {
  const patches: Patch[] = []
  const inversePatches: Patch[] = []
  for (const [key, value] of Object.entries(keys)) diff(data[key], value, [key], patches, inversePatches)
  return { data: applyPatches(data, patches), patches, inversePatches: inversePatches.reverse() }
}

/** Immer makes no way through these keys. */
function hasNoWay(value: Record<string, unknown>): boolean {
  return ['__proto__', 'constructor', 'prototype'].some((key) => Object.hasOwn(value, key))
}

/** The patches from one JSON value to another. */
function diff(from: unknown, to: unknown, path: (string | number)[], patches: Patch[], inversePatches: Patch[]): void {
  if (equalJson(from, to)) return
  if (isPlainObject(from) && isPlainObject(to) && !hasNoWay(from) && !hasNoWay(to)) {
    for (const key of new Set([...Object.keys(from), ...Object.keys(to)]))
      diff(from[key], to[key], [...path, key], patches, inversePatches)
    return
  }
  const undone: Patch = { op: 'replace', path, value: copyJson(from) }
  if (to === undefined) {
    patches.push({ op: 'remove', path })
    inversePatches.push({ ...undone, op: 'add' })
  } else {
    patches.push({ op: from === undefined ? 'add' : 'replace', path, value: copyJson(to) })
    inversePatches.push(from === undefined ? { op: 'remove', path } : undone)
  }
}

/** Several changes, one after another, as one. */
export function asOneChange(changes: readonly Change[]): Change {
  return {
    data: (changes.at(-1) as Change).data,
    patches: changes.flatMap(({ patches }) => patches),
    inversePatches: changes.toReversed().flatMap(({ inversePatches }) => inversePatches),
  }
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
    next[key] = copyJson(value)
    patches.push({ op: had ? 'replace' : 'add', path: [key], value: copyJson(value) })
    inversePatches.push(
      had ? { op: 'replace', path: [key], value: recorded(data[key]) } : { op: 'remove', path: [key] },
    )
  }
  return { data: next, patches, inversePatches }
}

/** What a record keeps of a value that others go on working with. What is no JSON, which only unchecked data holds, stays as it is. */
function recorded(value: unknown): unknown {
  return findJsonFlaw(value) === undefined ? copyJson(value) : value
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
  const [, found, undone] = produced
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
  const inversePatches = undone.map((each) => ('value' in each ? { ...each, value: recorded(each.value) } : each))
  try {
    return { data: applyPatches(data, patches), patches, inversePatches }
  } catch (error) {
    // Immer makes no way through a key like "constructor".
    return `has a recipe whose change cannot be made: ${textOf(error)}`
  }
}
