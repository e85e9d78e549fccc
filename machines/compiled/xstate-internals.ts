/**
 * What `compile` takes from XState beyond its public types. No other file names a private part of XState, and
 * tests/unit/compile-conformance.test.ts fails when another minor of XState 5 changes one of these.
 */
import {
  and,
  assign,
  cancel,
  createActor,
  createMachine,
  emit,
  enqueueActions,
  fromTransition,
  log,
  not,
  or,
  raise,
  sendTo,
  spawnChild,
  stateIn,
  stopChild,
} from 'xstate'
import type { AnyActorRef, AnyStateMachine, EventObject } from 'xstate'

export type AnyActorSystem = AnyActorRef['system']

/** A state node of a machine, resolved. */
export interface StockNode {
  readonly id: string
  readonly key: string
  readonly order: number
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history'
  readonly states: Readonly<Record<string, StockNode>>
  readonly history: false | 'shallow' | 'deep'
  readonly entry: readonly unknown[]
  readonly exit: readonly unknown[]
  readonly invoke: readonly StockInvoke[]
  readonly initial: { readonly target: readonly StockNode[]; readonly actions: readonly unknown[] }
  readonly transitions: ReadonlyMap<string, readonly StockTransition[]>
  readonly always?: readonly StockTransition[]
  readonly tags: readonly string[]
  readonly output: unknown
  readonly config: { readonly target?: string | readonly string[] }
}

export interface StockInvoke {
  readonly id: string
  readonly src: string
  readonly onSnapshot?: unknown
}

export interface StockTransition {
  readonly target: readonly StockNode[] | undefined
  readonly actions: readonly unknown[]
  readonly guard: unknown
  readonly reenter: boolean
  readonly eventType: string
}

/** What an action that XState resolves carries with it; the rest is by its kind. */
export interface BuiltinAction {
  readonly type: string
  readonly resolve: (
    scope: RunningScope,
    snapshot: StockSnapshot,
    args: object,
    params: unknown,
    action: BuiltinAction,
    extra: { readonly internalQueue: EventObject[]; readonly deferredActorIds: readonly string[] | undefined },
  ) => readonly [StockSnapshot, unknown, readonly unknown[] | undefined]
  readonly retryResolve?: (scope: RunningScope, snapshot: StockSnapshot, params: unknown) => void
  readonly execute?: (scope: RunningScope, params: unknown) => void
  readonly [detail: string]: unknown
}

/** Children by id. */
export type Children = Readonly<Record<string, AnyActorRef | undefined>>

export type History = Readonly<Record<string, readonly StockNode[]>>

/** What of a snapshot changes from event to event. */
export interface Situation {
  readonly status: 'active' | 'done' | 'error' | 'stopped'
  readonly output: unknown
  readonly error: unknown
  readonly context: object
  readonly children: Children
  readonly history: History
}

/** A machine's snapshot, as the interpreter makes it. */
export interface StockSnapshot extends Omit<Situation, 'history'> {
  readonly machine: unknown
  readonly value: unknown
  readonly tags: ReadonlySet<string>
  readonly _nodes: readonly StockNode[]
  readonly historyValue: History
}

/** What an actor hands to its logic. */
export interface RunningScope {
  readonly self: AnyActorRef
  readonly id: string
  readonly sessionId: string
  readonly system: AnyActorSystem
  readonly logger: (...args: unknown[]) => void
  readonly defer: (effect: () => void) => void
  readonly emit: (event: EventObject) => void
  readonly stopChild: (child: AnyActorRef) => void
  readonly actionExecutor: (action: { readonly type: string; readonly exec?: (() => void) | undefined }) => void
}

interface PrivateSystem {
  readonly _sendInspectionEvent: (event: object) => void
  readonly _relay: (from: unknown, to: unknown, event: EventObject) => void
  readonly scheduler: {
    readonly schedule: (from: unknown, to: unknown, event: EventObject, delayMs: number, id?: string) => void
    readonly cancel: (from: unknown, id: string) => void
    readonly cancelAll: (from: unknown) => void
  }
}

/** A running actor of XState: 0 is not started, 1 runs, 2 has stopped. */
interface PrivateActor {
  readonly _actorScope?: unknown
  readonly _processingStatus?: number
  _parent?: unknown
}

const RUNNING = 1

/** The machine's private side: only `implementations` and what builds the tables. */
export interface StockMachine {
  readonly id: string
  readonly root: StockNode
  readonly config: { readonly context?: unknown }
  readonly options?: { readonly maxIterations?: number }
  readonly implementations: {
    readonly actions: Readonly<Record<string, unknown>>
    readonly guards: Readonly<Record<string, unknown>>
    readonly delays: Readonly<Record<string, unknown>>
    readonly actors: Readonly<Record<string, unknown>>
  }
  readonly getStateNodeById: (id: string) => StockNode
  readonly provide: (implementations: object) => StockMachine
  readonly transition: (snapshot: unknown, event: EventObject, scope: unknown) => StockSnapshot
  readonly getInitialSnapshot: (scope: unknown, input: unknown) => StockSnapshot
  readonly getPersistedSnapshot: (snapshot: unknown, options?: unknown) => unknown
  readonly restoreSnapshot: (persisted: unknown, scope: unknown) => StockSnapshot
  readonly start: (snapshot: unknown) => void
}

export const stockMachine = (machine: AnyStateMachine) => machine as unknown as StockMachine

const sample = createMachine({})

/** A machine that a subclass or a patch gave a transition of its own would run differently from its tables. */
export function isStock(machine: StockMachine): boolean {
  const transitionOf = (from: object) => String((from as { readonly transition?: unknown }).transition)
  return (
    Object.getPrototypeOf(machine) === Object.getPrototypeOf(sample) && transitionOf(machine) === transitionOf(sample)
  )
}

/** The kinds of actions that XState resolves, each told by its resolver: their types are mere names. */
export type BuiltinKind =
  'assign' | 'raise' | 'cancel' | 'emit' | 'log' | 'sendTo' | 'spawnChild' | 'stopChild' | 'enqueueActions'

const event = { type: '' }
const builtins = new Map<unknown, BuiltinKind>(
  (
    [
      ['assign', assign({})],
      ['raise', raise(event)],
      ['cancel', cancel('')],
      ['emit', emit(event)],
      ['log', log('')],
      ['sendTo', sendTo('', event)],
      ['spawnChild', spawnChild('' as never)],
      ['stopChild', stopChild('')],
      ['enqueueActions', enqueueActions(() => undefined)],
    ] as const
  ).map(([kind, action]) => [(action as unknown as BuiltinAction).resolve, kind]),
)

export const isBuiltin = (action: object): action is BuiltinAction => 'resolve' in action

/** Undefined for what no XState of this process has made. */
export const builtinKind = (action: BuiltinAction): BuiltinKind | undefined => builtins.get(action.resolve)

interface BuiltinGuard {
  readonly check: unknown
  readonly guards?: readonly unknown[]
  readonly stateValue?: unknown
}

export type GuardKind = 'and' | 'or' | 'not' | 'stateIn'

const combinators = new Map<unknown, GuardKind>(
  (
    [
      ['and', and([])],
      ['or', or([])],
      ['not', not(() => true)],
      ['stateIn', stateIn('')],
    ] as const
  ).map(([kind, guard]) => [(guard as unknown as BuiltinGuard).check, kind]),
)

export const isBuiltinGuard = (guard: object): guard is BuiltinGuard => 'check' in guard
export const guardKind = (guard: BuiltinGuard): GuardKind | undefined => combinators.get(guard.check)

const methods = sample.resolveState({ value: {}, context: {} }) as unknown as Record<string, unknown>
const { matches, hasTag, can, getMeta, toJSON } = methods

/** A snapshot with the fields that the interpreter gives it, in its order. */
export function snapshotOf(
  machine: unknown,
  at: Situation,
  nodes: readonly StockNode[],
  value: unknown,
  tags: ReadonlySet<string>,
): StockSnapshot {
  const snapshot = {
    status: at.status,
    output: at.output,
    error: at.error,
    machine,
    context: at.context,
    _nodes: nodes,
    value,
    tags,
    children: at.children,
    historyValue: at.history,
    matches,
    hasTag,
    can,
    getMeta,
    toJSON,
  }
  return snapshot
}

export const nodesOf = (snapshot: StockSnapshot): readonly StockNode[] => snapshot._nodes
export const historyOf = (snapshot: StockSnapshot): History => snapshot.historyValue

/** Whether the scope is that of an actor that runs: those of `transition()` only collect actions. */
export function isLive(scope: RunningScope): boolean {
  const actor = scope.self as PrivateActor
  return actor._processingStatus === RUNNING && actor._actorScope === scope
}

const OBSERVED = Symbol('observed')
const probe = {
  get type(): never {
    throw OBSERVED
  },
}

/** Whether somebody inspects the system: only then it reads what it is told, and this cannot be read. */
export function isObserved(system: AnyActorSystem): boolean {
  try {
    ;(system as unknown as PrivateSystem)._sendInspectionEvent(probe)
    return false
  } catch (thrown) {
    if (thrown === OBSERVED) return true
    throw thrown
  }
}

/** Sends an event at a later time, in the name of an actor: what it has not sent when it ends it never sends. */
export function schedule(
  system: AnyActorSystem,
  from: AnyActorRef,
  to: AnyActorRef,
  event: EventObject,
  delayMs: number,
  id?: string,
): void {
  ;(system as unknown as PrivateSystem).scheduler.schedule(from, to, event, delayMs, id)
}

export function cancelScheduled(system: AnyActorSystem, from: AnyActorRef, id: string): void {
  ;(system as unknown as PrivateSystem).scheduler.cancel(from, id)
}

export function cancelAllScheduled(system: AnyActorSystem, from: AnyActorRef): void {
  ;(system as unknown as PrivateSystem).scheduler.cancelAll(from)
}

/** Whom a child answers to. */
export const parentOf = (child: unknown) => (child as PrivateActor)._parent as AnyActorRef | undefined

/** Children answer to another parent from now on. */
export function adopt(children: Children, parent: AnyActorRef): void {
  for (const child of Object.values(children)) if (child !== undefined) (child as PrivateActor)._parent = parent
}

/** Makes a child actor of logic that a run has no effect for. */
export function createChild(
  logic: unknown,
  options: {
    readonly id: string | undefined
    readonly src: unknown
    readonly parent: AnyActorRef
    readonly input: unknown
    readonly syncSnapshot: boolean | undefined
    readonly systemId: string | undefined
  },
): AnyActorRef {
  return createActor(logic as Parameters<typeof createActor>[0], options as never)
}

/** Starts a child, unless it was stopped before. */
export function startChild(child: AnyActorRef): void {
  if ((child as PrivateActor)._processingStatus !== 2) (child as unknown as { start(): void }).start()
}

export function stopChildActor(child: AnyActorRef): void {
  ;(child as unknown as { _stop(): void })._stop()
}

/** Never started: it only has a system. */
const nothing = fromTransition((none: undefined) => none, undefined)

/** A system without actors: children of a flat run live in it, and by its clock. */
export function createChildSystem(
  clock: { setTimeout(fn: () => void, ms: number): unknown; clearTimeout(handle: unknown): void },
  logger: (...args: unknown[]) => void,
): AnyActorSystem {
  return createActor(nothing, { clock, logger }).system
}

interface PrivateRef {
  readonly system: PrivateSystem
  _send(event: EventObject): void
}

/** Where a run looks like an actor to its children and to XState's own actions; `deliver` takes what they send. */
export abstract class ActorFace {
  abstract deliver(event: EventObject): void

  /** A run answers to nobody. */
  get _parent(): undefined {
    return undefined
  }

  _send(event: EventObject): void {
    this.deliver(event)
  }
}

/** Where something that is no actor looks like the child of one. */
export abstract class ChildFace {
  _parent: unknown
  readonly _syncSnapshot: boolean

  constructor(parent: unknown, syncSnapshot: boolean) {
    this._parent = parent
    this._syncSnapshot = syncSnapshot
  }

  abstract readonly isRunning: boolean
  abstract stop(): void
  abstract send(event: EventObject): void

  get _processingStatus(): number {
    return this.isRunning ? RUNNING : 0
  }

  _send(event: EventObject): void {
    this.send(event)
  }

  _stop(): void {
    this.stop()
  }

  /** Tells whoever is the parent now; a run may have become an actor. */
  protected tell(event: EventObject): void {
    if (this._parent instanceof ActorFace) this._parent.deliver(event)
    else {
      const parent = this._parent as PrivateRef
      parent.system._relay(this, parent, event)
    }
  }
}
