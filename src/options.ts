/** How options are parsed: strict schemas, so that an unknown key is an error that names it and the keys that exist. */
import type * as z from 'zod'
import { HookchartError } from './errors.ts'

type Issue = z.core.$ZodIssue

/** Parses options by their schema or throws INVALID_OPTIONS, naming the call, each flaw and its path. */
export function parseOptions<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  where: string,
): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const flaws = parsed.error.issues.flatMap(meantOf).map((issue) => ({
    path: issue.path.map(String).join('.'),
    problem: problemOf(issue),
  }))
  const text = flaws.map(({ path, problem }) => (path === '' ? problem : `"${path}": ${problem}`)).join('; ')
  throw new HookchartError('INVALID_OPTIONS', `${where}: ${text}.`, { details: { where, flaws } })
}

/** Of several things that may be written, what was written is the only one that is wrong inside and not as a whole. */
function meantOf(issue: Issue): readonly Issue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const meant = issue.errors.filter((issues) => issues.every(isInside))
  if (meant.length !== 1) return [issue]
  return (meant[0] as Issue[]).map((each) => ({ ...each, path: [...issue.path, ...each.path] })).flatMap(meantOf)
}

function isInside({ path, code }: Issue): boolean {
  return path.length > 0 || code === 'unrecognized_keys'
}

function problemOf(issue: Issue): string {
  if (issue.code === 'unrecognized_keys') return `unknown option ${issue.keys.map((key) => `"${key}"`).join(', ')}`
  return issue.message
}
