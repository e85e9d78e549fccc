/** Where state lives: for all, for one workflow, for one step of it, or in a space of somebody's own. */
import * as z from 'zod'
import { HookchartError, nameOf } from '../../src/errors.ts'

/** A scope of `system.state`. `workflow` is an id or a name of your choice; one key in two scopes is two values. */
export type StateScope =
  | 'global'
  | { readonly workflow: string }
  | { readonly workflow: string; readonly step: string }
  | { readonly custom: string }

const name = z.string().min(1, 'expected a name that is not empty').max(200)

const schema = z.union([
  z.literal('global'),
  z.strictObject({ workflow: name, step: name.optional() }),
  z.strictObject({ custom: name }),
])

/** A scope as text, as hooks see it: `global`, `workflow:w`, `step:w:s` or `custom:c`. Throws INVALID_OPTIONS. */
export function scopeText(scope: unknown, where: string): string {
  const { success, data } = schema.safeParse(scope)
  if (!success) {
    const expected = "expected 'global', { workflow }, { workflow, step } or { custom }"
    throw new HookchartError('INVALID_OPTIONS', `${where}: the scope is ${nameOf(scope)}; ${expected}.`, {
      details: { where, flaws: [{ path: 'scope', problem: expected }] },
    })
  }
  if (data === 'global') return data
  if ('custom' in data) return `custom:${escaped(data.custom)}`
  const { workflow, step } = data
  return step === undefined ? `workflow:${escaped(workflow)}` : `step:${escaped(workflow)}:${escaped(step)}`
}

/** No two scopes have one text. */
function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll(':', '%3A')
}
