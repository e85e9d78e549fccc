/** Texts that tell states and events apart. */
import { configure } from 'safe-stable-stringify'
import type { AnyMachineSnapshot } from 'xstate'
import { HookchartError, isHookchartError, toErrorData } from '../errors.ts'
import { findJsonFlaw, isPlainObject } from '../json.ts'

/** JSON with sorted keys; what is no JSON is left out, as in any JSON. */
export const canonicalJson = configure({ deterministic: true }) as (value: unknown) => string

/** An event as text; errors, which have nothing that JSON would show, are told apart by what they say. */
export function eventText(event: unknown): string {
  return canonicalJson(asData(event))
}

/** What tells a state apart where nobody says what does. Throws DATA_NOT_JSON for the context. */
export function stateText({ value, context, historyValue, status }: AnyMachineSnapshot, where: string): string {
  assertTold(context, `${where}: the context`)
  const history = Object.entries(historyValue).map(([id, nodes]) => [id, nodes.map(({ id: node }) => node)])
  return canonicalJson([value, context as unknown, history, status])
}

/** A key that somebody has given, or what waits at gates, as text. Throws DATA_NOT_JSON. */
export function dataText(given: unknown, what: string, advice?: string): string {
  const data = asData(given)
  assertTold(data, what, advice)
  return canonicalJson(data)
}

/** Deeper than any JSON may be. */
const MAX_DEPTH = 256

/** In a list nothing is null, as in any JSON; errors are what they say. */
function asData(given: unknown, depth = 0): unknown {
  // What is nested deeper is a cycle, or will be refused all the same.
  if (depth > MAX_DEPTH) return given
  if (given instanceof Error) return asData(isHookchartError(given) ? given.toJSON() : { ...toErrorData(given) }, depth)
  if (Array.isArray(given)) return given.map((each: unknown) => (each === undefined ? null : asData(each, depth + 1)))
  if (!isPlainObject(given)) return given
  return Object.fromEntries(Object.entries(given).map(([name, each]) => [name, asData(each, depth + 1)]))
}

/** What is no JSON would be the same as nothing, and states that differ in it as one. */
function assertTold(value: unknown, what: string, advice = 'Say by "key" what does, as JSON.'): void {
  const flaw = findJsonFlaw(value)
  if (flaw === undefined) return
  const where = flaw.path === '' ? what : `${what} at "${flaw.path}"`
  throw new HookchartError('DATA_NOT_JSON', `${where} ${flaw.problem}, and tells no states apart. ${advice}`, {
    details: { what, path: flaw.path },
  })
}
