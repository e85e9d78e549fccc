/** How what comes over a network is checked: a strict schema, plain JSON, and one error that says where and what to do. */
import type * as z from 'zod'
import { HookchartError, nameOf } from '../../errors.ts'
import { findJsonFlaw } from '../../json.ts'

/** What is checked, and what to do when it is malformed. */
export interface Subject {
  /** The beginning of the message: `The envelope`. */
  readonly what: string
  /** The end of the message: a sentence. */
  readonly advice: string
}

interface Flaw {
  readonly path: string
  readonly problem: string
}

/** Who sends rubbish does not decide how much of it is logged. */
const MAX_FLAWS = 5
const MAX_PATH_LENGTH = 200

/** The CONTEXT_INVALID error for flaws, of which it names the first. Values are not in it, since they may be secret. */
export function malformed(subject: Subject, ...all: readonly Flaw[]): HookchartError<'CONTEXT_INVALID'> {
  const flaws = all.slice(0, MAX_FLAWS).map(({ path, problem }) => ({ path: path.slice(0, MAX_PATH_LENGTH), problem }))
  const named = flaws.map(({ path, problem }) => (path === '' ? problem : `"${path}": ${problem}`)).join('; ')
  const more = all.length > MAX_FLAWS ? `; and ${String(all.length - MAX_FLAWS)} more` : ''
  return new HookchartError('CONTEXT_INVALID', `${subject.what} is malformed: ${named}${more}. ${subject.advice}`, {
    details: { what: subject.what, flaws },
  })
}

/** Parses by a schema or throws CONTEXT_INVALID, naming the flaws and their paths. */
export function parsePart<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  subject: Subject,
): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw malformed(
    subject,
    ...parsed.error.issues.map((issue) => ({ path: issue.path.map(String).join('.'), problem: problemOf(issue) })),
  )
}

/** Whether a value has keys, so that it can be taken apart. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** A frozen copy as JSON would give it back: no undefined, no -0. Throws CONTEXT_INVALID where the value is not JSON. */
export function toPlainJson(value: unknown, subject: Subject): unknown {
  const flaw = findJsonFlaw(value)
  if (flaw !== undefined) throw malformed(subject, { path: flaw.path, problem: `${flaw.problem}, which is not JSON` })
  return copyPlain(value)
}

/** The same of a JSON text, or of a value that is none. */
export function readPlainJson(value: unknown, subject: Subject): unknown {
  if (typeof value !== 'string') return toPlainJson(value, subject)
  let read: unknown
  try {
    read = JSON.parse(value)
  } catch {
    // The parser's own message quotes the text, so it is no cause either.
    throw malformed(subject, { path: '', problem: 'the text is not JSON' })
  }
  return toPlainJson(read, subject)
}

function copyPlain(value: unknown): unknown {
  // JSON has no -0: it would come back as 0 and the copy would differ from what was sent.
  if (value === 0) return 0
  if (!isObject(value)) return value
  if (Array.isArray(value)) return Object.freeze(value.map(copyPlain))
  const copy: Record<string, unknown> = {}
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) copy[key] = copyPlain(member)
  }
  return Object.freeze(copy)
}

function problemOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'unrecognized_keys') return issue.message
  return `unknown key ${issue.keys.slice(0, MAX_FLAWS).map(nameOf).join(', ')}`
}
