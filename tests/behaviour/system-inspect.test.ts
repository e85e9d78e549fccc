/** How a system is watched: `system.inspect`. */
import { createSystem, defineAgent, defineChain, defineTool, hook, sequential, step } from 'hookchart'
import { createTestClock } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'

const tool = (execute: () => unknown) => defineTool({ name: 't', description: 't', input: z.unknown(), execute })

describe('inspect', () => {
  test('tells everything that happens, at paths of names', async () => {
    const system = createSystem({ clock: createTestClock() })
    const seen: string[] = []
    using _ = system.inspect((each) => {
      const what = each.type === 'gate_passed' ? `${each.gate} ${each.decision}` : each.path
      seen.push(`${each.type} ${what}`)
    })
    system.hooks.register('BeforeToolExecution', () => hook.modified({ input: 2 }))
    const worker = defineAgent({
      name: 'worker',
      execute: ({ tools }) =>
        tools.call(
          tool(() => 1),
          1,
        ),
    })
    const flow = sequential({ name: 'flow', steps: [step.agent('ask', worker)] })
    await system.chains.execute(defineChain('all').workflow(flow), 1)
    const inTool = 'hookchart/chain:all/component:flow/workflow:flow/step:ask/agent:worker/tool:t'
    expect(seen).toContain(`gate_passed ${inTool}#BeforeToolExecution modified`)
    expect(seen).toContain('agent_changed hookchart/agent:worker')
    const pathsOf = (type: string) =>
      seen.flatMap((each) => (each.startsWith(`${type} `) ? [each.slice(type.length + 1)] : [])).sort()
    expect(pathsOf('operation_started')).toEqual(pathsOf('operation_settled'))
    expect(pathsOf('effect_started')).toEqual(pathsOf('effect_settled'))
  })

  test('gates of state and of commands are told too, and of no operation', async () => {
    const system = createSystem({ clock: createTestClock() })
    const seen: unknown[] = []
    using _ = system.inspect((each) => {
      if (each.type === 'gate_passed') seen.push([each.gate, each.decision, each.hook])
    })
    system.hooks.register('BeforeStateWrite', () => hook.modified({ value: 2 }), { name: 'two' })
    system.hooks.register('BeforeAgentInit', () => undefined)
    system.hooks.register('AfterStateWrite', () => hook.cancel('no'), { name: 'strict' })
    await expect(system.state.set('k', 1)).rejects.toMatchObject({ details: { effect: 'completed' } })
    await system.agents.create(defineAgent({ name: 'a', execute: () => 1 })).initialize()
    expect(seen).toEqual([
      ['hookchart/state:global#BeforeStateWrite', 'modified', undefined],
      ['hookchart/state:global#AfterStateWrite', 'cancel', 'strict'],
      ['hookchart/agent:a#BeforeAgentInit', 'continue', undefined],
    ])
  })

  test('two runs of the same tell the same, but for ids', async () => {
    const told = async () => {
      const system = createSystem({ clock: createTestClock() })
      const paths: string[] = []
      using _ = system.inspect(({ type, path }) => void paths.push(`${type} ${path}`))
      await system.agents.create(defineAgent({ name: 'a', execute: () => 1 })).execute(1)
      return paths
    }
    expect(await told()).toEqual(await told())
  })

  test('nothing is told any more when it has ended', async () => {
    const system = createSystem()
    let told = 0
    const inspecting = system.inspect(() => void told++)
    await system.tools.execute(
      tool(() => 1),
      1,
    )
    const before = told
    inspecting.stop()
    await system.tools.execute(
      tool(() => 1),
      1,
    )
    expect([before > 0, told - before]).toEqual([true, 0])
    expect(() => system.inspect(1 as never)).toThrow(expect.objectContaining({ code: 'INVALID_HANDLER' }) as Error)
  })
})

test('an observer that throws harms nothing that it looks on, and its error is one of nobody', async () => {
  const others = process.rawListeners('unhandledRejection') as ((error: unknown) => void)[]
  process.removeAllListeners('unhandledRejection')
  const errors: unknown[] = []
  process.on('unhandledRejection', (error) => errors.push(error))
  try {
    const system = createSystem()
    let told = 0
    system.inspect(({ type }) => {
      if (type === 'effect_started') throw new Error('odd')
    })
    system.inspect(() => void told++)
    const result = await system.tools.execute(
      tool(() => 1),
      1,
    )
    await new Promise((resolve) => setImmediate(resolve))
    expect([result.status, told, errors]).toEqual(['completed', 4, [new Error('odd')]])
  } finally {
    process.removeAllListeners('unhandledRejection')
    for (const other of others) process.on('unhandledRejection', other)
  }
})
