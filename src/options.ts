/** How options are parsed: strict schemas, so that an unknown key is an error that names it and the keys that exist. */
import type * as z from 'zod'
import { HookchartError } from './errors.ts'

/** Parses options by their schema or throws INVALID_OPTIONS, naming the call, each flaw and its path. */
export function parseOptions<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  where: string,
): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const flaws = parsed.error.issues.map((issue) => ({
    path: issue.path.map(String).join('.'),
    problem: problemOf(issue),
  }))
  const text = flaws.map(({ path, problem }) => (path === '' ? problem : `"${path}": ${problem}`)).join('; ')
  throw new HookchartError('INVALID_OPTIONS', `${where}: ${text}.`, { details: { where, flaws } })
}

function problemOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `unknown option ${issue.keys.map((key) => `"${key}"`).join(', ')}`
  return issue.message
}
