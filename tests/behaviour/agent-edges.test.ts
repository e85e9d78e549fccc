/** The life of an agent: each of its 25 edges is taken, every other refused, and what is refused leaves no trace. */
import { agentEdges } from 'hookchart/machines'
import type { LifeState } from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import { agentBench, agentIn, quietly } from '../support/agents.ts'
import type { AgentBench } from '../support/agents.ts'
import { rejectionOf } from '../support/refusal.ts'

type Take = (bench: AgentBench) => unknown

const states = Object.keys(agentEdges) as LifeState[]
const broken = new Error('broken')
const fail: Take = ({ agent }) => agent.fail(broken)
const terminate: Take = ({ agent }) => void quietly(agent.terminate())
const execute: Take = ({ agent }) => void agent.execute('long')

/** What takes each edge, from an agent in the state it starts from. */
const edges: Record<string, Take> = {
  'uninitialized → initializing': ({ agent }) => agent.initialize(),
  'uninitialized → error': fail,
  'initializing → ready': ({ agent }) => agent.initialize(),
  'initializing → error': fail,
  'initializing → terminating': terminate,
  'ready → running': execute,
  'ready → paused': ({ agent }) => agent.pause(),
  'ready → terminating': terminate,
  'ready → error': fail,
  'running → ready': ({ agent }) => agent.stop(),
  'running → paused': ({ agent }) => agent.pause(),
  'running → terminating': terminate,
  'running → error': fail,
  'paused → ready': ({ agent }) => agent.stop(),
  'paused → running': ({ agent }) => agent.resume(),
  'paused → terminating': terminate,
  'paused → error': fail,
  'error → recovering': ({ agent }) => agent.recover(),
  'error → terminating': terminate,
  'error → terminated': ({ agent }) => agent.terminate({ force: true }),
  'recovering → ready': ({ agent }) => agent.recover(),
  'recovering → error': fail,
  'recovering → terminating': terminate,
  'terminating → terminated': ({ agent }) => agent.terminate({ force: true }),
  'terminating → error': fail,
}

/** Agents for edges that need more than to be in the state. */
const special: Record<string, () => Promise<AgentBench>> = {
  'initializing → ready': () => Promise.resolve(agentBench()),
  'recovering → ready': () => agentIn('error'),
  'running → paused': async () => {
    const bench = agentBench({}, {}, { steps: ({ checkpoint }) => bench.clock.settle().then(() => checkpoint('next')) })
    void bench.agent.execute('steps')
    while (bench.agent.state !== 'running') await Promise.resolve()
    return bench
  },
  'paused → running': async () => {
    const bench = agentBench({}, {}, { steps: ({ checkpoint }) => bench.clock.settle().then(() => checkpoint()) })
    void bench.agent.execute('steps')
    while (bench.agent.state !== 'running') await Promise.resolve()
    await bench.agent.pause()
    return bench
  },
}

describe('every edge is taken', () => {
  test('these are all, and no others', () => {
    const named = states.flatMap((from) => agentEdges[from].map((to) => `${from} → ${to}`))
    expect(Object.keys(edges).sort()).toEqual(named.sort())
    expect(named).toHaveLength(25)
  })

  test.each(Object.entries(edges))('%s', async (edge, take) => {
    const [from] = edge.split(' → ') as [LifeState]
    const bench = await (special[edge] ?? (() => agentIn(from)))()
    const before = bench.agent.history.length
    await take(bench)
    await bench.clock.settle()
    const taken = bench.agent.history.slice(before).map(({ from: a, to }) => `${a} → ${to}`)
    expect(taken).toContain(edge)
    // Whatever else it came to, each edge begins where the last one ended, and is one of the 25.
    let at: LifeState = 'uninitialized'
    for (const { from: start, to } of bench.agent.history) {
      expect(start).toBe(at)
      expect(agentEdges[start]).toContain(to)
      at = to
    }
    expect(bench.agent.state).toBe(at)
  })
})

const commands = ['initialize', 'execute', 'pause', 'resume', 'stop', 'terminate', 'fail', 'recover'] as const
type Command = (typeof commands)[number]

/** What is legal at once or in its turn; all else is refused. A command for the state that it is in does nothing. */
const legal: Record<LifeState, readonly Command[]> = {
  uninitialized: ['initialize', 'execute', 'fail'],
  initializing: ['execute', 'terminate', 'fail'],
  ready: ['execute', 'pause', 'terminate', 'fail'],
  running: ['execute', 'pause', 'stop', 'terminate', 'fail'],
  paused: ['execute', 'resume', 'stop', 'terminate', 'fail'],
  error: ['execute', 'recover', 'terminate'],
  recovering: ['execute', 'terminate', 'fail'],
  terminating: ['terminate', 'fail'],
  terminated: [],
}
const nothing: Partial<Record<LifeState, Command>> = {
  paused: 'pause',
  running: 'resume',
  ready: 'stop',
  error: 'fail',
}

const call = ({ agent }: AgentBench, command: Command): Promise<unknown> =>
  command === 'fail'
    ? agent.fail(broken)
    : command === 'execute'
      ? agent.execute('x')
      : command === 'terminate'
        ? agent.terminate({ force: true })
        : agent[command]()

/** On their way agents take no other command; those wait. */
const settled = states.filter((state) => !['initializing', 'recovering', 'terminating'].includes(state))
const refusals = settled.flatMap((state) =>
  commands
    .filter((command) => !legal[state].includes(command) && nothing[state] !== command)
    .map((command) => [state, command] as const),
)

describe('every other command is refused with those that are legal, and leaves no trace', () => {
  test.each(refusals)('%s: %s', async (state, command) => {
    const bench = await agentIn(state)
    const { history } = bench.agent
    const error = await rejectionOf(call(bench, command))
    expect(error).toMatchObject({
      code: 'ILLEGAL_COMMAND',
      details: { agent: 'w1', command, state, legal: legal[state] },
    })
    expect(error.message).toContain(legal[state].length === 0 ? 'No command is legal there.' : legal[state].join(', '))
    expect(bench.agent.history).toEqual(history)
  })

  test.each(Object.entries(nothing) as [LifeState, Command][])('%s: %s changes nothing', async (state, command) => {
    const bench = await agentIn(state)
    const { history } = bench.agent
    expect(await call(bench, command)).toBe(state)
    expect(bench.agent.history).toEqual(history)
  })

  test.each(['initializing', 'recovering', 'terminating'] as const)('%s: other commands wait', async (state) => {
    const bench = await agentIn(state)
    const told: string[] = []
    for (const command of ['pause', 'recover'] as const)
      void call(bench, command).then(
        () => told.push(command),
        () => told.push(command),
      )
    await bench.clock.settle()
    expect(told).toEqual([])
    await bench.agent.terminate({ force: true })
    await bench.clock.settle()
    expect(told).toEqual(['pause', 'recover'])
  })

  test('an execution is refused where the agent is in error and does not recover by itself', async () => {
    const { agent } = await agentIn('error', { autoRecover: false })
    expect((await rejectionOf(agent.execute('x'))).details['legal']).toEqual(['recover', 'terminate'])
    expect(await agent.recover()).toBe('ready')
    expect((await agent.execute('x')).output).toBe('x')
  })
})

test('forced, an agent is terminated from wherever it has been initialised', async () => {
  for (const state of states.filter((each) => each !== 'uninitialized' && each !== 'terminated')) {
    const { agent } = await agentIn(state)
    expect(await agent.terminate({ force: true })).toBe('terminated')
  }
})
