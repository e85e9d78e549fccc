/** A hook as a user describes it: its function and its options. */
import * as z from 'zod'
import { positiveDurationSchema } from '../duration.ts'
import type { Duration } from '../duration.ts'
import { HookchartError, nameOf } from '../errors.ts'
import { isPlainObject } from '../json.ts'
import { parseOptions } from '../options.ts'
import type { BreakerSettings } from '../ports/breaker.ts'
import type { Pattern } from './compose/pattern.ts'
import { breakerSchema } from './breaker.ts'
import type { BreakerOption } from './breaker.ts'
import type { HookContext, HookHandler, Language, PointArg } from './context.ts'
import { nameSchema } from './points/point.ts'
import type { HookKind } from './points/point.ts'

/** A named priority or a number; lower runs first. */
export type Priority = 'highest' | 'high' | 'normal' | 'low' | 'lowest' | number

/** The numbers behind the named priorities. */
export const priorities = { highest: -1_000, high: -100, normal: 0, low: 100, lowest: 1_000 } as const

/** Which components a hook is for: globs over the name, and the type. */
export interface ComponentMatch {
  readonly component?: string
  readonly type?: string
}

/** Options of a hook. Strict: an unknown key is refused. */
export interface HookOptions<Point = string, Context = HookContext<Point>> {
  /** Unique per point; default an automatic one. */
  readonly name?: string
  /** Default `transform`, and `observe` at points that only notify. */
  readonly kind?: HookKind
  /** Lower runs first; default `normal` (0). */
  readonly priority?: Priority
  /** Names of hooks that this one must run before. */
  readonly before?: readonly string[]
  /** Names of hooks that this one must run after. */
  readonly after?: readonly string[]
  /** Skips the hook when it gives false. */
  readonly when?: (ctx: Context) => boolean
  readonly match?: ComponentMatch
  /** Deadline of an async call; default 5 s, or what the executor says. */
  readonly timeoutMs?: Duration
  /** What a failure does: `open` records and skips (default of transforms), `closed` refuses (always, for guards). Not for observers. */
  readonly onFailure?: 'open' | 'closed'
  readonly breaker?: BreakerOption
  /** The paths that the hook means to change. Only `explain` reads them, to tell of hooks that overlap; nothing else is done with them. */
  readonly writes?: readonly string[]
  /** Lower is shed first when hooks cost too much; default 0. */
  readonly criticality?: number
  readonly tags?: readonly string[]
  readonly version?: string
  readonly description?: string
  readonly language?: Language
  /** Unregister with the first call. Not for pairs: their parts are called in turn. */
  readonly once?: boolean
  /** Unregister when it is aborted. */
  readonly signal?: AbortSignal
}

/** A reusable hook: what `defineHook` gives and composites and `use` take. */
export interface HookDefinition<Point = string> extends HookOptions<Point> {
  readonly handler: HookHandler<Point> | Composite<Point> | AnyComposite
  /** The points at which `use` registers it. */
  readonly points?: Point | readonly Point[]
}

/** A hook definition for any points. */
export interface AnyHookDefinition extends Omit<HookOptions, 'when'> {
  readonly handler: ((ctx: never) => unknown) | AnyComposite
  readonly when?: (ctx: never) => boolean
  readonly points?: unknown
}

/** A child of a composite: a function, a defined hook, or another composite. */
export type CompositeChild<Point = string> = HookHandler<Point> | HookDefinition<Point> | Composite<Point>

/** Several hooks as one; made by `compose`, taken wherever a handler is. */
export interface Composite<Point = string> extends AnyComposite {
  readonly children: readonly CompositeChild<Point>[]
}

/** A composite of hooks for any points: what its children may decide is checked when it runs. */
export interface AnyComposite {
  readonly pattern: Pattern
  readonly children: readonly unknown[]
}

const BRAND = Symbol.for('hookchart.composite')

/** Makes a composite. A list of children is kept as it is, and read when the composite is registered. */
export function makeComposite<Point>(pattern: Pattern, children: readonly CompositeChild[]): Composite<Point> {
  const composite: Composite = Object.defineProperty({ pattern, children }, BRAND, { value: true })
  return Object.freeze(composite) as AnyComposite as Composite<Point>
}

/** Whether a value is a composite. */
export function isComposite(value: unknown): value is Composite {
  return typeof value === 'object' && value !== null && BRAND in value
}

function callable<T>(what: string) {
  return z.custom<T>((value) => typeof value === 'function', `expected ${what}`)
}

const names = z.array(nameSchema)

const optionsSchema = z.strictObject({
  name: nameSchema.optional(),
  kind: z.enum(['transform', 'guard', 'observe']).optional(),
  priority: z
    .union([z.enum(['highest', 'high', 'normal', 'low', 'lowest']), z.number()], {
      error: "expected a finite number or 'highest', 'high', 'normal', 'low', 'lowest'",
    })
    .optional(),
  before: names.optional(),
  after: names.optional(),
  when: callable<(ctx: HookContext) => boolean>('a function').optional(),
  match: z.strictObject({ component: nameSchema.optional(), type: nameSchema.optional() }).optional(),
  timeoutMs: positiveDurationSchema.optional(),
  onFailure: z.enum(['open', 'closed']).optional(),
  breaker: breakerSchema.optional(),
  writes: names.optional(),
  criticality: z.number().optional(),
  tags: z.array(z.string()).optional(),
  version: z.string().optional(),
  description: z.string().optional(),
  language: z.enum(['native', 'lua', 'javascript', 'python', 'unknown']).optional(),
  once: z.boolean().optional(),
  signal: z.instanceof(AbortSignal).optional(),
})

/** Options as the kernel works with them: checked, durations in milliseconds, the priority a number. */
export interface ParsedHookOptions {
  readonly name: string | undefined
  readonly kind: HookKind | undefined
  readonly priority: number
  readonly before: readonly string[]
  readonly after: readonly string[]
  readonly when: ((ctx: HookContext) => boolean) | undefined
  readonly match: ComponentMatch | undefined
  readonly timeoutMs: number | undefined
  readonly onFailure: 'open' | 'closed' | undefined
  readonly breaker: BreakerSettings | false | undefined
  readonly writes: readonly string[] | undefined
  readonly criticality: number
  readonly tags: readonly string[]
  readonly version: string
  readonly description: string
  readonly language: Language
  readonly once: boolean
  readonly signal: AbortSignal | undefined
}

const NONE: readonly string[] = []

const DEFAULTS = withDefaults({})

/** Checks the options of a hook. */
export function parseHookOptions(options: unknown, where: string): ParsedHookOptions {
  if (options === undefined) return DEFAULTS
  if (!isObject(options)) {
    throw new HookchartError(
      'INVALID_OPTIONS',
      `${where}: the options are ${nameOf(options)}. Give an object such as { name: 'audit', priority: 'high' }, or nothing.`,
      { details: { where, flaws: [{ path: '', problem: 'expected an object' }] } },
    )
  }
  const given = parseFields(options) ?? parseOptions(optionsSchema, options, where)
  assertFailure(given.kind, given.onFailure, where)
  return withDefaults(given)
}

function withDefaults(given: z.output<typeof optionsSchema>): ParsedHookOptions {
  const { priority = 0 } = given
  return {
    name: given.name,
    kind: given.kind,
    priority: typeof priority === 'string' ? priorities[priority] : priority,
    before: given.before ?? NONE,
    after: given.after ?? NONE,
    when: given.when,
    match: given.match as ComponentMatch | undefined,
    timeoutMs: given.timeoutMs,
    onFailure: given.onFailure,
    breaker: given.breaker,
    writes: given.writes,
    criticality: given.criticality ?? 0,
    tags: given.tags ?? NONE,
    version: given.version ?? '1.0.0',
    description: given.description ?? '',
    language: given.language ?? 'native',
    once: given.once ?? false,
    signal: given.signal,
  }
}

/**
 * The same as parsing by the whole schema, for options that fit it: most hooks have two of its fields, and looking for
 * the others takes longer than all the rest of a registration. What does not fit is for the whole schema to tell.
 */
function parseFields(options: Record<string, unknown>): z.output<typeof optionsSchema> | undefined {
  if (!isPlainObject(options)) return undefined
  const given: Record<string, unknown> = {}
  for (const key of Object.keys(options)) {
    if (!Object.hasOwn(optionsSchema.shape, key)) return undefined
    const parsed = optionsSchema.shape[key as keyof typeof optionsSchema.shape].safeParse(options[key])
    if (!parsed.success) return undefined
    given[key] = parsed.data
  }
  return given
}

/** Refuses an `onFailure` that a hook of this kind would not obey. */
export function assertFailure(
  kind: HookKind | undefined,
  onFailure: ParsedHookOptions['onFailure'],
  where: string,
): void {
  const [problem, advice] =
    kind === 'guard' && onFailure === 'open'
      ? ['a guard always fails closed', '"onFailure": "open" is for transforms.']
      : kind === 'observe' && onFailure !== undefined
        ? ['the failure of an observer is recorded and changes nothing', 'leave out "onFailure".']
        : []
  if (problem === undefined || advice === undefined) return
  throw new HookchartError('INVALID_OPTIONS', `${where}: ${problem}; ${advice}`, {
    details: { where, flaws: [{ path: 'onFailure', problem }] },
  })
}

/** Refuses a handler that cannot be called. */
export function assertHandler(handler: unknown, where: string): asserts handler is HookHandler {
  if (typeof handler !== 'function') {
    throw new HookchartError(
      'INVALID_HANDLER',
      `${where}: the handler is ${handler === null ? 'null' : typeof handler}, not a function.`,
      {
        details: { where },
      },
    )
  }
}

/** Whether a value describes a hook: an object with a handler. */
export function isHookDefinition(value: unknown): value is HookDefinition {
  return typeof value === 'object' && value !== null && 'handler' in value
}

/**
 * Describes a reusable hook; `hooks.use` registers it at its points, composites take it as a child.
 *
 * @throws INVALID_OPTIONS, INVALID_HANDLER
 * @example
 * ```ts
 * import { createHooks, defineHook, hook } from 'hookchart/hooks'
 * const noSecrets = defineHook({
 *   name: 'no_secrets',
 *   kind: 'guard',
 *   points: 'BeforeToolExecution',
 *   handler: (ctx) => (JSON.stringify(ctx.data.input).includes('sk-') ? hook.cancel('a key in the input') : undefined),
 * })
 * const hooks = createHooks()
 * hooks.use(noSecrets)
 * const echo = hooks.wrap({ name: 'echo', before: 'BeforeToolExecution' }, (text: string) => text)
 * console.assert((await echo('sk-123')).status === 'cancelled')
 * ```
 */
export function defineHook<const Point extends PointArg = string>(
  definition: HookDefinition<Point>,
): HookDefinition<Point> {
  const given: unknown = definition
  if (!isObject(given)) {
    throw new HookchartError(
      'INVALID_OPTIONS',
      `defineHook: the definition is ${nameOf(given)}. Give an object such as { name: 'audit', points: 'ToolError', handler }.`,
      { details: { where: 'defineHook', flaws: [{ path: '', problem: 'expected an object' }] } },
    )
  }
  const where = `defineHook(${nameOf(given['name'])})`
  parseHookOptions(optionsOf(definition as AnyHookDefinition as HookDefinition), where)
  if (!isComposite(definition.handler)) assertHandler(definition.handler, where)
  return Object.freeze({ ...definition })
}

/** The options of a definition, without its handler and points. */
export function optionsOf(definition: HookDefinition): HookOptions {
  const { handler: _handler, points: _points, ...options } = definition
  return options
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
