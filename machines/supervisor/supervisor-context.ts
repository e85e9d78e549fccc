/** What the machine of a supervisor knows, and what it is told. All of it JSON. */
import * as z from 'zod'
import type { ErrorData } from '../../src/errors.ts'
import { parseOptions } from '../../src/options.ts'
import type { ExitKind, RestartBackoff, RestartPolicy } from './restart.ts'

/** Who is started again with a child: it alone, all, or it and those that were started after it. */
export type SupervisorStrategy = 'one_for_one' | 'one_for_all' | 'rest_for_one'

/**
 * Where a child is: `waiting` for its start, `starting`, `running`, `leaving` until it is stopped; or not to be started again:
 * `completed` and `failed` by itself, `stopped` by its supervisor.
 */
export type ChildStatus = 'waiting' | 'starting' | 'running' | 'leaving' | 'completed' | 'failed' | 'stopped'

/** What a supervisor knows of a child. */
export interface ChildState {
  readonly id: string
  readonly restart: RestartPolicy
  readonly status: ChildStatus
  /** How often it was started, or tried to be. */
  readonly starts: number
  /** Restarts for its own sake in a row; from the beginning again after it has run for a period. */
  readonly inARow: number
  /** When it was started last; null while it is not. */
  readonly startedAt: number | null
  /** When it is to be started, while it waits for that. */
  readonly dueAt: number
  /** It is started again once it has been stopped. */
  readonly again: boolean
  /** Why it failed last. */
  readonly lastError: ErrorData | null
}

/** What the machine of a supervisor is begun with. */
export interface SupervisorInput {
  readonly strategy: SupervisorStrategy
  /** So many restarts are allowed within `periodMs`; one more, and the supervisor fails. */
  readonly maxRestarts: number
  readonly periodMs: number
  readonly backoff: RestartBackoff
  /** In the order in which they are started. */
  readonly children: readonly { readonly id: string; readonly restart: RestartPolicy }[]
  /** The time now. */
  readonly at: number
}

/** What a supervisor knows beside its state. */
export interface SupervisorContext extends Omit<SupervisorInput, 'children' | 'at'> {
  readonly children: readonly ChildState[]
  /** When something was told or came due last. */
  readonly now: number
  /** When it decided for restarts, as far as they count. */
  readonly restarts: readonly number[]
  /** The child that is being started or stopped. */
  readonly inHand: string | null
  /** It ends, because it was told to, or because there were too many restarts. */
  readonly ending: 'stop' | 'failure' | null
  /** The exit that was one too many; without an error where the child did not fail. */
  readonly cause: { readonly child: string; readonly error: ErrorData | null } | null
}

/** A child has ended by itself. `chance` (0 ≤ n < 1) is for the jitter of the wait that follows. */
export interface ChildExit {
  readonly id: string
  readonly kind: ExitKind
  readonly error?: ErrorData
  readonly at: number
  readonly chance: number
}

/** What a supervisor is told. */
export type SupervisorEvent =
  | ({ readonly type: 'EXITED' } & ChildExit)
  /** Stop all children and end. */
  | { readonly type: 'STOP'; readonly at: number }

/** What the start of a child comes to. */
export type StartOutcome =
  | { readonly type: 'started'; readonly at: number }
  | { readonly type: 'failed'; readonly error: ErrorData; readonly at: number; readonly chance: number }

/** What the stop of a child comes to. */
export interface StopOutcome {
  readonly type: 'stopped'
  readonly at: number
}

/** How a supervisor has ended. */
export interface SupervisorOutput {
  readonly status: 'stopped' | 'failed'
  readonly cause: SupervisorContext['cause']
}

const inputSchema = z.strictObject({
  strategy: z.enum(['one_for_one', 'one_for_all', 'rest_for_one']),
  maxRestarts: z.int().nonnegative(),
  periodMs: z.number().positive(),
  backoff: z.strictObject({
    delayMs: z.number().nonnegative(),
    multiplier: z.number().min(1),
    maxDelayMs: z.number().nonnegative(),
    jitter: z.number().min(0).max(1),
  }),
  children: z
    .array(z.strictObject({ id: z.string(), restart: z.enum(['permanent', 'transient', 'temporary']) }))
    .refine((children) => new Set(children.map(({ id }) => id)).size === children.length, 'expected each id once'),
  at: z.number(),
})

/** A supervisor that has started nobody yet. Throws INVALID_OPTIONS. */
export function beginSupervision(given: SupervisorInput): SupervisorContext {
  const { children, at, ...input } = parseOptions(inputSchema, given, 'input of supervisor')
  return {
    ...input,
    children: children.map(({ id, restart }) => ({
      ...{ id, restart, starts: 0, inARow: 0, startedAt: null, dueAt: at, again: false, lastError: null },
      status: 'waiting',
    })),
    now: at,
    restarts: [],
    inHand: null,
    ending: null,
    cause: null,
  }
}
