/** What a system does not know is refused when it is handed over, before any point fires. */
import { createSystem, defineAgent, defineChain, sequential, step } from 'hookchart'
import type { AgentDefinition } from 'hookchart'
import { describe, expect, test } from 'vitest'

const lost = defineAgent({ name: 'lost', tools: ['nowhere'], execute: () => 1 })
const model = defineAgent({ name: 'model', model: 'a/b', instructions: 'i', tools: ['nowhere'] })
const refused = expect.objectContaining({ code: 'UNKNOWN_COMPONENT' }) as Error

describe.each<[string, AgentDefinition]>([
  ['an agent', lost],
  ['a model agent', model],
  ['an agent with such an agent as a tool', defineAgent({ name: 'outer', tools: [lost], execute: () => 1 })],
])('%s whose tool nobody knows', (_, agent) => {
  const bench = () => {
    const system = createSystem()
    const fired: string[] = []
    system.hooks.register('*', ({ point }) => void fired.push(point), { kind: 'observe' })
    return { system, fired }
  }

  test('is refused by createSystem', () => {
    expect(() => createSystem({ agents: [agent] })).toThrow(refused)
  })

  test('is not registered', () => {
    const { system } = bench()
    expect(() => {
      system.agents.register(agent)
    }).toThrow(refused)
    expect(system.agents.get(agent.name)).toBeUndefined()
  })

  test.each<[string, (system: ReturnType<typeof createSystem>) => unknown]>([
    ['made', (system) => system.agents.create(agent)],
    ['executed', (system) => system.agents.execute(agent, 1)],
    ['a step', (system) => system.workflows.execute(sequential({ name: 'w', steps: [step.agent('s', agent)] }), 1)],
    ['a component', (system) => system.chains.execute(defineChain('c').agent(agent), 1)],
    [
      'a step of a component',
      (system) =>
        system.chains.execute(defineChain('c').workflow(sequential({ name: 'w', steps: [step.agent('s', agent)] })), 1),
    ],
  ])('fires no point when it is %s', async (_, run) => {
    const { system, fired } = bench()
    await expect((async () => await run(system))()).rejects.toThrow(refused)
    expect(fired).toEqual([])
  })
})

test('agents that come together may name each other', () => {
  const a = defineAgent({ name: 'a', tools: ['b'], execute: () => 1 })
  const b = defineAgent({ name: 'b', tools: ['a'], execute: () => 1 })
  expect(createSystem({ agents: [a, b] }).agents.list()).toHaveLength(2)
})
