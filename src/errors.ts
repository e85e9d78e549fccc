/**
 * The one error class of hookchart and the table of its codes.
 * Whatever hookchart refuses or reports is a `HookchartError` with a code from here;
 * an error thrown by a user's effect keeps its own code, name and message and is the `cause`.
 */

/**
 * Every error code with its meaning and what to do about it.
 *
 * The table is the source of `docs/errors.md`; a test holds that each code is thrown by some public call.
 *
 * @example
 * ```ts
 * import { errorCodes } from 'hookchart'
 * console.assert(errorCodes.UNKNOWN_POINT.includes('hook point'))
 * ```
 */
export const errorCodes = {
  UNKNOWN_POINT:
    'No hook point has this name. Check the spelling against docs/hook-points.md, or declare it with definePoint.',
  DUPLICATE_POINT: 'Two different definitions declare the same custom point. Declare each custom point once.',
  POINT_DATA_INVALID:
    'The data given to a point does not fit its schema. Pass data that the schema of the point accepts.',
  INVALID_OPTIONS: 'An option is unknown, missing or out of range. The message names it and what it accepts.',
  INVALID_HANDLER: 'A handler is not a function. Pass a function, a defineHook value or a composite.',
  DUPLICATE_HOOK:
    'A hook of this name is registered at this point already. Choose another name or unregister the first.',
  HOOK_KIND: 'The kind of the hook does not fit the point or the composite. Observe-only points take only observers.',
  HOOK_ORDER_CYCLE: 'The before and after constraints of these hooks form a cycle. Drop one of them.',
  HOOK_ORDER_STAGE:
    'A constraint would put a hook of a later stage before one of an earlier stage. Transforms run first, then guards, then observers.',
  HOOK_FAILED: 'A hook threw or rejected. See the cause.',
  HOOK_TIMED_OUT: 'A hook did not settle before its deadline. Obey ctx.signal, or raise timeoutMs.',
  HOOK_UNAVAILABLE: 'The circuit breaker of the hook is open, so it was not called.',
  BREAKER_OPEN: 'A circuit breaker is open, so the call was refused. Try again after details.openUntil.',
  GATE_UNBOUND:
    'A machine with gates was started without hooks. Start it with system.start, or give it hooks with machine.provide(hooks.provide()).',
  HOOK_INVALID_RESULT:
    'A hook returned something that is no hook result. Return undefined or a value made by the hook constructors.',
  HOOK_DECISION_NOT_ALLOWED: 'A hook returned a decision that its point or its kind does not allow.',
  HOOK_INVALID_CHANGE:
    'A hook proposed a change that cannot be accepted: not JSON, not for this point, or against the schema.',
  HOOK_CONFLICT: 'Two hooks of a parallel composite changed the same path. Give the composite a merge function.',
  HOOK_CANCELLED: 'A hook cancelled the operation. details.reason says why.',
  GUARD_FAILED: 'A hook that fails closed failed, so the operation was refused.',
  GUARD_TIMED_OUT: 'A hook that fails closed did not decide in time, so the operation was refused.',
  GUARD_UNAVAILABLE: 'The breaker of a hook that fails closed is open, so the operation was refused.',
  COMPOSITE_CYCLE: 'A composite contains itself.',
  COMPOSITE_DEPTH: 'Composites are nested deeper than 16. Flatten them.',
  UNKNOWN_TARGET:
    'A redirect, fork or child operation names a target that does not exist. details.known lists those that do.',
  REDIRECT_LIMIT: 'The operation was redirected more often than maxRedirects allows.',
  ATTEMPTS_EXHAUSTED: 'A hook asked for another attempt after the last one that its limits allow.',
  DEPTH_LIMIT:
    'Operations started from hooks are nested deeper than maxDepth, or operations call each other more than 64 deep.',
  DATA_NOT_JSON:
    'A value that must be JSON is not: a function, class instance, symbol, bigint, non-finite number or cycle.',
  DUPLICATE_NAME: 'Two parts of one definition have the same name. Give each a name of its own.',
  LIMIT_NOT_ENFORCEABLE:
    'A limit of a tool cannot be held where the tool runs. Choose another isolation, or leave the limit out.',
  EXPRESSION_INVALID:
    'An expression cannot be parsed. The message names the position and what was expected there; details have both.',
  UNKNOWN_COMPONENT:
    'No tool, agent or workflow of this name is registered. details.known lists those that are; register it, or pass the definition.',
  DUPLICATE_COMPONENT: 'Another definition is registered under this name. Give one of them another name.',
  SECURITY_LEVEL_EXCEEDED:
    'A tool needs a higher security level than the system allows. Raise maxSecurityLevel, or use another tool.',
  ILLEGAL_COMMAND:
    'An agent cannot do this in the state that it is in. details.legal lists the commands that it takes there.',
  SUPERVISOR_RESTART:
    'A supervisor ended the agent while this ran or waited: it, or one that it is started again with, has failed. Execute it again by the handle of the supervisor.',
  SUPERVISOR_FAILED:
    'A supervisor gave up: its children ended more often within periodMs than maxRestarts allows. See the cause, or raise maxRestarts.',
  AGENT_BUSY:
    'As many commands as may be wait for the agent, or it would wait for itself. Try again later, or raise maxQueue.',
  UNKNOWN_MODEL:
    'No provider or model of this name is known. details.known lists those that are; name it in createSystem({ models }).',
  MODEL_NOT_LOADED:
    'The provider of a model could not be loaded: its package is not installed. The message names it; install it, or take another provider.',
  MODEL_UNREACHABLE:
    'The server of a model did not answer. See that it runs and that the baseURL of the provider is right; see the cause.',
  MODEL_CALL_FAILED:
    'The server of a model refused a call, or failed. details.status is its answer; the message says what to do.',
  MODEL_STREAM_CUT:
    'The answer of a model ended before the model had said all, or its stream failed. Ask again; see the cause.',
  RESOURCE_LIMIT_EXCEEDED: 'A limit was hit; details name the resource, the limit and what was used.',
  STATE_CONFLICT:
    'Parallel branches changed the same path of the state, and nothing settles it. Give parallel a mergeState, or let only one branch change it.',
  BRANCHES_FAILED:
    'Too few branches of a parallel workflow completed. details.branches say how each ended, details.results what the others gave.',
  TOOL_EXITED:
    'The thread or process of a tool ended before it answered. Its function must return, and not exit; details.how has the code or signal.',
  GRAPH_CYCLE: 'Components depend on each other in a circle. details.path goes round it; drop one of its dependencies.',
  INVALID_INPUT: 'The input does not fit the input schema.',
  INVALID_OUTPUT: 'The output does not fit the output schema.',
  EFFECT_FAILED: 'The effect threw something without a code of its own. See the cause.',
  OPERATION_TIMED_OUT: 'The operation did not end before its own deadline.',
  RUN_ABORTED: 'The operation was aborted from outside, by its signal or by stop().',
  APPROVAL_REJECTED: 'The approval that the operation waited for was rejected.',
  APPROVAL_EXPIRED: 'Nobody answered the approval that the operation waited for before it expired.',
  UNKNOWN_APPROVAL: 'No approval with this id is pending. It was answered, has expired, or never existed.',
  INVALID_RESUME:
    'This answer cannot resume the approval; it is still pending. Answer with continue, modified, replace or cancel.',
  JOURNAL_FAILED: 'The journal could not write what happened, so the operation counts as failed. See the cause.',
  HOOKS_STOPPED: 'The hooks were stopped and take no new work.',
  EVENT_TYPE_INVALID: "No event can have this type. Use segments with dots between them, such as 'order.paid'.",
  EVENT_PATTERN_INVALID:
    "This is no pattern of events. Use segments with dots between them, '*' for exactly one of them, '**' for any number.",
  EVENT_INVALID: 'What was read is no event. details.flaws says what is wrong with it.',
  EVENT_REJECTED: 'An event was not taken: a subscription with "reject" is full, or the rate limit was exceeded.',
  EVENT_BLOCKED: 'A subscription with "block" had no room within the time that the publisher may wait.',
  EVENT_DEADLOCK: 'A handler published to a subscription that is full until the handler itself has ended.',
  EVENT_LOOP: 'Too many events caused one another. A handler or hook probably publishes what calls it.',
  EVENT_HANDLER_TIMED_OUT:
    'The handler of an event did not settle before its deadline. Obey call.signal, or raise timeoutMs.',
  EVENTS_STOPPED: 'The bus of events was stopped and takes no events and no subscriptions.',
  FEATURE_CYCLE: 'Feature dependencies form a cycle. Drop one of them.',
  UNKNOWN_FEATURE: 'No feature flag has this name. Declare it in features.',
  CONTEXT_INVALID: 'A distributed context or envelope is malformed.',
  CONTEXT_SIGNATURE: 'The signature of a distributed context does not match, or is missing.',
  CONTEXT_EXPIRED: 'A distributed context is older than the age allowed, or from the future.',
  CONTEXT_REPLAYED: 'The nonce of a distributed context was seen before.',
  CONTEXT_NOT_ALLOWED: 'The agent, hook point or address of a distributed context is not on the allow list.',
  HOP_LIMIT: 'A distributed context has used up its hops.',
  COMPILE_UNSUPPORTED:
    'A machine has a feature that compile does not cover; details.feature names it. Run the machine with createActor, or change it.',
  REPLAY_INVALID: 'A recorded execution cannot be replayed: it belongs to another hook or version, or is malformed.',
} as const

/** A code of hookchart's own; errors of effects may carry others. */
export type ErrorCode = keyof typeof errorCodes

/** What an error hands on besides its message; JSON. */
export type ErrorDetails = Readonly<Record<string, unknown>>

/** An error as data: what hooks see at error points and what a RunResult holds after JSON. */
export interface ErrorData {
  readonly code: string
  readonly name: string
  readonly message: string
  readonly retryable: boolean
  readonly details?: ErrorDetails
  readonly cause?: unknown
}

/** What else the constructor of {@link HookchartError} takes. */
export interface HookchartErrorOptions {
  /** Whether trying again may help; default false. */
  readonly retryable?: boolean
  /** Where and what, as JSON. */
  readonly details?: ErrorDetails
  readonly cause?: unknown
  /** The name shown; default `HookchartError`, and the original name for an effect's error. */
  readonly name?: string
}

const BRAND = Symbol.for('hookchart.error')

/**
 * What hookchart throws and reports: a code, what happened, where, and what to do.
 *
 * `toJSON` gives code, name, message, retryable, details and the cause without stacks.
 *
 * @example
 * ```ts
 * import { HookchartError, isHookchartError } from 'hookchart'
 * const error = new HookchartError('INVALID_INPUT', 'The input of "resize" has no width.', { details: { path: ['width'] } })
 * console.assert(isHookchartError(error, 'INVALID_INPUT') && !error.retryable)
 * ```
 */
export class HookchartError<Code extends string = string> extends Error {
  readonly code: Code
  readonly retryable: boolean
  readonly details: ErrorDetails

  constructor(code: Code, message: string, options: HookchartErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = options.name ?? 'HookchartError'
    this.code = code
    this.retryable = options.retryable ?? false
    this.details = options.details ?? {}
    Object.defineProperty(this, BRAND, { value: true })
  }

  toJSON(): ErrorData {
    return {
      code: this.code,
      name: this.name,
      message: this.message,
      retryable: this.retryable,
      ...(Object.keys(this.details).length > 0 && { details: this.details }),
      ...(this.cause !== undefined && { cause: causeData(this.cause) }),
    }
  }
}

/**
 * Whether a value is a hookchart error, and, with a code, that one.
 *
 * Works across two copies of the package in one process.
 *
 * @example
 * ```ts
 * import { createHooks, isHookchartError } from 'hookchart'
 * try {
 *   createHooks().register('BeforeToolExecutoin' as never, () => {})
 * } catch (error) {
 *   console.assert(isHookchartError(error, 'UNKNOWN_POINT'))
 * }
 * ```
 */
export function isHookchartError<Code extends ErrorCode>(error: unknown, code: Code): error is HookchartError<Code>
export function isHookchartError(error: unknown, code?: string): error is HookchartError
export function isHookchartError(error: unknown, code?: string): boolean {
  if (!isError(error) || !(BRAND in error)) return false
  return code === undefined || ('code' in error && error.code === code)
}

/** Anything thrown, as a HookchartError: itself, or a new one that keeps code, name and message and has it as its cause. */
export function toHookchartError(thrown: unknown, fallback: ErrorCode = 'EFFECT_FAILED'): HookchartError {
  if (isHookchartError(thrown)) return thrown
  const { code, name, message, retryable } = toErrorData(thrown, fallback)
  return new HookchartError(code, message, { name, retryable, cause: thrown })
}

/** Anything thrown, as the four fields that hooks see at error points. */
export function toErrorData(thrown: unknown, fallback: ErrorCode = 'EFFECT_FAILED'): ErrorData {
  if (!isError(thrown)) return { code: fallback, name: 'Error', message: describe(thrown), retryable: false }
  const [code, name, message] = [read(thrown, 'code'), read(thrown, 'name'), read(thrown, 'message')]
  return {
    code: typeof code === 'string' && code !== '' ? code : fallback,
    name: typeof name === 'string' && name !== '' ? name : 'Error',
    message: describe(message),
    retryable: read(thrown, 'retryable') === true,
  }
}

/** Anything can be thrown, also what throws itself when it is asked what it is: a revoked proxy. */
function isError(thrown: unknown): thrown is Error {
  try {
    return thrown instanceof Error
  } catch {
    return false
  }
}

/** A field of an error; undefined when it throws. */
function read(thrown: Error, key: string): unknown {
  try {
    return (thrown as Error & Record<string, unknown>)[key]
  } catch {
    return undefined
  }
}

function causeData(cause: unknown): unknown {
  if (isHookchartError(cause)) return cause.toJSON()
  return isError(cause) ? toErrorData(cause) : describe(cause)
}

/** Something thrown that is no error, as text; never throws itself. */
function describe(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown
  try {
    // Undefined for a function or a symbol, whatever its type says.
    const text: unknown = JSON.stringify(thrown)
    return typeof text === 'string' ? text : String(thrown)
  } catch {
    return tagOf(thrown)
  }
}

/** What kind of object something is that has no text. */
function tagOf(thrown: unknown): string {
  try {
    return Object.prototype.toString.call(thrown)
  } catch {
    return 'an object that cannot be read'
  }
}

/** A value in an error message: short, and never throwing. */
export function nameOf(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean')
    return String(value)
  if (typeof value === 'string') return `"${value.length > 60 ? `${value.slice(0, 60)}…` : value}"`
  if (isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** What somebody threw, as text for a message. Anything can be thrown, also what has no text. */
export function textOf(thrown: unknown): string {
  try {
    return isError(thrown) ? describe(thrown.message) : String(thrown)
  } catch {
    return nameOf(thrown)
  }
}

function isArray(value: unknown): boolean {
  try {
    return Array.isArray(value)
  } catch {
    return false
  }
}
