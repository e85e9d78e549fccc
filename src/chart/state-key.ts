/** Texts that tell states and events apart. */
import { configure } from 'safe-stable-stringify'
import type { AnyMachineSnapshot } from 'xstate'
import { HookchartError } from '../errors.ts'
import { findJsonFlaw, isPlainObject } from '../json.ts'

/** JSON with sorted keys; what is no JSON is left out, as in any JSON. */
export const canonicalJson = configure({ deterministic: true }) as (value: unknown) => string

/** What tells a state apart where nobody says what does. Throws DATA_NOT_JSON for the context. */
export function defaultKey(
  { value, context, historyValue, status }: AnyMachineSnapshot,
  where: string,
  waiting: readonly unknown[] = [],
): readonly unknown[] {
  assertTold(context, `${where}: the context`)
  const history = Object.entries(historyValue).map(([id, nodes]) => [id, nodes.map(({ id: node }) => node)])
  return [value, context as unknown, history, status, ...(waiting.length === 0 ? [] : [waiting])]
}

/** A key that somebody has given, as text. Throws DATA_NOT_JSON. */
export function keyText(key: unknown, what: string): string {
  assertTold(key, what)
  return canonicalJson(key)
}

/** In a list nothing is null, as in any JSON. */
export function withoutHoles(key: unknown): unknown {
  if (Array.isArray(key)) return key.map((each: unknown) => (each === undefined ? null : withoutHoles(each)))
  if (!isPlainObject(key)) return key
  return Object.fromEntries(Object.entries(key).map(([name, each]) => [name, withoutHoles(each)]))
}

/** What is no JSON would be the same as nothing, and states that differ in it as one. */
function assertTold(value: unknown, what: string): void {
  const flaw = findJsonFlaw(value)
  if (flaw === undefined) return
  const where = flaw.path === '' ? what : `${what} at "${flaw.path}"`
  throw new HookchartError(
    'DATA_NOT_JSON',
    `${where} ${flaw.problem}, and tells no states apart. Say by "key" what does, as JSON.`,
    { details: { what, path: flaw.path } },
  )
}
