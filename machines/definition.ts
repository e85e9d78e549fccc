/**
 * What tools, agents, workflows and chains have in common as definitions: names, what is said about them, the component
 * that hooks see, and that nothing of them can be changed. What each of them is stands in its own file.
 */
import * as z from 'zod'
import { HookchartError, nameOf } from '../src/errors.ts'
import type { ComponentInfo, ComponentRef } from '../src/hooks/context.ts'
import { nameSchema } from '../src/hooks/points/point.ts'
import { copyJson, findJsonFlaw, freezeJson, isPlainObject } from '../src/json.ts'

/** What a definition may describe. */
export type DefinitionType = 'tool' | 'agent' | 'workflow' | 'chain'

/** What every definition says about itself. */
export interface Described {
  /** Default none: an empty text. */
  readonly description: string
  /** Default `1.0.0`. */
  readonly version: string
  /** Default none. */
  readonly tags: readonly string[]
}

/** The component of a definition: for `hooks.for`; carries the types of input and output. */
export type DefinedComponent<Input, Output> = ComponentInfo & ComponentRef<Input, Output>

/** A name that results are kept under. `__proto__` is no key that JSON data may have. */
export const keySchema = nameSchema.refine((name) => name !== '__proto__', 'expected another name than __proto__')

/** The name of a component. Hooks match components by globs, so a name has no `*`. */
export const componentNameSchema = keySchema.regex(/^[^*]+$/, 'expected a name without *')

/** A list of texts without doubles. */
export const textsSchema = z
  .array(nameSchema)
  .refine((texts) => new Set(texts).size === texts.length, 'expected each text once')

/** A function; what it takes and gives is for the type checker. */
export function functionSchema<T>() {
  return z.custom<T>((value) => typeof value === 'function', 'expected a function')
}

/** JSON, or nothing. */
export const jsonSchema = z.unknown().superRefine((value, ctx) => {
  const flaw = findJsonFlaw(value)
  if (flaw === undefined) return
  const where = flaw.path === '' ? 'it' : `"${flaw.path}"`
  ctx.addIssue({ code: 'custom', message: `expected JSON, but ${where} ${flaw.problem}`, continue: false })
})

/** A JSON object, copied and frozen: what becomes of the caller's own object later changes nothing. */
export const jsonObjectSchema = jsonSchema
  .superRefine((value, ctx) => {
    if (!isPlainObject(value)) ctx.addIssue({ code: 'custom', message: `expected a JSON object, not ${nameOf(value)}` })
  })
  .transform((value) => freezeJson(copyJson(value)) as Readonly<Record<string, unknown>>)

/** The options that every definition takes besides its name. */
export const describedShape = {
  description: z.string().optional(),
  version: z.string().min(1, 'expected a version that is not empty').max(100).optional(),
  tags: textsSchema.optional(),
}

/** What a definition says about itself, with defaults. */
export function describe(given: {
  readonly description?: string | undefined
  readonly version?: string | undefined
  readonly tags?: readonly string[] | undefined
}): Described {
  const { description = '', version = '1.0.0', tags = [] } = given
  return { description, version, tags: Object.freeze([...tags]) }
}

const BRAND = Symbol.for('hookchart.definition')

/** The component that hooks see of a definition. */
export function componentOf(type: ComponentInfo['type'], name: string): ComponentInfo {
  return Object.freeze({ type, name, id: name })
}

/** Marks a definition as made here and freezes it: what merely looks like one was never checked. */
export function seal<Definition extends object>(kind: DefinitionType | 'step', definition: Definition): Definition {
  return Object.freeze(Object.defineProperty(definition, BRAND, { value: kind }))
}

/** Whether a value is a definition, or a step, that was made here. */
export function isSealed(value: unknown, kind: DefinitionType | 'step'): boolean {
  return typeof value === 'object' && value !== null && (value as { [BRAND]?: unknown })[BRAND] === kind
}

/** Refuses a name that comes twice among what must be told apart by name. */
export function assertUnique(names: readonly string[], what: string, where: string): void {
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name)) {
      throw new HookchartError(
        'DUPLICATE_NAME',
        `${where}: two ${what} are called "${name}". Give each a name of its own.`,
        { details: { where, name } },
      )
    }
    seen.add(name)
  }
}
