/** The options of a supervisor and of its children, checked and with all defaults filled in. */
import type { AnyActorLogic } from 'xstate'
import * as z from 'zod'
import { HookchartError } from '../../src/errors.ts'
import { durationSchema, positiveDurationSchema } from '../../src/duration.ts'
import type { Duration } from '../../src/duration.ts'
import { parseOptions } from '../../src/options.ts'
import type { Random } from '../../src/ports/random.ts'
import type { AgentDefinition } from '../../machines/agent/definition.ts'
import { assertUnique, isSealed } from '../../machines/definition.ts'
import type { RestartBackoff, RestartPolicy } from '../../machines/supervisor/restart.ts'
import type { SupervisorStrategy } from '../../machines/supervisor/supervisor-context.ts'

/** What every child says. */
interface ChildOptions {
  /** Which exits are followed by a restart: `permanent` all, `transient` failures, `temporary` none. Default `permanent`. */
  readonly restart?: RestartPolicy
}

/** An agent, made by the system for its supervisor. It fails when it comes to `error` and does not recover by itself. */
export interface AgentChildOptions extends ChildOptions {
  /** Default the name of the agent. */
  readonly id?: string
  readonly agent: AgentDefinition
}

/** A machine, or any other logic of XState, with the hooks of the system at its gates. It fails when its status is `error`. */
export interface MachineChildOptions extends ChildOptions {
  readonly id: string
  readonly machine: AnyActorLogic
  /** What it is begun with, each time. */
  readonly input?: unknown
}

/** A supervisor below a supervisor. It fails when it gives up. */
export interface SupervisorChildOptions extends ChildOptions {
  readonly id: string
  readonly supervisor: SupervisionOptions
}

/** What a supervisor does with its children. */
export interface SupervisionOptions {
  /** `one_for_one` (default) starts a failed child again, `one_for_all` all, `rest_for_one` it and those after it. */
  readonly strategy?: SupervisorStrategy
  /** So many restarts are allowed within `periodMs`; with one more it gives up. From 0; default 3. */
  readonly maxRestarts?: number
  /** Default 5 s. */
  readonly periodMs?: Duration
  /** The wait before a restart. */
  readonly backoff?: RestartBackoffOptions
  /** How long an agent may take to end before it is ended by force; default 5 s. */
  readonly shutdownMs?: Duration
  /** Started in this order, stopped in the reverse one. At least one. */
  readonly children: readonly (AgentChildOptions | MachineChildOptions | SupervisorChildOptions)[]
}

/** The wait before a restart as it is written. */
export interface RestartBackoffOptions {
  /** The wait before the first restart in a row; default 100. At most a day. */
  readonly delayMs?: Duration
  /** What it grows by from each restart to the next, until the child has run for `periodMs`. From 1; default 2. */
  readonly multiplier?: number
  /** Default 30 s, or `delayMs` where that is longer. At most a day. */
  readonly maxDelayMs?: Duration
  /** The share of a wait that chance may take away, from 0 to 1; default 0.2. */
  readonly jitter?: number
}

/** Options of {@link createSupervisor}. Strict: an unknown key is refused. */
export interface CreateSupervisorOptions extends SupervisionOptions {
  /** Default `supervisor`. Part of the ids of its agents. */
  readonly id?: string
  /** The chance behind `jitter`; default that of the system. */
  readonly random?: Random
}

/** A child, checked. */
export type ParsedChild = { readonly id: string; readonly restart: RestartPolicy } & (
  | { readonly agent: AgentDefinition }
  | { readonly machine: AnyActorLogic; readonly input: unknown }
  | { readonly supervisor: ParsedSupervision }
)

/** What a supervisor does, with all defaults. */
export interface ParsedSupervision {
  readonly strategy: SupervisorStrategy
  readonly maxRestarts: number
  readonly periodMs: number
  readonly backoff: RestartBackoff
  readonly shutdownMs: number
  readonly children: readonly ParsedChild[]
}

const DEFAULTS = { maxRestarts: 3, periodMs: 5_000, shutdownMs: 5_000 } as const
const BACKOFF = { delayMs: 100, multiplier: 2, maxDelayMs: 30_000, jitter: 0.2 } as const

/** Timers of the platform cannot wait for a month. */
const DAY_MS = 86_400_000

/** Ids are joined to paths. */
const idSchema = z
  .string()
  .max(100)
  .regex(/^[^/]+$/, 'expected an id that is not empty and has no "/"')

const waitSchema = durationSchema.refine((value) => value <= DAY_MS, 'expected at most a day')

const backoffSchema = z.strictObject({
  delayMs: waitSchema.optional(),
  multiplier: z.number().min(1).max(100).optional(),
  maxDelayMs: waitSchema.optional(),
  jitter: z.number().min(0).max(1).optional(),
})

const shape = {
  strategy: z.enum(['one_for_one', 'one_for_all', 'rest_for_one']).default('one_for_one'),
  maxRestarts: z.int().min(0).max(1_000_000).default(DEFAULTS.maxRestarts),
  periodMs: positiveDurationSchema.default(DEFAULTS.periodMs),
  backoff: backoffSchema.default({}),
  shutdownMs: durationSchema.default(DEFAULTS.shutdownMs),
  children: z.array(z.unknown()).min(1, 'expected at least one child'),
}
const supervisionSchema = z.strictObject(shape)

const supervisorSchema = z.strictObject({
  ...shape,
  id: idSchema.default('supervisor'),
  random: z
    .custom<Random>((value) => typeof (value as Partial<Random> | null)?.next === 'function', 'expected next')
    .optional(),
})

const restart = z.enum(['permanent', 'transient', 'temporary']).default('permanent')

const agentSchema = z.strictObject({
  restart,
  id: idSchema.optional(),
  agent: z.custom<AgentDefinition>((value) => isSealed(value, 'agent'), 'expected what defineAgent gave'),
})

const isLogic = (value: unknown) =>
  typeof (value as Partial<AnyActorLogic> | null)?.transition === 'function' &&
  typeof (value as Partial<AnyActorLogic>).getInitialSnapshot === 'function'

const machineSchema = z.strictObject({
  restart,
  id: idSchema,
  machine: z.custom<AnyActorLogic>(isLogic, 'expected a machine or other logic of XState'),
  input: z.unknown().optional(),
})

const nestedSchema = z.strictObject({ restart, id: idSchema, supervisor: z.unknown() })

/** Checks the options of a supervisor. */
export function parseSupervisor(options: unknown) {
  const { id, random, ...given } = parseOptions(supervisorSchema, options, 'createSupervisor')
  return { id, random, supervision: filledIn(given, `createSupervisor("${id}")`) }
}

function filledIn(given: z.output<typeof supervisionSchema>, where: string): ParsedSupervision {
  const { backoff, children, ...rest } = given
  const { delayMs = BACKOFF.delayMs, multiplier = BACKOFF.multiplier, jitter = BACKOFF.jitter } = backoff
  const maxDelayMs = backoff.maxDelayMs ?? Math.max(BACKOFF.maxDelayMs, delayMs)
  const parsed = children.map((child, i) => parseChild(child, `${where}.children[${String(i)}]`))
  assertUnique(
    parsed.map(({ id }) => id),
    'children',
    where,
  )
  return { ...rest, backoff: { delayMs, multiplier, maxDelayMs, jitter }, children: parsed }
}

function parseChild(given: unknown, where: string): ParsedChild {
  const kinds = ['agent', 'machine', 'supervisor'].filter((key) => key in Object(given))
  const [kind] = kinds
  if (kinds.length !== 1) {
    const problem = `expected one of "agent", "machine" and "supervisor", not ${kinds.length === 0 ? 'none' : kinds.join(' and ')}`
    throw new HookchartError('INVALID_OPTIONS', `${where}: ${problem}.`, {
      details: { where, flaws: [{ path: '', problem }] },
    })
  }
  if (kind === 'agent') {
    const { agent, id = agent.name, ...rest } = parseOptions(agentSchema, given, where)
    return { ...rest, agent, id: parseOptions(idSchema, id, `${where}.id`) }
  }
  if (kind === 'machine') {
    const { input, ...rest } = parseOptions(machineSchema, given, where)
    return { ...rest, input }
  }
  const { supervisor, ...rest } = parseOptions(nestedSchema, given, where)
  const nested = parseOptions(supervisionSchema, supervisor, `${where}.supervisor`)
  return { ...rest, supervisor: filledIn(nested, `${where}.supervisor`) }
}
