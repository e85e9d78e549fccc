/** What a hook point is: one row of the catalogue, or a point that a user defines. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as z from 'zod'
import { HookchartError, nameOf } from '../../errors.ts'
import { parseOptions } from '../../options.ts'

/** before: may change, block, replace, redirect. after: may change the result. error: may recover. notify: may only watch. */
export type HookPhase = 'before' | 'after' | 'error' | 'notify'

/** transform: may propose changes. guard: may only allow or refuse, on the final data; fails closed. observe: may only watch. */
export type HookKind = 'transform' | 'guard' | 'observe'

/** What a point may belong to. */
export const COMPONENT_TYPES = [
  'agent',
  'model',
  'tool',
  'workflow',
  'chain',
  'state',
  'system',
  'session',
  'event',
  'performance',
  'operation',
  'custom',
] as const

/** What a point belongs to. `operation` stands for every component. */
export type ComponentType = (typeof COMPONENT_TYPES)[number]

/** What a hook may decide besides `continue` and `skipped`. */
export type DecisionType = 'modified' | 'replace' | 'cancel' | 'redirect' | 'retry' | 'fork' | 'cache' | 'suspend'

/** A hook point: a named place at which hooks run. `Data`, `Decisions` and `Writable` are known to the type checker only. */
export interface PointDefinition<
  Id extends string = string,
  Data = unknown,
  Decisions extends DecisionType = DecisionType,
  Phase extends HookPhase = HookPhase,
  Writable extends string = string,
> {
  readonly id: Id
  readonly component: ComponentType
  readonly phase: Phase
  /** What hooks here may decide besides `continue`. Empty: observe only. */
  readonly decisions: readonly Decisions[]
  /** The keys of `ctx.data` that hooks may change; undefined: any. */
  readonly writable: readonly Writable[] | undefined
  readonly aliases: readonly string[]
  /** The public call that fires it, or `pending`. */
  readonly firedBy: string
  /** One line. */
  readonly doc: string
  /** The name of the type of its data. */
  readonly shape: string
  /** Checks the data, when the point has one. */
  readonly schema: StandardSchemaV1<unknown, unknown> | undefined
  /** Never there; carries the type of the data. */
  readonly '~data'?: Data
}

/** What hooks may decide at plain points of each phase. */
export const PHASE_DECISIONS = {
  before: ['modified', 'replace', 'cancel', 'redirect', 'retry', 'fork', 'cache', 'suspend'],
  after: ['modified', 'replace', 'cancel', 'redirect', 'retry', 'fork', 'suspend'],
  error: ['modified', 'replace', 'cancel', 'redirect', 'retry', 'fork', 'suspend'],
  notify: [],
} as const satisfies Record<HookPhase, readonly DecisionType[]>

/** What hooks may decide at a plain point of a phase. */
export type PhaseDecisions<Phase extends HookPhase> = (typeof PHASE_DECISIONS)[Phase][number]

/** Options of {@link definePoint}. */
export interface DefinePointOptions<
  Phase extends HookPhase,
  Schema extends StandardSchemaV1,
  Decisions extends DecisionType,
> {
  /** What hooks may do here; see {@link HookPhase}. */
  readonly phase: Phase
  /** Any Standard Schema; checks the data given to `hooks.run` and every change that a hook proposes. */
  readonly schema?: Schema
  /** What hooks may decide besides `continue`; default all of the phase. */
  readonly decisions?: readonly Decisions[]
  /** One line for `explain` and listings. */
  readonly doc?: string
}

const PRINTABLE = /^[^\p{Cc}\p{Zl}\p{Zp}]+$/u

/** A name that people can read: not empty, no control characters, at most 200 characters. */
export const nameSchema = z
  .string()
  .min(1, 'expected a name that is not empty')
  .max(200, 'expected a name of at most 200 characters')
  .regex(PRINTABLE, 'expected a name without control characters')

const decisionSchema = z.enum(['modified', 'replace', 'cancel', 'redirect', 'retry', 'fork', 'cache', 'suspend'])

const pointNameSchema = z.object({ name: nameSchema.regex(/^[^*]+$/, 'expected a name without *') })

const definePointSchema = z.strictObject({
  phase: z.enum(['before', 'after', 'error', 'notify']),
  schema: z
    .custom<StandardSchemaV1>(isStandardSchema, 'expected a Standard Schema, such as z.object({ … })')
    .optional(),
  decisions: z.array(decisionSchema).optional(),
  doc: z.string().optional(),
})

const PREFIX = 'custom:'

/** The id of a point of one's own; a name that has the prefix already keeps it. */
export type CustomId<Name extends string> = Name extends `custom:${string}` ? Name : `custom:${Name}`

const BRAND = Symbol.for('hookchart.point')

/** Marks a definition as made here: what merely looks like one was never checked. */
export function sealPoint<Definition extends object>(definition: Definition): Readonly<Definition> {
  return Object.freeze(Object.defineProperty(definition, BRAND, { value: true }))
}

/**
 * Defines a point of your own: `custom:<name>`; the name may be given with the prefix or without. Fire it with `hooks.run(point, data)` or put it round a function with `hooks.wrap`.
 *
 * Passing the definition to `createHooks({ points })`, `register` or `run` declares it in that registry.
 * Data and decisions are typed from then on. A point of phase `notify` takes observers only.
 *
 * @throws INVALID_OPTIONS for a bad name, phase, schema, or a decision that the phase does not know.
 * @example
 * ```ts
 * import * as z from 'zod'
 * import { createHooks, definePoint, hook } from 'hookchart/hooks'
 * const beforeSend = definePoint('before_send', { phase: 'before', schema: z.object({ to: z.string() }) })
 * const hooks = createHooks()
 * hooks.register(beforeSend, (ctx) => (ctx.data.to.endsWith('.test') ? hook.cancel('not to test domains') : undefined))
 * const decision = await hooks.run(beforeSend, { to: 'ann@example.test' })
 * console.assert(decision.type === 'cancel')
 * ```
 */
export function definePoint<
  const Name extends string,
  const Phase extends HookPhase,
  Schema extends StandardSchemaV1 = StandardSchemaV1<Readonly<Record<string, unknown>>>,
  const Decisions extends PhaseDecisions<Phase> = PhaseDecisions<Phase>,
>(
  name: Name,
  options: DefinePointOptions<Phase, Schema, Decisions>,
): PointDefinition<CustomId<Name>, StandardSchemaV1.InferInput<Schema>, Decisions, Phase> {
  const where = `definePoint(${nameOf(name)})`
  const given: unknown = name
  const bare = typeof given === 'string' && given.startsWith(PREFIX) ? given.slice(PREFIX.length) : given
  parseOptions(pointNameSchema, { name: bare }, where)
  const parsed = parseOptions(definePointSchema, (options as unknown) ?? {}, where)
  const known: readonly DecisionType[] = PHASE_DECISIONS[parsed.phase]
  const decisions = parsed.decisions ?? known
  const foreign = decisions.find((decision) => !known.includes(decision))
  if (foreign !== undefined) {
    throw new HookchartError(
      'INVALID_OPTIONS',
      `definePoint("${name}"): a point of phase "${parsed.phase}" knows no decision "${foreign}"; it knows ${known.join(', ') || 'none'}.`,
      { details: { where: 'definePoint', decision: foreign, known } },
    )
  }
  return sealPoint({
    id: `${PREFIX}${bare as string}` as CustomId<Name>,
    component: 'custom' as const,
    phase: options.phase,
    decisions: Object.freeze([...decisions]) as readonly Decisions[],
    writable: undefined,
    aliases: [],
    firedBy: 'hooks.run',
    doc: parsed.doc ?? 'A custom point.',
    shape: 'custom',
    schema: parsed.schema,
  })
}

/** Whether a value is a point of the catalogue, or made by {@link definePoint}. */
export function isPointDefinition(value: unknown): value is PointDefinition {
  return typeof value === 'object' && value !== null && BRAND in value
}

/** Whether a value is a Standard Schema. */
export function isStandardSchema(value: unknown): value is StandardSchemaV1 {
  return (typeof value === 'object' || typeof value === 'function') && value !== null && '~standard' in value
}
