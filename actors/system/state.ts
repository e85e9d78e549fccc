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
 * with INVALID_OPTIONS, DATA_NOT_JSON and HOOKS_STOPPED.
 */
export interface SystemState {
  /** The value; undefined when there is none. */
  get(key: string, options?: StateOptions): Promise<unknown>
  /** Gives the value as it was written, with what hooks made of it. `undefined` deletes. */
  set(key: string, value: unknown, options?: StateOptions): Promise<unknown>
  /** Whether there was one. */
  delete(key: string, options?: StateOptions): Promise<boolean>
  /** The keys of a scope, in the order in which they came. Fires the read points with the key `*`. */
  list(options?: StateOptions): Promise<readonly string[]>
}

const schema = z.strictObject({
  scope: z.unknown().optional(),
  correlationId: z.string().min(1).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  signal: z.instanceof(AbortSignal, { error: 'expected an AbortSignal' }).optional(),
})
const keySchema = z.string({ error: 'expected a text' }).min(1, 'expected a key that is not empty').max(1_000)

/** How often one write may be asked for again. */
const MOST_WRITES = 100

/** See the head of this file. */
export function stateOf(kernel: Kernel): SystemState {
  const scopes = new Map<string, Map<string, unknown>>()
  const firer = new PointFirer(kernel)
  const spaceOf = (scope: string) => {
    const space = scopes.get(scope) ?? new Map<string, unknown>()
    scopes.set(scope, space)
    return space
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
    return { key, scope, space: spaceOf(scope), ask, where: `${where}("${key}")` }
  }

  const read = async (
    call: string,
    given: unknown,
    options: StateOptions | undefined,
    find: Find,
  ): Promise<unknown> => {
    const { key, space, ask, where } = access(call, given, options)
    const before = await ask('BeforeStateRead', {})
    const asked = dataOf(before)?.['key'] ?? key
    const found = replaced(before, where) ?? { value: find(space, asked as string) }
    const after = await ask('AfterStateRead', { key: asked, output: copyJson(found.value) })
    const left = replaced(after, where)
    return copyJson(left === undefined ? (dataOf(after) ?? { output: found.value })['output'] : left.value)
  }

  const write = async (call: string, given: unknown, value: unknown, options: StateOptions | undefined) => {
    const { key, space, ask, where } = access(call, given, options)
    assertJson(value, `The value of ${where}`)
    const previous = space.get(key)
    const had = space.has(key)
    const about = (now: unknown) => ({ value: copyJson(now), ...(had && { previous: copyJson(previous) }) })
    const before = await ask('BeforeStateWrite', about(value))
    replaced(before, where)
    const written = freezeJson(copyJson((dataOf(before) ?? { value })['value']))
    for (let write = 1; ; write++) {
      if (written === undefined) space.delete(key)
      else space.set(key, written)
      const after = await ask('AfterStateWrite', about(written))
      if (after.type === 'retry' && write < Math.min(MOST_WRITES, after.maxAttempts)) {
        await pause(kernel, after.delayMs)
        continue
      }
      const left = replaced(after, where, 'completed')
      return { had, value: copyJson(left === undefined ? (dataOf(after) ?? { value: written })['value'] : left.value) }
    }
  }

  return {
    get: (key, options) => read('get', key, options, (space, asked) => space.get(asked)),
    list: async (options) => (await read('list', ALL, options, (space) => [...space.keys()])) as readonly string[],
    set: async (key, value, options) => (await write('set', key, value, options)).value,
    delete: async (key, options) => (await write('delete', key, undefined, options)).had,
  }
}

type Find = (space: ReadonlyMap<string, unknown>, key: string) => unknown

/** All keys of a scope, as hooks see it. */
const ALL = '*'

/** The data as hooks left it. */
function dataOf(decision: Decision): Readonly<Record<string, unknown>> | undefined {
  return decision.type === 'continue' ? undefined : decision.data
}

/** What hooks put in the place of a value; throws what they refuse with, and for what state knows nothing of. */
function replaced(decision: Decision, what: string, effect?: 'completed'): { readonly value: unknown } | undefined {
  switch (decision.type) {
    case 'continue':
    case 'modified':
      return undefined
    case 'replace':
      return { value: decision.value }
    case 'cancel': {
      const { code, reason, hook, cause } = decision
      throw new HookchartError(code as ErrorCode, `${what} was refused by hook "${String(hook)}": ${reason}`, {
        details: { hook, reason, ...(effect !== undefined && { effect }) },
        ...(cause !== undefined && { cause }),
      })
    }
    case 'redirect':
    case 'retry':
      throw new HookchartError(
        'HOOK_DECISION_NOT_ALLOWED',
        `${what}: hook "${decision.hook}" decided ${decision.type}, which state cannot follow any further.`,
        { details: { hook: decision.hook, decision: decision.type } },
      )
  }
}

function pause(kernel: Kernel, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    kernel.time.clock.setTimeout(resolve, delayMs)
  })
}
