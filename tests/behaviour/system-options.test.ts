/** The options of systems: of each, two values that come to two outcomes. */
import { createSystem, defineAgent, defineTool, sequential, step } from 'hookchart'
import type { CreateSystemOptions } from 'hookchart'
import { defineHook, hook } from 'hookchart/hooks'
import type { DefineToolOptions } from 'hookchart/machines'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { scripted } from '../support/model.ts'
import { outcomesOf } from '../support/outcomes.ts'

const toolOf = (options: Partial<DefineToolOptions<string, z.ZodType, z.ZodType, unknown>> = {}) =>
  defineTool({ name: 'load', description: 'loads', input: z.unknown(), execute: () => 1, ...options })

function systemOf(options: CreateSystemOptions = {}) {
  const clock = createTestClock()
  return { clock, system: createSystem({ clock, ids: createTestIds(), ...options }) }
}

const execute = async (options: object, input: unknown = 1, given: CreateSystemOptions = {}) =>
  systemOf(given).system.tools.execute(toolOf(options), input)

describe('createSystem', () => {
  test('id: what it is called', async () => {
    expect(await outcomesOf((id: string) => systemOf({ id }).system.id, 'a', 'b')).toEqual(['a', 'b'])
  })

  test('tools: which it knows by name', async () => {
    const known = (names: string[]) =>
      systemOf({ tools: names.map((name) => toolOf({ name })) })
        .system.tools.list()
        .map(({ name }) => name)
    expect(await outcomesOf(known, ['a'], ['b', 'c'])).toEqual([['a'], ['b', 'c']])
  })

  test('hooks: which run from the start', async () => {
    const stop = defineHook({ name: 'stop', points: 'BeforeToolExecution', handler: () => hook.cancel('no') })
    const status = async (hooks: (typeof stop)[]) => (await execute({}, 1, { hooks })).status
    expect(await outcomesOf(status, [stop], [])).toEqual(['cancelled', 'completed'])
  })

  test('maxSecurityLevel: which tools run', async () => {
    const status = async (maxSecurityLevel: 'safe' | 'privileged') =>
      (await execute({}, 1, { maxSecurityLevel })).status
    expect(await outcomesOf(status, 'safe', 'privileged')).toEqual(['failed', 'completed'])
  })

  test('workflows: which it knows by name', async () => {
    const workflowOf = (name: string) => sequential({ name, steps: [step.run('one', () => 1)] })
    const known = (names: string[]) =>
      systemOf({ workflows: names.map(workflowOf) })
        .system.workflows.list()
        .map(({ name }) => name)
    expect(await outcomesOf(known, ['a'], ['b', 'c'])).toEqual([['a'], ['b', 'c']])
  })

  test('agents: which it knows by name', async () => {
    const agentOf = (name: string) => defineAgent({ name, execute: () => 1 })
    const known = (names: string[]) =>
      systemOf({ agents: names.map(agentOf) })
        .system.agents.list()
        .map(({ name }) => name)
    expect(await outcomesOf(known, ['a'], ['b', 'c'])).toEqual([['a'], ['b', 'c']])
  })

  test('models: who answers to a name', async () => {
    const agent = defineAgent({ name: 'a', model: 'test/small', instructions: 'Be brief.' })
    const output = async (said: string) =>
      (await systemOf({ models: { test: () => scripted([said]) } }).system.agents.execute(agent, 'go')).output
    expect(await outcomesOf(output, 'one', 'two')).toEqual(['one', 'two'])
  })

  test('maxQueue: how many may wait for one agent', async () => {
    const refused = async (maxQueue: number) => {
      const { system, clock } = systemOf({ maxQueue })
      const agent = defineAgent({ name: 'a', execute: () => new Promise(() => {}) })
      const codes: (string | undefined)[] = []
      for (let i = 0; i < 3; i++) void system.agents.execute(agent, i).then(({ error }) => codes.push(error?.code))
      await clock.settle()
      return codes
    }
    expect(await outcomesOf(refused, 1, 2)).toEqual([['AGENT_BUSY'], []])
  })
})

test('paused of workflows.start: whether it stands in front of its first step', async () => {
  const status = async (paused: boolean) => {
    const { system, clock } = systemOf()
    const run = system.workflows.start(sequential({ name: 'w', steps: [step.run('one', () => 1)] }), 1, { paused })
    await clock.settle()
    return run.status
  }
  expect(await outcomesOf(status, true, false)).toEqual(['paused', 'ended'])
})

test.each(['capability', 'category', 'tag'] as const)('%s: which are found', async (key) => {
  const { system } = systemOf({ tools: [toolOf({ capabilities: ['a'], category: 'a', tags: ['a'] })] })
  const found = async (value: string) => (await system.tools.discover({ [key]: value })).length
  expect(await outcomesOf(found, 'a', 'b')).toEqual([1, 0])
})
