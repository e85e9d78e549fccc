/** The check of what a hook returned: nothing but a hook result gets through. */
import { toMilliseconds } from '../duration.ts'
import { nameOf, textOf } from '../errors.ts'
import { copyJson, findJsonFlaw, freezeJson, isPlainObject } from '../json.ts'
import { isStandardSchema } from './points/point.ts'
import type {
  ContinueResult,
  ForkResult,
  HookResult,
  ModifiedResult,
  RedirectResult,
  ReplaceResult,
  ResultExtras,
  SkippedResult,
  SuspendRequest,
} from './result.ts'

/** A result as the executor works with it: checked, with durations in milliseconds and defaults filled in. */
export type CheckedResult =
  | ContinueResult
  | SkippedResult
  | ModifiedResult
  | RedirectResult
  | ReplaceResult
  | ForkResult
  | (ResultExtras & { readonly type: 'cancel'; readonly reason: string })
  | (ResultExtras & { readonly type: 'retry'; readonly delayMs: number; readonly maxAttempts: number })
  | (ResultExtras & { readonly type: 'cache'; readonly key: string; readonly ttlMs: number })
  | (ResultExtras & Omit<SuspendRequest, 'expiresInMs'> & { readonly type: 'suspend'; readonly expiresInMs: number })

const CONTINUE: ContinueResult = Object.freeze({ type: 'continue' })

const DAY_MS = 86_400_000

/** The payload of each type of result: key → what is wrong with its value, undefined for nothing. */
const payloads: Record<string, Record<string, (value: unknown) => string | undefined>> = {
  continue: {},
  skipped: { reason: optional(text) },
  modified: {
    patch: (value) =>
      isPlainObject(value) || typeof value === 'function' ? undefined : 'is neither a plain object nor a recipe',
  },
  cancel: { reason: optional(text) },
  redirect: { target: name },
  replace: { value: json },
  retry: {
    delayMs: optional(duration),
    maxAttempts: optional((value) =>
      Number.isInteger(value) && (value as number) >= 1 ? undefined : 'is no whole number ≥ 1',
    ),
  },
  fork: { operations: forkOperations },
  cache: { key: text, ttlMs: optional(duration) },
  suspend: {
    question: text,
    data: json,
    schema: optional((value) => (isStandardSchema(value) ? undefined : 'is no Standard Schema')),
    expiresInMs: optional(duration),
    escalateTo: optional(name),
  },
}

/** What every result may carry besides its payload. */
const extras: Record<string, (value: unknown) => string | undefined> = {
  state: optional((value) => (isPlainObject(value) ? json(value) : 'is no plain object')),
  message: optional(text),
}

/** Checks what a hook returned. Gives the result, or a text that says why it is none. */
export function checkResult(value: unknown): CheckedResult | string {
  if (value === undefined) return CONTINUE
  try {
    return checkObject(value)
  } catch (error) {
    return `returned an object that cannot be read: ${textOf(error)}`
  }
}

function checkObject(value: unknown): CheckedResult | string {
  if (!isPlainObject(value)) return `returned ${nameOf(value)} instead of a hook result`
  const { type } = value
  const payload = typeof type === 'string' && Object.hasOwn(payloads, type) ? payloads[type] : undefined
  if (payload === undefined)
    return `returned an object whose type is ${nameOf(type)}, not one of ${Object.keys(payloads).join(', ')}`
  for (const key of Object.keys(value)) {
    if (key !== 'type' && !Object.hasOwn(payload, key) && !Object.hasOwn(extras, key)) {
      return `returned ${type as string} with an unknown key "${key}"`
    }
  }
  for (const [key, check] of [...Object.entries(payload), ...Object.entries(extras)]) {
    const problem = check(value[key])
    if (problem !== undefined) return `returned ${type as string} whose ${key} ${problem}`
  }
  return withDefaults(value as unknown as HookResult)
}

/** Whoever returned it may hold on to its objects and change them, so what is JSON becomes a copy of our own. */
function withDefaults(given: HookResult): CheckedResult {
  const result = given.state === undefined ? given : { ...given, state: freezeJson(copyJson(given.state)) }
  switch (result.type) {
    case 'cancel':
      return { ...result, reason: result.reason ?? 'no reason given' }
    case 'retry':
      return { ...result, delayMs: toMilliseconds(result.delayMs) ?? 1_000, maxAttempts: result.maxAttempts ?? 3 }
    case 'cache':
      return { ...result, ttlMs: toMilliseconds(result.ttlMs) ?? 300_000 }
    case 'suspend':
      return { ...result, data: copyJson(result.data), expiresInMs: toMilliseconds(result.expiresInMs) ?? DAY_MS }
    case 'replace':
      // Frozen, because every guard is shown it.
      return { ...result, value: freezeJson(copyJson(result.value)) }
    case 'fork':
      return { ...result, operations: copyJson(result.operations) }
    default:
      return result
  }
}

function optional(check: (value: unknown) => string | undefined) {
  return (value: unknown) => (value === undefined ? undefined : check(value))
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? undefined : 'is no text'
}

function name(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value !== '__proto__' ? undefined : 'is no name'
}

function duration(value: unknown): string | undefined {
  return toMilliseconds(value) === undefined ? `is no duration: ${nameOf(value)}` : undefined
}

function json(value: unknown): string | undefined {
  const flaw = findJsonFlaw(value)
  return flaw && `${flaw.path === '' ? '' : `at "${flaw.path}" `}${flaw.problem}, so it is not JSON`
}

function forkOperations(value: unknown): string | undefined {
  if (!Array.isArray(value) || value.length === 0) return 'is no list of operations'
  const ids = new Set<unknown>()
  for (const operation of value as unknown[]) {
    if (!isPlainObject(operation)) return 'has an element that is no operation'
    const { id, type, target, input, ...others } = operation
    if (name(id) !== undefined || name(target) !== undefined) return 'has an operation without id or target'
    if (type !== 'tool' && type !== 'agent' && type !== 'workflow')
      return `has an operation of unknown type ${nameOf(type)}`
    if (Object.keys(others).length > 0)
      return `has an operation with an unknown key "${String(Object.keys(others)[0])}"`
    if (ids.has(id)) return `has two operations with the id "${String(id)}"`
    ids.add(id)
    const problem = json(input)
    if (problem !== undefined) return `has an operation whose input ${problem}`
  }
  return undefined
}
