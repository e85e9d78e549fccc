/** `system.state`: values that outlive runs, behind the gates of state. */
import * as z from 'zod'
import { HookchartError } from '../../src/errors.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { assertJson, copyJson, freezeJson } from '../../src/json.ts'
import { parseOptions } from '../../src/options.ts'
import type { Decision } from '../../src/hooks/decision.ts'
import type { Kernel } from '../../src/hooks/executor/kernel.ts'
import { PointFirer, stopped } from '../../src/hooks/executor/run-point.ts'
import { scopeText } from './state-scope.ts'
import type { StateScope } from './state-scope.ts'

/** Options of an access to state. Strict: an unknown key is refused. */
export interface StateOptions {
  /** Default `global`. */
  readonly scope?: StateScope
  /** For the trace; default one of its own. */
  readonly correlationId?: string
  readonly metadata?: Readonly<Record<string, unknown>>
  /** Ends the wait for hooks. */
  readonly signal?: AbortSignal
}

/**
 * State of a system. Values are JSON, copied on the way in and out; it lives as long as the system.
 *
 * Reading fires BeforeStateRead (which may change the key, give a value itself or refuse) and AfterStateRead; writing and deleting
 * fire BeforeStateWrite (which may change the value or refuse) and AfterStateWrite. Each rejects with the code of a hook that refuses,
 * with HOOK_INVALID_CHANGE for a key that hooks made no key of, INVALID_OPTIONS, DATA_NOT_JSON and HOOKS_STOPPED. What AfterStateWrite
 * changes or refuses is what the caller gets: it is written by then.
 */
export interface SystemState {
  /** The value; undefined when there is none. */
  get(key: string, options?: StateOptions): Promise<unknown>
  /** Gives the value as it was written, with what hooks made of it. `undefined` deletes. */
  set(key: string, value: unknown, options?: StateOptions): Promise<unknown>
  /** Whether there was one. */
  delete(key: string, options?: StateOptions): Promise<boolean>
  /** The keys of a scope, in the order in which they came. Fires the read points, with the key `*`. */
  list(options?: StateOptions): Promise<readonly string[]>
}

const schema = z.strictObject({
  scope: z.unknown().optional(),
  correlationId: z.string().min(1).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  signal: z.instanceof(AbortSignal, { error: 'expected an AbortSignal' }).optional(),
})
const keySchema = z.string({ error: 'expected a text' }).min(1, 'expected a key that is not empty').max(1_000)

/** See the head of this file. */
export function stateOf(kernel: Kernel): SystemState {
  const scopes = new Map<string, Map<string, unknown>>()
  const firer = new PointFirer(kernel)

  /** Scopes are there as long as something is in them. */
  const put = (scope: string, key: string, value: unknown) => {
    const space = scopes.get(scope) ?? new Map<string, unknown>()
    if (value === undefined) space.delete(key)
    else space.set(key, value)
    if (space.size === 0) scopes.delete(scope)
    else scopes.set(scope, space)
  }

  /** What one access asks with. */
  const access = (call: string, given: unknown, options: StateOptions = {}) => {
    const where = `state.${call}`
    if (kernel.stopped) throw stopped(where)
    const key = given === ALL ? ALL : parseOptions(keySchema, given, `${where}: the key`)
    const { scope: scoped = 'global', ...firing } = parseOptions(schema, options, where)
    const scope = scopeText(scoped, where)
    const component = { type: 'state' as const, name: scope }
    const ask = async (point: string, about: object) =>
      await firer.fire(kernel.registry.points.slot(point), { key, scope, ...about }, { component, ...firing } as never)
    const find = (asked: string) => scopes.get(scope)?.get(asked)
    return { key, scope, find, ask, where: `${where}("${key}")` }
  }

  const get = async (given: unknown, options: StateOptions | undefined) => {
    const { key, find, ask, where } = access('get', given, options)
    const before = await ask('BeforeStateRead', {})
    const asked = changed('BeforeStateRead', keySchema, dataOf(before)?.['key'] ?? key, where)
    const found = replaced(before, where) ?? { value: find(asked) }
    const after = await ask('AfterStateRead', { key: asked, output: copyJson(found.value) })
    return leftBy(after, 'output', found.value, where)
  }

  const list = async (options: StateOptions | undefined) => {
    const { scope, ask, where } = access('list', ALL, options)
    const before = await ask('BeforeStateRead', {})
    changed('BeforeStateRead', z.literal(ALL), dataOf(before)?.['key'] ?? ALL, where)
    const found = replaced(before, where) ?? { value: [...(scopes.get(scope)?.keys() ?? [])] }
    const after = await ask('AfterStateRead', { output: copyJson(found.value) })
    return changed('AfterStateRead', keysSchema, leftBy(after, 'output', found.value, where), where)
  }

  const write = async (call: string, given: unknown, value: unknown, options: StateOptions | undefined) => {
    const { key, scope, find, ask, where } = access(call, given, options)
    assertJson(value, `The value of ${where}`)
    const about = (now: unknown, previous: unknown) => ({
      value: copyJson(now),
      ...(previous !== undefined && { previous: copyJson(previous) }),
    })
    const before = await ask('BeforeStateWrite', about(value, find(key)))
    replaced(before, where)
    const written = freezeJson(copyJson((dataOf(before) ?? { value })['value']))
    // Hooks may have taken their time, and another may have written meanwhile.
    const previous = find(key)
    put(scope, key, written)
    const after = await ask('AfterStateWrite', about(written, previous))
    return { had: previous !== undefined, value: leftBy(after, 'value', written, where, 'completed') }
  }

  return {
    get,
    list,
    set: async (key, value, options) => (await write('set', key, value, options)).value,
    delete: async (key, options) => (await write('delete', key, undefined, options)).had,
  }
}

/** All keys of a scope, as hooks see it. */
const ALL = '*'
const keysSchema = z.array(keySchema)

/** The data as hooks left it. */
function dataOf(decision: Decision): Readonly<Record<string, unknown>> | undefined {
  return decision.type === 'continue' ? undefined : decision.data
}

/** What hooks at an after point leave of a value, which they are told by a name. */
function leftBy(after: Decision, name: string, value: unknown, where: string, effect?: 'completed'): unknown {
  const left = replaced(after, where, effect)
  return copyJson(left === undefined ? (dataOf(after) ?? { [name]: value })[name] : left.value)
}

/** What hooks made of something whose form matters. Throws HOOK_INVALID_CHANGE. */
function changed<Schema extends z.ZodType>(
  point: string,
  schema: Schema,
  value: unknown,
  where: string,
): z.output<Schema> {
  const { success, data, error } = schema.safeParse(value)
  if (success) return data
  const problem = error.issues.map(({ message }) => message).join('; ')
  throw new HookchartError(
    'HOOK_INVALID_CHANGE',
    `${where}: what a hook at ${point} made of it does not fit: ${problem}.`,
    {
      details: { point, value: copyJson(value) },
    },
  )
}

/** What hooks put in the place of a value; throws what they refuse with. */
function replaced(decision: Decision, what: string, effect?: 'completed'): { readonly value: unknown } | undefined {
  if (decision.type === 'replace') return { value: decision.value }
  if (decision.type !== 'cancel') return undefined
  const { code, reason, hook, cause } = decision
  const who = hook === undefined ? '' : ` by hook "${hook}"`
  throw new HookchartError(code as ErrorCode, `${what} was refused${who}: ${reason}`, {
    details: { ...(hook !== undefined && { hook }), reason, ...(effect !== undefined && { effect }) },
    ...(cause !== undefined && { cause }),
  })
}
