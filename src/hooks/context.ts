/** What a hook is called with, as types; the object itself is made in `executor/hook-context.ts`. */
import type { Immutable } from 'immer'
import type { ErrorData } from '../errors.ts'
import type { Catalogue, PointId } from './points/catalogue.ts'
import type { ComponentType, DecisionType, PointDefinition } from './points/point.ts'
import type { HookResult, Recipe, ResultExtras } from './result.ts'
import type { RunResult, RunStatus } from './run-result.ts'

/** The language a hook or an event comes from. */
export type Language = 'native' | 'lua' | 'javascript' | 'python' | 'unknown'

/** What an operation is an operation of. */
export interface ComponentInfo {
  readonly type: ComponentType
  readonly name: string
  readonly id: string
}

/** Something whose hooks can be narrowed to it: a tool, an agent, a workflow, the `component` of a wrapped function. */
export interface ComponentRef<Input = unknown, Output = unknown> {
  readonly type: ComponentInfo['type']
  readonly name: string
  /** Never there; carries the types of input and output. */
  readonly '~io'?: { readonly input: Input; readonly output: Output }
}

/** A point as users name it: an id, an alias, a glob over ids, or a definition. */
export type PointArg = PointId | PointDefinition | (string & {})

/** Data of a point that is known only by a text: any of the usual keys may be there. */
export interface AnyData {
  readonly input?: unknown
  readonly output?: unknown
  readonly error?: ErrorData
  readonly [key: string]: unknown
}

/** The type of `ctx.data` at a point. */
export type DataAt<Point> =
  Point extends PointDefinition<string, infer Data> ? Data : Point extends PointId ? DataOf<Catalogue[Point]> : AnyData

type DataOf<Definition> = Definition extends PointDefinition<string, infer Data> ? Data : never

/** What a hook may return at a point; at several points, what all of them allow. */
export type ResultAt<Point, Data = DataAt<Point>> =
  | HookResult<Data, Exclude<DecisionsAt<Point>, 'modified'>>
  | ('modified' extends DecisionsAt<Point> ? ModifiedAt<Point, Data> : never)

/** A change of the data that every one of the points takes. */
export interface ModifiedAt<Point, Data = DataAt<Point>> extends ResultExtras {
  readonly type: 'modified'
  readonly patch: PatchAt<Point, Data> | Recipe<Data>
}

/** What every one of the points allows: all that none of them refuses. */
type DecisionsAt<Point> = Exclude<DecisionType, Point extends unknown ? Exclude<DecisionType, AllowedAt<Point>> : never>

type AllowedAt<Point> =
  Point extends PointDefinition<string, infer _, infer Decisions>
    ? Decisions
    : Point extends PointId
      ? DecisionsOf<Catalogue[Point]>
      : DecisionType

type DecisionsOf<Definition> = Definition extends PointDefinition<string, infer _, infer Decisions> ? Decisions : never

/** The keys that hooks may write at every one of the points. */
type WritableAt<Point> = (Point extends unknown ? (key: WritableKeys<Point>) => void : never) extends (
  key: infer Key,
) => void
  ? Key
  : never

type WritableKeys<Point> =
  Point extends PointDefinition<string, infer _, infer _Decisions, infer _Phase, infer Writable>
    ? Writable
    : Point extends PointId
      ? WritableOf<Catalogue[Point]>
      : string

type WritableOf<Definition> =
  Definition extends PointDefinition<string, infer _, infer _Decisions, infer _Phase, infer Writable> ? Writable : never

type PatchAt<Point, Data> =
  IsUnion<Point> extends true ? Meet<PatchOf<Data, WritableAt<Point>>> : PatchOf<Data, WritableAt<Point>>

type PatchOf<Data, Writable> = Data extends unknown
  ? string extends Writable
    ? Partial<Data>
    : { readonly [Key in keyof Data]?: Key extends Writable ? Data[Key] : never }
  : never

/** The intersection of the members of a union. */
type Meet<Union> = (Union extends unknown ? (each: Union) => void : never) extends (each: infer Each) => void
  ? Each
  : never

type IsUnion<T> = [T] extends [Meet<T>] ? false : true

/** What a handler at a point may return: nothing, a result, or a promise of either. */
export type HandlerReturn<Point, Data = DataAt<Point>> =
  void | undefined | ResultAt<Point, Data> | PromiseLike<void | undefined | ResultAt<Point, Data>>

/** A hook's function. */
export type HookHandler<Point = string, Data = DataAt<Point>> = (
  ctx: HookContext<Point, Data>,
) => HandlerReturn<Point, Data>

/** How one operation of a fork ended. */
export interface ForkOutcome {
  readonly status: RunStatus
  readonly output?: unknown
  readonly error?: ErrorData
}

/** What is about to happen, for guards; what happens, for observers. */
export type Proposal =
  /** before: the effect runs */
  | { readonly type: 'run' }
  /** after, error: the result or the error stands */
  | { readonly type: 'continue' }
  | { readonly type: 'replace'; readonly value: unknown }
  | { readonly type: 'redirect'; readonly target: string }
  /** A cached result is served. */
  | { readonly type: 'cache'; readonly key: string; readonly value: unknown }
  /** Seen by observers only. */
  | { readonly type: 'cancel'; readonly code: string; readonly reason: string; readonly hook: string | undefined }
  /** Seen by observers only. */
  | { readonly type: 'retry'; readonly delayMs: number; readonly maxAttempts: number }

/** A step of a workflow, at workflow points. */
export interface StepInfo {
  readonly name: string
  readonly index: number
  readonly type: string
  /** run: the step itself. compensate: what undoes it. */
  readonly action: 'run' | 'compensate'
  readonly input: unknown
  readonly output?: unknown
  readonly durationMs?: number
  readonly error?: ErrorData
  readonly metadata: Readonly<Record<string, unknown>>
  readonly nextStep?: string
}

/** The workflow that a step belongs to. */
export interface WorkflowInfo {
  readonly id: string
  readonly name: string
  readonly pattern: string
  readonly metadata: Readonly<Record<string, unknown>>
}

/** Starts child operations; they carry correlation, parent, depth, deadline and signal. Gives a RunResult whatever happens. */
export interface ChildRunner {
  tool(target: string, input?: unknown): Promise<RunResult>
  agent(target: string, input?: unknown): Promise<RunResult>
  workflow(target: string, input?: unknown): Promise<RunResult>
}

/**
 * What a hook is called with. It never changes after a hook has seen it, and survives `structuredClone`
 * apart from `signal`, `locals` and `run`.
 *
 * `signal`, `locals` and `run` belong to the hook that is running: take them before it returns.
 */
export interface HookContext<Point = string, Data = DataAt<Point>> {
  /** The canonical id of the point that fires. */
  readonly point: string
  readonly component: ComponentInfo
  /** The data of the gate with the changes accepted so far; read-only, JSON. */
  readonly data: Immutable<Data> & { readonly forks?: Readonly<Record<string, ForkOutcome>> }
  /** What is about to happen (guards), or happens (observers). */
  readonly proposal?: Proposal | undefined
  /** Workflow state; change it with `{ state }` on a result. */
  readonly state: Readonly<Record<string, unknown>>
  readonly step?: StepInfo | undefined
  readonly workflow?: WorkflowInfo | undefined
  /** What the caller gave along: userId, sessionId, … */
  readonly metadata: Readonly<Record<string, unknown>>
  /** One for all operations of a run. */
  readonly correlationId: string
  /** The operation that started this one. */
  readonly parent?: { readonly id: string; readonly component: ComponentInfo } | undefined
  readonly operation: {
    readonly id: string
    /** Starts of the effect so far, the coming one included; counts from 1. */
    readonly attempt: number
    /** Passes of this gate, this one included; counts from 1. */
    readonly gatePass: number
  }
  readonly language: Language
  /** Milliseconds since the epoch. */
  readonly timestamp: number
  /** Aborted at this hook's deadline and when the operation is aborted. */
  readonly signal: AbortSignal
  /** This hook's own record for this operation, shared by its before and its after. */
  readonly locals: Record<string, unknown>
  readonly run: ChildRunner
}
