/** Every code of the table is thrown by some public call, and the error says where it happened and what to do. */
import { errorCodes, isHookchartError } from 'hookchart/hooks'
import type { ErrorCode } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { calls } from './error-code-calls.ts'

interface Expected {
  /** What of the place its message must name. */
  readonly where: readonly string[]
  /** What to do: in the message, or in the table for that code. None for endings that somebody wanted. */
  readonly todo: string | undefined
  readonly details: object
}

/** Codes of later parts would stand here, with the reason; today there is none. */
const LATER: Partial<Record<ErrorCode, string>> = {}

const AT = ['"x"', 'BeforeToolExecution', 'resize']
const DETAILS = { hook: 'x', point: 'BeforeToolExecution', component: 'resize' }

/** The subscription that the errors of events tell of. */
const TAKEN = { type: 'order.paid', subscription: 'subscription-1', name: 'slow', pattern: 'order.*' }

const expected: Record<ErrorCode, Expected> = {
  UNKNOWN_POINT: {
    where: ['"BeforeToolExecutoin"'],
    todo: 'Did you mean BeforeToolExecution?',
    details: { point: 'BeforeToolExecutoin', similar: ['BeforeToolExecution'] },
  },
  DUPLICATE_POINT: {
    where: ['"custom:quiet"', 'phase, schema or decisions'],
    todo: 'Declare each custom point once.',
    details: { point: 'custom:quiet' },
  },
  POINT_DATA_INVALID: {
    where: ['custom:sized', '"width"'],
    todo: 'Pass data that the schema of the point accepts.',
    details: { point: 'custom:sized' },
  },
  INVALID_OPTIONS: {
    where: ['Hook "x"', '"prio"'],
    todo: 'unknown option',
    details: {
      where: 'Hook "x"',
      flaws: [{ path: '', problem: expect.stringMatching(/^unknown option "prio"; known: name, kind/) as string }],
    },
  },
  INVALID_HANDLER: {
    where: ['Hook "x"', 'string, not a function'],
    todo: 'Pass a function, a defineHook value or a composite.',
    details: { where: 'Hook "x"' },
  },
  DUPLICATE_HOOK: {
    where: ['"x"', 'BeforeToolExecution'],
    todo: 'Choose another name, or unregister that one first.',
    details: { hook: 'x', point: 'BeforeToolExecution' },
  },
  HOOK_KIND: {
    where: ['"x" is a guard', 'AgentPaused'],
    todo: 'Register it with kind "observe".',
    details: { hook: 'x', kind: 'guard', point: 'AgentPaused' },
  },
  HOOK_ORDER_CYCLE: {
    where: ['"y"', 'BeforeToolExecution', 'x → y → x'],
    todo: 'Drop one of these constraints.',
    details: { hook: 'y', point: 'BeforeToolExecution', hooks: ['x', 'y', 'x'] },
  },
  HOOK_ORDER_STAGE: {
    where: ['"y"', 'BeforeToolExecution', 'y → x'],
    todo: 'transforms run first, then guards, then observers',
    details: { hook: 'y', point: 'BeforeToolExecution', hooks: ['y', 'x'] },
  },
  HOOK_FAILED: { where: [...AT, 'failed: boom'], todo: 'See the cause.', details: DETAILS },
  HOOK_TIMED_OUT: {
    where: [...AT, 'within 50 ms'],
    todo: 'Obey ctx.signal, or raise timeoutMs.',
    details: { ...DETAILS, timeoutMs: 50 },
  },
  HOOK_UNAVAILABLE: { where: [...AT, 'its circuit breaker is open'], todo: undefined, details: DETAILS },
  BREAKER_OPEN: {
    where: ['its circuit breaker', 'open for another 10000 ms'],
    todo: 'Try again after details.openUntil.',
    details: { state: 'open', openUntil: 10_000 },
  },
  HOOK_INVALID_RESULT: {
    where: [...AT, 'returned 7'],
    todo: 'Return undefined or a value made by the hook constructors.',
    details: DETAILS,
  },
  HOOK_DECISION_NOT_ALLOWED: {
    where: [...AT, 'returned replace'],
    todo: 'a guard may only return continue, cancel, suspend, retry',
    details: DETAILS,
  },
  HOOK_INVALID_CHANGE: {
    where: [...AT, 'returned modified that changes "output"'],
    todo: 'but here "input" may be changed',
    details: DETAILS,
  },
  HOOK_CONFLICT: {
    where: [...AT, 'two children that change "input"'],
    todo: 'give it a merge function',
    details: DETAILS,
  },
  HOOK_CANCELLED: {
    where: [...AT, 'was cancelled', 'too wide'],
    todo: undefined,
    details: { ...DETAILS, reason: 'too wide' },
  },
  GUARD_FAILED: {
    where: [...AT, 'was refused', 'boom'],
    todo: undefined,
    details: { ...DETAILS, reason: 'Hook "x" at BeforeToolExecution of resize failed: boom.' },
  },
  GUARD_TIMED_OUT: {
    where: [...AT, 'was refused'],
    todo: 'Obey ctx.signal, or raise timeoutMs.',
    details: { ...DETAILS, reason: expect.stringContaining('within 50 ms') },
  },
  GUARD_UNAVAILABLE: {
    where: [...AT, 'was refused'],
    todo: undefined,
    details: { ...DETAILS, reason: expect.stringContaining('its circuit breaker is open') },
  },
  COMPOSITE_CYCLE: {
    where: ['Hook "x"', 'sequential', 'contains itself'],
    todo: undefined,
    details: { where: 'Hook "x"' },
  },
  COMPOSITE_DEPTH: { where: ['Hook "x"', '16'], todo: 'flatten them', details: { where: 'Hook "x"', limit: 16 } },
  UNKNOWN_TARGET: {
    where: [...AT, '"crop"'],
    todo: 'It knows rotate.',
    details: { target: 'crop', hook: 'x', point: 'BeforeToolExecution', known: ['rotate'] },
  },
  REDIRECT_LIMIT: { where: [...AT, '8 redirects'], todo: 'maxRedirects is 8', details: { ...DETAILS, limit: 8 } },
  ATTEMPTS_EXHAUSTED: {
    where: [...AT, 'after 2 of 2'],
    todo: undefined,
    details: { ...DETAILS, attempts: 0, limit: 2 },
  },
  DEPTH_LIMIT: {
    where: ['resize', 'deeper than 2'],
    todo: 'A hook probably starts the operation that fires it.',
    details: { component: 'resize', limit: 2 },
  },
  DATA_NOT_JSON: {
    where: ['BeforeToolExecution', '"input.at"', 'Date'],
    todo: 'pass plain data',
    details: { what: 'The data of BeforeToolExecution', path: 'input.at' },
  },
  DUPLICATE_NAME: {
    where: ['sequential("report")', 'two steps', '"a"'],
    todo: 'Give each a name of its own.',
    details: { where: 'sequential("report")', name: 'a' },
  },
  LIMIT_NOT_ENFORCEABLE: {
    where: ['defineTool("resize")', 'maxCpuMs', '"inline"'],
    todo: 'Set isolation to "worker" or "process", or leave maxCpuMs out.',
    details: {
      where: 'defineTool("resize")',
      limit: 'maxCpuMs',
      isolation: 'inline',
      enforceable: ['worker', 'process'],
    },
  },
  EXPRESSION_INVALID: {
    where: ['"$iteration => 5"', 'position 11', '"="'],
    todo: 'or an operator',
    details: {
      position: 11,
      found: '=',
      expected: expect.stringContaining('an operator'),
      expression: '$iteration => 5',
    },
  },
  STATE_CONFLICT: {
    where: ['gather', '"a" and "b"', '"n"'],
    todo: 'Give parallel a mergeState, or let only one of them change it.',
    details: { component: 'gather', key: 'n', branches: ['a', 'b'], keys: ['n'] },
  },
  BRANCHES_FAILED: {
    where: ['"gather"', 'branch "a" failed at step "bad"', 'boom'],
    todo: 'details.branches say how each ended',
    details: {
      ...{ component: 'gather', workflow: 'gather', pattern: 'parallel' },
      ...{ failed: ['a'], stopped: [], branches: { a: 'failed' }, results: {} },
    },
  },
  GRAPH_CYCLE: {
    where: ['defineChain("triage")', 'a → b → a'],
    todo: 'Drop one of these dependencies.',
    details: { where: 'defineChain("triage")', path: ['a', 'b', 'a'] },
  },
  INVALID_INPUT: {
    where: ['resize', '"width"'],
    todo: 'expected string',
    details: { component: 'resize', issues: [{ path: 'width', problem: expect.stringContaining('string') }] },
  },
  INVALID_OUTPUT: {
    where: ['resize', '"width"'],
    todo: 'expected string',
    details: { component: 'resize', issues: [{ path: 'width', problem: expect.stringContaining('string') }] },
  },
  EFFECT_FAILED: { where: ['boom'], todo: 'See the cause.', details: {} },
  OPERATION_TIMED_OUT: {
    where: ['resize', '50 ms'],
    todo: undefined,
    details: { component: 'resize', timeoutMs: 50 },
  },
  RUN_ABORTED: { where: ['resize', 'the user left'], todo: undefined, details: { component: 'resize' } },
  APPROVAL_REJECTED: {
    where: [...AT, 'was not approved', 'too dear'],
    todo: undefined,
    details: { ...DETAILS, reason: 'too dear' },
  },
  APPROVAL_EXPIRED: {
    where: [...AT, 'was not approved', 'within 50 ms'],
    todo: undefined,
    details: { ...DETAILS, reason: 'nobody answered within 50 ms' },
  },
  UNKNOWN_APPROVAL: { where: ['"id-9"'], todo: 'it was answered, has expired, or never was', details: { id: 'id-9' } },
  INVALID_RESUME: {
    where: ['"go?"', 'BeforeToolExecution', 'is retry'],
    todo: 'answer with true, or a modified, replace or cancel result',
    details: { id: 'id-1/BeforeToolExecution/1', point: 'BeforeToolExecution' },
  },
  JOURNAL_FAILED: {
    where: ['resize', 'the disk is full'],
    todo: 'See the cause.',
    details: { component: 'resize' },
  },
  HOOKS_STOPPED: { where: ['resize'], todo: undefined, details: { what: 'resize' } },
  FEATURE_CYCLE: {
    where: ['createSelectiveHooks', 'a → b → a'],
    todo: 'Drop one of these dependencies.',
    details: { features: ['a', 'b', 'a'] },
  },
  UNKNOWN_FEATURE: {
    where: ['"b"'],
    todo: 'declared are core, a',
    details: { feature: 'b', known: ['core', 'a'] },
  },
  CONTEXT_INVALID: {
    where: ['The distributed context', '"source"'],
    todo: 'Make contexts with createDistributedContext',
    details: { what: 'The distributed context', flaws: [{ path: 'source', problem: expect.any(String) }] },
  },
  CONTEXT_SIGNATURE: {
    where: ['The envelope', 'its signature does not match'],
    todo: 'Seal and open with the same key',
    details: {},
  },
  CONTEXT_EXPIRED: {
    where: ['The envelope', '101 ms ago'],
    todo: 'raise maxAgeMs',
    details: { ageMs: 101, maxAgeMs: 100 },
  },
  CONTEXT_REPLAYED: { where: ['The envelope', 'opened before'], todo: 'seal it twice', details: {} },
  CONTEXT_NOT_ALLOWED: {
    where: ['The envelope', 'agent "planner" of node "berlin-1"'],
    todo: 'Add it to allow.agents',
    details: { list: 'agents' },
  },
  HOP_LIMIT: {
    where: ['"order-17"', '0 hops'],
    todo: 'create it with a higher maxHops',
    details: { max: 0, taken: 0, correlationId: 'order-17' },
  },
  COMPILE_UNSUPPORTED: {
    where: ['"door"', 'state "door.open"', 'the action "ring"'],
    todo: 'Run the machine with createActor, or change it.',
    details: { machine: 'door', state: 'door.open', feature: expect.stringContaining('the action "ring"') },
  },
  UNKNOWN_COMPONENT: {
    where: ['tools.execute', '"resise"'],
    todo: 'It knows resize.',
    details: { where: 'tools.execute', type: 'tool', name: 'resise', known: ['resize'] },
  },
  DUPLICATE_COMPONENT: {
    where: ['createSystem', '"resize"'],
    todo: 'Give one of them another name.',
    details: { where: 'createSystem', type: 'tool', name: 'resize' },
  },
  ILLEGAL_COMMAND: {
    where: ['"reader-1"', 'resume', 'uninitialized'],
    todo: 'Legal there: initialize, execute, fail.',
    details: {
      agent: 'reader-1',
      command: 'resume',
      state: 'uninitialized',
      legal: ['initialize', 'execute', 'fail'],
    },
  },
  SUPERVISOR_RESTART: {
    where: ['"office/reader"', 'ended by its supervisor'],
    todo: 'Execute it again by the handle of the supervisor.',
    details: { child: 'office/reader' },
  },
  SUPERVISOR_FAILED: {
    where: ['"office"', '"writer"', '0 restarts within 5000 ms', 'boom'],
    todo: 'See why it does not hold, or raise maxRestarts.',
    details: { supervisor: 'office', child: 'writer', maxRestarts: 0, periodMs: 5_000 },
  },
  AGENT_BUSY: {
    where: ['"reader-1"', '1 commands waiting'],
    todo: 'Try again later, or raise maxQueue.',
    details: { agent: 'reader-1', maxQueue: 1 },
  },
  UNKNOWN_MODEL: {
    where: ['agent "writer"', '"remote/large"'],
    todo: 'The system knows local. Name it in createSystem({ models }).',
    details: { where: 'agent "writer"', model: 'remote/large', known: ['local'] },
  },
  MODEL_NOT_LOADED: {
    where: ['agent "writer"', '"remote/large"'],
    todo: 'Install it: npm install @ai-sdk/remote',
    details: { where: 'agent "writer"', model: 'remote/large', package: '@ai-sdk/remote' },
  },
  MODEL_UNREACHABLE: {
    where: ['"remote/large"', 'http://localhost:1234'],
    todo: 'See that the server runs, and that the baseURL of the provider is right.',
    details: { model: 'remote/large', server: 'http://localhost:1234' },
  },
  MODEL_CALL_FAILED: {
    where: ['"remote/large"', 'http://localhost:1234', 'status 401'],
    todo: 'Check the API key of the provider.',
    details: { model: 'remote/large', server: 'http://localhost:1234', status: 401 },
  },
  MODEL_STREAM_CUT: {
    where: ['"remote/large"'],
    todo: 'Ask again.',
    details: { model: 'remote/large' },
  },
  SECURITY_LEVEL_EXCEEDED: {
    where: ['resize', '"restricted"', '"safe"'],
    todo: 'Raise maxSecurityLevel',
    details: { component: 'resize', required: 'restricted', allowed: 'safe' },
  },
  RESOURCE_LIMIT_EXCEEDED: {
    where: ['resize', '7 bytes, of 1'],
    todo: 'Raise the limit',
    details: { component: 'resize', resource: 'output', limit: 1, used: 7 },
  },
  TOOL_EXITED: {
    where: ['thread of resize', 'exit code 3'],
    todo: 'Let its function return, and not exit.',
    details: { component: 'resize', isolation: 'worker', how: 'exit code 3' },
  },
  GATE_UNBOUND: {
    where: ['door'],
    todo: 'machine.provide(hooks.provide())',
    details: { machine: 'door' },
  },
  EVENT_TYPE_INVALID: {
    where: ['"order..paid"', 'segment 2 is empty'],
    todo: "such as 'order.paid'",
    details: { type: 'order..paid' },
  },
  EVENT_PATTERN_INVALID: {
    where: ['"order.p*"', 'segment 2'],
    todo: "write '*' for one or '**' for any number",
    details: { pattern: 'order.p*' },
  },
  EVENT_INVALID: {
    where: ['"metadata"'],
    todo: 'details.flaws says what is wrong with it.',
    details: { flaws: expect.arrayContaining([{ path: 'metadata', problem: expect.any(String) }]) },
  },
  EVENT_REJECTED: {
    where: ['"order.paid"', 'slow'],
    todo: 'Publish more slowly, or give it a larger bufferSize.',
    details: { ...TAKEN, event: 'id-2', sequence: 1 },
  },
  EVENT_BLOCKED: {
    where: ['"order.paid"', 'slow', 'within 50 ms'],
    todo: 'Its handler may hang.',
    details: { ...TAKEN, event: 'id-2', sequence: 1 },
  },
  EVENT_DEADLOCK: {
    where: ['"order.paid"', 'slow'],
    todo: 'do not publish to it from there',
    details: { ...TAKEN, event: 'id-3', sequence: 2 },
  },
  EVENT_LOOP: {
    where: ['"order.paid"', '2 events'],
    todo: 'A handler probably publishes what calls it.',
    details: { type: 'order.paid', depth: 3, maxDepth: 2, correlationId: 'id-1' },
  },
  EVENT_HANDLER_TIMED_OUT: {
    where: ['"slow"', '"order.paid"', 'within 50 ms'],
    todo: 'Obey call.signal, or raise timeoutMs.',
    details: { subscription: 'subscription-1', event: 'id-1', type: 'order.paid', timeoutMs: 50 },
  },
  EVENTS_STOPPED: { where: ['"order.paid"'], todo: undefined, details: {} },
  REPLAY_INVALID: {
    where: ['execution-1', '"x:1.0.0"', '"x:2.0.0"'],
    todo: 'Replay it with that hook, in that version.',
    details: { executionId: 'execution-1', recorded: 'x:1.0.0', hook: 'x:2.0.0' },
  },
}

const codes = (Object.keys(errorCodes) as ErrorCode[]).filter((code) => LATER[code] === undefined)

test('every code is either called for here or left to a later part', () => {
  expect(codes.length + Object.keys(LATER).length).toBe(Object.keys(errorCodes).length)
  expect(Object.keys(calls).sort()).toEqual(Object.keys(errorCodes).sort())
})

describe.each(codes)('%s', (code) => {
  const { where, todo, details } = expected[code]

  test('is thrown by a public call, with its details', async () => {
    const error = await calls[code]()
    expect(isHookchartError(error, code)).toBe(true)
    expect(error.details).toEqual(details)
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ code, message: error.message })
  })

  test('says where it happened, and what to do', async () => {
    const { message } = await calls[code]()
    for (const each of where) expect(message).toContain(each)
    if (todo !== undefined) expect(`${message} ${errorCodes[code]}`).toContain(todo)
  })
})
