/** For each error code a public call that produces it. */
import {
  compose,
  createEnvelopes,
  createHooks,
  createSelectiveHooks,
  definePoint,
  hook,
  parseDistributedContext,
  propagateContext,
  recordHook,
  replayExecution,
} from 'hookchart/hooks'
import type {
  CreateHooksOptions,
  ErrorCode,
  HookContext,
  HookchartError,
  Hooks,
  RunResult,
  SerializedHookExecution,
} from 'hookchart/hooks'
import {
  compile,
  createBreaker,
  defineAgent,
  defineChain,
  defineTool,
  hooked,
  parallel,
  parseExpression,
  sequential,
  step,
} from 'hookchart/machines'
import { createSupervisor, createSystem } from 'hookchart/actors'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { createActor, createMachine } from 'xstate'
import * as z from 'zod'
import { hangs, TOOL } from '../support/kernel.ts'
import { auditor, clockAt, planner, sample } from './distributed-samples.ts'
import { errorOf, rejectionOf } from '../support/refusal.ts'
import { eventCalls } from './event-error-calls.ts'
import { nothing } from './kernel-samples.ts'

const POINT = 'BeforeToolExecution'
const RESIZE = { name: 'resize', description: 'makes it smaller', input: z.object({}), execute: () => 'small' }
const resize = defineTool(RESIZE)
const throws = () => {
  throw new Error('boom')
}

function bench(options: CreateHooksOptions = {}) {
  const clock = createTestClock()
  return { clock, hooks: createHooks({ clock, ids: createTestIds(), ...options }) }
}

const WRITER = { name: 'writer', instructions: 'Write.', retry: { maxAttempts: 1 } }

/** The error of an agent whose model is made like this. */
function errorOfModel(remote: () => unknown): Promise<HookchartError> {
  const system = createSystem({ models: { remote: remote as never } })
  return errorOfRun(system.agents.execute(defineAgent({ ...WRITER, model: 'remote/large' }), ''))
}

const MODEL = { specificationVersion: 'v3', provider: 'remote', modelId: 'large' }

/** A model whose server fails, in the words of the AI SDK. */
function failing(error: object): object {
  const doGenerate = () =>
    Promise.reject(Object.assign(new Error('it went wrong'), { url: 'http://localhost:1234/v1?key=secret', ...error }))
  return { ...MODEL, doGenerate, doStream: doGenerate }
}

const cut = {
  ...{ ...MODEL, doGenerate: () => Promise.reject(new Error('not asked')) },
  doStream: () => Promise.resolve({ stream: new ReadableStream({ start: (controller) => controller.close() }) }),
}

function notFound(name: string): Error {
  const error = new Error(`Cannot find package '${name}' imported from /app/agent.ts`)
  return Object.assign(error, { code: 'ERR_MODULE_NOT_FOUND' })
}

/** The error that a run ends with. */
async function errorOfRun(run: RunResult | Promise<RunResult>): Promise<HookchartError> {
  const { error } = await run
  if (error === undefined) throw new Error('the run did not fail')
  return error
}

/** How a tool called `resize` ends with one hook called `x` in front of it. */
function withHook(
  handler: (ctx: never) => unknown,
  options: object = {},
  wrapped: object = {},
): Promise<HookchartError> {
  const { hooks, clock } = bench()
  hooks.register(POINT, handler as never, { name: 'x', ...options })
  const run = hooks.wrap({ name: 'resize', ...TOOL, ...wrapped }, (input: unknown) => input)({ width: 1 })
  void clock.advanceSteps(10_000)
  return errorOfRun(run)
}

/** Why a guard failed: its own error is the cause of the refusal. */
const causeOf = async (error: Promise<HookchartError>) => (await error).cause as HookchartError

const asGuard = (handler: (ctx: never) => unknown, options: object = {}) =>
  causeOf(withHook(handler, { kind: 'guard', ...options }))

/** A run that waits for an approval. */
function waiting(expiresInMs?: number) {
  const { hooks, clock } = bench()
  const ask = hook.suspend({ question: 'go?', ...(expiresInMs !== undefined && { expiresInMs }) })
  hooks.register(POINT, () => ask, { name: 'x' })
  const run = hooks.wrap({ name: 'resize', ...TOOL }, () => 1)(undefined)
  const [pending] = hooks.approvals.pending()
  return { hooks, clock, run, id: pending!.id }
}

/** A hook with an open breaker. */
async function unavailable(): Promise<HookchartError> {
  const { hooks } = bench()
  hooks.register(POINT, throws, { name: 'x', kind: 'guard', breaker: { failureThreshold: 1 } })
  const run = hooks.wrap({ name: 'resize', ...TOOL }, () => 1)
  await run(undefined)
  return errorOfRun(run(undefined))
}

/** A breaker of one's own, open since 0. */
function refusedByBreaker(): HookchartError {
  const breaker = createBreaker({ openMs: '10s', clock: createTestClock() })
  breaker.trip()
  return errorOf(() => breaker.run(nothing))
}

function conflict(): Promise<HookchartError> {
  const set = (input: number) => () => hook.modified({ input })
  const { hooks } = bench()
  hooks.register(POINT, compose.parallel(set(1), set(2)), { name: 'x', onFailure: 'closed' })
  return causeOf(errorOfRun(hooks.wrap({ name: 'resize', ...TOOL }, () => 1)(undefined)))
}

/** A hook that starts the tool that fires it. */
async function tooDeep(): Promise<HookchartError> {
  const { hooks } = bench({ executor: { maxDepth: 2 } })
  let deepest: HookchartError | undefined
  const targets = {}
  const self = hooks.wrap({ name: 'resize', ...TOOL, targets }, () => 1)
  Object.assign(targets, { self })
  const again = async (ctx: HookContext) => {
    const { error } = await ctx.run.tool('self')
    deepest = error ?? deepest
  }
  hooks.register(POINT, again, { name: 'x' })
  await self(undefined)
  return deepest as HookchartError
}

function redirectedForEver(): Promise<HookchartError> {
  const { hooks } = bench()
  const targets = {}
  const self = hooks.wrap({ name: 'resize', ...TOOL, targets }, () => 1)
  Object.assign(targets, { self })
  hooks.register(POINT, () => hook.redirect('self'), { name: 'x' })
  return errorOfRun(self(undefined))
}

async function stoppedHooks(): Promise<HookchartError> {
  const { hooks } = bench()
  const run = hooks.wrap({ name: 'resize', ...TOOL }, () => 1)
  await hooks.stop()
  return errorOf(() => run(undefined))
}

function timedOut(): Promise<HookchartError> {
  const { hooks, clock } = bench()
  const run = hooks.wrap({ name: 'resize', ...TOOL }, hangs)(undefined, { timeoutMs: 50 })
  void clock.advance(50)
  return errorOfRun(run)
}

async function replayOfAnother(): Promise<HookchartError> {
  const executions: SerializedHookExecution[] = []
  const { hooks } = bench()
  const recorded = { name: 'x', points: POINT, handler: nothing } as const
  hooks.use(recordHook(recorded, { onExecution: (each) => executions.push(each), ids: createTestIds('execution') }))
  await hooks.wrap({ name: 'resize', ...TOOL }, () => 1)(undefined)
  return rejectionOf(replayExecution(executions[0]!, { ...recorded, version: '2.0.0' }))
}

function sealed(options: object = {}) {
  const key = 'a key that both nodes know'
  const clock = clockAt(1_000_000)
  const envelope = createEnvelopes({ key, clock, ids: createTestIds('nonce') }).seal(sample())
  return { clock, envelope, receiver: createEnvelopes({ key, clock, ...options }) }
}

const refusedBy = (call: (hooks: Hooks) => unknown) => errorOf(() => call(bench().hooks))
const quiet = definePoint('quiet', { phase: 'notify' })
const sized = definePoint('sized', { phase: 'before', schema: z.object({ width: z.number() }) })

function cyclic() {
  const children: unknown[] = [nothing]
  const composite = compose.sequential(children)
  children.push(composite)
  return composite
}

function deep() {
  let composite = compose.sequential(nothing)
  for (let i = 0; i < 16; i++) composite = compose.firstMatch(composite)
  return composite
}

function agentOf(options: object) {
  const definition = defineAgent({ name: 'reader', execute: nothing, ...options })
  return createSystem().agents.create(definition, { id: 'reader-1' })
}

/** A supervisor of two agents, on a clock that stands still. */
function supervising(options: object = {}) {
  const system = createSystem({ clock: createTestClock(), ids: createTestIds() })
  const agents = ['reader', 'writer'].map((name) => defineAgent({ name, autoRecover: false, execute: hangs }))
  const children = agents.map((agent) => ({ agent }))
  return createSupervisor(system, { id: 'office', strategy: 'one_for_all', children, ...options })
}

/** The calls. The keys of the table are all codes there are: none may be forgotten. */
export const calls: Record<ErrorCode, () => HookchartError | Promise<HookchartError>> = {
  UNKNOWN_POINT: () => refusedBy((hooks) => hooks.register('BeforeToolExecutoin', nothing)),
  DUPLICATE_POINT: () => errorOf(() => createHooks({ points: [quiet, definePoint('quiet', { phase: 'before' })] })),
  POINT_DATA_INVALID: () =>
    refusedBy((hooks) => {
      hooks.register(sized, nothing)
      return hooks.run(sized, { width: 'wide' } as never)
    }),
  INVALID_OPTIONS: () => refusedBy((hooks) => hooks.register(POINT, nothing, { name: 'x', prio: 1 } as never)),
  INVALID_HANDLER: () => refusedBy((hooks) => hooks.register(POINT, 'shell' as never, { name: 'x' })),
  DUPLICATE_HOOK: () =>
    refusedBy((hooks) => {
      hooks.register(POINT, nothing, { name: 'x' })
      hooks.register(POINT, nothing, { name: 'x' })
    }),
  HOOK_KIND: () => refusedBy((hooks) => hooks.register('AgentPaused', nothing, { name: 'x', kind: 'guard' })),
  HOOK_ORDER_CYCLE: () =>
    refusedBy((hooks) => {
      hooks.register(POINT, nothing, { name: 'x', before: ['y'] })
      hooks.register(POINT, nothing, { name: 'y', before: ['x'] })
    }),
  HOOK_ORDER_STAGE: () =>
    refusedBy((hooks) => {
      hooks.register(POINT, nothing, { name: 'x' })
      hooks.register(POINT, nothing, { name: 'y', kind: 'guard', before: ['x'] })
    }),
  HOOK_FAILED: () => asGuard(throws),
  HOOK_TIMED_OUT: () => asGuard(hangs, { timeoutMs: 50 }),
  HOOK_UNAVAILABLE: async () => (await unavailable()).cause as HookchartError,
  BREAKER_OPEN: refusedByBreaker,
  HOOK_INVALID_RESULT: () => asGuard(() => 7),
  HOOK_DECISION_NOT_ALLOWED: () => asGuard(() => hook.replace(1)),
  HOOK_INVALID_CHANGE: () => withHook(() => hook.modified({ output: 1 })),
  HOOK_CONFLICT: conflict,
  HOOK_CANCELLED: () => withHook(() => hook.cancel('too wide')),
  GUARD_FAILED: () => withHook(throws, { kind: 'guard' }),
  GUARD_TIMED_OUT: () => withHook(hangs, { kind: 'guard', timeoutMs: 50 }),
  GUARD_UNAVAILABLE: unavailable,
  COMPOSITE_CYCLE: () => refusedBy((hooks) => hooks.register(POINT, cyclic(), { name: 'x' })),
  COMPOSITE_DEPTH: () => refusedBy((hooks) => hooks.register(POINT, deep(), { name: 'x' })),
  UNKNOWN_TARGET: () => withHook(() => hook.redirect('crop'), {}, { targets: { rotate: nothing } }),
  REDIRECT_LIMIT: redirectedForEver,
  ATTEMPTS_EXHAUSTED: () => withHook(() => hook.retry({ delayMs: 0, maxAttempts: 2 })),
  DEPTH_LIMIT: tooDeep,
  DATA_NOT_JSON: () =>
    refusedBy((hooks) => {
      hooks.register(POINT, nothing)
      return hooks.run(POINT, { input: { at: new Date(0) } } as never)
    }),
  DUPLICATE_NAME: () =>
    errorOf(() => sequential({ name: 'report', steps: [step.run('a', nothing), step.run('a', nothing)] })),
  LIMIT_NOT_ENFORCEABLE: () =>
    errorOf(() =>
      defineTool({ name: 'resize', description: 'x', input: z.any(), limits: { maxCpuMs: 5 }, execute: nothing }),
    ),
  EXPRESSION_INVALID: () => errorOf(() => parseExpression('$iteration => 5')),
  GRAPH_CYCLE: () => {
    const agent = defineAgent({ name: 'a', execute: nothing })
    const components = [
      { agent, after: ['b'] },
      { agent, id: 'b', after: ['a'] },
    ]
    return errorOf(() => defineChain('triage', { components }))
  },
  INVALID_INPUT: () => withHook(nothing, {}, { input: z.object({ width: z.string() }) }),
  INVALID_OUTPUT: () => withHook(nothing, {}, { output: z.object({ width: z.string() }) }),
  EFFECT_FAILED: () => errorOfRun(bench().hooks.wrap({ name: 'resize', ...TOOL }, throws)(undefined)),
  OPERATION_TIMED_OUT: timedOut,
  RUN_ABORTED: () =>
    errorOfRun(
      bench().hooks.wrap({ name: 'resize', ...TOOL }, nothing)(undefined, {
        signal: AbortSignal.abort(new Error('the user left')),
      }),
    ),
  TOOL_EXITED: async () => {
    const crash = defineTool({ ...RESIZE, isolation: 'worker', execute: () => process.exit(3) })
    await using system = createSystem()
    return await errorOfRun(system.tools.execute(crash, {}))
  },
  APPROVAL_REJECTED: async () => {
    const { hooks, run, id } = waiting()
    void hooks.approvals.reject(id, 'too dear')
    return errorOfRun(run)
  },
  APPROVAL_EXPIRED: async () => {
    const { run, clock } = waiting(50)
    void clock.advance(50)
    return errorOfRun(run)
  },
  UNKNOWN_APPROVAL: () => rejectionOf(bench().hooks.approvals.resume('id-9')),
  INVALID_RESUME: () => {
    const { hooks, id } = waiting()
    return rejectionOf(hooks.approvals.resume(id, hook.retry()))
  },
  JOURNAL_FAILED: () => {
    const full = () => Promise.reject(new Error('the disk is full'))
    const run = { append: nothing, commit: full, close: nothing }
    const journal = { open: () => run, append: nothing, read: () => [], runs: () => [] }
    return errorOfRun(bench({ journal }).hooks.wrap({ name: 'resize', ...TOOL }, nothing)(undefined))
  },
  HOOKS_STOPPED: stoppedHooks,
  FEATURE_CYCLE: () =>
    refusedBy((hooks) =>
      createSelectiveHooks(hooks, { features: { a: { dependsOn: ['b'] }, b: { dependsOn: ['a'] } } }),
    ),
  UNKNOWN_FEATURE: () =>
    refusedBy((hooks) => createSelectiveHooks(hooks, { features: { a: {} } }).features.enable('b')),
  CONTEXT_INVALID: () => errorOf(() => parseDistributedContext({ ...sample(), source: 'planner' })),
  CONTEXT_SIGNATURE: () => {
    const { envelope, receiver } = sealed()
    return errorOf(() => receiver.open({ ...envelope, timestamp: 1_000_001 }))
  },
  CONTEXT_EXPIRED: () => {
    const { envelope, receiver, clock } = sealed({ maxAgeMs: 100 })
    clock.time += 101
    return errorOf(() => receiver.open(envelope))
  },
  CONTEXT_REPLAYED: () => {
    const { envelope, receiver } = sealed()
    receiver.open(envelope)
    return errorOf(() => receiver.open(envelope))
  },
  CONTEXT_NOT_ALLOWED: () => {
    const { envelope, receiver } = sealed({ allow: { agents: [auditor] } })
    return errorOf(() => receiver.open(envelope))
  },
  HOP_LIMIT: () => errorOf(() => propagateContext(sample({ maxHops: 0 }), { from: planner, to: auditor })),
  COMPILE_UNSUPPORTED: () =>
    errorOf(() => {
      const machine = createMachine({ id: 'door', initial: 'open', states: { open: { entry: 'ring' } } })
      compile(machine.provide({ actions: { ring: 'bell' as never } }))
    }),
  GATE_UNBOUND: () =>
    new Promise<HookchartError>((resolve) => {
      const machine = hooked(createMachine({ id: 'door', on: { OPEN: {} } }), {
        on: { OPEN: { before: 'BeforeAgentExecution' } },
      })
      const actor = createActor(machine)
      actor.subscribe({
        error: (error) => {
          resolve(error as HookchartError)
        },
      })
      actor.start()
    }),
  UNKNOWN_COMPONENT: () => rejectionOf(createSystem({ tools: [resize] }).tools.execute('resise', {})),
  DUPLICATE_COMPONENT: () =>
    errorOf(() => createSystem({ tools: [resize, defineTool({ ...RESIZE, execute: () => 0 })] })),
  STATE_CONFLICT: () => {
    const writes = (name: string) => ({ name, steps: [step.run('write', ({ state }) => void (state['n'] = name))] })
    return errorOfRun(
      createSystem().workflows.execute(parallel({ name: 'gather', branches: [writes('a'), writes('b')] }), {}),
    )
  },
  BRANCHES_FAILED: () =>
    errorOfRun(
      createSystem().workflows.execute(
        parallel({ name: 'gather', branches: [{ name: 'a', steps: [step.run('bad', throws)] }] }),
        {},
      ),
    ),
  SECURITY_LEVEL_EXCEEDED: () =>
    errorOfRun(createSystem({ maxSecurityLevel: 'safe' }).tools.execute(defineTool(RESIZE), {})),
  ILLEGAL_COMMAND: () => rejectionOf(agentOf({}).resume()),
  SUPERVISOR_RESTART: async () => {
    const supervisor = supervising()
    const run = supervisor.agent('reader').execute(1)
    await supervisor.started
    await supervisor.agent('writer').fail(new Error('boom'))
    return errorOfRun(run)
  },
  SUPERVISOR_FAILED: async () => {
    const supervisor = supervising({ maxRestarts: 0 })
    await supervisor.started
    await supervisor.agent('writer').fail(new Error('boom'))
    const end = await supervisor.ended
    if (end.status === 'stopped') throw new Error('it was stopped')
    return end.error
  },
  AGENT_BUSY: async () => {
    const agent = agentOf({ maxQueue: 1, execute: hangs })
    void agent.execute(1)
    void agent.execute(2)
    return errorOfRun(agent.execute(3))
  },
  UNKNOWN_MODEL: () =>
    errorOfRun(
      createSystem({ models: { local: nothing as never } }).agents.execute(
        defineAgent({ name: 'writer', model: 'remote/large', instructions: 'Write.' }),
        '',
      ),
    ),
  MODEL_NOT_LOADED: () => errorOfModel(() => Promise.reject(notFound('@ai-sdk/remote'))),
  MODEL_UNREACHABLE: () => errorOfModel(() => failing({ isRetryable: true })),
  MODEL_CALL_FAILED: () => errorOfModel(() => failing({ isRetryable: false, statusCode: 401 })),
  MODEL_STREAM_CUT: async () =>
    (await createSystem().agents.stream(defineAgent({ ...WRITER, model: cut }), '').result).error as HookchartError,
  RESOURCE_LIMIT_EXCEEDED: () =>
    errorOfRun(createSystem().tools.execute(defineTool({ ...RESIZE, limits: { maxOutputBytes: 1 } }), {})),
  ...eventCalls,
  REPLAY_INVALID: replayOfAnother,
}
