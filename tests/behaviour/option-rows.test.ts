/** Row 27 of the list of defects, on what runs in a system: no option is taken and ignored. Those of hooks are in reference-rows. */
import {
  conditional,
  createSystem,
  defineAgent,
  defineChain,
  defineTool,
  loop,
  parallel,
  sequential,
  step,
} from 'hookchart'
import { createDependencyGraph } from 'hookchart/actors'
import { compile, createBreaker, createShedding, gate, hooked } from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import { createMachine } from 'xstate'
import * as z from 'zod'
import { errorOf } from '../support/refusal.ts'
import { bench } from '../support/workflows.ts'

const nothing = () => undefined
const one = step.run('one', nothing)
const tool = defineTool({ name: 'tool', description: 'tool', input: z.unknown(), execute: nothing })
const machine = createMachine({ initial: 'a', states: { a: { on: { GO: 'b' } }, b: {} } })

/** Options as they are called elsewhere, at every call that takes options; each gives what its call does not know. */
const calls: Readonly<Record<string, (extra: object) => unknown>> = {
  createSystem: (extra) => createSystem({ ...extra }),
  'createSystem.performance': (extra) => createSystem({ performance: { ...extra } }),
  'createSystem.performance.memory': (extra) => createSystem({ performance: { memory: { ...extra } } }),
  'system.stop': (extra) => createSystem().stop({ ...extra }),
  'system.start': (extra) => createSystem().start(machine, { ...extra }),
  'state.get': (extra) => createSystem().state.get('key', { ...extra }),
  defineTool: (extra) => defineTool({ name: 'a', description: 'a', input: z.any(), execute: nothing, ...extra }),
  'defineTool.limits': (extra) => defineTool({ ...described, limits: extra }),
  'defineTool.permissions': (extra) => defineTool({ ...described, permissions: extra }),
  'defineTool.annotations': (extra) => defineTool({ ...described, annotations: extra }),
  defineAgent: (extra) => defineAgent({ name: 'a', execute: nothing, ...extra }),
  'defineAgent.model': (extra) => defineAgent({ name: 'a', model: 'a/b', instructions: 'x', ...extra }),
  'defineAgent.budget': (extra) => defineAgent({ name: 'a', model: 'a/b', instructions: 'x', budget: extra }),
  step: (extra) => step.run('a', nothing, { ...extra }),
  'step.retry': (extra) => step.run('a', nothing, { retry: extra }),
  sequential: (extra) => sequential({ name: 'w', steps: [one], ...extra }),
  'sequential.onError': (extra) => sequential({ name: 'w', steps: [one], onError: extra as never }),
  conditional: (extra) => conditional({ name: 'w', branches: [branch({})], ...extra } as never),
  'conditional.branches': (extra) => conditional({ name: 'w', branches: [branch(extra)] } as never),
  loop: (extra) => loop({ name: 'w', iterator: { range: { end: 1 } }, body: [one], ...extra }),
  'loop.iterator': (extra) => loop({ name: 'w', iterator: { while: 'true', ...extra } as never, body: [one] }),
  'loop.range': (extra) => loop({ name: 'w', iterator: { range: { end: 1, ...extra } }, body: [one] }),
  parallel: (extra) => parallel({ name: 'w', branches: [{ name: 'b', steps: [one] }], ...extra }),
  'parallel.branches': (extra) => parallel({ name: 'w', branches: [{ name: 'b', steps: [one], ...extra }] }),
  defineChain: (extra) => defineChain('c', { ...extra }),
  'chain.tool': (extra) => defineChain('c').tool(tool, { ...extra }),
  addNode: (extra) => createDependencyGraph().addNode('a', { ...extra }),
  'tools.execute': (extra) => createSystem().tools.execute(tool, 1, { ...extra }),
  'tools.discover': (extra) => createSystem().tools.discover({ ...extra }),
  'agents.create': (extra) => createSystem().agents.create(defineAgent({ name: 'a', execute: nothing }), { ...extra }),
  'agents.discover': (extra) => createSystem().agents.discover({ ...extra }),
  'agent.initialize': (extra) =>
    createSystem()
      .agents.create(defineAgent({ name: 'a', execute: nothing }))
      .initialize({ ...extra }),
  'workflows.start': (extra) =>
    createSystem().workflows.start(sequential({ name: 'w', steps: [one] }), 1, { ...extra }),
  'chains.execute': (extra) => createSystem().chains.execute(defineChain('c').tool(tool), 1, { ...extra }),
  createBreaker: (extra) => createBreaker({ ...extra }),
  createShedding: (extra) => createShedding({ ...extra }),
  'shedding.add': (extra) => {
    createShedding().add('a', { ...extra })
  },
  gate: (extra) => gate('ToolSecurityCheck', { continue: 'b', cancel: 'a' }, { ...extra }),
  hooked: (extra) => hooked(machine, { on: { GO: { before: 'ToolSecurityCheck', ...extra } } }),
  'compile.run': (extra) => compile(machine).run({ ...extra }),
}

const described = { name: 'a', description: 'a', input: z.any(), execute: nothing }
const branch = (extra: object) => ({ name: 'b', isDefault: true, steps: [one], ...extra })

describe('row 27: an option that a call does not know is refused by name', () => {
  test.each(Object.keys(calls))('row 27: of %s', async (name) => {
    const call = async (extra: object) => calls[name]!(extra)
    await expect(call({ enable_hooks: true })).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringContaining('unknown option "enable_hooks"'),
    })
  })
})

test('row 27: what createSystem does not know is refused in its name, with all that it knows', () => {
  const message = errorOf(() => createSystem({ foo: 1 } as never)).message
  expect(message).toMatch(/^createSystem: unknown option "foo"; known: clock, .*, maxSecurityLevel\.$/)
  for (const known of ['id', 'tools', 'hooks', 'journal', 'onSuspend', 'performance', 'random'])
    expect(message).toContain(` ${known},`)
})

describe('row 27: those that were taken and ignored are obeyed', () => {
  /** How often a failing step is started under an error strategy, and what its workflow comes to. */
  test.each([
    ['fail_fast', 1, 'failed'],
    ['continue', 1, 'partial'],
    [{ retry: { maxAttempts: 3, backoff: 0 } }, 3, 'failed'],
  ] as const)('row 27: the error strategy %j', async (onError, starts, status) => {
    const { system } = bench({}, [])
    let count = 0
    const failing = step.run('failing', () => {
      count++
      throw new Error('boom')
    })
    const result = await system.workflows.execute(sequential({ name: 'w', steps: [failing], onError }), 1)
    expect([count, result.status]).toEqual([starts, status])
  })

  test('row 27: timeouts, of a workflow in the midst of a step and of a step', async () => {
    const { system, clock } = bench({}, [])
    const hangs = (name: string, timeoutMs: number | false) => step.run(name, () => new Promise(nothing), { timeoutMs })
    const whole = system.workflows.execute(sequential({ name: 'w', steps: [hangs('a', false)], timeoutMs: 50 }), 1)
    const single = system.workflows.execute(sequential({ name: 'v', steps: [hangs('a', 30)] }), 1)
    await clock.advanceSteps(50)
    expect(await whole).toMatchObject({ status: 'timed_out', durationMs: 50 })
    expect(await single).toMatchObject({
      status: 'failed',
      durationMs: 30,
      error: { cause: { code: 'OPERATION_TIMED_OUT' } },
    })
  })

  test('row 27: break conditions, with every operator', async () => {
    const { system } = bench({}, [])
    const ends: [string, number][] = [
      ['$iteration == 2', 2],
      ['$iteration >= 2', 2],
      ['$iteration > 2', 3],
      ['!($iteration < 2)', 2],
      ['!($iteration <= 2)', 3],
      ['$iteration != 0 && $value != 1', 2],
      ['$iteration == 4 || $value == 1', 1],
    ]
    for (const [condition, count] of ends) {
      const iterator = { range: { end: 5 } }
      const workflow = loop({
        name: 'w',
        iterator,
        body: [step.run('same', ({ input }) => input)],
        breakConditions: [condition],
      })
      const { output } = await system.workflows.execute(workflow, undefined)
      expect([condition, output]).toEqual([condition, [0, 1, 2, 3, 4].slice(0, count)])
    }
  })
})
