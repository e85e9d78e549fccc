/** The chart of an agent, everywhere: life, work and command side by side, whoever is hooked, whatever it is told. */
import * as machines from 'hookchart/machines'
import type { AgentContext, ExecutionEnd, LifeState } from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import type { AnyMachineSnapshot, EventObject } from 'xstate'
import { plant } from './support/planted.ts'
import { endless, hookedTo, survivesJson, tour, untaken } from './support/tour.ts'
import type { World } from './support/tour.ts'

const LIFE = ['BeforeAgentInit', 'AfterAgentInit', 'BeforeAgentTerminate', 'BeforeAgentShutdown', 'AfterAgentShutdown']
const WORK = ['BeforeAgentExecution', 'AfterAgentExecution', 'AgentError']
const SOURCES = ['gate', 'lookUp', 'effect', 'wait', 'prepare', 'shutDown', 'lifeGate']

const error = { code: 'EFFECT_FAILED', name: 'HookchartError', message: 'broken', retryable: false }

interface Value {
  readonly life: LifeState | Record<string, string>
  readonly work: string
  readonly command: string
}

const contextOf = (snapshot: AnyMachineSnapshot) => snapshot.context as AgentContext
const valueOf = (snapshot: AnyMachineSnapshot) => snapshot.value as unknown as Value

const END: Record<string, ExecutionEnd> = {
  completed: { status: 'completed' },
  failed: { status: 'failed', error },
  cancelled: { status: 'cancelled', error },
}

/** What guards look at; errors, limits and data lead nowhere. */
function key(snapshot: AnyMachineSnapshot) {
  const { attempts, effect, problem, end, force, recoveryAttempts, state } = contextOf(snapshot)
  return [
    snapshot.value as unknown,
    attempts > 0,
    effect,
    problem !== null,
    end?.status,
    force,
    recoveryAttempts,
    state,
  ]
}

const outcome = (type: string, end?: string, note?: object) => ({
  type,
  ...(end !== undefined && { note: { ...note, end: END[end] } }),
})

/** What hooks at the gates of an execution decide. */
function decided(point: string): readonly object[] {
  const common = [outcome('value', 'completed'), outcome('again'), outcome('ended', 'cancelled')]
  switch (point) {
    case 'BeforeAgentExecution':
      return [
        ...[outcome('continue'), outcome('look_up'), outcome('again'), outcome('ended', 'cancelled')],
        outcome('value', 'completed', { replacedAt: point }),
      ]
    case 'AfterAgentExecution':
      return [outcome('continue', 'completed'), ...common]
    default:
      return [outcome('continue', 'failed'), ...common]
  }
}

/** Everything that callers and the code of the agent may tell it. */
function eventsIn(snapshot: AnyMachineSnapshot, fits: boolean): EventObject[] {
  const { work, command } = valueOf(snapshot)
  const execute = { type: 'EXECUTE', input: {}, ...(!fits && { problem: error }) }
  const events = [
    ...['INITIALIZE', 'RECOVER', 'PAUSE', 'RESUME', 'STOP', 'TERMINATE'].map((type) => ({ type })),
    { type: 'TERMINATE', force: true },
    { type: 'FAIL', error },
    ...(work === 'idle' && command === 'idle' ? [execute] : []),
    ...(work === 'executing' ? [{ type: 'BOUNDARY', at: 'here' }] : []),
  ]
  return events
}

function worldOf(fits = true, more: Partial<World> = {}): World {
  const limits = { initializeTimeoutMs: 10, terminateTimeoutMs: 10, transitionTimeoutMs: 10 }
  return {
    input: { ...limits, autoRecover: true, maxRecoveryAttempts: 1 },
    tells: {
      prepare: () => [{ type: 'done' }, { type: 'failed', note: { error } }],
      shutDown: () => [{ type: 'done' }, { type: 'failed', note: { error } }],
      lifeGate: (_, input) => {
        const isAfter = (input as { readonly point: string }).point.startsWith('After')
        return ['continue', ...(isAfter ? ['again'] : [])].map((type) => ({ type })).concat([{ type: 'refused' }])
      },
      gate: (_, input) => decided((input as { readonly point: string }).point),
      lookUp: () => [
        outcome('hit', 'completed', { replacedAt: 'BeforeAgentExecution' }),
        outcome('missed'),
        outcome('ended', 'cancelled'),
      ],
      effect: () => [
        outcome('completed', 'completed', { effect: 'completed', replacedAt: null }),
        outcome('failed', 'failed', { effect: 'failed', error, replacedAt: null }),
        outcome('timed_out', 'failed', { effect: 'failed', error, replacedAt: null }),
        outcome('ended', 'cancelled'),
      ],
      wait: () => [{ type: 'done' }, outcome('ended', 'cancelled')],
    },
    neverFail: SOURCES,
    events: (snapshot) => eventsIn(snapshot, fits),
    key,
    always: {
      'the context knows where it is in its life': (snapshot) => {
        const { life } = valueOf(snapshot)
        return contextOf(snapshot).state === (typeof life === 'string' ? life : Object.keys(life)[0])
      },
      'it recovers no more often than it may': (snapshot) => contextOf(snapshot).recoveryAttempts <= 1,
      'who is forced to terminate is not asked': (snapshot) =>
        !contextOf(snapshot).force || valueOf(snapshot).command === 'idle',
    },
    ...more,
  }
}

const machineOf = (points: readonly string[], { agentMachine } = machines) => hookedTo(agentMachine, points, SOURCES)

/** Nobody, somebody at each point that leads on to another, and everybody. */
const HOOKED = [
  [],
  [...LIFE, ...WORK],
  ['BeforeAgentShutdown'],
  ['BeforeAgentTerminate', 'BeforeAgentExecution', 'AgentError'],
]

/** It rests where it is terminated and nothing is in hand. */
const isAtRest = (value: unknown) => {
  const { life, work, command } = value as Value
  return life === 'terminated' && work === 'idle' && command === 'idle'
}

const isEnd = (key: string) => isAtRest((JSON.parse(key) as unknown[])[0])

describe('the chart of an agent', () => {
  const tours = [
    ...HOOKED.map((points) => tour(machineOf(points), worldOf())),
    tour(machineOf(['AgentError']), worldOf(false)),
    tour(machineOf([]), worldOf(false)),
  ]

  test('every transition is taken', () => {
    expect(untaken(tours)).toEqual([])
  })

  test('it never stands where nothing can happen, can always be terminated, and what must hold does', () => {
    for (const { found } of tours) {
      expect([found.result, found.violations, endless(found, isEnd)]).toEqual(['complete', [], []])
      expect(found.deadlocks.filter(({ value }) => !isAtRest(value))).toEqual([])
    }
  })

  test('snapshots survive JSON wherever they are made', () => {
    const machine = machineOf(['AfterAgentInit', 'AfterAgentExecution'])
    const world = worldOf()
    const survives = (snapshot: AnyMachineSnapshot) => survivesJson(machine, snapshot, world)
    const { found } = tour(machine, { ...world, always: { 'survives JSON': survives } })
    expect(found.violations).toEqual([])
  })
})

describe('is seen to fail:', () => {
  const brokenBy = async (file: string, from: string, to: string, points: readonly string[] = []) =>
    machineOf(points, await plant<typeof machines>('machines/index.ts', `machines/agent/${file}`, from, to))

  test('an agent that is resumed has no work', async () => {
    const broken = await brokenBy('agent-parts.ts', 'context.attempts > 0', 'context.attempts < 0')
    expect(untaken([tour(broken, worldOf())])).toContain('agent.life.paused: RESUME 0')
  })

  test('it recovers once more than it may', async () => {
    const broken = await brokenBy('life.ts', 'recoveryAttempts >= recoveries', 'recoveryAttempts > recoveries')
    expect(tour(broken, worldOf()).found.violations).toHaveLength(1)
  })

  test('hooks are asked on about a termination that is forced', async () => {
    const broken = await brokenBy(
      'command-states.ts',
      "target: 'idle',\n  actions: ['take', granted('GRANTED.TERMINATE')],",
      "actions: ['take', granted('GRANTED.TERMINATE')],",
      LIFE,
    )
    expect(tour(broken, worldOf()).found.violations).toHaveLength(1)
  })

  test('an execution that is over stays in hand', async () => {
    const broken = await brokenBy(
      'agent-machine.ts',
      "settled: { entry: raise({ type: 'SETTLED' }), always: 'idle' }",
      "settled: { entry: raise({ type: 'SETTLED' }), on: { SETTLED: 'idle' } }",
    )
    expect(untaken([tour(broken, worldOf())])).toContain('agent.work.idle: SETTLED')
  })

  test('a restored agent that waits for ever', async () => {
    const broken = machineOf(
      [],
      await plant<typeof machines>(
        'machines/index.ts',
        'machines/effect/timer-logic.ts',
        "if (status === 'active') arm(",
        "if (status !== 'active') arm(",
      ),
    )
    const world = worldOf()
    const survives = (snapshot: AnyMachineSnapshot) => survivesJson(broken, snapshot, world)
    const { found } = tour(broken, { ...world, always: { 'survives JSON': survives }, states: 50 })
    expect(found.violations).toMatchObject([{ events: [{ type: 'INITIALIZE' }] }])
  })

  test('a context that JSON does not bring back', async () => {
    const broken = await brokenBy('agent-context.ts', 'lastError: null,', 'lastError: new Map() as never,')
    const world = worldOf()
    const survives = (snapshot: AnyMachineSnapshot) => survivesJson(broken, snapshot, world)
    const { found } = tour(broken, { ...world, always: { 'survives JSON': survives }, states: 5 })
    expect(found.violations).toHaveLength(1)
  })
})
