/** A child as its supervisor has it: something that is started and stopped, again and again. */
import type { AnyActorRef } from 'xstate'
import type { HookchartError } from '../../src/errors.ts'
import type { SystemInternals } from '../system/internals.ts'
import type { ExitKind } from '../../machines/supervisor/restart.ts'

/** It has ended by itself. */
export interface Exit {
  readonly kind: ExitKind
  readonly error?: HookchartError
}

/** Somebody wanted it to end, and its runs are cancelled; or something has failed, and its runs have too. */
export type StopReason = 'wanted' | 'failure'

/** See the head of this file. */
export interface Child {
  readonly type: 'agent' | 'machine' | 'supervisor'
  /** The ids of its supervisors and its own: `root/pool/worker`. */
  readonly path: string
  /** What runs now, or ran last. */
  readonly actor: AnyActorRef
  /** Where that is in its life. JSON. */
  readonly state: unknown
  /** Starts it anew. Rejects when it cannot be started; an exit from then on is told. */
  start(): Promise<void>
  /** Ends it whatever it is at, also while it is being started. Never rejects. */
  stop(why: StopReason): Promise<void>
  /** It will not be started again, unless others are that it belongs to. */
  settle(): void
}

/** What a child is made with. */
export interface ChildParts {
  readonly path: string
  readonly system: SystemInternals
  /** Told once for each start, unless it is stopped first. */
  readonly onExit: (exit: Exit) => void
}
