/**
 * What hookchart calls JSON: null, booleans, finite numbers, strings, arrays and plain objects of them.
 * A key whose value is undefined counts as absent. Lives here: the check, the frozen copy, the canonical text.
 */
import { stringify } from 'safe-stable-stringify'
import { HookchartError } from './errors.ts'

/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }

/** Deeper data than this is refused: it is a cycle in the making, and recursion must end. */
const MAX_DEPTH = 256

/** Where a value stops being JSON, as a dotted path, and why; undefined when it is JSON. */
export interface JsonFlaw {
  readonly path: string
  readonly problem: string
}

/** The first place at which a value is not JSON. `undefined` itself is allowed at the top and as the value of a key. */
export function findJsonFlaw(value: unknown, path = '', depth = 0): JsonFlaw | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined
    case 'number':
      return Number.isFinite(value) ? undefined : { path, problem: `is ${String(value)}` }
    case 'undefined':
      return depth === 0 ? undefined : { path, problem: 'is undefined' }
    case 'object':
      return value === null ? undefined : findObjectFlaw(value, path, depth)
    default:
      return { path, problem: `is a ${typeof value}` }
  }
}

function findObjectFlaw(value: object, path: string, depth: number): JsonFlaw | undefined {
  if (depth >= MAX_DEPTH) return { path, problem: `is nested deeper than ${String(MAX_DEPTH)} levels, or a cycle` }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const flaw = findJsonFlaw(value[i], join(path, String(i)), depth + 1)
      if (flaw !== undefined) return flaw
    }
    return undefined
  }
  if (!isPlainObject(value)) {
    return {
      path,
      problem: `is an instance of ${(value.constructor as { name?: string } | undefined)?.name ?? 'a class'}`,
    }
  }
  for (const key of Object.keys(value)) {
    if (key === '__proto__') return { path: join(path, key), problem: 'is a __proto__ key' }
    const member = value[key]
    if (member === undefined) continue
    const flaw = findJsonFlaw(member, join(path, key), depth + 1)
    if (flaw !== undefined) return flaw
  }
  return undefined
}

/** Throws DATA_NOT_JSON, naming what and where, unless the value is JSON. */
export function assertJson(value: unknown, what: string): void {
  const flaw = findJsonFlaw(value)
  if (flaw !== undefined) throw notJson(flaw, what)
}

/** The DATA_NOT_JSON error for a flaw. */
export function notJson(flaw: JsonFlaw, what: string): HookchartError<'DATA_NOT_JSON'> {
  const where = flaw.path === '' ? what : `${what} at "${flaw.path}"`
  return new HookchartError('DATA_NOT_JSON', `${where} ${flaw.problem}. Hooks work on JSON; pass plain data.`, {
    details: { what, path: flaw.path },
  })
}

/** A deep copy of JSON; keys with undefined are left out. The value must have passed the check. */
export function copyJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyJson) as T
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key]
    if (member !== undefined) copy[key] = copyJson(member)
  }
  return copy as T
}

/** Freezes a JSON value through and through and gives it back. Never call it on a caller's own object. */
export function freezeJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const member of Object.values(value)) freezeJson(member)
  return value
}

/** JSON text with sorted keys, equal for equal data; `undefined` gives `undefined` as text. */
export function canonicalJson(value: unknown): string {
  return stringify(value) ?? 'undefined'
}

/** Whether two JSON values are equal; absent keys and keys with undefined are the same. */
export function equalJson(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false
    return left.every((each, i) => equalJson(each, right[i]))
  }
  const [a, b] = [left as Record<string, unknown>, right as Record<string, unknown>]
  return (
    Object.keys(a).every((key) => equalJson(a[key], Object.hasOwn(b, key) ? b[key] : undefined)) &&
    Object.keys(b).every((key) => b[key] === undefined || Object.hasOwn(a, key))
  )
}

/** A plain object: made by a literal, by JSON.parse or without a prototype. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}
