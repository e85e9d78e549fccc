/** A hook context that travels between nodes: what it is, how it is made, how it is read. Plain JSON; no transport here. */
import type { Duration } from '../../duration.ts'
import type { ErrorData } from '../../errors.ts'
import type { Random } from '../../ports/random.ts'
import type { HookContext } from '../context.ts'
import type { RunStatus } from '../run-result.ts'
import type { AgentIdentity, RemoteAgent, RemoteAgentInput } from './agent.ts'
import { contextInputSchema, contextSchema, PROTOCOL_VERSION } from './context-schema.ts'
import { isObject, malformed, parsePart, readPlainJson, toPlainJson } from './malformed.ts'
import type { Subject } from './malformed.ts'
import { newTraceparent, randomSource } from './traceparent.ts'

/** What of a hook's context travels: all of it that is JSON and not of this process alone. */
export interface RemoteHookContext extends Pick<
  HookContext,
  'point' | 'component' | 'metadata' | 'correlationId' | 'operation' | 'language' | 'timestamp'
> {
  readonly data: Readonly<Record<string, unknown>>
}

/** Headers of the W3C, as text; see {@link parseTraceparent}, {@link parseTracestate} and {@link parseBaggage}. */
export interface TraceHeaders {
  readonly traceparent: string
  readonly tracestate?: string
  readonly baggage?: string
}

/** How a context is to be handled on its way. Transports read them; nothing here acts on them but `broadcast`. */
export interface PropagationFlags {
  /** It is for every agent that can be reached, not only for the targets. Default false. */
  readonly broadcast: boolean
  /** The sender waits for results. Default false. */
  readonly awaitRemote: boolean
  /** How long it waits, in milliseconds; over 0. Default 30,000. */
  readonly remoteTimeoutMs: number
  /** A remote failure is recorded and no more. Default true. */
  readonly continueOnFailure: boolean
  /** Default normal. */
  readonly priority: 'low' | 'normal' | 'high' | 'critical'
}

/** What one agent answered. `output` only when completed or partial, `error` only when not. */
export interface RemoteResult {
  readonly agent: AgentIdentity
  readonly status: Exclude<RunStatus, 'suspended'>
  readonly output?: unknown
  readonly error?: ErrorData
  readonly durationMs: number
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** A hook context on its way between nodes. Plain JSON, frozen, equal to what it is after a trip through JSON. */
export interface DistributedContext {
  /** Of the form, not of the package. */
  readonly version: typeof PROTOCOL_VERSION
  /** Who sends it: of several hops the last. */
  readonly source: RemoteAgent
  /** Whom it is for; no agent twice. */
  readonly targets: readonly RemoteAgent[]
  readonly hook: RemoteHookContext
  readonly trace: TraceHeaders
  /** How often it may be propagated in all, and how often it was: 0 ≤ taken ≤ max. */
  readonly hops: { readonly max: number; readonly taken: number }
  readonly flags: PropagationFlags
  /** In the order in which they came; no agent twice. */
  readonly results: readonly RemoteResult[]
  /** What the sender says about the distribution; the hook's own metadata is in `hook`. */
  readonly metadata: Readonly<Record<string, unknown>>
}

/** What {@link createDistributedContext} takes. */
export interface CreateDistributedContextOptions {
  /** The agent that sends. */
  readonly source: RemoteAgentInput
  /** The `ctx` of a hook, or the same as plain data. Of a `ctx` only what travels is taken. */
  readonly hook: RemoteHookContext | HookContext<string, unknown>
  /** Default none. */
  readonly targets?: readonly RemoteAgentInput[]
  /** Default a new trace. */
  readonly trace?: Partial<TraceHeaders>
  /** Default 3; 0 keeps it here. */
  readonly maxHops?: number
  readonly flags?: Partial<Omit<PropagationFlags, 'remoteTimeoutMs'>> & { readonly remoteTimeoutMs?: Duration }
  readonly metadata?: Readonly<Record<string, unknown>>
  /** Draws the ids of a new trace; default chance of the platform. */
  readonly random?: Random
}

const NEW: Subject = {
  what: 'What was given to createDistributedContext',
  advice: 'Give source and hook, and JSON only.',
}

const RECEIVED: Subject = {
  what: 'The distributed context',
  advice: 'Make contexts with createDistributedContext and hand them on unchanged.',
}

/**
 * Makes a context to send to other nodes from what a hook is called with.
 *
 * Nothing is sent: see {@link createEnvelopes} for signing, and leave the rest to a transport. Without a traceparent a
 * new trace begins; its id is the correlation id where that can be a trace id, as the ids of `createIds` can.
 * The caller's objects are copied; keys with undefined are left out and -0 becomes 0, as JSON has neither.
 *
 * @throws CONTEXT_INVALID for unknown keys, a bad header, a target that comes twice and whatever is not JSON.
 * @example
 * ```ts
 * import { createDistributedContext, createHooks, hook } from 'hookchart/hooks'
 * import type { DistributedContext } from 'hookchart/hooks'
 * const sent: DistributedContext[] = []
 * const hooks = createHooks()
 * hooks.register('BeforeToolExecution', (ctx) => {
 *   sent.push(createDistributedContext({
 *     source: { nodeId: 'berlin-1', agentId: 'planner' },
 *     targets: [{ nodeId: 'oslo-2', agentId: 'auditor' }],
 *     hook: ctx,
 *   }))
 *   return hook.continue()
 * })
 * await hooks.wrap({ name: 'add', before: 'BeforeToolExecution' }, (n: number) => n + 1)(1)
 * console.assert(sent[0]?.hook.point === 'BeforeToolExecution' && sent[0].hops.max === 3)
 * ```
 */
export function createDistributedContext(options: CreateDistributedContextOptions): DistributedContext {
  if (!isObject(options)) throw malformed(NEW, { path: '', problem: 'expected an object' })
  const { random, hook, ...rest } = options
  const chance = randomSource(random, NEW)
  const given = toPlainJson({ ...rest, hook: isObject(hook) ? travelling(hook) : hook }, NEW)
  const { source, targets, hook: ctx, trace, maxHops, flags, metadata } = parsePart(contextInputSchema, given, NEW)
  return parseDistributedContext({
    version: PROTOCOL_VERSION,
    source,
    targets,
    hook: ctx,
    trace: { ...trace, traceparent: trace.traceparent ?? newTraceparent(ctx.correlationId, chance) },
    hops: { max: maxHops, taken: 0 },
    flags,
    results: [],
    metadata,
  })
}

/**
 * Reads a context that came from elsewhere: JSON text, or what `JSON.parse` gave.
 *
 * It says that the form is right, not where the context comes from: for that see {@link createEnvelopes}.
 *
 * @returns a frozen copy
 * @throws CONTEXT_INVALID, naming each path that is wrong; also for unknown keys, `__proto__` keys and other versions.
 * @example
 * ```ts
 * import { isHookchartError, parseDistributedContext } from 'hookchart/hooks'
 * try {
 *   parseDistributedContext('{"version":1}')
 * } catch (error) {
 *   console.assert(isHookchartError(error, 'CONTEXT_INVALID') && error.message.includes('"source"'))
 * }
 * ```
 */
export function parseDistributedContext(context: unknown): DistributedContext {
  const plain = readPlainJson(context, RECEIVED)
  requireVersion(parsePart(contextSchema, plain, RECEIVED).version, 'version', RECEIVED)
  // The copy, not what the schema gave: its keys stand in the order in which they came.
  return plain as DistributedContext
}

/** Throws CONTEXT_INVALID for a form that this release does not read. */
export function requireVersion(version: number, path: string, subject: Subject): void {
  if (version === PROTOCOL_VERSION) return
  throw malformed(
    { ...subject, advice: 'Let both sides run releases that speak the same version.' },
    { path, problem: `this release reads version ${String(PROTOCOL_VERSION)}, not ${String(version)}` },
  )
}

/** Getters of a class are no own keys, so each is asked for by name. */
function travelling(hook: RemoteHookContext | HookContext<string, unknown>): Record<keyof RemoteHookContext, unknown> {
  const { point, component, data, metadata, correlationId, operation, language, timestamp } = hook
  return { point, component, data, metadata, correlationId, operation, language, timestamp }
}
