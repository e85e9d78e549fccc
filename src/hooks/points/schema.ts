/** Checking values by any Standard Schema. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { textOf } from '../../errors.ts'
import { copyJson, equalJson, findJsonFlaw } from '../../json.ts'
import { isPromise, wait } from '../flow.ts'
import type { Flow } from '../flow.ts'

/** What a schema makes of a value. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string; readonly issues: readonly Issue[] }

/** What a schema says is wrong, and where. */
export interface Issue {
  readonly path: string
  readonly problem: string
}

/** Parses a value; at once if the schema does. */
export function parseBySchema<Output>(
  schema: StandardSchemaV1<unknown, Output>,
  value: unknown,
): Parsed<Output> | Promise<Parsed<Output>> {
  let result: StandardSchemaV1.Result<Output> | Promise<StandardSchemaV1.Result<Output>>
  try {
    result = schema['~standard'].validate(value)
  } catch (error) {
    return thrown(error)
  }
  return isPromise(result) ? Promise.resolve(result).then(parsedOf, thrown) : parsedOf(result)
}

/** A schema that throws has not said that the value fits. */
function thrown(error: unknown): Parsed<never> {
  const problem = `its schema threw: ${textOf(error)}`
  return { problem, issues: [{ path: '', problem }] }
}

/**
 * What hooks see of a value that a schema has parsed: what the schema made of it, defaults filled in and text trimmed,
 * so that guards vouch for the very thing that goes on. Where that is no JSON, or would not parse to itself, it is the
 * value as it was given.
 */
export function* shownBySchema(schema: StandardSchemaV1, given: unknown, parsed: unknown): Flow<unknown> {
  if (findJsonFlaw(parsed) !== undefined || equalJson(given, parsed)) return given
  const again = yield* wait(parseBySchema(schema, parsed))
  return 'value' in again && equalJson(parsed, again.value) ? copyJson(parsed) : given
}

/** What is wrong with a value by a schema; undefined for nothing. */
export function checkBySchema(
  schema: StandardSchemaV1,
  value: unknown,
): string | undefined | Promise<string | undefined> {
  const parsed = parseBySchema(schema, value)
  return isPromise(parsed) ? Promise.resolve(parsed).then(problemOf) : problemOf(parsed)
}

function parsedOf<Output>(result: StandardSchemaV1.Result<Output>): Parsed<Output> {
  if (result.issues === undefined) return { value: result.value }
  const issues = result.issues.map(({ message, path = [] }) => ({
    path: path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.'),
    problem: message,
  }))
  return {
    issues,
    problem: issues.map(({ path, problem }) => (path === '' ? problem : `"${path}": ${problem}`)).join('; '),
  }
}

function problemOf(parsed: Parsed<unknown>): string | undefined {
  return 'problem' in parsed ? parsed.problem : undefined
}

/** Checks the data of a point. Forks put their results beside what the schema knows. */
export function checkByPoint(
  schema: StandardSchemaV1,
): (data: unknown) => string | undefined | Promise<string | undefined> {
  return (data) => {
    const { forks: _, ...own } = data as Record<string, unknown>
    return checkBySchema(schema, own)
  }
}
