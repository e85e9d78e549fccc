/** The options of systems: of each, two values that come to two outcomes. */
import { createSystem, defineAgent, defineTool, sequential, step } from 'hookchart'
import type { CreateSystemOptions, PerformanceOptions } from 'hookchart'
import { createSupervisor } from 'hookchart/actors'
import { createMemoryJournal, defineHook, definePoint, hook } from 'hookchart/hooks'
import type { DefineToolOptions } from 'hookchart/machines'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { scripted } from '../support/model.ts'
import { outcomesOf } from '../support/outcomes.ts'
import { errorOf } from '../support/refusal.ts'

const toolOf = (options: Partial<DefineToolOptions<string, z.ZodType, z.ZodType, unknown>> = {}) =>
  defineTool({ name: 'load', description: 'loads', input: z.unknown(), execute: () => 1, ...options })

function systemOf(options: CreateSystemOptions = {}) {
  const clock = createTestClock()
  return { clock, system: createSystem({ clock, ids: createTestIds(), ...options }) }
}

const execute = async (options: object, input: unknown = 1, given: CreateSystemOptions = {}) =>
  systemOf(given).system.tools.execute(toolOf(options), input)

describe('createSystem', () => {
  test('events: the options of its bus', async () => {
    const sourceWith = async (events: NonNullable<CreateSystemOptions['events']>) => {
      const system = createSystem({ events })
      let source: string | undefined
      system.events.subscribe('*', (event) => void (source = event.metadata.source))
      void system.events.publish('a')
      await system.stop()
      return source
    }
    expect(await outcomesOf(sourceWith, { source: 'x' }, { source: 'y' })).toEqual(['x', 'y'])
  })

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

  test('clock: the time of whatever runs', async () => {
    const at = async (startAt: number) => (await execute({}, 1, { clock: createTestClock(startAt) })).trace[0]!.at
    expect(await outcomesOf(at, 0, 5_000)).toEqual([0, 5_000])
  })

  test('ids: the ids of operations', async () => {
    const id = async (prefix: string) => (await execute({}, 1, { ids: createTestIds(prefix) })).id
    expect(await outcomesOf(id, 'a', 'b')).toEqual(['a-1', 'b-1'])
  })

  test('journal: where runs are recorded', async () => {
    const [first, second] = [createMemoryJournal(), createMemoryJournal()]
    const runs = async (journal: typeof first) => {
      await execute({}, 1, { journal })
      return [first.runs().length, second.runs().length]
    }
    expect(await outcomesOf(runs, first, second)).toEqual([
      [1, 0],
      [1, 1],
    ])
  })

  const quiet = defineHook({ name: 'quiet', points: 'BeforeToolExecution', handler: () => undefined })

  test('trace: how much is told', async () => {
    const told = async (trace: 'full' | 'decisions') =>
      (await execute({}, 1, { trace, hooks: [quiet] })).trace.flatMap((entry) => entry.hook ?? [])
    expect(await outcomesOf(told, 'full', 'decisions')).toEqual([['quiet'], []])
  })

  test('maxTraceEntries: what is over is cut and counted', async () => {
    const last = async (maxTraceEntries: number) => (await execute({}, 1, { maxTraceEntries })).trace.at(-1)!.kind
    expect(await outcomesOf(last, 1, 20)).toEqual(['cut', 'effect'])
  })

  test('executor: how hooks are run', async () => {
    const timeout = (timeoutMs: number) => {
      const { system } = systemOf({ executor: { timeoutMs }, hooks: [quiet] })
      return system.hooks.explain('BeforeToolExecution').hooks[0]!.timeoutMs
    }
    expect(await outcomesOf(timeout, 10, 20)).toEqual([10, 20])
  })

  test('points: those of your own that are there from the start', async () => {
    const own = definePoint('mine', { phase: 'before' })
    const known = (points: (typeof own)[]) => {
      const { system } = systemOf({ points })
      return points.length === 0
        ? errorOf(() => system.hooks.explain('custom:mine')).code
        : system.hooks.explain('custom:mine').point
    }
    expect(await outcomesOf(known, [own], [])).toEqual(['custom:mine', 'UNKNOWN_POINT'])
  })

  test('onSuspend: what an execution does that has to wait for an approval', async () => {
    const asks = defineHook({
      name: 'asks',
      points: 'BeforeToolExecution',
      handler: () => hook.suspend({ question: 'may it?' }),
    })
    const status = async (onSuspend: 'wait' | 'return') => {
      const { system, clock } = systemOf({ onSuspend, hooks: [asks] })
      let status = 'waiting'
      void system.tools.execute(toolOf(), 1).then((result) => (status = result.status))
      await clock.settle()
      return status
    }
    expect(await outcomesOf(status, 'wait', 'return')).toEqual(['waiting', 'suspended'])
  })

  test('random: the chance in the waits of its supervisors', async () => {
    const waited = async (chance: number) => {
      const { system, clock } = systemOf({ random: { next: () => chance } })
      const agent = defineAgent({ name: 'a', autoRecover: false, execute: () => Promise.reject(new Error('boom')) })
      const supervisor = createSupervisor(system, {
        children: [{ agent }],
        backoff: { delayMs: 100, jitter: 1 },
      })
      await supervisor.started
      await supervisor.agent('a').execute(1)
      await clock.settle()
      const from = clock.now()
      while (supervisor.tree().children[0]!.restarts === 0 || supervisor.state !== 'watching')
        await clock.advanceSteps(1)
      return clock.now() - from
    }
    expect(await outcomesOf(waited, 0.25, 0.75)).toEqual([75, 25])
  })

  test('performance: when the process is under pressure', async () => {
    const told = async (high: number) => pressedIn({ performance: { memory: { high } } }, 0.5)
    expect(await outcomesOf(told, 0.4, 0.6)).toEqual([['memory 5000'], []])
  })
})

/** What hooks are told of pressure while a tool runs for 10 s: measure and time. */
async function pressedIn({ performance }: CreateSystemOptions, ...loads: number[]) {
  const sample = () => {
    const ratio = loads.shift() ?? 0
    return { memoryRatio: ratio, cpuRatio: ratio }
  }
  const { system, clock } = systemOf({ performance: { sampler: { sample }, ...performance } })
  const told: string[] = []
  system.hooks.register(['MemoryUsageHigh', 'CpuUsageHigh'], ({ data }) => {
    told.push(`${data.metric} ${String(clock.now())}`)
  })
  const late = system.tools.execute(toolOf({ execute: () => new Promise(() => {}) }), 1, { timeoutMs: '10s' })
  await clock.advanceSteps(10_000)
  await late
  return told
}

const pressed = async (performance: PerformanceOptions, ...loads: number[]) => pressedIn({ performance }, ...loads)

describe('performance', () => {
  test('everyMs: how often it is measured', async () => {
    const told = async (everyMs: number) => pressed({ everyMs }, 1)
    expect(await outcomesOf(told, 1_000, 2_000)).toEqual([
      ['memory 1000', 'cpu 1000'],
      ['memory 2000', 'cpu 2000'],
    ])
  })

  test('memory: what counts as high', async () => {
    const told = async (high: number) => pressed({ memory: { high } }, 0.5)
    expect(await outcomesOf(told, 0.5, 0.6)).toEqual([['memory 5000'], []])
  })

  test('cpu: what counts as high', async () => {
    const told = async (high: number) => pressed({ cpu: { high } }, 0.5)
    expect(await outcomesOf(told, 0.5, 0.6)).toEqual([['cpu 5000'], []])
  })

  test('sampler: what measures', async () => {
    const told = async (memoryRatio: number) => pressed({ sampler: { sample: () => ({ memoryRatio, cpuRatio: 0 }) } })
    expect(await outcomesOf(told, 1, 0)).toEqual([['memory 5000'], []])
  })

  const often = { everyMs: 1_000, cpu: { high: 1 } } as const

  test('high: from where on it is high', async () => {
    const told = async (high: number) => pressed({ ...often, memory: { high } }, 0.6, 0.8)
    expect(await outcomesOf(told, 0.6, 0.7)).toEqual([['memory 1000'], ['memory 2000']])
  })

  test('low: from where on it is low again', async () => {
    const told = async (low: number) => pressed({ ...often, memory: { high: 0.9, low } }, 0.9, 0.6, 0.9)
    expect(await outcomesOf(told, 0.5, 0.6)).toEqual([['memory 1000'], ['memory 1000', 'memory 3000']])
  })

  test('low is never over high', async () => {
    const told = await pressed({ ...often, memory: { high: 0.5 } }, 0.5, 0.5, 0.4, 0.6)
    expect(told).toEqual(['memory 1000', 'memory 4000'])
    expect(errorOf(() => systemOf({ performance: { memory: { high: 0.5, low: 0.6 } } })).message).toContain(
      '"performance.memory.low": expected no more than high',
    )
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
