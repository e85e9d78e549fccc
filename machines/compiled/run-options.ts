/** What `run` takes. */
import type { AnyStateMachine, EmittedFrom, EventObject, InputFrom, Snapshot } from 'xstate'
import * as z from 'zod'
import { HookchartError } from '../../src/errors.ts'
import { parseOptions } from '../../src/options.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { Run } from './run.ts'

/** What an effect is told. */
export interface EffectCall {
  /** What the machine gives to what it invokes. */
  readonly input: unknown
  /** The id of the child. */
  readonly id: string
  /**
   * Which effect of the run it is: `run/child#1` the first time that the machine starts that child, `#2` the next. The same
   * when a run is made again with the same id, and when it goes on from a snapshot in which the effect had not ended: what
   * happened under this id need not happen again.
   */
  readonly effectId: string
  /** Aborted when the machine stops the child. Made when it is read, which costs microseconds. */
  readonly signal: AbortSignal
  /** The machine has stopped the child. */
  readonly isStopped: boolean
  /** Calls back when the machine stops the child, at once if it has; gives what stops that. Costs next to nothing. */
  onStop(listener: () => void): () => void
  /** Sends an event to the machine. */
  sendBack(event: EventObject): void
}

/** What a run does for a source that the machine invokes or spawns: it resolves to the output, or rejects. */
export type RunEffect = (call: EffectCall) => unknown

/** What of `run` may be given for any machine. */
export interface RunOptions<Machine extends AnyStateMachine> {
  /** What the machine makes its context from. */
  readonly input?: InputFrom<Machine>
  /**
   * Where to go on: what `getPersistedSnapshot` gave, of a run or of an actor. Then there is no input. A `timer` waits for what
   * remains; what `after` and delayed events waited for is lost, as in XState.
   */
  readonly snapshot?: Snapshot<unknown>
  /** The name of the run; default that of the machine. */
  readonly id?: string
  /** For `timer`, `after` and delayed events; default the clock of the computer. */
  readonly clock?: Clock
  /** Functions in the place of the machine's actors, by source; all other sources but `timer` run as actors of XState. */
  readonly effects?: Readonly<Record<string, RunEffect>>
  /** Gets each event that the machine emits. */
  readonly onEmit?: (event: EmittedFrom<Machine>) => void
  /** Called once, when the status is no longer `active`. */
  readonly onEnd?: (run: Run<Machine>) => void
  /** Takes what `log` actions write; default nobody. */
  readonly log?: (...values: unknown[]) => void
}

/** What `run` is called with: options, which may be left out when the machine needs no input. */
export type RunArguments<Machine extends AnyStateMachine> =
  undefined extends InputFrom<Machine>
    ? [options?: RunOptions<Machine>]
    : [
        options: RunOptions<Machine> &
          ({ readonly input: InputFrom<Machine> } | { readonly snapshot: Snapshot<unknown> }),
      ]

const fn = z.custom((value) => typeof value === 'function', 'expected a function')
const isClock = (value: unknown) => {
  const { now, setTimeout, clearTimeout } = (value ?? {}) as Partial<Clock>
  return [now, setTimeout, clearTimeout].every((method) => typeof method === 'function')
}

const schema = z.strictObject({
  input: z.unknown().optional(),
  snapshot: z
    .custom((value) => typeof value === 'object' && value !== null, 'expected a persisted snapshot')
    .optional(),
  id: z.string().optional(),
  clock: z.custom(isClock, 'expected a clock with now, setTimeout and clearTimeout').optional(),
  effects: z.record(z.string(), fn).optional(),
  onEmit: fn.optional(),
  onEnd: fn.optional(),
  log: fn.optional(),
})

/** As the options are read by the run, whatever its machine. */
export type AnyRunOptions = RunOptions<AnyStateMachine>

const isFunction = (value: unknown) => typeof value === 'function'

/** What the schema takes, without it: a run is made in microseconds. */
const accepts: Readonly<Record<string, (value: unknown) => boolean>> = {
  input: () => true,
  snapshot: (value) => value === undefined || (typeof value === 'object' && value !== null),
  id: (value) => typeof value === 'string',
  clock: isClock,
  effects: (value) => typeof value === 'object' && value !== null && Object.values(value).every(isFunction),
  onEmit: isFunction,
  onEnd: isFunction,
  log: isFunction,
}

function isAcceptable(options: unknown): boolean {
  if (typeof options !== 'object' || options === null) return false
  for (const key of Object.keys(options)) {
    if (accepts[key]?.((options as Record<string, unknown>)[key]) !== true) return false
  }
  return true
}

/** Parses options; what is not acceptable at a glance is judged by the schema. */
export function parseRunOptions(options: unknown, machine: string): AnyRunOptions {
  const where = `run of "${machine}"`
  if (!isAcceptable(options)) parseOptions(schema, options, where)
  const given = options as AnyRunOptions
  if ((given.input as unknown) === undefined || given.snapshot === undefined) return given
  throw new HookchartError(
    'INVALID_OPTIONS',
    `${where}: "input" and "snapshot" exclude each other; a snapshot has its context. Leave one out.`,
    { details: { where, flaws: [{ path: 'input', problem: 'not with a snapshot' }] } },
  )
}
