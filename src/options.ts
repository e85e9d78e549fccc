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
    problem: problemOf(issue, schema),
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

function problemOf(issue: Issue, schema: z.ZodType): string {
  if (issue.code !== 'unrecognized_keys') return issue.message
  const known = knownAt(schema, issue.path)
  const which = known === undefined ? '' : `; known: ${known.join(', ') || 'none'}`
  return `unknown option ${issue.keys.map((key) => `"${key}"`).join(', ')}${which}`
}

/** The keys that a schema knows at a path; undefined where that depends on what is given, as in a union. */
function knownAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] | undefined {
  let at: unknown = schema
  for (const key of path) at = shapeOf(at)?.[key as string]
  const shape = shapeOf(at)
  return shape === undefined ? undefined : Object.keys(shape)
}

/** The members of an object, also of one that may be left out. */
function shapeOf(schema: unknown): Readonly<Record<string, unknown>> | undefined {
  const def = (schema as z.core.$ZodType | undefined)?._zod.def as
    { readonly shape?: Readonly<Record<string, unknown>>; readonly innerType?: unknown } | undefined
  return def?.innerType === undefined ? def?.shape : shapeOf(def.innerType)
}
