/** Agents on a test clock, and agents brought to each state of their life. */
import { createSystem, defineAgent } from 'hookchart'
import type { AgentCall, System } from 'hookchart'
import type { AgentHandle } from 'hookchart/actors'
import type { LifeState } from 'hookchart/machines'
import { createTestClock, createTestIds, recorder } from 'hookchart/testing'
import type { Recorder, TestClock } from 'hookchart/testing'
import { deferred } from './kernel.ts'
import { scripted } from './model.ts'

export interface AgentBench {
  readonly clock: TestClock
  readonly system: System
  readonly seen: Recorder
  readonly agent: AgentHandle<string>
  /** How often its work was begun. */
  readonly begun: string[]
}

/** What the worker does, by its input. */
const works: Record<string, (call: AgentCall<string>) => unknown> = {
  /** Ends when it is aborted. */
  long: ({ signal }) =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        reject(signal.reason as Error)
      })
    }),
  deaf: () => new Promise(() => {}),
  boom: () => {
    throw new Error('boom')
  },
}

/** An agent that does what its input says; any other input it gives back. */
export function agentBench(
  options: object = {},
  systemOptions: object = {},
  own: Record<string, (call: AgentCall<string>) => unknown> = {},
): AgentBench {
  const clock = createTestClock()
  const system = createSystem({ clock, ids: createTestIds(), ...systemOptions })
  const begun: string[] = []
  const worker = defineAgent({
    name: 'worker',
    execute: (call: AgentCall) => {
      const given = call.input as string
      begun.push(given)
      return (own[given] ?? works[given] ?? (() => given))(call as AgentCall<string>)
    },
    ...options,
  })
  const agent = system.agents.create(worker, { id: 'w1' }) as AgentHandle<string>
  return { clock, system, begun, agent, seen: recorder() }
}

/** An agent whose model can be held back: `preparing` is what its next preparations wait for. */
export function loadingBench(options: object = {}) {
  const preparing: { wait: Promise<void> | undefined } = { wait: undefined }
  const models = { test: () => (preparing.wait ?? Promise.resolve()).then(() => scripted([])) }
  const definition = { name: 'worker', model: 'test/small', instructions: 'x', ...options }
  const clock = createTestClock()
  const system = createSystem({ clock, ids: createTestIds(), models: models })
  const agent = system.agents.create(defineAgent(definition as never), { id: 'w1' }) as AgentHandle<string>
  return { clock, system, agent, preparing, begun: [] as string[], seen: recorder() }
}

/** Lets an expected rejection be nobody's problem. */
export const quietly = <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => {})
  return promise
}

/** Brings an agent to a state in which it stays. */
export async function agentIn(state: LifeState, options: object = {}): Promise<AgentBench> {
  if (state === 'initializing' || state === 'recovering') {
    const bench = loadingBench(options)
    const { agent, preparing, clock } = bench
    if (state === 'recovering') {
      await agent.initialize()
      await agent.fail(new Error('broken'))
    }
    preparing.wait = deferred().promise
    void quietly(state === 'recovering' ? agent.recover() : agent.initialize())
    await clock.settle()
    return bench
  }
  const bench = agentBench(options)
  const { agent, clock } = bench
  if (state === 'uninitialized') return bench
  await agent.initialize()
  if (state === 'running' || state === 'terminating') void agent.execute(state === 'running' ? 'long' : 'deaf')
  if (state === 'paused') await agent.pause()
  if (state === 'error') await agent.fail(new Error('broken'))
  await clock.settle()
  if (state === 'terminating') void quietly(agent.terminate())
  if (state === 'terminated') await agent.terminate()
  await clock.settle()
  return bench
}
